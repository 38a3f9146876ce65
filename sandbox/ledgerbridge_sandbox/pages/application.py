"""The application of the pages: every page's routes behind one guard, and the way of a browser to them."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from ledgerbridge_sandbox.pages import clock, home, journal
from ledgerbridge_sandbox.pages.guard import Guard
from ledgerbridge_sandbox.pages.hubspot import deals, lists, new_records, quotes, records
from ledgerbridge_sandbox.pages.quickbooks import (
    creditmemos,
    customers,
    invoice_form,
    invoices,
    items,
    payments,
    settings,
)
from ledgerbridge_sandbox.pages.rendering import ROOT, Pages
from ledgerbridge_sandbox.world import World

_PARTS = (
    *(home, clock, journal),
    *(lists, new_records, deals, quotes, records),
    *(invoice_form, invoices, customers, items, payments, creditmemos, settings),
)


def routes(world: World) -> list[BaseRoute]:
    """The routes on the control door."""
    return [Route("/", _lead_in), Mount(ROOT, Guard(_application(Pages(world))))]


async def _lead_in(request: Request) -> Response:
    """A browser that opens the control door means the pages; for others there is nothing at its root."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"{ROOT}/", HTTPStatus.SEE_OTHER)
    raise HTTPException(HTTPStatus.NOT_FOUND)


def _application(pages: Pages) -> Starlette:
    async def missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return pages.show(request, "error.html", status=error.status_code, error=error)

    parts = [route for part in _PARTS for route in part.routes(pages)]
    static = Mount("/static", StaticFiles(packages=[("ledgerbridge_sandbox.pages", "static")]), name="static")
    return Starlette(routes=[*parts, static], exception_handlers={HTTPException: missing})
