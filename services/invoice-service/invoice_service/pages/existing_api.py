"""Searching QuickBooks' own invoices, and the connections whose invoices may be searched (S-61, S-62)."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from ledgerbridge.accounts.callers import Caller
from ledgerbridge.service.access import require
from ledgerbridge.service.problems import PROBLEM_ANSWERS

from invoice_service.existing.searching import Hit, Wanted
from invoice_service.invoices.stages import Stage
from invoice_service.pages.models import ExistingInvoice, ExistingInvoices
from invoice_service.service_state import service_of

router = APIRouter(tags=["existing invoices"], responses=PROBLEM_ANSWERS)

Reader = Annotated[Caller, Depends(require("records:read"))]
Words = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]


@router.get("/existing-invoices")
async def existing_invoices(
    request: Request,
    caller: Reader,
    connection: Annotated[int, Query(ge=1, le=2**62)],
    number: Annotated[str | None, Query(min_length=1, max_length=21, pattern=r"^[^\x00-\x1f]+$")] = None,
    customer: Words = None,
    first_day: date | None = None,
    last_day: date | None = None,
    amount: Annotated[Decimal | None, Query(ge=0, max_digits=15, decimal_places=2)] = None,
    stage: Stage | None = None,
) -> ExistingInvoices:
    """The newest invoices of a QuickBooks company that fit; a live query, not our own tables."""
    service = service_of(request)
    of = await service.tenants.connection(caller.tenant, connection)
    wanted = Wanted(number, customer, first_day, last_day, amount, stage)
    hits = await service.searching.search(of, wanted, service.clock.now())
    currency = await service.orders.catalogue.home_currency(of)
    return ExistingInvoices(
        invoices=[_shown(one, currency) for one in hits.hits], filtered_among=hits.filtered_among, as_of=hits.as_of
    )


def _shown(hit: Hit, home_currency: str) -> ExistingInvoice:
    facts, stored = hit.facts, hit.stored
    return ExistingInvoice(
        quickbooks_id=facts.quickbooks_id,
        number=facts.number,
        customer=facts.customer_name,
        invoice_date=facts.invoice_date,
        due_date=facts.due_date,
        currency=facts.currency or home_currency,
        total=facts.total,
        balance=facts.balance,
        stage=hit.stage,
        invoice_id=stored.known.invoice_id if stored else None,
        deal_id=stored.known.links.deal_id if stored else None,
    )
