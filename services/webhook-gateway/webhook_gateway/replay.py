"""`ledgerbridge receipts replay`: tell again what the vendors told in a window of time.

Consumers cannot be harmed: a notice says only that something changed. Accounts that were unknown then and are known
now are told too. Also the way to rebuild notices after a broker was wiped.
"""

from dataclasses import dataclass
from datetime import datetime

from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.messaging import outbox
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database

from webhook_gateway import notices, readers, store
from webhook_gateway.owners import owner_of


@dataclass(frozen=True)
class Replayed:
    """What a replay did."""

    receipts: int
    notices: int


async def replay(
    database: Database, accounts: Accounts, clock: BusinessClock, tenant_id: int, since: datetime, until: datetime
) -> Replayed:
    """Put a tenant's notices of the receipts with since <= received < until into the outbox again, a page at a time.

    One receipt may hold notices of several tenants; those of the others are left alone.
    """
    receipts = told = 0
    async for page in store.all_receipts(database, since, until):
        found = []
        for receipt in page:
            told_then = readers.notices(receipt.vendor, receipt.body)
            found.append(await _events(accounts, told_then, clock, tenant_id))
        events = [event for of_receipt in found for event in of_receipt]
        async with database.engine() as tx:
            await outbox.put(tx, events)
        receipts, told = receipts + sum(map(bool, found)), told + len(events)
    return Replayed(receipts, told)


async def _events(
    accounts: Accounts, told: list[RecordChanged], clock: BusinessClock, tenant_id: int
) -> list[outbox.Event]:
    events = []
    for notice in told:
        owner = await owner_of(accounts, notice.vendor, notice.account)
        if owner is not None and owner.account.tenant_id == tenant_id:
            again = notice.model_copy(update={"found_by": "replay"})
            events.append(notices.event(again, owner, clock.now()))
    return events
