"""Links of invoices that follow a merge in HubSpot, told as events."""

from collections.abc import Sequence
from datetime import datetime

from ledgerbridge.contracts.invoices import InvoiceLinked, InvoiceUnlinked, LinkedRecord
from ledgerbridge.messaging import outbox
from ledgerbridge.storage import Transaction
from ledgerbridge.sync.marks import derived, mark

from invoice_service.addresses import Addresses
from invoice_service.invoices import store, store_links
from invoice_service.invoices.recording import DEAL_PROPERTIES
from invoice_service.invoices.states import state_of
from invoice_service.telling import Teller


async def deal_merged(
    tx: Transaction, tenant_id: int, loser: str, survivor: str, now: datetime, addresses: Addresses
) -> None:
    """The invoices of a merged deal belong to the survivor, whose properties are written again."""
    moved = await store_links.move(tx, "deal", [loser], survivor)
    await outbox.put(tx, await _told(tx, tenant_id, moved, loser, survivor, now, addresses))
    await mark(tx, derived(DEAL_PROPERTIES, tenant_id, [survivor]))


async def _told(
    tx: Transaction,
    tenant_id: int,
    moved: Sequence[str],
    loser: str,
    survivor: str,
    now: datetime,
    addresses: Addresses,
) -> list[outbox.Event]:
    events = []
    for stored in (await store.by_ids(tx, moved)).values():
        state = state_of(stored.known, addresses)
        teller = Teller(tenant_id, stored.known.connection, now, addresses, actor="hubspot")
        old, new = (LinkedRecord(object_type="deal", record_id=one) for one in (loser, survivor))
        events += [
            teller.event(InvoiceUnlinked(invoice=state, records=(old,), how="merged")),
            teller.event(InvoiceLinked(invoice=state, records=(new,), how="merged")),
            teller.state(state),
        ]
    return events
