"""One accepted delivery of a vendor, and the queue of those that are not read yet.

The door writes here and answers; `teller` reads, later by milliseconds, and makes receipts and notices of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ledgerbridge.storage import Transaction

Vendor = Literal["hubspot", "quickbooks"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came, byte for byte, and when (business time)."""

    vendor: Vendor
    body: bytes
    received_at: datetime
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery in the queue, by its place there."""

    place: int
    delivery: Delivery


async def keep(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Put deliveries at the end of the queue."""
    await tx.execute(
        "insert into deliveries (received_at, vendor, body, traceparent) "
        "select * from unnest($1::timestamptz[], $2::text[], $3::bytea[], $4::text[])",
        [one.received_at for one in deliveries],
        [one.vendor for one in deliveries],
        [one.body for one in deliveries],
        [one.traceparent for one in deliveries],
    )


_TAKE = """
delete from deliveries where place = any(array(
  select place from deliveries where place between $2 and $3 order by place limit $1 for update skip locked))
returning place, vendor, body, received_at, traceparent, set_config('synchronous_commit', 'off', true)
"""
_LAST = 2**63 - 1


async def take(tx: Transaction, most: int) -> list[Waiting]:
    """The oldest deliveries that no other gateway holds, removed in this transaction.

    Its commit does not wait for the disk: what a crash of the server takes back is in the queue again.
    """
    return await _take(tx, most, 0, _LAST)


async def take_one(tx: Transaction, place: int) -> list[Waiting]:
    """The delivery at this place, removed in this transaction; none where another gateway has it."""
    return await _take(tx, 1, place, place)


async def _take(tx: Transaction, most: int, first: int, last: int) -> list[Waiting]:
    rows = await tx.fetch(_TAKE, most, first, last)
    found = [Waiting(row[0], Delivery(row[1], row[2], row[3], row[4])) for row in rows]
    return sorted(found, key=lambda one: one.place)
