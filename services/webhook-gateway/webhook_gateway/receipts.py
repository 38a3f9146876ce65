"""The receipt of a webhook: raw bytes, dedupe keys and notices in one transaction, for all callers that wait."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.messaging import outbox
from ledgerbridge.storage import Database

from webhook_gateway import notices, store
from webhook_gateway.counters import WEBHOOK_EVENTS
from webhook_gateway.deliveries import Receipt
from webhook_gateway.owners import Owner, owner_of

NOTE_EVERY = timedelta(minutes=1)


class Receipts:
    """Stores receipts in groups and puts what is new into the outbox."""

    def __init__(self, database: Database, accounts: Accounts) -> None:
        """`accounts` tells whose record a notice is about."""
        self._database = database
        self._accounts = accounts
        self._noted: dict[int, datetime] = {}

    async def write(self, receipts: Sequence[Receipt]) -> None:
        """Store all of them in one transaction; raises what the database says, with nothing stored."""
        owners = await self._owners(receipts)
        heard = self._newly_heard(receipts, owners)
        async with self._database.engine() as tx:
            if heard:
                await store.webhooks_seen(tx, sorted(heard), receipts[-1].received_at)
            fresh = await store.remember_keys(tx, _keys(receipts))
            await store.insert_receipts(tx, [one for one in receipts if _is_new(one, fresh)])
            await outbox.put(tx, _events(receipts, fresh, owners))
        self._noted.update((account_id, receipts[-1].received_at) for account_id, _tenant in heard)

    def _newly_heard(
        self, receipts: Sequence[Receipt], owners: Mapping[tuple[str, str], Owner | None]
    ) -> set[tuple[int, int]]:
        """Accounts (id, tenant) whose webhooks were not noted for a minute: their sweeps may rest longer."""
        now = receipts[-1].received_at
        accounts = [owner.account for owner in owners.values() if owner is not None]
        return {
            (one.id, one.tenant_id)
            for one in accounts
            if one.id not in self._noted or abs(now - self._noted[one.id]) >= NOTE_EVERY
        }

    async def _owners(self, receipts: Sequence[Receipt]) -> dict[tuple[str, str], Owner | None]:
        """Whose accounts the notices name; None for an account that was never connected."""
        named = {(told.notice.vendor, told.notice.account) for one in receipts for told in one.array.told}
        return {(vendor, account): await owner_of(self._accounts, vendor, account) for vendor, account in named}


def _is_new(receipt: Receipt, fresh: set[bytes]) -> bool:
    return bool(receipt.array.malformed) or any(told.key in fresh for told in receipt.array.told)


def _events(
    receipts: Sequence[Receipt], fresh: set[bytes], owners: dict[tuple[str, str], Owner | None]
) -> list[outbox.Event]:
    events = []
    left = set(fresh)
    for receipt in receipts:
        for told in receipt.array.told:
            doubled = told.key not in left
            # Two arrays of one group may tell the same: the first one counts.
            left.discard(told.key)
            events += [] if doubled else _event(told.notice, receipt, owners)
            if doubled:
                WEBHOOK_EVENTS.labels(receipt.vendor, "doubled").inc()
        events += [notices.dead_letter(receipt.vendor, raw, why) for raw, why in receipt.array.malformed]
    return events


def _event(notice: RecordChanged, receipt: Receipt, owners: dict[tuple[str, str], Owner | None]) -> list[outbox.Event]:
    owner = owners[notice.vendor, notice.account]
    WEBHOOK_EVENTS.labels(receipt.vendor, "unknown_account" if owner is None else "accepted").inc()
    return [] if owner is None else [notices.event(notice, owner, receipt.received_at, receipt.traceparent)]


def _keys(receipts: Sequence[Receipt]) -> list[tuple[bytes, datetime]]:
    found: dict[bytes, datetime] = {}
    for receipt in receipts:
        for told in receipt.array.told:
            found.setdefault(told.key, receipt.received_at)
    return sorted(found.items())
