"""One company over HTTP, its webhooks, and the control door; quick enough for thousands of steps."""

import json
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from ledgerbridge_sandbox.doors import Doors

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
_read = msgspec.json.Decoder(float_hook=Decimal).decode
_write = msgspec.json.Encoder(decimal_format="number").encode
_HEADERS = {"content-type": "application/json", "accept": "application/json"}


class Inbox:
    """A web server that takes in the webhooks of both vendors."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        events = self.events

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                events.extend(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Door:
    """`now` is the sandbox's time, which stands still but for `tick`."""

    def __init__(self, doors: Doors, inbox: Inbox, vendor: str, headers: dict[str, str], root: str) -> None:
        self.vendor = vendor
        self.now = START
        self._inbox = inbox
        self._root = root
        self._headers = {**_HEADERS, **headers}
        self._vendor = HTTPConnection(urlsplit(getattr(doors, vendor)).netloc)
        self._control = HTTPConnection(urlsplit(doors.control).netloc)

    def open(self) -> None:
        """As just opened, frozen, without limits, with webhooks."""
        self.control("POST", "/reset", {"everything": True})
        self.now = START
        self.control("PUT", "/clock", {"now": START.isoformat(), "frozen": True})
        self.control("PUT", f"/limits/{self.vendor}", {"on": False})
        # On a busy machine no answer is too late: the clock stands, so that a repetition would never come.
        self.control("PUT", f"/webhooks/{self.vendor}", {"url": self._inbox.url, "timeout_seconds": 60})
        self._inbox.events.clear()

    def tick(self, seconds: int) -> None:
        self.now = datetime.fromisoformat(self.control("POST", "/clock/advance", {"seconds": seconds})["now"])

    def close(self) -> None:
        self._vendor.close()
        self._control.close()

    def call(self, method: str, path: str, given: Any = None, **query: str) -> tuple[int, Any]:
        target = f"{self._root}{path}" + (f"?{urlencode(query)}" if query else "")
        return _answered(self._vendor, method, target, given, self._headers)

    def control(self, method: str, path: str, given: Any = None) -> Any:
        status, found = _answered(self._control, method, path, given, _HEADERS)
        assert status < 300, (path, given, found)
        return found

    def fingerprint(self) -> Any:
        return self.control("GET", "/fingerprint")

    def told(self, parts: Iterable[str]) -> Counter[tuple[str, ...]]:
        """The events since the last time, each by those of its members."""
        self.control("POST", f"/webhooks/{self.vendor}/settle")
        found = Counter(tuple(str(event.get(part, "")) for part in parts) for event in self._inbox.events)
        self._inbox.events.clear()
        return found


def _answered(line: HTTPConnection, method: str, path: str, given: Any, headers: dict[str, str]) -> tuple[int, Any]:
    line.request(method, path, None if given is None else _write(given), headers)
    answer = line.getresponse()
    content = answer.read()
    return answer.status, _read(content) if content else None
