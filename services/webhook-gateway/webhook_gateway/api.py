"""The public door: the vendors' webhooks and OAuth callbacks.

Nothing here needs a token of ours: a webhook proves itself by its signature over the raw bytes, a callback by its
one-time state. The order at the webhook doors is: size, signature, store, answer.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from ledgerbridge.errors import Refused, Throttled
from ledgerbridge.service.problems import PROBLEM_ANSWERS
from starlette.requests import ClientDisconnect

from webhook_gateway import arrays, hubspot_events, pages, quickbooks_events
from webhook_gateway.counters import WEBHOOK_EVENTS, WEBHOOKS_REFUSED
from webhook_gateway.door import Door, Vendor

router = APIRouter()

READERS = {"hubspot": hubspot_events.read, "quickbooks": quickbooks_events.read}
WEBHOOK_ANSWERS: dict[int | str, dict[str, Any]] = {
    401: PROBLEM_ANSWERS[401],
    413: {"description": "The body is too large"},
    503: PROBLEM_ANSWERS[503],
}
# The page's own address holds the one-time code: it must go nowhere else.
PAGE_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
}


@router.post("/webhooks/{vendor}", status_code=204, responses=WEBHOOK_ANSWERS, tags=["webhooks"])
async def webhook(vendor: Vendor, request: Request) -> Response:
    """Take a delivery: 204 means that it is on disk. Bad signature 401; too busy 503, and the vendor sends again."""
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
    return Response(status_code=204)


@router.get("/oauth/{vendor}/callback", response_class=HTMLResponse, responses={409: {}, 422: {}}, tags=["oauth"])
async def callback(
    vendor: Literal["hubspot", "quickbooks"],
    request: Request,
    state: Annotated[str, Query(min_length=1, max_length=200)],
    code: Annotated[str | None, Query(max_length=2048)] = None,
    realm: Annotated[str | None, Query(alias="realmId", max_length=64, pattern=r"^\d*$")] = None,
    error: Annotated[str | None, Query(max_length=200)] = None,
) -> HTMLResponse:
    """Keep what the vendor's consent page sends back until the one who asked picks it up."""
    door: Door = request.app.state.service
    known = await door.keep_callback(vendor, state, code, realm, error)
    page = pages.consent(vendor, known=known, denied=code is None)
    return HTMLResponse(page, status_code=200 if known else 422, headers=PAGE_HEADERS)


async def _body(request: Request, limit: int, vendor: str) -> bytes:
    """The raw body. Raises Refused TOO_LARGE as soon as it is longer than the limit."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        WEBHOOKS_REFUSED.labels(vendor, "too_large").inc()
        raise Refused("TOO_LARGE", limit=limit)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                WEBHOOKS_REFUSED.labels(vendor, "too_large").inc()
                raise Refused("TOO_LARGE", limit=limit)
            chunks.append(chunk)
    except ClientDisconnect as gone:
        raise Throttled("GATEWAY_BUSY", retry_after=1) from gone
    return b"".join(chunks)
