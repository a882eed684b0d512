"""Schemathesis calls the Open311 endpoint through these: codes and numbers that are there, and what came of each call."""

import atexit
import json
import os
import random
import threading
import urllib.request
from collections import Counter, defaultdict

import schemathesis

from mixing import one_changed

lock = threading.Lock()
chance = random.Random(int(os.environ["HUYING_SEED"]))
calls = Counter()
answers = defaultdict(Counter)
with urllib.request.urlopen(urllib.request.Request(os.environ["HUYING_WORLD"] + "/open311-seeds", method="POST")) as answer:
    there = json.load(answer)


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation
    dice = chance.random()
    if case.method.lower() != operation.method.lower():
        return
    calls[operation.label] += 1
    # Every so often a request that succeeds, as it is.
    if calls[operation.label] % 8 == 2:
        dice = 1.0
    if dice > 0.2:
        values = {name: there["path"].get(name, value) for name, value in case.path_parameters.items()}
        case.path_parameters = {**values, "response_format": chance.choice(["json", "json", "xml"])}
    if dice > 0.6:
        # What was generated to be refused no longer stands in it: schemathesis must not expect that.
        case._meta = None
        headers = dict(case.headers)
        if operation.method.lower() == "get":
            case.query = {} if dice > 0.9 else one_changed({"jurisdiction_id": there["jurisdiction"]}, case.query, chance)
        else:
            case.body = there["form"] if dice > 0.9 else one_changed(there["form"], case.body, chance)
            case.media_type = "application/x-www-form-urlencoded"
            headers.pop("Content-Type", None)
        case.headers = headers
    if any(str(value).strip() == "" for value in (case.query or {}).values()):
        # What is blank counts as left out, as forms send it.
        case._meta = None


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        answers[f"{case.operation.method.lower()} {case.operation.path}"][response.status_code] += 1


@atexit.register
def report():
    with open(os.environ["HUYING_ANSWERS"], "w", encoding="utf-8") as file:
        json.dump({operation: dict(counts) for operation, counts in answers.items()}, file)
