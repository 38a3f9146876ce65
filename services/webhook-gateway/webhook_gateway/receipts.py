"""The receipts of deliveries: raw bytes, dedupe keys and notices in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.messaging import outbox
from ledgerbridge.storage import Transaction

from webhook_gateway import notices, readers, store
from webhook_gateway.arrays import ReadArray
from webhook_gateway.counters import WEBHOOK_EVENTS
from webhook_gateway.deliveries import Delivery
from webhook_gateway.owners import Owner, owner_of

NOTE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery and what it tells."""

    delivery: Delivery
    array: ReadArray

    @property
    def received_at(self) -> datetime:
        """When it came (business time)."""
        return self.delivery.received_at


class Receipts:
    """Stores receipts and puts what is new into the outbox."""

    def __init__(self, accounts: Accounts) -> None:
        """`accounts` tells whose record a notice is about."""
        self._accounts = accounts
        self._noted: dict[int, datetime] = {}

    async def write(self, tx: Transaction, delivered: Sequence[Delivery]) -> None:
        """Store all of them in the transaction and put their notices into the outbox; raises what the database says."""
        if not delivered:
            return
        receipts = [Receipt(one, readers.read(one.vendor, one.body)) for one in delivered]
        owners = await self._owners(receipts)
        heard = self._newly_heard(receipts, owners)
        if heard:
            await store.webhooks_seen(tx, sorted(heard), receipts[-1].received_at)
        fresh = await store.remember_keys(tx, _keys(receipts))
        kept = [(one.delivery, len(one.array.told)) for one in receipts if _is_new(one, fresh)]
        await store.insert_receipts(tx, kept)
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
                WEBHOOK_EVENTS.labels(receipt.delivery.vendor, "doubled").inc()
        events += _dead_letters(receipt)
    return events


def _event(notice: RecordChanged, receipt: Receipt, owners: dict[tuple[str, str], Owner | None]) -> list[outbox.Event]:
    owner = owners[notice.vendor, notice.account]
    WEBHOOK_EVENTS.labels(receipt.delivery.vendor, "unknown_account" if owner is None else "accepted").inc()
    return [] if owner is None else [notices.event(notice, owner, receipt.received_at, receipt.delivery.traceparent)]


def _dead_letters(receipt: Receipt) -> list[outbox.Event]:
    """The events of a body that could not be read, each by itself."""
    vendor, malformed = receipt.delivery.vendor, receipt.array.malformed
    if malformed:
        WEBHOOK_EVENTS.labels(vendor, "malformed").inc(len(malformed))
    return [notices.dead_letter(vendor, raw, why) for raw, why in malformed]


def _keys(receipts: Sequence[Receipt]) -> list[tuple[bytes, datetime]]:
    found: dict[bytes, datetime] = {}
    for receipt in receipts:
        for told in receipt.array.told:
            found.setdefault(told.key, receipt.received_at)
    return sorted(found.items())
