"""The receipt of a webhook: raw bytes, dedupe keys and notices in one transaction, for all callers that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.messaging import outbox
from ledgerbridge.storage import Database, Transaction
from webhook_gateway import notices, store
from webhook_gateway.arrays import ReadArray, Told
from webhook_gateway.counters import WEBHOOK_EVENTS


@dataclass(frozen=True)
class Receipt:
    """One accepted delivery: what came, when (business time), and what it tells."""

    vendor: Literal["hubspot", "quickbooks"]
    body: bytes
    received_at: datetime
    array: ReadArray


class Receipts:
    """Stores receipts in groups and puts what is new into the outbox."""

    def __init__(self, database: Database, accounts: Accounts) -> None:
        """`accounts` tells whose record a notice is about."""
        self._database = database
        self._accounts = accounts

    async def write(self, receipts: Sequence[Receipt]) -> None:
        """Store all of them in one transaction; raises what the database says, with nothing stored."""
        async with self._database.engine() as tx:
            fresh = await store.remember_keys(tx, _keys(receipts))
            kept = [one for one in receipts if one.array.malformed or any(told.key in fresh for told in one.array.told)]
            await store.insert_receipts(tx, kept)
            await self._publish(tx, receipts, fresh)

    async def _publish(self, tx: Transaction, receipts: Sequence[Receipt], fresh: set[bytes]) -> None:
        events = []
        for receipt in receipts:
            for told in receipt.array.told:
                if told.key not in fresh:
                    WEBHOOK_EVENTS.labels(receipt.vendor, "doubled").inc()
                    continue
                # Two arrays of one group may tell the same: the first one counts.
                fresh.discard(told.key)
                events += await self._as_event(told.notice, receipt)
            events += [notices.dead_letter(receipt.vendor, raw, why, receipt.received_at) for raw, why in receipt.array.malformed]
        await outbox.put(tx, events)

    async def _as_event(self, notice: RecordChanged, receipt: Receipt) -> list[outbox.Event]:
        owner = await self._accounts.owner(notice.vendor, notice.account)
        outcome = "unknown_account" if owner is None else "accepted"
        WEBHOOK_EVENTS.labels(receipt.vendor, outcome).inc()
        return [] if owner is None else [notices.event(notice, owner, receipt.received_at)]


def _keys(receipts: Sequence[Receipt]) -> list[tuple[bytes, datetime]]:
    found: dict[bytes, datetime] = {}
    for receipt in receipts:
        for told in receipt.array.told:
            found.setdefault(told.key, receipt.received_at)
    return sorted(found.items())

