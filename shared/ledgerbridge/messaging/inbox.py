"""The inbox: which events a consumer has seen, written in the transaction of the effect (design.md 4)."""

from collections.abc import Sequence
from datetime import datetime

from ledgerbridge.storage import Transaction


async def first_time(tx: Transaction, consumer: str, event_ids: Sequence[str], *, tenant: int = 0) -> set[str]:
    """Of these ids those that the consumer sees for the first time; they are remembered if the transaction commits.

    An id twice in one call is answered once: act on its first record only. Ids of other producers are unique only
    together with their source: pass `Envelope.identity`. `tenant` is that of a tenant-bound transaction; the engine may
    leave it 0.
    """
    rows = await tx.fetch(
        """insert into inbox (tenant_id, consumer, event_id)
           select distinct $1::bigint, $2, event_id from unnest($3::text[]) as given (event_id) order by event_id
           on conflict do nothing returning event_id""",
        tenant,
        consumer,
        event_ids,
    )
    return {row[0] for row in rows}


async def forget(tx: Transaction, before: datetime, limit: int = 10_000) -> int:
    """Delete what was seen before a moment, at most `limit` rows; answer how many (call again while it is full)."""
    status = await tx.execute(
        """delete from inbox where ctid = any(array(select ctid from inbox where received_at < $1 limit $2))""",
        before,
        limit,
    )
    return int(status.split()[-1])
