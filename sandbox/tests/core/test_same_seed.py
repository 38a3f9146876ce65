"""The same seed, the same first moment and the same calls: the same answers and webhooks, byte for byte."""

import json
import random
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from ledgerbridge_sandbox.doors import Doors, started

START = "2026-11-23T10:00:00+00:00"
REALM = "/v3/company/9130350000000001"
INTUIT = {"authorization": "Bearer sandbox-quickbooks-access-1", "content-type": "application/json"}
HUB = {"authorization": "Bearer pat-na1-sandbox-1", "content-type": "application/json"}
APP = "client_id=sandbox-hubspot-app&client_secret=sandbox-hubspot-secret"
VENDORS = ("hubspot", "quickbooks")
Call = tuple[str, str, str, object, dict[str, str]]
Told = tuple[int, dict[str, str], bytes]


def calls(chance: random.Random) -> Iterator[Call]:
    """A few hundred calls of all sorts: vendor, method, path, content, headers."""
    line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
    for at in range(60):
        name, customer = f"Same {at} {chance.random()}", str(chance.randrange(1, 30))
        yield "quickbooks", "POST", f"{REALM}/customer", {"DisplayName": name}, INTUIT
        yield "quickbooks", "POST", f"{REALM}/invoice", {"CustomerRef": {"value": customer}, "Line": [line]}, INTUIT
        yield "quickbooks", "POST", f"{REALM}/payment", {"CustomerRef": {"value": customer}, "TotalAmt": at}, INTUIT
        yield "quickbooks", "GET", f"{REALM}/query?query=select%20*%20from%20Invoice%20maxresults%2010", None, INTUIT
        yield "quickbooks", "GET", f"{REALM}/nonsense", None, {"authorization": "Bearer stolen"}
        contact = {"properties": {"email": f"same{at}@example.com", "lastname": name}}
        yield "hubspot", "POST", "/crm/objects/2026-09/contacts", contact, HUB
        yield "hubspot", "POST", "/crm/v3/objects/contacts/search", {"limit": 20}, HUB
        yield "hubspot", "GET", f"/crm/objects/2026-09/contacts?limit=5&after={at}", None, HUB
        yield "hubspot", "GET", "/crm/objects/2026-09/deals/1", None, HUB
        yield "hubspot", "POST", "/oauth/v3/token", f"grant_type=refresh_token&refresh_token={at}&{APP}", {}
    for path in ("/.well-known/openid_configuration", "/connect/oauth2?client_id=x"):
        yield "quickbooks", "GET", path, None, {}


class _Receiver(BaseHTTPRequestHandler):
    events: dict[str, list[object]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.events[self.path].extend(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def told(doors: Doors, seed: int) -> tuple[list[Told], dict[str, list[object]]]:
    """The answers, and the events of each vendor in their order."""
    events: dict[str, list[object]] = {f"/{vendor}": [] for vendor in VENDORS}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Receiver", (_Receiver,), {"events": events}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        answers = asked(doors, seed, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return answers, events


def asked(doors: Doors, seed: int, url: str) -> list[Told]:
    doors.ask("PUT", "/clock", {"now": START, "frozen": True})
    for vendor in VENDORS:
        doors.ask("PUT", f"/limits/{vendor}", {"on": False})
    fault = {"vendor": "quickbooks", "probability": 0.1, "status": 502, "body": "<html>Bad Gateway</html>"}
    doors.ask("POST", "/faults", fault)
    for vendor in VENDORS:
        style = {"url": f"{url}/{vendor}", "concurrency": 1, "duplicate": 0.1, "drop": 0.1}
        doors.ask("PUT", f"/webhooks/{vendor}", style)
    open_doors = {vendor: HTTPConnection(urlsplit(getattr(doors, vendor)).netloc) for vendor in VENDORS}
    answers = [answered(open_doors[call[0]], call) for call in calls(random.Random(seed))]  # noqa: S311
    for vendor, door in open_doors.items():
        doors.ask("POST", f"/webhooks/{vendor}/settle")
        door.close()
    return answers


def answered(door: HTTPConnection, call: Call) -> Told:
    _, method, path, content, headers = call
    # The discovery document tells the address by which it was reached, and free ports are not the same twice.
    body = content if isinstance(content, str) else None if content is None else json.dumps(content)
    door.request(method, path, body, {"host": "sandbox.example", **headers})
    answer = door.getresponse()
    headers = {name: value for name, value in answer.getheaders() if name != "date"}
    return answer.status, headers, answer.read()


def run(monkeypatch: pytest.MonkeyPatch, hashing: str, *, seed: int, calls_seed: int = 3) -> object:
    monkeypatch.setenv("PYTHONHASHSEED", hashing)
    with started("--start", START, "--seed", str(seed)) as doors:
        return told(doors, calls_seed)


def test_the_same_seed_and_calls_have_the_same_answers_and_webhooks(monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(monkeypatch, "1", seed=7)
    assert first == run(monkeypatch, "2", seed=7)
    answers, events = first
    assert len(answers) > 500
    assert all(len(found) > 100 for found in events.values())
    assert {status for status, _, _ in answers} >= {200, 201, 400, 401, 404, 502}


def test_another_seed_has_other_luck(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, events = run(monkeypatch, "1", seed=7)
    others, other_events = run(monkeypatch, "1", seed=8)
    assert [status for status, _, _ in answers] != [status for status, _, _ in others]
    assert events != other_events


def test_a_fingerprint_tells_whether_anything_changed(ledgerbridge_sandbox: Doors) -> None:
    doors = ledgerbridge_sandbox
    before = doors.ask("GET", "/fingerprint").json()
    door = HTTPConnection(urlsplit(doors.quickbooks).netloc)
    refused = ("quickbooks", "POST", f"{REALM}/customer", {"DisplayName": ""}, INTUIT)
    assert answered(door, refused)[0] == 400
    assert doors.ask("GET", "/fingerprint").json() == before
    made = ("quickbooks", "POST", f"{REALM}/customer", {"DisplayName": "Somebody"}, INTUIT)
    assert answered(door, made)[0] == 200
    after = doors.ask("GET", "/fingerprint").json()
    assert after["hubspot"] == before["hubspot"]
    assert after["quickbooks"] != before["quickbooks"]
    doors.reset()
    assert doors.ask("GET", "/fingerprint").json() == before
    door.close()
