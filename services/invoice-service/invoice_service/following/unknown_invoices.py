"""Invoices that nobody tracks, while an order of their company is in doubt: one may be what the order made.

A notice of such an invoice makes a row of the kind `unknown-invoice` only then (product.md, Creating is idempotent).
Its worker reads the invoices in bulk; one that bears the mark of an order in doubt wakes that order, which looks and
settles.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.messaging.received import Told
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync import outcomes
from ledgerbridge.sync.claims import Lot
from ledgerbridge.sync.marks import derived, mark
from ledgerbridge.sync.outcomes import Outcome
from ledgerbridge.vendors.manner import calling
from ledgerbridge.vendors.quickbooks.client import QuickBooks

from invoice_service.invoices.facts import read_invoice
from invoice_service.invoices.recording import INVOICE
from invoice_service.invoices.request_ids import has_marker
from invoice_service.lanes import lane
from invoice_service.orders import store_orders
from invoice_service.orders.order import Order

KIND = "unknown-invoice"

# Orders in the index that are not in order are few, and have an index of their own.
_IN_TROUBLE = """
select tenant_id, connection_id from unnest($1::bigint[], $2::bigint[]) as g(tenant_id, connection_id)
where exists (select from records o where o.tenant_id = g.tenant_id and o.connection_id = g.connection_id
                and o.kind = 'order' and o.state in ('failed', 'waiting'))
"""
_UNKNOWN = """
select quickbooks_id from unnest($3::text[]) as g(quickbooks_id)
where not exists (select from records i where i.tenant_id = $1 and i.connection_id = $2
                    and i.kind = 'invoice' and i.quickbooks_id = g.quickbooks_id)
"""


async def unknown(tx: Transaction, told: Iterable[Told]) -> dict[tuple[int, int], list[str]]:
    """Invoices of these notices that nobody tracks, by tenant and connection, where an order there is in trouble.

    For the engine: it asks the index alone, in one small statement where no order is in trouble.
    """
    named: dict[tuple[int, int], set[str]] = defaultdict(set)
    for one in told:
        notice, connection_id = one.message, one.envelope.connection
        if isinstance(notice, RecordChanged) and notice.object_type == INVOICE and connection_id is not None:
            named[one.envelope.tenant, connection_id].add(notice.record_id)
    if not named:
        return {}
    found: dict[tuple[int, int], list[str]] = {}
    for company in sorted(map(tuple, await tx.fetch(_IN_TROUBLE, *zip(*named, strict=True)))):
        rows = await tx.fetch(_UNKNOWN, *company, sorted(named[company]))
        found[company] = [row["quickbooks_id"] for row in rows]
    return found


async def note(database: Database, found: dict[tuple[int, int], list[str]]) -> None:
    """Have these invoices read where an order of the company really is in doubt: one that only failed wants none."""
    for (tenant_id, connection_id), quickbooks_ids in found.items():
        if not quickbooks_ids:
            continue
        async with database.tenant(tenant_id) as tx:
            if await store_orders.in_doubt(tx, connection_id):
                await mark(tx, derived(KIND, tenant_id, quickbooks_ids, connection_id))


class UnknownInvoices:
    """Processes and finishes lots of unknown invoices; nothing of them is kept."""

    def __init__(self, database: Database, accounts: Accounts, quickbooks: QuickBooks) -> None:
        """Read through this client."""
        self._database = database
        self._accounts = accounts
        self._quickbooks = quickbooks

    async def process(self, lot: Lot) -> list[Outcome]:
        """Read the lot in one query, and find whose mark each invoice bears."""
        connection = await self._accounts.connection(lot.connection_id)
        ids = [record.subject_id for record in lot.records]
        async with self._database.tenant(lot.tenant_id) as tx:
            orders = await store_orders.in_doubt(tx, lot.connection_id)
        if not orders:
            return [outcomes.gone(quickbooks_id) for quickbooks_id in ids]
        with calling(lane=lane(lot)):
            answered = await self._quickbooks.queries.by_ids(connection.quickbooks, "Invoice", ids)
        notes = {one: read_invoice(document).private_note for one, document in answered.value.records.items()}
        return [outcomes.gone(one, facts=_bears_mark_of(notes.get(one, ""), orders)) for one in ids]

    async def finish(self, tx: Transaction, lot: Lot, held: Sequence[Outcome]) -> None:
        """Wake the orders that were found."""
        found = sorted({str(outcome.facts) for outcome in held if outcome.facts})
        await mark(tx, store_orders.told_of(lot.tenant_id, lot.connection_id, found))


def _bears_mark_of(private_note: str, orders: Sequence[Order]) -> str | None:
    return next((str(one.order_id) for one in orders if has_marker(private_note, str(one.order_id))), None)
