"""Taking a webhook: size, signature, store, answer, in this order.

`WebhookFront` stands before the web framework, whose routing and dependencies cost several times what the work itself
does (measured: 300 µs a request of CPU against 100); `api.webhook` describes the same door in the OpenAPI document.
"""

from types import SimpleNamespace
from typing import Any

from ledgerbridge.errors import LedgerbridgeError, Refused, Throttled
from ledgerbridge.service import problems
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from webhook_gateway import arrays, hubspot_events, quickbooks_events
from webhook_gateway.counters import WEBHOOK_EVENTS, WEBHOOKS_REFUSED
from webhook_gateway.door import Door, Vendor

READERS = {"hubspot": hubspot_events.read, "quickbooks": quickbooks_events.read}
PATHS: dict[str, Vendor] = {"/webhooks/hubspot": "hubspot", "/webhooks/quickbooks": "quickbooks"}
ROUTE = SimpleNamespace(path="/webhooks/{vendor}")
"""How a trace names the request, as the framework would."""
_TAKEN: list[dict[str, Any]] = [
    {"type": "http.response.start", "status": 204, "headers": []},
    {"type": "http.response.body", "body": b""},
]


class WebhookFront:
    """Answers deliveries of webhooks itself and passes everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before this application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        vendor = PATHS.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if vendor is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = ROUTE
        try:
            await take(vendor, Request(scope, receive))
        except LedgerbridgeError as refused:
            await problems.answer(refused)(scope, receive, send)
            return
        for message in _TAKEN:
            await send(message)


async def take(vendor: Vendor, request: Request) -> None:
    """Return when the delivery is on disk. Raises Refused (TOO_LARGE, BAD_SIGNATURE) and Throttled."""
    door: Door = request.app.state.service
    body = await _body(request, door.settings.webhook_body_limit, vendor)
    if not door.signed(vendor, request, body):
        WEBHOOKS_REFUSED.labels(vendor, "bad_signature").inc()
        raise Refused("BAD_SIGNATURE")
    array = arrays.read(body, READERS[vendor])
    for _raw, _why in array.malformed:
        WEBHOOK_EVENTS.labels(vendor, "malformed").inc()
    try:
        await door.store(vendor, body, array)
    except Throttled:
        WEBHOOKS_REFUSED.labels(vendor, "busy").inc()
        raise


async def _body(request: Request, limit: int, vendor: str) -> bytes:
    """The raw body. Raises Refused TOO_LARGE as soon as it is longer than the limit."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit, vendor)
    body, more = b"", True
    while more:
        message = await request.receive()
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
