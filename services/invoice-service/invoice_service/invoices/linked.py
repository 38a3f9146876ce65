"""What a deal needs to know of an invoice linked to it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from invoice_service.invoices.stages import Stage

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInvoice:
    """What the properties need to know of an invoice linked to the deal; one per invoice, over all companies.

    `changed_at` is QuickBooks' LastUpdatedTime of the last change of a fact: a time stamp that Intuit moved alone does
    not count. `home_currency` and `home_total` are the QuickBooks company's, `home_rate` is its rate of the invoice.
    """

    invoice_id: str
    stage: Stage
    currency: str
    total: Decimal
    recipient: str
    number: str
    due_date: date | None
    invoice_date: date | None
    changed_at: datetime | None
    created_at: datetime | None
    home_currency: str = ""
    home_total: Decimal | None = None
    home_rate: Decimal | None = None

    @property
    def newness(self) -> tuple[datetime, datetime, str]:
        """Latest change, then latest creation, then id."""
        return self.changed_at or _NEVER, self.created_at or _NEVER, self.invoice_id
