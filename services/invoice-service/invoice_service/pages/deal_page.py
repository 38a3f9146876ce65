"""The plain page `/deals/{id}`, where `ledgerbridge_open` leads until the console takes it over (S-57, S-64).

A browser comes here without a token: it is asked for a client's id and secret (HTTP Basic).
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse
from ledgerbridge.accounts.callers import Caller
from ledgerbridge.accounts.provisioning import STAGE_LABELS
from ledgerbridge.contracts.model import money
from ledgerbridge.errors import LedgerbridgeError, Refused
from ledgerbridge.service.access import access_of
from ledgerbridge.vendors.manner import calling

from invoice_service.deals.currency_rules import tenant_account
from invoice_service.deals.properties import CONVERSION_NAMES, NAMES, WRITTEN
from invoice_service.pages import listing, showing
from invoice_service.pages.listing import Filter
from invoice_service.pages.models import InvoiceShown, RecordId
from invoice_service.service_state import Service, service_of

router = APIRouter(tags=["pages"])

LABELS = ("Invoiced amount", "Invoice recipient", "Invoice number", "Invoice status", "Invoice due date")
CONVERSION_LABELS = ("Original amount", "Original currency", "Exchange rate", "Source of the exchange rate")
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.4rem;text-align:left}"
    "td.n,th.n{text-align:right;white-space:nowrap}"
)
ASK = {"WWW-Authenticate": 'Basic realm="Ledgerbridge client", charset="UTF-8"'}
ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No valid token, or client id and secret"},
    403: {"description": "The caller may not read invoices"},
    404: {"description": "Not found"},
    422: {"description": "The id is not one of HubSpot's"},
}


@router.get("/deals/{deal_id}", response_class=HTMLResponse, responses=ANSWERS)
async def deal(
    request: Request, deal_id: RecordId, authorization: Annotated[str | None, Header(max_length=4096)] = None
) -> HTMLResponse:
    """A deal's invoices, and its five properties as HubSpot holds them."""
    try:
        caller = await _caller(request, authorization or "")
        caller.require("records:read")
    except Refused as refusal:
        status = 401 if refusal.code == "UNAUTHENTICATED" else 403
        return HTMLResponse(_page("Not signed in", escape(refusal.sentence)), status, ASK if status == 401 else None)  # noqa: PLR2004
    service = service_of(request)
    held, problem = await _held(service, caller, deal_id)
    async with service.database.tenant(caller.tenant) as tx:
        found = await listing.page(tx, Filter(("deal", deal_id)), None)
    invoices = await showing.shown(service, caller.tenant, found)
    return HTMLResponse(_page(f"Deal {deal_id}", _properties(held, problem) + _invoices(invoices)))


async def _caller(request: Request, authorization: str) -> Caller:
    access = access_of(request)
    if authorization.startswith("Basic "):
        return await access.by_basic(authorization)
    return await access.by_token(authorization.removeprefix("Bearer "))


async def _held(service: Service, caller: Caller, deal_id: str) -> tuple[Mapping[str, str | None], str]:
    """The properties as HubSpot holds them now, or why they cannot be shown."""
    try:
        account = await tenant_account(service.accounts, caller.tenant)
        with calling(lane="person", seconds=5):
            found = await service.vendors.hubspot.records.get(account, "deals", deal_id, WRITTEN)
    except LedgerbridgeError as error:
        return {}, error.sentence
    return found.properties, ""


def _properties(held: Mapping[str, str | None], problem: str) -> str:
    if problem:
        return f"<p>{escape(problem)}</p>"
    shown = [*zip(LABELS, NAMES, strict=True)]
    shown += [(label, name) for label, name in zip(CONVERSION_LABELS, CONVERSION_NAMES, strict=True) if held.get(name)]
    rows = "".join(f"<tr><th>{label}</th><td>{escape(_said(held.get(name) or ''))}</td></tr>" for label, name in shown)
    return f"<h2>As HubSpot holds it</h2><table>{rows}</table>"


def _said(value: str) -> str:
    """A stage in words, anything else as it is."""
    return STAGE_LABELS.get(value, {}).get("en", value)


def _invoices(invoices: Sequence[InvoiceShown]) -> str:
    if not invoices:
        return "<h2>Integration invoices</h2><p>No invoice is linked to this deal.</p>"
    rows = "".join(_row(one) for one in invoices)
    head = "<tr><th>Number</th><th>Customer</th><th>Stage</th><th>Due</th>"
    head += "<th class=n>Total</th><th class=n>Open</th><th></th></tr>"
    return f"<h2>Integration invoices</h2><table>{head}{rows}</table>"


def _row(shown: InvoiceShown) -> str:
    invoice = shown.invoice
    beside = ", ".join([*shown.beside, *([shown.not_written] if shown.not_written else [])])
    number = escape(invoice.number or "without a number")
    if invoice.urls.quickbooks:
        number = f'<a href="{escape(invoice.urls.quickbooks)}">{number}</a>'
    return (
        f"<tr><td>{number}</td><td>{escape(invoice.customer.name)}</td><td>{_said(invoice.stage.value)}</td>"
        f"<td>{invoice.due_date or ''}</td><td class=n>{money(invoice.total)} {invoice.currency}</td>"
        f"<td class=n>{money(invoice.balance)}</td><td>{escape(beside)}</td></tr>"
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)} - Ledgerbridge</title><style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )
