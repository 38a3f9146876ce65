"""Invoices as they are stored, for tests that need one in the database."""

from datetime import UTC, date, datetime
from decimal import Decimal

from invoice_service.invoices import store_links
from invoice_service.invoices.facts import facts_hash, handed_over, read_invoice
from invoice_service.invoices.payments import Settlement
from invoice_service.invoices.request_ids import id_of_attached
from invoice_service.invoices.stages import standing
from invoice_service.invoices.states import KnownInvoice
from invoice_service.invoices.store import StoredInvoice
from invoice_service.invoices.store_links import RecordLink

REALM = "9130350000000001"
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
TENANT, OTHER, CONNECTION = 1, 2, 7


def invoice(quickbooks_id: str = "130", **fields: object) -> StoredInvoice:
    facts = read_invoice(
        {
            "Id": quickbooks_id,
            "SyncToken": "0",
            "DocNumber": "1037",
            "CustomerRef": {"value": "24", "name": "Sonnenschein Family Store"},
            "TxnDate": "2026-11-01",
            "DueDate": "2026-12-01",
            "CurrencyRef": {"value": "USD"},
            "TotalAmt": Decimal("362.07"),
            "Balance": Decimal("362.07"),
            "EmailStatus": "NotSet",
            "Line": [{"Id": "1", "DetailType": "SalesItemLineDetail", "Amount": Decimal("275.00")}],
            "MetaData": {"CreateTime": "2026-11-01T10:00:00-07:00", "LastUpdatedTime": "2026-11-02T10:00:00-07:00"},
            **fields,
        }
    )
    sent = handed_over(facts)
    known = KnownInvoice(
        invoice_id=str(id_of_attached(REALM, quickbooks_id)),
        connection=CONNECTION,
        realm=REALM,
        origin="added",
        facts=facts,
        standing=standing(facts, handed_over=sent, today=date(2026, 11, 23), zone="America/Los_Angeles"),
        handed_over=sent,
        settlement=Settlement(),
        as_of=NOW,
        home_currency="USD",
        warnings=("QuickBooks gave no number.",),
    )
    return StoredInvoice(known=known, facts_hash=facts_hash(facts), fact_changed_at=facts.updated_at)


def link(stored: StoredInvoice, object_type: store_links.ObjectType, record_id: str) -> RecordLink:
    return RecordLink(stored.known.invoice_id, object_type, record_id, "added", "person:1", NOW)
