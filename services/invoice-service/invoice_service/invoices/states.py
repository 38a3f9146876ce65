"""An invoice as we know it, and the whole state that every event carries (`ledgerbridge.contracts.invoices`)."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ledgerbridge.contracts import invoices as contract

from invoice_service.addresses import Addresses
from invoice_service.invoices.facts import InvoiceFacts, LineFacts
from invoice_service.invoices.payments import Settlement
from invoice_service.invoices.stages import Standing

Origin = Literal["created", "added", "synced"]
Kind = Literal["item", "discount", "subtotal", "description", "group"]

_KINDS: dict[str, Kind] = {
    "SalesItemLineDetail": "item",
    "DiscountLineDetail": "discount",
    "DescriptionOnly": "description",
    "GroupLineDetail": "group",
    "SubTotalLineDetail": "subtotal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownInvoice:
    """All that is known of an invoice: QuickBooks' facts, what follows from them, and what is ours.

    `as_of` is QuickBooks' time of the facts. `warnings` are sentences for people, `tax_variance` is QuickBooks' tax
    less the review's. `home_currency` is the company's.
    """

    invoice_id: str
    connection: int
    realm: str
    origin: Origin
    facts: InvoiceFacts
    standing: Standing
    handed_over: bool
    settlement: Settlement
    as_of: datetime
    home_currency: str
    terms: str = ""
    language: str | None = None
    tax_variance: Decimal | None = None
    warnings: tuple[str, ...] = ()
    links: contract.InvoiceLinks = field(default_factory=contract.InvoiceLinks)

    @property
    def currency(self) -> str:
        """The invoice's currency; QuickBooks may leave it out where the company has only one."""
        return self.facts.currency or self.home_currency


def state_of(known: KnownInvoice, addresses: Addresses) -> contract.InvoiceState:
    """The contract's whole state of an invoice."""
    facts, parts = known.facts, known.settlement
    return contract.InvoiceState(
        invoice_id=known.invoice_id,
        connection=known.connection,
        quickbooks_company=known.realm,
        quickbooks_id=facts.quickbooks_id or None,
        number=facts.number or None,
        origin=known.origin,
        customer=contract.Customer(quickbooks_id=facts.customer_id, name=facts.customer_name),
        recipient=_recipient(known),
        currency=known.currency,
        total=facts.total,
        tax=facts.tax,
        balance=facts.balance,
        # What is not explained yet is not called paid: a payment may still be unread, or be a credit.
        paid=parts.paid,
        credited=parts.credited,
        deposit=parts.deposit,
        tax_variance=known.tax_variance,
        home_currency=known.home_currency,
        home_total=facts.home_total,
        exchange_rate=facts.exchange_rate,
        invoice_date=facts.invoice_date or known.as_of.date(),
        due_date=facts.due_date,
        terms=known.terms or None,
        message=facts.message or None,
        lines=tuple(_line(line) for line in facts.lines),
        stage=known.standing.stage,
        stage_changes_at=known.standing.changes_at,
        handed_over=known.handed_over,
        email_status=facts.email_status or None,
        delivered_at=facts.delivered_at,
        warnings=known.warnings,
        links=known.links,
        urls=addresses.of(known.invoice_id, facts.quickbooks_id),
        created_at=facts.created_at,
        updated_at=facts.updated_at,
        as_of=known.as_of,
    )


def _recipient(known: KnownInvoice) -> contract.Recipient:
    return contract.Recipient(
        name=known.facts.customer_name, email=known.facts.bill_email or None, language=known.language
    )


def _line(line: LineFacts) -> contract.InvoiceLine:
    return contract.InvoiceLine(
        quickbooks_id=line.quickbooks_id or None,
        kind=_KINDS.get(line.kind, "item"),
        item_id=line.item_id or None,
        item_name=line.item_name or None,
        description=line.description or None,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        tax_code=line.tax_code or None,
        service_date=line.service_date,
    )
