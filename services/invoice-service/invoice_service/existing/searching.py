"""Searching QuickBooks' own invoices for "Add existing invoice" (S-62): live queries, newest first.

QuickBooks filters by number, customer, date, amount and balance. What it cannot filter (waiting, sent, voided) is
filtered here among the newest 1,000 hits, and the answer says so.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.storage import Database
from ledgerbridge.vendors.manner import calling
from ledgerbridge.vendors.quickbooks.client import QuickBooks
from ledgerbridge.vendors.quickbooks.query import Query

from invoice_service.catalogue import store_customers
from invoice_service.invoices import store
from invoice_service.invoices.facts import InvoiceFacts, handed_over, read_invoice
from invoice_service.invoices.recording import zone_of
from invoice_service.invoices.stages import Stage, standing
from invoice_service.invoices.store import StoredInvoice

NEWEST = 1_000
PAGE = 50
MOST_CUSTOMERS = 50


@dataclass(frozen=True)
class Wanted:
    """What a person looks for; None means any. `customer` is the beginning of a name."""

    number: str | None = None
    customer: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    amount: Decimal | None = None
    stage: Stage | None = None


@dataclass(frozen=True)
class Hit:
    """One invoice of QuickBooks, its stage now, and what we know of it already."""

    facts: InvoiceFacts
    stage: Stage
    stored: StoredInvoice | None


@dataclass(frozen=True)
class Hits:
    """The newest hits. `filtered_among` is how many were looked through where QuickBooks could not filter by itself."""

    hits: list[Hit]
    filtered_among: int | None
    as_of: datetime


class Searching:
    """Searches a company's invoices."""

    def __init__(self, database: Database, quickbooks: QuickBooks) -> None:
        """Names are looked up in the catalogue, invoices at QuickBooks."""
        self._database = database
        self._quickbooks = quickbooks

    async def search(self, connection: Connection, wanted: Wanted, now: datetime) -> Hits:
        """The newest invoices that fit."""
        query = await self._query(connection, wanted)
        if query is None:
            return Hits([], None, now)
        with calling(lane="person"):
            answered = await self._quickbooks.queries.rows(
                connection.quickbooks, query.newest_first().page(1, NEWEST if wanted.stage else PAGE)
            )
        facts = [read_invoice(document) for document in answered.value]
        async with self._database.tenant(connection.tenant_id) as tx:
            stored = await store.by_quickbooks_ids(
                tx, connection.quickbooks.external_id, [one.quickbooks_id for one in facts]
            )
        hits = [self._hit(connection, one, stored.get(one.quickbooks_id), now) for one in facts]
        fitting = [one for one in hits if wanted.stage in (None, one.stage)]
        return Hits(fitting[:PAGE], len(facts) if wanted.stage else None, answered.time)

    async def _query(self, connection: Connection, wanted: Wanted) -> Query | None:
        """The query, or None where no customer of that name is known."""
        query = Query("Invoice")
        if wanted.number:
            query = query.where("DocNumber", "=", wanted.number)
        if wanted.customer:
            async with self._database.tenant(connection.tenant_id) as tx:
                named = await store_customers.search_customers(tx, connection.id, wanted.customer, limit=MOST_CUSTOMERS)
            if not named:
                return None
            query = query.where_in("CustomerRef", [one.quickbooks_id for one in named])
        if wanted.first_day:
            query = query.where("TxnDate", ">=", wanted.first_day.isoformat())
        if wanted.last_day:
            query = query.where("TxnDate", "<=", wanted.last_day.isoformat())
        if wanted.amount is not None:
            query = query.where("TotalAmt", "=", format(wanted.amount, "f"))
        if wanted.stage is Stage.PAID_IN_FULL:
            query = query.where("Balance", "=", "0")
        if wanted.stage in (Stage.OVERDUE, Stage.PARTIAL_PAYMENT):
            query = query.where("Balance", ">", "0")
        return query

    def _hit(self, connection: Connection, facts: InvoiceFacts, stored: StoredInvoice | None, now: datetime) -> Hit:
        zone = zone_of(connection)
        over = handed_over(facts, printed_counts=connection.settings.printed_counts_as_handed_over)
        today = now.astimezone(ZoneInfo(zone)).date()
        return Hit(facts, standing(facts, handed_over=over, today=today, zone=zone).stage, stored)
