"""Claims: lots of due records under a lease, and the one statement that settles them (design.md 4).

A claim stores `claimed = marked`; settling sets `settled = claimed` for the rows that still bear the lease. A notice
that arrives during the work has raised `marked` meanwhile, so the row stays pending. Nothing else brings a row in sync.
"""

import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from ledgerbridge.storage import Transaction
from ledgerbridge.sync.outcomes import Outcome
from ledgerbridge.sync.records import Company, Priority


@dataclass(frozen=True, slots=True)
class Claimed:
    """One record as the index knows it; `hints` are the sticky verbs, `seen_…` the vendor's time of what we hold."""

    subject_id: str
    quickbooks_id: str | None
    hubspot_id: str | None
    hints: frozenset[str]
    attempts: int
    priority: Priority
    hash_hubspot: bytes | None
    hash_quickbooks: bytes | None
    seen_hubspot: datetime | None
    seen_quickbooks: datetime | None


@dataclass(frozen=True, slots=True)
class Lot:
    """Records of one company and kind, claimed together under one lease.

    `deadline` is monotonic machine time (`time.monotonic()`): no vendor write may start later. The lease outlives it.
    """

    company: Company
    kind: str
    lease: uuid.UUID
    records: tuple[Claimed, ...]
    deadline: float

    @property
    def tenant_id(self) -> int:
        """The tenant of all its records."""
        return self.company.tenant_id

    @property
    def connection_id(self) -> int:
        """The connection of all its records; 0 where they belong to the tenant."""
        return self.company.connection_id

    @property
    def priority(self) -> Priority:
        """The most urgent of its records: the lane of its vendor calls."""
        return min(record.priority for record in self.records)

    def of(self, records: Iterable[Claimed]) -> "Lot":
        """The same lot with some of its records."""
        return replace(self, records=tuple(records))


@dataclass(frozen=True, slots=True)
class DueCompany:
    """A company with records that may be claimed now, and how urgent the most urgent is."""

    company: Company
    priority: Priority


async def due_companies(tx: Transaction, kind: str) -> list[DueCompany]:
    """Every company with due records of a kind; the cost grows with the companies, not with their backlogs."""
    rows = await tx.fetch(_DUE_COMPANIES, kind)
    return [
        DueCompany(Company(row["tenant_id"], row["connection_id"]), Priority(row["priority"]))
        for row in rows
        if row["priority"] is not None
    ]


async def claim(
    tx: Transaction,
    kind: str,
    company: Company,
    *,
    lease: uuid.UUID,
    limit: int,
    lease_seconds: float,
    deadline: float = math.inf,
) -> Lot:
    """Lease up to `limit` due records, the most urgent first, then the oldest; rows others hold are passed over.

    `lease` is a new token, which no other claim ever had. It runs from the database's clock: take `deadline` from the
    machine's clock *before* calling, and shorter than the lease, and the lease outlives it. The lot is empty where
    nothing is due.
    """
    rows = await tx.fetch(_CLAIM, kind, *company, limit, lease, lease_seconds)
    return Lot(company, kind, lease, tuple(_claimed(row) for row in rows), deadline)


async def settle(tx: Transaction, lot: Lot, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Write what became of the lot's records and answer the outcomes of those that were still held.

    Facts and events may be written for these only, in the same transaction. A record whose lease went to another
    worker is left out. The last outcome of a record counts.
    """
    ours = {record.subject_id for record in lot.records}
    by_subject = {outcome.subject_id: outcome for outcome in outcomes if outcome.subject_id in ours}
    key = (lot.tenant_id, lot.connection_id, lot.kind, lot.lease)
    rows = await tx.fetch(_HOLD, *key, list(by_subject))
    held = [by_subject[row["subject_id"]] for row in rows]
    gone = [outcome.subject_id for outcome in held if outcome.verdict == "gone"]
    if gone:
        await tx.execute(_REMOVE, *key, gone)
    if held:
        await tx.execute(_SETTLE, *key, *zip(*(outcome.columns() for outcome in held), strict=True))
    return held


async def release(tx: Transaction, kind: str, company: Company, lease: uuid.UUID) -> None:
    """Give back what is still held: it is due again at once and no attempt is counted."""
    await tx.execute(_RELEASE, *company, kind, lease)


def _claimed(row: asyncpg.Record) -> Claimed:
    return Claimed(
        subject_id=row["subject_id"],
        quickbooks_id=row["quickbooks_id"],
        hubspot_id=row["hubspot_id"],
        hints=frozenset(row["hints"]),
        attempts=row["attempts"],
        priority=Priority(row["priority"]),
        hash_hubspot=row["hash_hubspot"],
        hash_quickbooks=row["hash_quickbooks"],
        seen_hubspot=row["seen_hubspot"],
        seen_quickbooks=row["seen_quickbooks"],
    )


# Steps from company to company through the queue's index, then asks each for its most urgent due row.
_DUE_COMPANIES = """
with recursive company as (
  (select tenant_id, connection_id from records where kind = $1 and ready_at is not null
   order by tenant_id, connection_id limit 1)
  union all
  select following.* from company c cross join lateral (
    select tenant_id, connection_id from records
    where kind = $1 and ready_at is not null and (tenant_id, connection_id) > (c.tenant_id, c.connection_id)
    order by tenant_id, connection_id limit 1) following
)
select tenant_id, connection_id, (
  select priority from records r
  where r.kind = $1 and r.tenant_id = c.tenant_id and r.connection_id = c.connection_id
    and r.priority = any ('{0,1,2}'::smallint[]) and r.ready_at <= statement_timestamp()
  order by r.priority, r.ready_at limit 1) as priority
from company c
"""

# Naming the three priorities lets PostgreSQL 17 and later go through the index once for each, in order.
# A claim need not wait for the disk: what a crash of the server forgets is claimed again, this lease settles nothing.
_CLAIM = """
with quickly as materialized (
  select set_config('synchronous_commit', 'off', true)
), due as materialized (
  select subject_id from records
  where kind = $1 and tenant_id = $2 and connection_id = $3
    and priority = any ('{0,1,2}'::smallint[]) and ready_at <= statement_timestamp()
  order by priority, ready_at limit $4 for update skip locked
)
update records r
set claimed = marked, news_hubspot = null, news_quickbooks = null, lease = $5,
  ready_at = statement_timestamp() + make_interval(secs => $6)
from due, quickly
where r.tenant_id = $2 and r.connection_id = $3 and r.kind = $1 and r.subject_id = due.subject_id
returning r.*
"""

# The locks are taken in the order of the key, as the markers take theirs.
_HOLD = """
select subject_id from records
where tenant_id = $1 and connection_id = $2 and kind = $3 and lease = $4 and subject_id = any ($5::text[])
order by subject_id for update
"""

_REMOVE = """
delete from records
where tenant_id = $1 and connection_id = $2 and kind = $3 and lease = $4 and subject_id = any ($5::text[])
  and marked = claimed
"""

# "Done" outcomes settle what was claimed, and what came since if its news are no later than what is held now; the
# others leave the row pending until their time. A row with later news is ready at once, unless its outcome asks it to
# wait. `upto` is how far the row is settled.
_SETTLE = """
update records r set
  lease = null,
  settled = case when o.done then o.upto else r.settled end,
  claimed = case when o.done then greatest(r.claimed, o.upto) else r.claimed end,
  ready_at = case when not o.done then statement_timestamp() + make_interval(secs => o.again_seconds)
                  when r.marked > o.upto then statement_timestamp() end,
  verdict = coalesce(o.verdict, r.verdict),
  attempts = case o.verdict when 'failed' then r.attempts + 1 when 'waiting' then r.attempts else 0 end,
  reason_code = o.reason_code, reason = o.reason, remedy = o.remedy,
  failed_since = case when o.verdict in ('failed', 'waiting') then coalesce(r.failed_since, statement_timestamp()) end,
  hints = case when o.verdict in ('in_sync', 'excluded') and r.marked = o.upto then '{}'
               when r.news_hubspot <= o.seen_hubspot then array_remove(r.hints, 'touched')
               else r.hints end,
  due_at = case when o.verdict in ('in_sync', 'excluded') then o.due_at else r.due_at end,
  quickbooks_id = coalesce(o.quickbooks_id, r.quickbooks_id), hubspot_id = coalesce(o.hubspot_id, r.hubspot_id),
  hash_quickbooks = coalesce(o.hash_quickbooks, r.hash_quickbooks),
  hash_hubspot = coalesce(o.hash_hubspot, r.hash_hubspot),
  seen_quickbooks = coalesce(o.seen_quickbooks, r.seen_quickbooks),
  seen_hubspot = coalesce(o.seen_hubspot, r.seen_hubspot)
from (
  select g.*, case when held.news_hubspot is not null
                     and (held.news_hubspot <= coalesce(g.seen_hubspot, held.seen_hubspot)) is not true
                     or held.news_quickbooks is not null
                     and (held.news_quickbooks <= coalesce(g.seen_quickbooks, held.seen_quickbooks)) is not true
                     or held.news_hubspot is null and held.news_quickbooks is null
                     or g.verdict is distinct from 'in_sync'
                   then held.claimed else held.marked end as upto
  from unnest($5::text[], $6::text[], $7::boolean[], $8::float8[], $9::text[], $10::text[], $11::text[],
              $12::timestamptz[], $13::text[], $14::text[], $15::bytea[], $16::bytea[],
              $17::timestamptz[], $18::timestamptz[])
    as g(subject_id, verdict, done, again_seconds, reason_code, reason, remedy, due_at, quickbooks_id, hubspot_id,
         hash_quickbooks, hash_hubspot, seen_quickbooks, seen_hubspot)
  join records held on held.tenant_id = $1 and held.connection_id = $2 and held.kind = $3 and held.lease = $4
    and held.subject_id = g.subject_id
) o
where r.tenant_id = $1 and r.connection_id = $2 and r.kind = $3 and r.lease = $4 and r.subject_id = o.subject_id
"""

_RELEASE = """
update records set lease = null, ready_at = statement_timestamp()
where (tenant_id, connection_id, kind, subject_id) in (
  select tenant_id, connection_id, kind, subject_id from records
  where tenant_id = $1 and connection_id = $2 and kind = $3 and lease = $4
  order by subject_id for update)
"""
