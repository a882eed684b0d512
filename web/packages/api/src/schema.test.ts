// The committed types are those of the committed document; the server's tests hold the document to the handlers.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const here = join(import.meta.dirname, "..");

test("schema.d.ts is fresh (else: make openapi)", () => {
  const folder = mkdtempSync(join(tmpdir(), "huying-openapi-"));
  try {
    const made = join(folder, "schema.d.ts");
    execFileSync(join(here, "../../node_modules/.bin/openapi-typescript"), [join(here, "openapi.json"), "-o", made], { stdio: "pipe" });
    expect(readFileSync(join(here, "src/schema.d.ts"), "utf8")).toBe(readFileSync(made, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
