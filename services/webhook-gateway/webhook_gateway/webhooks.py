"""Taking a webhook: size, signature, disk, answer, in this order.

`WebhookFront` stands before the web framework, whose layers, routing and dependencies cost several times what the work
itself does (measured: 300 µs a request of CPU against 50); `api.webhook` describes the same door in OpenAPI.
"""

from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI
from ledgerbridge.errors import LedgerbridgeError, Refused, Throttled
from ledgerbridge.service import problems
from starlette.types import Receive, Scope, Send

from webhook_gateway.counters import WEBHOOKS_REFUSED
from webhook_gateway.deliveries import Vendor
from webhook_gateway.door import Door, Headers

PATHS: dict[str, Vendor] = {"/webhooks/hubspot": "hubspot", "/webhooks/quickbooks": "quickbooks"}
ROUTE = SimpleNamespace(path="/webhooks/{vendor}")
"""How a trace names the request, as the framework would."""
_TAKEN: list[dict[str, Any]] = [
    {"type": "http.response.start", "status": 204, "headers": []},
    {"type": "http.response.body", "body": b""},
]


class WebhookFront:
    """Answers deliveries of webhooks itself and passes everything else on."""

    def __init__(self, app: FastAPI) -> None:
        """Stand before this application, whose state holds the door."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        vendor = PATHS.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if vendor is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = ROUTE
        try:
            await take(self._app.state.service, vendor, scope, receive)
        except LedgerbridgeError as refused:
            await problems.answer(refused)(scope, receive, send)
            return
        except Exception as error:
            await problems.unexpected(error)(scope, receive, send)
            raise
        for message in _TAKEN:
            await send(message)


async def take(door: Door, vendor: Vendor, scope: Scope, receive: Receive) -> None:
    """Return when the delivery is on disk. Raises Refused (TOO_LARGE, BAD_SIGNATURE) and Throttled."""
    headers: Headers = dict(scope["headers"])
    body = await _body(headers, receive, door.settings.webhook_body_limit, vendor)
    if not door.signed(vendor, headers, scope["query_string"], body):
        WEBHOOKS_REFUSED.labels(vendor, "bad_signature").inc()
        raise Refused("BAD_SIGNATURE")
    try:
        await door.keep(vendor, body)
    except Throttled:
        WEBHOOKS_REFUSED.labels(vendor, "busy").inc()
        raise


async def _body(headers: Headers, receive: Receive, limit: int, vendor: Vendor) -> bytes:
    """The raw body. Raises Refused TOO_LARGE as soon as it is longer than the limit."""
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit, vendor)
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Throttled("GATEWAY_BUSY", retry_after=1)
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit, vendor)
        more = message.get("more_body", False)
    return body


def _too_large(limit: int, vendor: str) -> Refused:
    WEBHOOKS_REFUSED.labels(vendor, "too_large").inc()
    return Refused("TOO_LARGE", limit=limit)
