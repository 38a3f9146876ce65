"""Where a person opens an invoice: in QuickBooks, and whole in Ledgerbridge."""

from dataclasses import dataclass

from ledgerbridge.contracts.invoices import InvoiceUrls


@dataclass(frozen=True)
class Addresses:
    """The addresses of QuickBooks' pages and of this service's own, as the settings say."""

    quickbooks_pages: str
    own_pages: str

    def in_quickbooks(self, quickbooks_id: str | None) -> str | None:
        """QuickBooks' page of an invoice; people choose the company there (guess: no parameter names it)."""
        return f"{self.quickbooks_pages.rstrip('/')}/app/invoice?txnId={quickbooks_id}" if quickbooks_id else None

    def of(self, invoice_id: str, quickbooks_id: str | None) -> InvoiceUrls:
        """All addresses of an invoice."""
        own = f"{self.own_pages.rstrip('/')}/invoices/{invoice_id}"
        return InvoiceUrls(quickbooks=self.in_quickbooks(quickbooks_id), ledgerbridge=own)
