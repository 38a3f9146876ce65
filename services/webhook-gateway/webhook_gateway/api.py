"""The public door: the vendors' webhooks and OAuth callbacks.

Nothing here needs a token of ours: a webhook proves itself by its signature over the raw bytes, a callback by its
one-time state.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from ledgerbridge.service.problems import PROBLEM_ANSWERS

from webhook_gateway import pages, webhooks
from webhook_gateway.deliveries import Vendor
from webhook_gateway.door import Door

router = APIRouter()

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
    await webhooks.take(request.app.state.service, vendor, request.scope, request.receive)
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
