"""Schemathesis calls the district through these: who calls, identifiers that are there, and what came of each call.

The served world (crates/huying/src/http/tests/served.rs) makes, for each operation, a request that succeeds. Some generated
requests are sent as they are, some with its identifiers, some are the request that succeeds with one value changed.
"""

import atexit
import base64
import json
import os
import random
import threading
import urllib.parse
import urllib.request
from collections import Counter, defaultdict

import schemathesis

from mixing import one_changed

WORLD = os.environ["HUYING_WORLD"]
# A prepared request serves so many calls; then what it acts on has probably moved on.
USES = 8

lock = threading.Lock()
chance = random.Random(int(os.environ.get("HUYING_SEED", "1")))
answers = defaultdict(Counter)
calls = Counter()
prepared = {}


def fetch(path, method="GET"):
    with urllib.request.urlopen(urllib.request.Request(WORLD + path, method=method)) as answer:
        return json.load(answer)


places = {operation: at for at, operation in enumerate(fetch("/tries"))}


def name_of(operation):
    return f"{operation.method.lower()} {operation.path}"


def prepare(operation):
    """The request that succeeds, made anew now and then; None where the world knows none."""
    at = places.get(operation)
    if at is None:
        return None
    with lock:
        request, uses = prepared.get(operation, (None, 0))
        if request is None or uses >= USES:
            request, uses = fetch(f"/tries/{at}", "POST"), 0
        prepared[operation] = (request, uses + 1)
    return request


def path_values(template, path):
    """Values of `/cases/{id}` in `/cases/123`."""
    pairs = zip(template.split("/"), path.split("/"))
    return {part[1:-1]: urllib.parse.unquote(value) for part, value in pairs if part.startswith("{")}


@schemathesis.hook
def before_call(context, case, kwargs):
    request = prepare(name_of(case.operation))
    if request is None:
        return
    dice, headers = chance.random(), dict(case.headers)
    if case.method.lower() == case.operation.method.lower():
        calls[name_of(case.operation)] += 1
        # Every so often the request that succeeds, as it is.
        if calls[name_of(case.operation)] % 8 == 2:
            dice, headers = 1.0, {}
    # Once in a while nobody calls.
    if request["cookie"] and dice > 0.03:
        headers["Cookie"] = request["cookie"]
    path, _, query = request["path"].partition("?")
    if dice > 0.2:
        case.path_parameters = path_values(case.operation.path, path)
    has_body = case.operation.body and (request["body"] is not None or request["raw"] is not None)
    if dice > 0.6:
        # What was generated to be refused no longer stands in it: schemathesis must not expect that.
        if case.method.lower() == case.operation.method.lower():
            case._meta = None
        given = {name: value for name, value in urllib.parse.parse_qsl(query)}
        case.query = one_changed(given, case.query, chance) if dice < 0.95 else given
        headers.update({name: value for name, value in request["headers"]})
        if has_body and request["raw"] is not None:
            headers.pop("Content-Type", None)
            case.body, case.media_type = base64.b64decode(request["raw"]), "application/octet-stream"
        elif has_body:
            case.body = one_changed(request["body"], case.body, chance) if dice < 0.95 else request["body"]
            case.media_type = "application/json"
            headers.pop("Content-Type", None)
    case.headers = headers


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        answers[name_of(case.operation)][response.status_code] += 1


@atexit.register
def report():
    with open(os.environ["HUYING_ANSWERS"], "w", encoding="utf-8") as file:
        json.dump({operation: dict(counts) for operation, counts in answers.items()}, file)
