"""What the gateway reads and writes: receipts, dedupe keys, and how far its sweeps have come."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ledgerbridge.storage import Database, Transaction

from webhook_gateway.deliveries import Delivery

PAGE = 200


async def remember_keys(tx: Transaction, keys: Sequence[tuple[bytes, datetime]]) -> set[bytes]:
    """Remember dedupe keys (sorted, so that two gateways never lock each other) and answer those not seen before."""
    rows = await tx.fetch(
        "insert into receipt_keys (key, received_on) select key, received_on::date "
        "from unnest($1::bytea[], $2::timestamptz[]) as told (key, received_on) on conflict do nothing returning key",
        [key for key, _at in keys],
        [at for _key, at in keys],
    )
    return {row["key"] for row in rows}


async def insert_receipts(tx: Transaction, receipts: Sequence[tuple[Delivery, int]]) -> None:
    """Store deliveries for good, each with the number of events that it tells."""
    if not receipts:
        return
    await tx.execute(
        "insert into receipts (received_on, received_at, vendor, body, events) "
        "select at::date, at, vendor, body, events "
        "from unnest($1::timestamptz[], $2::text[], $3::bytea[], $4::int[]) as r (at, vendor, body, events)",
        [one.received_at for one, _events in receipts],
        [one.vendor for one, _events in receipts],
        [one.body for one, _events in receipts],
        [events for _delivery, events in receipts],
    )


@dataclass(frozen=True)
class StoredReceipt:
    """A receipt as it lies in the database."""

    position: tuple[date, int]
    vendor: str
    received_at: datetime
    body: bytes


async def receipts_after(
    tx: Transaction, since: datetime, until: datetime, after: tuple[date, int] | None
) -> list[StoredReceipt]:
    """One page of the receipts of a window, in the order in which they came."""
    day, number = after or (date.min, 0)
    rows = await tx.fetch(
        "select received_on, id, vendor, received_at, body from receipts "
        "where received_at >= $1 and received_at < $2 and (received_on, id) > ($3, $4) "
        "order by received_on, id limit $5",
        since,
        until,
        day,
        number,
        PAGE,
    )
    return [
        StoredReceipt((row["received_on"], row["id"]), row["vendor"], row["received_at"], row["body"]) for row in rows
    ]


async def all_receipts(database: Database, since: datetime, until: datetime) -> AsyncIterator[list[StoredReceipt]]:
    """Every page of a window, each read in a transaction of its own."""
    after = None
    while True:
        async with database.engine() as tx:
            page = await receipts_after(tx, since, until, after)
        if not page:
            return
        yield page
        after = page[-1].position


async def make_partitions(tx: Transaction, first: date, days: int) -> None:
    """Make the partitions of the coming days, where they are missing."""
    for offset in range(days):
        day = first + timedelta(days=offset)
        await tx.execute("select make_receipts_partition($1)", day)


async def drop_receipts(tx: Transaction, before: date) -> None:
    """Drop whole partitions of receipts from before the given day."""
    await tx.execute("select drop_receipts_before($1)", before)


async def forget_keys(tx: Transaction, before: date, limit: int = 10_000) -> int:
    """Delete dedupe keys from before the given day, at most `limit`; answer how many."""
    status = await tx.execute(
        "delete from receipt_keys where key = any(array(select key from receipt_keys where received_on < $1 limit $2))",
        before,
        limit,
    )
    return int(status.split()[-1])


@dataclass(frozen=True)
class SweepState:
    """How far a stream of an account is swept. All moments are business time; `swept_to` is the vendor's own."""

    swept_to: datetime | None
    swept_at: datetime | None


WEBHOOKS = "webhooks"
"""The stream under which an account's webhooks are noted; it is never swept."""


async def sweep_states(tx: Transaction) -> dict[tuple[int, str], SweepState]:
    """Every stream that was ever begun, and `WEBHOOKS` for each account whose webhooks arrive."""
    rows = await tx.fetch("select account_id, stream, swept_to, swept_at from sweeps")
    return {(row["account_id"], row["stream"]): SweepState(row["swept_to"], row["swept_at"]) for row in rows}


async def begin_sweep(tx: Transaction, account_id: int, tenant_id: int, stream: str, now: datetime) -> SweepState:
    """The state of a stream; one that is new begins now, so that a first sweep that fails loses nothing."""
    await tx.execute(
        "insert into sweeps (account_id, tenant_id, stream, swept_to) values ($1, $2, $3, $4) on conflict do nothing",
        account_id,
        tenant_id,
        stream,
        now,
    )
    row = await tx.fetchrow(
        "select swept_to, swept_at from sweeps where account_id = $1 and stream = $2", account_id, stream
    )
    assert row is not None
    return SweepState(row["swept_to"], row["swept_at"])


async def swept(tx: Transaction, account_id: int, stream: str, to: datetime, at: datetime) -> None:
    """Remember how far a stream was swept."""
    await tx.execute(
        "update sweeps set swept_to = $3, swept_at = $4, failure_code = null where account_id = $1 and stream = $2",
        account_id,
        stream,
        to,
        at,
    )


async def sweep_failed(tx: Transaction, account_id: int, stream: str, at: datetime, code: str) -> None:
    """Remember that a sweep failed; it begins again from the same place."""
    await tx.execute(
        "update sweeps set swept_at = $3, failure_code = $4 where account_id = $1 and stream = $2",
        account_id,
        stream,
        at,
        code,
    )


async def webhooks_seen(tx: Transaction, accounts: Sequence[tuple[int, int]], at: datetime) -> None:
    """Remember that webhooks of these accounts (id, tenant) arrive."""
    await tx.execute(
        "insert into sweeps (account_id, tenant_id, stream, webhook_seen_at) "
        "select a.account_id, a.tenant_id, $4, $3 from unnest($1::bigint[], $2::bigint[]) "
        "as a (account_id, tenant_id) on conflict (account_id, stream) do update set webhook_seen_at = $3",
        [account for account, _tenant in accounts],
        [tenant for _account, tenant in accounts],
        at,
        WEBHOOKS,
    )
