"""Settings of invoice-service."""

from datetime import timedelta

from ledgerbridge.service import ServiceSettings
from pydantic import Field

from invoice_service.addresses import Addresses


class Settings(ServiceSettings):
    """What invoice-service is told beside what every service is told."""

    create_wait: timedelta = Field(
        default=timedelta(seconds=10),
        description="how long a create over HTTP waits for its outcome before it says 202",
    )
    round_gap: timedelta = Field(
        default=timedelta(milliseconds=120), description="least time between the starts of two rounds of one company"
    )
    pages_base: str = Field(
        default="http://127.0.0.1:8082", description="address of this service's pages, where `ledgerbridge_open` leads"
    )
    quickbooks_pages: str = Field(
        default="https://app.qbo.intuit.com", description="address under which people open QuickBooks"
    )

    @property
    def addresses(self) -> Addresses:
        """Where people open invoices."""
        return Addresses(self.quickbooks_pages, self.pages_base)
