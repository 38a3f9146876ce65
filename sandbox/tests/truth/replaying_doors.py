"""Doing again what is recorded of other doors than the company's API: tokens, webhooks, and what stops a company."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec
from ledgerbridge_sandbox.quickbooks import faults
from recordings import Recording
from reproduction import Answer, Scene

_APP = base64.b64encode(b"sandbox-quickbooks-app:sandbox-quickbooks-secret").decode()
_CALLBACK = "http://127.0.0.1:9/callback"
_WORDS = (
    faults.not_found(),
    faults.deleted_transaction(),
    faults.required("Name"),
    faults.identifier_invalid("1.5"),
    faults.too_long("DocNumber", 21),
    faults.enumeration_invalid("HAS_BEEN_BILLED"),
    faults.throttled(),
    faults.invalid_query("invalid context declaration: Custmoer"),
    faults.invalid_query("value 0 is too small. Min allowed value is 1"),
    faults.unprocessable_query("To email address entered is invalid"),
    faults.stale("<user>"),
    faults.business("You must set a transaction amount."),
    faults.duplicate_number(),
    faults.subscription_ended(),
    faults.books_closed("6210"),
    faults.duplicate_name(),
    faults.deposited(),
)


def door(scene: Scene, call: Mapping[str, Any]) -> Answer:
    """A call on QuickBooks' OAuth pages; `{code}` stands for the code of a consent."""
    url = scene.doors.quickbooks + call["path"]
    if "form" not in call:
        answer = httpx.get(url)
        return Answer(answer.status_code, answer.json())
    form = {name: _consented(scene) if value == "{code}" else value for name, value in call["form"].items()}
    answer = httpx.post(url, data=form, headers={"authorization": f"Basic {_APP}"})
    return Answer(answer.status_code, answer.json())


def _consented(scene: Scene) -> str:
    asked = {"client_id": "sandbox-quickbooks-app", "scope": "com.intuit.quickbooks.accounting", "state": "mine"}
    asked |= {"redirect_uri": _CALLBACK, "response_type": "code"}
    url = f"{scene.doors.quickbooks}/connect/oauth2?{urlencode(asked)}"
    content = {"vendor": "quickbooks", "account": scene.realm, "url": url}
    location = scene.doors.ask("POST", "/people/administrator/authorize", content).json()["location"]
    return parse_qs(urlsplit(location).query)["code"][0]


def poison(scene: Scene) -> None:
    """An invoice that QuickBooks cannot read out."""
    scene.doors.ask("POST", f"/people/bookkeeper/{scene.realm}/invoice/{_some(scene, 'Invoice')}/poison", {})


def stop(scene: Scene, how: str) -> None:
    """The company's administrator revokes the app's access."""
    scene.doors.ask("POST", f"/people/administrator/quickbooks/{scene.realm}/{how}", {})


def order(scene: Scene, fault: str) -> None:
    """The next call gets the vendor's documented failure of that name."""
    scene.doors.ask("POST", "/faults", {"vendor": "quickbooks", "ready": fault, "times": 1})


def _some(scene: Scene, kind: str) -> str:
    found = scene.found(kind, "MetaData.CreateTime > '2000-01-01'")
    assert found is not None
    return str(found["Id"])


def catalogue(recording: Recording, held_by: Mapping[str, str]) -> Answer:
    """Of each listed text ours, as the sandbox words it, but for those that other rows bring forth."""
    known = {(fault.code, fault.detail): fault.message for fault in _WORDS}
    listed = [
        each if each["code"] in held_by else {**each, "Message": known.get((each["code"], each["Detail"]), "")}
        for each in recording.answer["errors"]
    ]
    return Answer(200, {**recording.answer, "errors": listed})


class _Receiver(BaseHTTPRequestHandler):
    got: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append(json.loads(body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Silent."""


@contextmanager
def told(scene: Scene) -> Iterator[list[Any]]:
    """The arrays of events that QuickBooks sends while inside."""
    _Receiver.got.clear()
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        scene.doors.send_webhooks_to("quickbooks", f"http://127.0.0.1:{server.server_port}/")
        yield _Receiver.got
        scene.doors.ask("POST", "/webhooks/quickbooks/settle")
    finally:
        scene.doors.send_webhooks_to("quickbooks", "")
        server.shutdown()
        server.server_close()


def merged(scene: Scene) -> Answer:
    """What a merge of two customers tells."""
    winner, loser = (scene.write("Customer", {"DisplayName": name})["Id"] for name in ("Winner", "Loser"))
    with told(scene) as arrays:
        scene.desk("customer/merge", {"winner": winner, "loser": loser})
    return Answer(200, _only(arrays))


def account_made(scene: Scene) -> Answer:
    """What a new account tells."""
    with told(scene) as arrays:
        scene.write("Account", {"Name": "Told", "AccountType": "Income"})
    return Answer(200, _only(arrays))


def _only(arrays: list[Any]) -> Any:
    (array,) = arrays
    return msgspec.json.decode(msgspec.json.encode(array))
