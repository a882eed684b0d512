"""The examples of an OpenAPI document are what its schemas say.

  examples.py DOCUMENT      prints one line for each that is not; fails if there is one
"""

import json
import sys

import jsonschema_rs

METHODS = {"get", "put", "post", "delete", "patch"}


def examples(document):
    """Where it stands, the schema and the example, of every parameter, body and answer that has one."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method not in METHODS:
                continue
            places = [(f"parameter {one['name']}", one) for one in operation.get("parameters", [])]
            contents = [("body", operation.get("requestBody", {}).get("content", {}))]
            contents += [(status, answer.get("content", {})) for status, answer in operation["responses"].items()]
            places += [(f"{where}, {kind}", media) for where, content in contents for kind, media in content.items()]
            for where, one in places:
                shown = [one["example"]] if "example" in one else [named["value"] for named in one.get("examples", {}).values()]
                yield from ((f"{method} {path}, {where}", one.get("schema", {}), example) for example in shown)


def main(file):
    with open(file, encoding="utf-8") as opened:
        document = json.load(opened)
    count, wrong = 0, []
    for where, schema, example in examples(document):
        count += 1
        whole = {"components": document["components"], **schema}
        check = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        wrong += [f"{where}: {error.message}" for error in check.iter_errors(example)]
    for line in wrong:
        print(line)
    if not count:
        print("there is no example")
    return 1 if wrong or not count else 0


sys.exit(main(sys.argv[1]))
