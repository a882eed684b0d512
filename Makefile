# The commands of the README. Each installs what it lacks first (checks/setup says what) and can be run again at any time.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Real data sets, where they lie beside the project; everything also builds and passes its tests without them.
ifneq ($(wildcard ../shared/data/README.md),)
export HUYING_DATA ?= $(abspath ../shared/data)
endif

TOOLS := $(or $(HUYING_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/huying/tools)
TYPOS := $(TOOLS)/typos-$(shell sed -n 's/^TYPOS_VERSION=//p' checks/setup)/bin/typos
NODE_TEST := node --test --test-reporter=spec

LISTEN ?= 127.0.0.1:8080
DATA ?= data
PROFILE ?= profiles/yuexiu

.PHONY: help run check test bench fuzz faults package rolling e2e openapi setup-run setup-test house web web-tests rust-tests

help: ## what can be asked for
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: setup-run web ## a district on http://127.0.0.1:8080 with thirty simulated days, ending now
	cargo run --release --quiet -p huying -- serve --data $(DATA) --profile $(PROFILE) --listen $(LISTEN) --demo

check: setup-test house ## the fast half: form, lints, the checks of the house, tests on SQLite
	cargo nextest run --workspace --profile quick

test: setup-test house web web-tests rust-tests e2e ## everything, on SQLite and on a PostgreSQL of its own

# Half an hour or more; needs 25 GB where WORK lies. A goal that is missed makes it fail at its end, not in the middle.
HUYING := $(or $(CARGO_TARGET_DIR),target)/release/huying
WORK ?= $(or $(TMPDIR),/tmp)
bench: setup-test ## the figures of docs/BENCHMARKS.md, a line of JSON each
	cargo build --release --quiet -p huying
	missed=0; \
	$(HUYING) --json bench all --work $(WORK) || missed=1; \
	checks/with-postgres.mjs sh -c '$(HUYING) --json bench all --work $(WORK) --database "$$HUYING_TEST_POSTGRES"' || missed=1; \
	e2e/crash.mjs --release --kills 200 || missed=1; \
	e2e/crash.mjs --release --trace || missed=1; \
	checks/with-postgres.mjs e2e/crash.mjs --release --postgres --kills 200 || missed=1; \
	checks/with-postgres.mjs e2e/crash.mjs --release --postgres --trace || missed=1; \
	e2e/api.mjs --examples 300 || missed=1; \
	checks/with-postgres.mjs e2e/api.mjs --examples 300 || missed=1; \
	if [ -n "$${HUYING_DATA-}" ]; then e2e/api.mjs --open311 --examples 300 || missed=1; fi; \
	exit $$missed

fuzz: ## the laws of what reads from outside under the fuzzer, MINUTES=10 each (TARGETS="import geojson" only those)
	@checks/setup fuzz
	checks/fuzz.mjs $(if $(MINUTES),--minutes $(MINUTES)) $(TARGETS)

FAULTS = $(HUYING) --json simulate --data $(WORK)/huying-faults --profile profiles/tiny --days 3 --events-per-day 12 --fault all

faults: setup-test ## days of the tiny district under every kind of fault, on both stores (docs/SIMULATOR.md)
	cargo build --release --quiet -p huying
	$(FAULTS)
	checks/with-postgres.mjs sh -c '$(FAULTS) --database "$$HUYING_TEST_POSTGRES"'

package: setup-run web ## the Debian package, the offline bundle and the bill of materials, in dist/
	cargo build --release --quiet -p huying
	packaging/package --out dist

rolling: setup-test ## two nodes restarted under load, one after the other; OLD=PROGRAM upgrades them from that one
	cargo build --quiet -p huying
	checks/with-postgres.mjs e2e/rolling.mjs $(if $(OLD),--old $(OLD)) $(if $(OLD_PROFILE),--old-profile $(OLD_PROFILE))

e2e: setup-test web ## the page in a real browser against the real binary
	cargo build --quiet -p huying
	$(NODE_TEST) e2e/*.test.mjs

openapi: setup-test ## renew the API's examples, its document and the page's types after the API has changed
	HUYING_WRITE_EXAMPLES=1 cargo nextest run -p huying each_operation_refuses_and_succeeds_as_it_should_sqlite
	HUYING_WRITE_OPENAPI=1 cargo nextest run -p huying the_committed_document_is_fresh
	cd web && npx openapi-typescript packages/api/openapi.json -o packages/api/src/schema.d.ts

setup-run:
	@checks/setup run

setup-test:
	@checks/setup test

# Everything that looks at the tree and runs no product code.
house:
	cargo fmt --all --check
	$(TYPOS)
	node checks/all.mjs
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(NODE_TEST) checks/tests/*.test.mjs

web:
	npm run --prefix web --silent build

web-tests:
	npm run --prefix web --silent test

# Both stores, and files in a bucket: a run in which the tests of PostgreSQL or S3 would be passed over does not count as a run.
rust-tests: export HUYING_REQUIRE_POSTGRES = 1
rust-tests: export HUYING_REQUIRE_S3 = 1
rust-tests:
	checks/with-s3.mjs checks/with-postgres.mjs cargo nextest run --workspace
