"""The public client georeport reads a served district; what it has no call for, handing in, is one request beside it.

    georeport_client.py URL JURISDICTION KEY        prints what was handed in and how it is shown, as JSON
"""

import json
import sys

import requests
from georeport import GeoReport

url, jurisdiction, key = sys.argv[1:]
read = {form: GeoReport(url, jurisdiction=jurisdiction, output_format=form) for form in ("json", "xml")}

services = {form: {one["service_code"] for one in client.get_service_list()} for form, client in read.items()}
assert services["json"] == services["xml"] and "manhole" in services["json"], services
definitions = {form: client.get_service_definition("manhole") for form, client in read.items()}
assert definitions["json"]["service_code"] == definitions["xml"]["service_code"] == "manhole", definitions

form = {
    "api_key": key, "jurisdiction_id": jurisdiction, "service_code": "manhole", "lat": "30.002", "long": "120.002",
    "attribute[KIND]": "missing", "description": "it is gone", "first_name": "Ada", "phone": "000-secret",
}
answer = requests.post(f"{url}/requests.json", data=form)
answer.raise_for_status()
number = answer.json()[0]["service_request_id"]

shown = {name: client.get_service_request(number) for name, client in read.items()}
for one in shown.values():
    assert one["service_request_id"] == number and one["status"] == "open", one
listed = read["json"].get_service_requests(service_code="manhole", status="open")
assert number in [one["service_request_id"] for one in listed], listed
assert [one["service_request_id"] for one in read["json"].get_service_requests(service_request_id=number)] == [number]
assert read["json"].get_service_requests(status="closed") == []
print(json.dumps({"number": number, "services": len(services["json"]), "shown": shown["json"]}))
