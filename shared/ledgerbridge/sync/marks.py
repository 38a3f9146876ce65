"""Marks: "this subject must be looked at", the only way into the queue (design.md 4).

A batch is one statement. Its keys are distinct, so that no row is touched twice, and in one order for everybody: the
highest connection first, then the last kind by name. Who holds a row of a kind may mark later ones of this order in the
same transaction (a payment's worker marks invoices, an invoice's marks deals), so nobody waits in a circle. In one
transaction settle first, then mark once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ledgerbridge.storage import Transaction
from ledgerbridge.sync.records import NO_CONNECTION, Priority, Side

STICKY_VERBS = frozenset({"deleted", "void", "merged", "touched"})
"""Verbs that stay on the row as hints until an outcome was reached that saw them.

Deleted, void and merged always mark, whatever their time. `touched` says that somebody else may have written what only
we write; like any change it is no news where it is an echo of our own write.
"""


class Mark(NamedTuple):
    """One subject, found by a vendor's id where one is given, else by our own id.

    With `make` a subject that is not found gets a row under `subject_id` (which is then needed, as is the connection);
    without it an unknown record makes no row and costs nothing. A `hubspot_id` with `connection_id=None` means the
    record in every connection of the tenant. `changed_at` is the vendor's time of the change; not `exact` means that
    it is precise to the second. `merged_ids` are the ids that a merge ended; like all vendor ids they hold no blanks.
    """

    tenant_id: int
    connection_id: int | None
    kind: str
    subject_id: str | None = None
    quickbooks_id: str | None = None
    hubspot_id: str | None = None
    side: Side | None = None
    verb: str = "changed"
    changed_at: datetime | None = None
    exact: bool = False
    priority: Priority = Priority.LIVE
    make: bool = False
    merged_ids: tuple[str, ...] = ()


async def mark(tx: Transaction, marks: Sequence[Mark], *, wait_for_disk: bool = True) -> int:
    """Mark a batch and ring for the workers; answers how many rows were marked.

    A mark does nothing where its time is not later than the vendor's own time of what we hold; a time of second
    precision counts as the end of its second. Deleted, void and merged, a missing time and a mark without a side
    always count. `wait_for_disk=False` makes a transaction of its own end at once: its caller then waits for
    `Database.until_on_disk` before it gives up what the marks came from.
    """
    if not marks:
        return 0
    columns = list(zip(*marks, strict=True))
    columns[_MERGED_IDS] = tuple(map(_hint, marks))
    return int(await tx.fetchval(_MARK, *columns, wait_for_disk) or 0)


async def mark_due(tx: Transaction, kind: str, business_now: datetime, limit: int = 1000) -> int:
    """Turn what has fallen due by business time into marks; answers how many (at most `limit`)."""
    return int(await tx.fetchval(_MARK_DUE, kind, business_now, limit) or 0)


async def resume(tx: Transaction, tenant_id: int, connection_id: int | None = None) -> int:
    """Mark what waited for an account that can work again (of one connection, or of the whole tenant)."""
    return int(await tx.fetchval(_RESUME, tenant_id, connection_id) or 0)


async def look_again(tx: Transaction, tenant_id: int, kind: str, connection_id: int = NO_CONNECTION) -> int:
    """Mark all that is known of a kind, as backfill: after a time in which changes may have been missed for ever."""
    return int(await tx.fetchval(_LOOK_AGAIN, tenant_id, connection_id, kind, Priority.BACKFILL) or 0)


async def retry(
    tx: Transaction,
    tenant_id: int,
    *,
    kind: str | None = None,
    connection_id: int | None = None,
    subject_id: str | None = None,
    reason_code: str | None = None,
) -> int:
    """Try failed, waiting or excluded records again now: one, or all of a kind, a connection or a reason.

    A single record goes before all others, a group goes as live work. Answers how many were marked.
    """
    priority = Priority.LIVE if subject_id is None else Priority.PERSON
    return int(await tx.fetchval(_RETRY, tenant_id, kind, connection_id, subject_id, reason_code, priority) or 0)


def derived(kind: str, tenant_id: int, subject_ids: Iterable[str], connection_id: int = NO_CONNECTION) -> list[Mark]:
    """Marks that make or wake derived subjects, such as the deal properties of these deals."""
    return [Mark(tenant_id, connection_id, kind, subject_id, make=True) for subject_id in subject_ids]


_MERGED_IDS = Mark._fields.index("merged_ids")


def _hint(one: Mark) -> str | None:
    if one.verb not in STICKY_VERBS:
        return None
    return " ".join(f"merged:{old}" for old in one.merged_ids) if one.merged_ids else one.verb


# `seen` is read from the statement's snapshot. That is safe: what the snapshot holds was held, so a notice that is no
# news against it is no news; and a row that changes meanwhile is at worst looked at once more.
# The arrays stand in subselects so that the planner cannot see how long they are: it then plans once and not at every
# batch, which took three times as long as the work of a single mark.
# A found row is written by the same insert: were it removed in this moment, it comes back and is looked at once.
_MARK = """
with given as (
  select *, case when verb in ('deleted', 'void', 'merged') then null
                 when exact then changed_at
                 else date_trunc('second', changed_at) + interval '999999 microseconds' end as told_at
  from unnest((select $1::bigint[]), (select $2::bigint[]), (select $3::text[]), (select $4::text[]),
              (select $5::text[]), (select $6::text[]), (select $7::text[]), (select $8::text[]),
              (select $9::timestamptz[]), (select $10::boolean[]), (select $11::smallint[]), (select $12::boolean[]),
              (select $13::text[]))
    as g(tenant_id, connection_id, kind, subject_id, quickbooks_id, hubspot_id, side, verb,
         changed_at, exact, priority, make, hint)
), subjects as (
  select g.tenant_id, coalesce(r.connection_id, g.connection_id) as connection_id, g.kind collate "C" as kind,
         coalesce(r.subject_id, g.subject_id) collate "C" as subject_id,
         max(coalesce(r.quickbooks_id, g.quickbooks_id)) as quickbooks_id,
         max(coalesce(r.hubspot_id, g.hubspot_id)) as hubspot_id,
         min(g.priority) as priority,
         max(coalesce(g.told_at, 'infinity')) filter (where g.side = 'hubspot') as news_hubspot,
         max(coalesce(g.told_at, 'infinity')) filter (where g.side is distinct from 'hubspot') as news_quickbooks,
         coalesce(string_to_array(string_agg(g.hint, ' '), ' '), '{}') as hints
  from given g left join lateral (
    select * from records r
    where g.quickbooks_id is not null and r.tenant_id = g.tenant_id and r.connection_id = g.connection_id
      and r.kind = g.kind and r.quickbooks_id = g.quickbooks_id
    union all
    select * from records r
    where g.hubspot_id is not null and r.tenant_id = g.tenant_id and r.kind = g.kind
      and r.hubspot_id = g.hubspot_id and r.connection_id = coalesce(g.connection_id, r.connection_id)
    union all
    select * from records r
    where g.quickbooks_id is null and g.hubspot_id is null and r.tenant_id = g.tenant_id
      and r.connection_id = g.connection_id and r.kind = g.kind and r.subject_id = g.subject_id
  ) r on true
  where (r.subject_id is not null or g.make)
    and (g.told_at <= case g.side when 'hubspot' then r.seen_hubspot else r.seen_quickbooks end and g.side is not null)
        is not true
  group by 1, 2, 3, 4
), written as (
  insert into records as r (tenant_id, connection_id, kind, subject_id, quickbooks_id, hubspot_id, priority, hints,
                            news_hubspot, news_quickbooks, marked, ready_at)
  select tenant_id, connection_id, kind, subject_id, quickbooks_id, hubspot_id, priority, hints,
         news_hubspot, news_quickbooks, 1, statement_timestamp()
  from subjects order by tenant_id, connection_id desc, kind desc, subject_id
  on conflict (subject_id, kind, connection_id, tenant_id) do update set
    marked = r.marked + 1,
    quickbooks_id = coalesce(r.quickbooks_id, excluded.quickbooks_id),
    hubspot_id = coalesce(r.hubspot_id, excluded.hubspot_id),
    priority = case when r.ready_at is null then excluded.priority else least(r.priority, excluded.priority) end,
    -- A lease runs on; a back-off runs on unless a person asks.
    ready_at = case when r.ready_at is null or r.lease is null and excluded.priority = 0 then excluded.ready_at
                    else r.ready_at end,
    news_hubspot = greatest(r.news_hubspot, excluded.news_hubspot),
    news_quickbooks = greatest(r.news_quickbooks, excluded.news_quickbooks),
    hints = case when excluded.hints <@ r.hints then r.hints
                 else array(select distinct unnest(r.hints || excluded.hints)) end
  -- Settled since the snapshot, with these news: the echo of a write that was settled while we waited for the row.
  where excluded.news_hubspot is not null and (excluded.news_hubspot <= r.seen_hubspot) is not true
     or excluded.news_quickbooks is not null and (excluded.news_quickbooks <= r.seen_quickbooks) is not true
  returning kind, tenant_id, connection_id
), rung as (
  select count(*) as marked, pg_notify('ledgerbridge_records_' || current_schema(),
                                       concat_ws(' ', kind, tenant_id, connection_id))
  from written group by kind, tenant_id, connection_id
)
select sum(marked), case when not $14 then set_config('synchronous_commit', 'off', true) end from rung
"""

# Marks for what is in the index already: the chosen rows are locked, in the order of the key, then marked.
_MARK_CHOSEN = """
with chosen as materialized ({chosen}), written as (
  update records r set
    marked = r.marked + 1,
    news_quickbooks = 'infinity',
    due_at = case when c.due then null else r.due_at end,
    priority = case when r.ready_at is null then c.priority else least(r.priority, c.priority) end,
    ready_at = case when r.lease is null then statement_timestamp() else r.ready_at end
  from chosen c
  where (r.tenant_id, r.connection_id, r.kind, r.subject_id)
        = (c.tenant_id, c.connection_id, c.kind, c.subject_id)
  returning r.kind, r.tenant_id, r.connection_id
), rung as (
  select count(*) as marked, pg_notify('ledgerbridge_records_' || current_schema(),
                                       concat_ws(' ', kind, tenant_id, connection_id))
  from written group by kind, tenant_id, connection_id
)
select sum(marked) from rung
"""

# Passes over locked rows, so it cannot wait in a circle: what is locked now is found at the next look.
_MARK_DUE = _MARK_CHOSEN.format(
    chosen="""
  select tenant_id, connection_id, kind, subject_id, true as due, 1::smallint as priority from records
  where kind = $1 and due_at <= $2 order by due_at limit $3 for update skip locked"""
)

_RESUME = _MARK_CHOSEN.format(
    chosen="""
  select tenant_id, connection_id, kind, subject_id, false as due, priority from records
  where tenant_id = $1 and state = 'waiting'
    and ($2::bigint is null or connection_id = $2)
  order by tenant_id, connection_id desc, kind desc, subject_id for update"""
)

_LOOK_AGAIN = _MARK_CHOSEN.format(
    chosen="""
  select tenant_id, connection_id, kind, subject_id, false as due, $4::smallint as priority from records
  where tenant_id = $1 and connection_id = $2 and kind = $3
  order by tenant_id, connection_id desc, kind desc, subject_id for update"""
)

_RETRY = _MARK_CHOSEN.format(
    chosen="""
  select tenant_id, connection_id, kind, subject_id, false as due, $6::smallint as priority from records
  where tenant_id = $1 and state in ('failed', 'waiting', 'excluded')
    and ($2::text is null or kind = $2) and ($3::bigint is null or connection_id = $3)
    and ($4::text is null or subject_id = $4) and ($5::text is null or reason_code = $5)
  order by tenant_id, connection_id desc, kind desc, subject_id for update"""
)
