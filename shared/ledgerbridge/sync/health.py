"""Sync health: how many records are in which state and why, and which they are. Retries are marks (`marks.retry`)."""

from dataclasses import dataclass
from datetime import datetime

from ledgerbridge.storage import Transaction
from ledgerbridge.sync.records import State


@dataclass(frozen=True, slots=True)
class Count:
    """So many records of a kind and connection are in this state for this reason."""

    connection_id: int
    kind: str
    state: State
    reason_code: str | None
    records: int
    failed_since: datetime | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One record in the health list. `next_try` is machine time, None where it waits for a mark or a person."""

    connection_id: int
    kind: str
    subject_id: str
    quickbooks_id: str | None
    hubspot_id: str | None
    state: State
    reason_code: str | None
    reason: str | None
    remedy: str | None
    failed_since: datetime | None
    attempts: int
    next_try: datetime | None


async def counts(tx: Transaction, tenant_id: int) -> list[Count]:
    """All records of a tenant, counted by connection, kind, state and reason."""
    return [Count(**row) for row in await tx.fetch(_COUNTS, tenant_id)]


async def conditions(
    tx: Transaction,
    tenant_id: int,
    *,
    state: State | None = None,
    kind: str | None = None,
    connection_id: int | None = None,
    reason_code: str | None = None,
    after: tuple[int, str, str] | None = None,
    limit: int = 100,
) -> list[Condition]:
    """A page of the records that are failed, waiting or excluded (or one of these states).

    Ordered by connection, kind and subject id; `after` is that of the last record of the page before.
    """
    place = after or (-1, "", "")
    rows = await tx.fetch(_CONDITIONS, tenant_id, state, kind, connection_id, reason_code, *place, limit)
    return [Condition(**row) for row in rows]


async def condition(
    tx: Transaction, tenant_id: int, connection_id: int, kind: str, subject_id: str
) -> Condition | None:
    """One record's condition, None where the index does not know it."""
    row = await tx.fetchrow(_CONDITION, tenant_id, connection_id, kind, subject_id)
    return None if row is None else Condition(**row)


_COUNTS = """
select connection_id, kind, state, reason_code, count(*) as records, min(failed_since) as failed_since
from records where tenant_id = $1 group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""

_CONDITIONS = """
select connection_id, kind, subject_id, quickbooks_id, hubspot_id, state, reason_code, reason, remedy, failed_since,
       attempts, case when lease is null then ready_at end as next_try
from records
where tenant_id = $1 and state in ('failed', 'waiting', 'excluded')
  and ($2::text is null or state = $2) and ($3::text is null or kind = $3)
  and ($4::bigint is null or connection_id = $4) and ($5::text is null or reason_code = $5)
  and (connection_id, kind, subject_id) > ($6::bigint, $7::text, $8::text)
order by connection_id, kind, subject_id limit $9
"""

_CONDITION = """
select connection_id, kind, subject_id, quickbooks_id, hubspot_id, state, reason_code, reason, remedy, failed_since,
       attempts, case when lease is null then ready_at end as next_try
from records where tenant_id = $1 and connection_id = $2 and kind = $3 and subject_id = $4
"""
