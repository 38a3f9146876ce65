"""Invoices over HTTP: lists, one with its history, its PDF, its links to HubSpot records."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from ledgerbridge.accounts.callers import Caller
from ledgerbridge.errors import Refused
from ledgerbridge.service.access import require
from ledgerbridge.service.problems import PROBLEM_ANSWERS
from ledgerbridge.vendors.manner import calling

from invoice_service.existing.attaching import Records
from invoice_service.invoices import store, store_payments
from invoice_service.invoices.stages import Stage
from invoice_service.invoices.store import StageEntry, StoredInvoice
from invoice_service.invoices.store_links import ObjectType
from invoice_service.orders import store_orders
from invoice_service.orders.order import Order
from invoice_service.pages import listing, showing
from invoice_service.pages.listing import Filter
from invoice_service.pages.models import (
    InvoicePage,
    InvoiceShown,
    InvoiceWhole,
    NewLinks,
    PaymentShown,
    RecordId,
    StageChange,
)
from invoice_service.service_state import Service, service_of

router = APIRouter(tags=["invoices"], responses=PROBLEM_ANSWERS)

Reader = Annotated[Caller, Depends(require("records:read"))]
Linker = Annotated[Caller, Depends(require("links:write"))]
InvoiceId = Annotated[UUID, Path(description="our id of the invoice")]
Search = Annotated[str | None, Query(min_length=1, max_length=21, pattern=r"^[^\x00]+$")]


@router.get("/invoices")
async def invoices(
    request: Request,
    caller: Reader,
    deal_id: RecordId | None = None,
    contact_id: RecordId | None = None,
    company_id: RecordId | None = None,
    stage: Stage | None = None,
    connection: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    search: Search = None,
    after: Annotated[str | None, Query(max_length=100)] = None,
) -> InvoicePage:
    """Invoices of the tenant or of one HubSpot record (S-64), the most recently changed first."""
    service = service_of(request)
    wanted = Filter(_record(deal_id, contact_id, company_id), stage, connection, search)
    async with service.database.tenant(caller.tenant) as tx:
        found = await listing.page(tx, wanted, _place(after))
    return InvoicePage(invoices=await showing.shown(service, caller.tenant, found), after=listing.place_of(found))


@router.get("/invoices/{invoice_id}")
async def invoice(request: Request, caller: Reader, invoice_id: InvoiceId) -> InvoiceWhole:
    """One invoice with the history of its stage and its payments (S-39)."""
    service = service_of(request)
    stored = await _stored(service, caller, invoice_id)
    known = stored.known
    (shown,) = await showing.shown(service, caller.tenant, [stored])
    async with service.database.tenant(caller.tenant) as tx:
        history = await store.history(tx, str(invoice_id))
        quickbooks_id = known.facts.quickbooks_id
        voided = await store_orders.void_of(tx, invoice_id) if known.standing.stage is Stage.VOIDED else None
        payments = (await store_payments.of_invoices(tx, known.connection, [quickbooks_id]))[quickbooks_id]
    return InvoiceWhole(
        **dict(shown),
        history=[_stage_change(one, voided) for one in history],
        payments=[
            PaymentShown(
                payment_id=one.quickbooks_id,
                paid_on=one.payment_date,
                total=one.total,
                received=one.for_invoice(quickbooks_id).received,
                credited=one.for_invoice(quickbooks_id).credited,
                currency=one.currency or known.currency,
            )
            for one in payments
        ],
    )


@router.get(
    "/invoices/{invoice_id}/pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The invoice as QuickBooks prints it"}},
)
async def pdf(request: Request, caller: Reader, invoice_id: InvoiceId) -> Response:
    """The invoice as QuickBooks prints it."""
    service = service_of(request)
    known = (await _stored(service, caller, invoice_id)).known
    connection = await service.tenants.connection(caller.tenant, known.connection)
    with calling(lane="person"):
        content = await service.vendors.quickbooks.pdf(connection.quickbooks, known.facts.quickbooks_id)
    return Response(content, media_type="application/pdf")


@router.post("/links", status_code=201)
async def link(request: Request, caller: Linker, wanted: NewLinks) -> list[InvoiceShown]:
    """Add existing invoices to a deal, contacts and companies (S-57 to S-64): all of them, or none."""
    service = service_of(request)
    connection = await service.tenants.connection(caller.tenant, wanted.connection_id)
    records = Records(wanted.deal_id, tuple(wanted.contact_ids), tuple(wanted.company_ids), wanted.move)
    if not records.pairs():
        raise Refused("INVALID", field="deal_id", problem="name a deal, a contact or a company")
    with calling(lane="person"):
        added = await service.attaching.attach(connection, wanted.quickbooks_ids, records, actor=caller.name)
    async with service.database.tenant(caller.tenant) as tx:
        stored = await store.by_ids(tx, added)
    return await showing.shown(service, caller.tenant, [stored[invoice_id] for invoice_id in added])


@router.delete("/invoices/{invoice_id}/links/{object_type}/{record_id}", status_code=204)
async def unlink(
    request: Request,
    caller: Linker,
    invoice_id: InvoiceId,
    object_type: Literal["deal", "contact", "company"],
    record_id: RecordId,
) -> Response:
    """Part an invoice from a HubSpot record; the invoice itself stays as it is."""
    service = service_of(request)
    await service.attaching.part(caller.tenant, str(invoice_id), object_type, record_id, actor=caller.name)
    return Response(status_code=204)


def _stage_change(entry: StageEntry, voided: Order | None) -> StageChange:
    asked = voided if entry.new is Stage.VOIDED else None
    return StageChange(
        old=entry.old,
        new=entry.new,
        cause=entry.cause,
        changed_at=entry.changed_at,
        by=asked.actor if asked else None,
        reason=asked.content["command"].get("reason") if asked else None,
    )


async def _stored(service: Service, caller: Caller, invoice_id: UUID) -> StoredInvoice:
    async with service.database.tenant(caller.tenant) as tx:
        found = (await store.by_ids(tx, [str(invoice_id)])).get(str(invoice_id))
    if found is None:
        raise Refused("NOT_FOUND", what=f"Invoice {invoice_id}")
    return found


def _record(deal_id: str | None, contact_id: str | None, company_id: str | None) -> tuple[ObjectType, str] | None:
    named: list[tuple[ObjectType, str | None]] = [("deal", deal_id), ("contact", contact_id), ("company", company_id)]
    given: list[tuple[ObjectType, str]] = [(kind, record) for kind, record in named if record is not None]
    if len(given) > 1:
        raise Refused("INVALID", field="deal_id", problem="name one record only")
    return given[0] if given else None


def _place(after: str | None) -> tuple[datetime, UUID] | None:
    try:
        return listing.read_place(after) if after else None
    except ValueError:
        raise Refused("INVALID", field="after", problem="is not from an earlier page") from None
