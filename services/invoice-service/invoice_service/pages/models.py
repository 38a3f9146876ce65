"""What the invoice endpoints answer."""

from datetime import date, datetime
from typing import Annotated, Literal

from ledgerbridge.contracts.invoices import InvoiceState
from ledgerbridge.contracts.model import Money
from pydantic import BaseModel, Field, StringConstraints

from invoice_service.invoices.stages import Stage

RecordId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
QuickBooksId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,50}$")]


class StageChange(BaseModel):
    """One change of an invoice's stage; `old` is null at the beginning.

    `by` and `reason` say who voided it through us, and why.
    """

    old: Stage | None
    new: Stage
    cause: Literal["fact", "calendar", "baseline"]
    changed_at: datetime
    by: str | None = None
    reason: str | None = None


class PaymentShown(BaseModel):
    """What one payment did for the invoice."""

    payment_id: str
    paid_on: date | None
    total: Money
    received: Money
    credited: Money
    currency: str


class InvoiceShown(BaseModel):
    """An invoice in a list; `beside` is what is shown beside its stage."""

    invoice: InvoiceState
    beside: list[str] = Field(default_factory=list, description='e.g. "paid 40.00", "not sent"')
    not_written: str | None = Field(default=None, description="why its data are not on the deal (S-56)")


class InvoiceWhole(InvoiceShown):
    """An invoice with its history and payments."""

    history: list[StageChange]
    payments: list[PaymentShown]


class InvoicePage(BaseModel):
    """One page; `after` asks for the next."""

    invoices: list[InvoiceShown]
    after: str | None


class ExistingInvoice(BaseModel):
    """An invoice of QuickBooks that may be added; `invoice_id` and `deal_id` where it is known already."""

    quickbooks_id: str
    number: str
    customer: str
    invoice_date: date | None
    due_date: date | None
    currency: str
    total: Money
    balance: Money
    stage: Stage
    invoice_id: str | None
    deal_id: str | None


class ExistingInvoices(BaseModel):
    """The newest hits of a search in QuickBooks."""

    invoices: list[ExistingInvoice]
    filtered_among: int | None = Field(description="how many of the newest were looked through, where that was needed")
    as_of: datetime


class NewLinks(BaseModel):
    """Which invoices to add to which HubSpot records."""

    connection_id: Annotated[int, Field(ge=1, le=2**62)]
    quickbooks_ids: Annotated[list[QuickBooksId], Field(min_length=1, max_length=100)]
    deal_id: RecordId | None = None
    contact_ids: Annotated[list[RecordId], Field(max_length=100)] = []
    company_ids: Annotated[list[RecordId], Field(max_length=100)] = []
    move: bool = Field(default=False, description="take an invoice away from another deal")
