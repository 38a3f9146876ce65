"""What happened to invoices: facts in the past tense, each with the invoice's whole state after the change.

Stages, payments and links are defined in product.md, Part 2. Amounts are in the invoice's currency unless named home.
"""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ledgerbridge.contracts.model import LARGEST_VALUE, Amount, Currency, Id, Message, Moment, Money, Part, Text


class Stage(StrEnum):
    """An invoice's stage; the values are those of the deal property."""

    WAITING_TO_BE_SENT = "waiting_to_be_sent"
    SENT_TO_CUSTOMER = "sent_to_customer"
    PARTIAL_PAYMENT = "partial_payment"
    PAID_IN_FULL = "paid_in_full"
    OVERDUE = "overdue"
    VOIDED = "voided"
    DELETED = "deleted"


class Customer(Part):
    """The QuickBooks customer on the invoice."""

    quickbooks_id: Id
    name: Text


class Recipient(Part):
    """Who gets the invoice: name as on the invoice, address, language (BCP 47) where known."""

    name: Text
    email: Text | None = None
    language: Text | None = None


class InvoiceLine(Part):
    """A line as QuickBooks holds it; `amount` is without tax unless the company's amounts include it."""

    quickbooks_id: Id | None = None
    kind: Literal["item", "discount", "subtotal", "description", "group"] = "item"
    item_id: Id | None = None
    item_name: Text | None = None
    description: Text | None = None
    quantity: Amount | None = None
    unit_price: Money | None = None
    amount: Money
    tax_code: Text | None = None
    service_date: date | None = None


class InvoiceLinks(Part):
    """The HubSpot records of the invoice: at most one deal, any number of contacts and companies."""

    deal_id: Id | None = None
    contact_ids: tuple[Id, ...] = ()
    company_ids: tuple[Id, ...] = ()
    hubspot_invoice_id: Id | None = None


class InvoiceUrls(Part):
    """Where a person can open it."""

    quickbooks: Text | None = None
    payment: Text | None = None
    ledgerbridge: Text | None = None


class InvoiceState(Message):
    """The whole state of an invoice; also the message of the compacted topic `invoice-states`.

    `paid`, `credited` and `deposit` are the parts of the total that are not open; `balance` is what is. `stage` holds
    for the facts known at `as_of` (QuickBooks' time) and `stage_changes_at` is when the calendar alone changes it next.
    `updated_at` is QuickBooks' MetaData.LastUpdatedTime. `quickbooks_id` is missing until the invoice exists.
    """

    type: ClassVar[str] = "ledgerbridge.invoice.state.v1"

    invoice_id: Id
    connection: int
    quickbooks_company: Annotated[Id, Field(description="realm id")]
    quickbooks_id: Id | None = None
    number: Text | None = None
    origin: Literal["created", "added", "synced"]
    customer: Customer
    recipient: Recipient
    currency: Currency
    total: Money
    tax: Money | None = None
    balance: Money
    paid: Money
    credited: Money
    deposit: Money
    tax_variance: Money | None = None
    home_currency: Currency | None = None
    home_total: Money | None = None
    exchange_rate: Amount | None = None
    invoice_date: date
    due_date: date | None = None
    terms: Text | None = None
    message: Text | None = None
    lines: tuple[InvoiceLine, ...] = ()
    lines_omitted: Annotated[int, Field(ge=0, description="lines left out at the end; the whole is behind `urls`")] = 0
    stage: Stage
    stage_changes_at: Moment | None = None
    handed_over: bool
    email_status: Text | None = None
    delivered_at: Moment | None = None
    warnings: tuple[Text, ...] = ()
    links: InvoiceLinks = InvoiceLinks()
    urls: InvoiceUrls = InvoiceUrls()
    created_at: Moment | None = None
    updated_at: Moment | None = None
    as_of: Moment

    def _shortened(self) -> bytes:
        return _fitting(self, self, lambda state: state)


class Change(Part):
    """One changed field: JSON values, amounts as decimal strings; null where there was or is none."""

    old: Any = None
    new: Any = None


class InvoiceEvent(Message):
    """What all events of an invoice carry: the state after the change and the changed fields by name."""

    invoice: InvoiceState
    changes: dict[str, Change] = Field(default_factory=dict)

    def _shortened(self) -> bytes:
        slim = self.model_copy(update={"changes": {k: v for k, v in self.changes.items() if k != "lines"}})
        return _fitting(slim, self.invoice, lambda state: slim.model_copy(update={"invoice": state}))


class InvoiceCreated(InvoiceEvent):
    """An order of ours created the invoice in QuickBooks."""

    type: ClassVar[str] = "ledgerbridge.invoice.created.v1"

    order_id: Id
    command_id: Id | None = None


class InvoiceUpdated(InvoiceEvent):
    """Facts of the invoice changed in QuickBooks."""

    type: ClassVar[str] = "ledgerbridge.invoice.updated.v1"


class InvoiceStatusChanged(InvoiceEvent):
    """The stage changed, by a fact or by the calendar (`cause`)."""

    type: ClassVar[str] = "ledgerbridge.invoice.status-changed.v1"

    old_stage: Stage
    new_stage: Stage
    cause: Literal["fact", "calendar"] = "fact"


class LinkedRecord(Part):
    """A HubSpot record."""

    object_type: Literal["deal", "contact", "company"]
    record_id: Id


class InvoiceLinked(InvoiceEvent):
    """The invoice was joined to HubSpot records; `baseline` where this state is where the telling begins."""

    type: ClassVar[str] = "ledgerbridge.invoice.linked.v1"

    records: tuple[LinkedRecord, ...]
    how: Literal["created", "added", "evidence", "synced", "merged", "moved"]
    baseline: bool = False


class InvoiceUnlinked(InvoiceEvent):
    """The invoice was parted from HubSpot records."""

    type: ClassVar[str] = "ledgerbridge.invoice.unlinked.v1"

    records: tuple[LinkedRecord, ...]
    how: Literal["person", "moved", "merged", "deleted"]


class Allocation(Part):
    """What one payment pays on one invoice; `invoice_id` is missing where we do not know the invoice."""

    invoice_id: Id | None = None
    quickbooks_id: Id
    applied: Money


class PaymentReceived(InvoiceEvent):
    """A payment was applied to the invoice; told once per payment and invoice."""

    type: ClassVar[str] = "ledgerbridge.payment.received.v1"

    payment_id: Id
    payment_total: Money
    applied: Money
    currency: Currency
    paid_on: date | None = None
    other_invoices: tuple[Allocation, ...] = ()


class PaymentReversed(InvoiceEvent):
    """A payment no longer counts here. Only `deleted` and `voided` say that money was undone."""

    type: ClassVar[str] = "ledgerbridge.payment.reversed.v1"

    payment_id: Id
    payment_total: Money
    applied: Annotated[Money, Field(description="what had been applied to this invoice")]
    currency: Currency
    why: Literal["deleted", "voided", "unapplied", "invoice_voided", "invoice_deleted"]


class CreditApplied(InvoiceEvent):
    """A credit memo lowered the balance; no money came."""

    type: ClassVar[str] = "ledgerbridge.credit.applied.v1"

    payment_id: Annotated[Id, Field(description="the payment of zero that joins credit and invoice")]
    credit_memo_id: Id | None = None
    applied: Money
    currency: Currency


class InvoiceCreationFailed(Message):
    """An order came to nothing: code, sentence and remedy are those of docs/errors.md."""

    type: ClassVar[str] = "ledgerbridge.invoice.creation-failed.v1"

    invoice_id: Id
    order_id: Id
    connection: int | None = None
    quickbooks_company: Id | None = None
    command_id: Id | None = None
    links: InvoiceLinks = InvoiceLinks()
    code: Text
    reason: Text
    remedy: Text
    field: Text | None = None


def _fitting(whole: Message, state: InvoiceState, put: Callable[[InvoiceState], Message]) -> bytes:
    """Leave out lines from the end until the value fits. Raises ValueError where even none is too much."""
    keep = len(state.lines)
    value = put(state).model_dump_json().encode()
    while len(value) > LARGEST_VALUE:
        # The share that should fit, with a little air; at least one line less each time.
        keep = min(keep - 1, keep * LARGEST_VALUE * 95 // 100 // len(value))
        if keep < 0:
            raise ValueError(f"{whole.type}: {len(value)} bytes are more than {LARGEST_VALUE}, even without lines")
        omitted = state.lines_omitted + len(state.lines) - keep
        shorter = state.model_copy(update={"lines": state.lines[:keep], "lines_omitted": omitted})
        value = put(shorter).model_dump_json().encode()
    return value
