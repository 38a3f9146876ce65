"""The outbox: events written in the transaction of the change that they tell (design.md 4).

`put` numbers the events of each aggregate (topic and key) without a gap in one statement and writes all of them in
another. The relay publishes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from ledgerbridge.contracts.envelope import Envelope
from ledgerbridge.contracts.model import Message
from ledgerbridge.contracts.topics import Topic
from ledgerbridge.service import trace_context
from ledgerbridge.storage import Transaction


class Event(NamedTuple):
    """One record to be published. `data` None is a tombstone: the key is removed from a compacted topic.

    `envelope` is None only for a record that is passed on as it came, with the `headers` given.
    """

    topic: Topic
    key: str | bytes | None
    envelope: Envelope | None
    data: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    tenant: int = 0


def event(
    topic: Topic,
    key: str,
    message: Message | None,
    *,
    id: str,  # noqa: A002 - the attribute's name
    source: str,
    time: datetime,
    tenant: int,
    subject: str | None = None,
    connection: int | None = None,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    actor: str | None = None,
    traceparent: str | None = None,
    type: str | None = None,  # noqa: A002 - the attribute's name
) -> Event:
    """An event from its message; a tombstone (`message` None) names its `type` itself.

    `time` is business time; without `traceparent` the trace that is going on is put in. Raises ValueError for a message
    above 512 kB and for a tombstone without type.
    """
    kind = message.type if message is not None else type
    if kind is None:
        raise ValueError("a tombstone needs a type")
    envelope = Envelope(
        id=id,
        source=source,
        type=kind,
        subject=subject,
        time=time,
        dataschema=None if message is None else message.dataschema(),
        correlation_id=correlation_id,
        causation_id=causation_id,
        actor=actor,
        tenant=tenant,
        connection=connection,
        traceparent=traceparent or trace_context.current(),
    )
    return Event(topic, key, envelope, None if message is None else message.encode(), tenant=tenant)


_COLUMNS = (
    ("tenant_id", "bigint"),
    ("topic", "text"),
    ("key", "bytea"),
    ("ce_id", "text"),
    ("ce_source", "text"),
    ("ce_type", "text"),
    ("ce_subject", "text"),
    ("ce_time", "timestamptz"),
    ("ce_dataschema", "text"),
    ("ce_correlationid", "text"),
    ("ce_causationid", "text"),
    ("ce_actor", "text"),
    ("ce_connection", "bigint"),
    ("ce_traceparent", "text"),
    ("data", "bytea"),
    ("ce_sequence", "bigint"),
)


def _statement() -> str:
    """The statement of `put`; a column whose values are all the same comes as an array of one (`_column`)."""
    names = ", ".join(name for name, _type in _COLUMNS)
    arrays = ", ".join(f"${number}::{type_}[]" for number, (_name, type_) in enumerate(_COLUMNS, 1))
    values = ", ".join(
        f"case when cardinality(${number}::{type_}[]) = 1 then (${number}::{type_}[])[1] else {name} end"
        for number, (name, type_) in enumerate(_COLUMNS, 1)
    )
    # Only names of columns are put into the text.
    return f"""
        with written as (
          insert into outbox ({names})
          select {values} from unnest({arrays}) with ordinality as given ({names}, place) order by place
        )
        select pg_notify('outbox ' || current_schema(), '')
        """  # noqa: S608


_PUT = _statement()
_NUMBER = """
insert into aggregate_sequences as known (topic, key, tenant_id, last)
select coalesce(topic, ($1::text[])[1]), key, coalesce(tenant_id, ($3::bigint[])[1]), coalesce(last, ($4::bigint[])[1])
from unnest($1::text[], $2::bytea[], $3::bigint[], $4::bigint[]) as given (topic, key, tenant_id, last)
on conflict (topic, key) do update set last = known.last + excluded.last
returning topic, key, last
"""
_NOTIFY = "select pg_notify('outbox ' || current_schema(), '')"


async def put(tx: Transaction, events: Sequence[Event]) -> None:
    """Write events in the transaction of their cause; they are published after its commit, in this order per key.

    The transaction holds the aggregates' number rows until it ends, so call it late. Raises ValueError for a record of
    a numbered topic without key or envelope.
    """
    if not events:
        return
    told = [event for event in events if event.envelope is not None]
    if told:
        rows = [_row(event) for event in told]
        columns = [*zip(*rows, strict=True), tuple(await _numbers(tx, told, rows))]
        await tx.execute(_PUT, *[_column(values) for values in columns])
    for raw in events:
        if raw.envelope is None:
            await _put_raw(tx, raw)
    if not told:
        await tx.execute(_NOTIFY)


def _column(values: tuple[Any, ...]) -> Sequence[Any]:
    """A column's values; one value for all of them where they are the same, which saves most of the encoding."""
    first = values[0]
    return values[:1] if values.count(first) == len(values) else values


async def _numbers(tx: Transaction, told: Sequence[Event], rows: Sequence[tuple[Any, ...]]) -> list[int | None]:
    """The number of each event in its aggregate; None in topics whose events have none."""
    counts: dict[tuple[str, bytes], list[int]] = {}
    for event, (tenant, topic, key, *_rest) in zip(told, rows, strict=True):
        if event.topic.numbered:
            counts.setdefault((topic, key), [tenant, 0])[1] += 1
    if not counts:
        return [None] * len(rows)
    # Sorted: two writers lock the aggregates in the same order.
    aggregates = [(topic, key, tenant, count) for (topic, key), (tenant, count) in sorted(counts.items())]
    topics, keys, tenants, wanted = zip(*aggregates, strict=True)
    found = await tx.fetch(_NUMBER, _column(topics), keys, _column(tenants), _column(wanted))
    following = {(topic, key): iter(range(last - counts[topic, key][1] + 1, last + 1)) for topic, key, last in found}
    return [
        next(following[row[1], row[2]]) if event.topic.numbered else None for event, row in zip(told, rows, strict=True)
    ]


def _row(event: Event) -> tuple[Any, ...]:
    envelope = event.envelope
    key = event.key.encode() if isinstance(event.key, str) else event.key
    if envelope is None or key is None:
        raise ValueError(f"a record of {event.topic.name} needs a key and an envelope")
    return (
        envelope.tenant,
        event.topic.name,
        key,
        envelope.id,
        envelope.source,
        envelope.type,
        envelope.subject,
        envelope.time,
        envelope.dataschema,
        envelope.correlation_id,
        envelope.causation_id,
        envelope.actor,
        envelope.connection,
        envelope.traceparent,
        event.data,
    )


async def _put_raw(tx: Transaction, event: Event) -> None:
    """Pass a record on as it came. These are dead letters: rare, so one statement each."""
    if event.topic.numbered:
        raise ValueError(f"a record of {event.topic.name} needs an envelope")
    await tx.execute(
        "insert into outbox (tenant_id, topic, key, header_names, header_values, data) values ($1, $2, $3, $4, $5, $6)",
        event.tenant,
        event.topic.name,
        event.key.encode() if isinstance(event.key, str) else event.key,
        [name.replace("\x00", "") for name, _value in event.headers],
        [value for _name, value in event.headers],
        event.data,
    )


RELAY_LOCK = "outbox relay"
"""The first half of the relay's advisory lock; the second is the schema."""

REPUBLISH_WINDOW = 20_000

_END_RELAY = """
select count(pg_terminate_backend(pid)) from pg_locks
where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
  and classid::bigint = hashtext($1) & x'ffffffff'::bigint
  and objid::bigint = hashtext(current_schema()) & x'ffffffff'::bigint
"""
_REPUBLISH = """
update outbox set published_at = null
where published_at is not null and position > $3 and position <= $4
  and ($1::timestamptz is null or written_at >= $1) and ($2::timestamptz is null or written_at < $2)
"""


async def republish(tx: Transaction, since: datetime | None = None, until: datetime | None = None) -> int:
    """Let the relay publish again what was published, to fill a wiped broker; answer how many records.

    `since` and `until` bound the time at which the records were written (since <= written < until). Consumers see
    doubles: ids and sequences are the same as before. The order of each key is kept: writers wait until this
    transaction (role *engine*) ends, and the active relay is cut off, so that what it has in hand comes after the rest.
    """
    await tx.execute("lock table outbox in share row exclusive mode")
    await tx.fetchval(_END_RELAY, RELAY_LOCK)
    last = await tx.fetchval("select max(position) from outbox") or 0
    count = 0
    # In windows: a statement may take 30 seconds, a full outbox takes longer.
    for start in range(await tx.fetchval("select min(position) - 1 from outbox") or 0, last, REPUBLISH_WINDOW):
        status = await tx.execute(_REPUBLISH, since, until, start, start + REPUBLISH_WINDOW)
        count += int(status.split()[-1])
    await tx.execute(_NOTIFY)
    return count


async def forget(tx: Transaction, before: datetime, limit: int = 5000) -> int:
    """Delete published records older than `before`, at most `limit`; answer how many (call again while it is full).

    Records are looked at from the oldest on, so that a call with nothing to do reads at most `limit` of them.
    """
    status = await tx.execute(
        """delete from outbox where published_at < $1 and position = any(array(
             select position from outbox where published_at is not null order by position limit $2))""",
        before,
        limit,
    )
    return int(status.split()[-1])


@dataclass(frozen=True, slots=True)
class SetAside:
    """An aggregate that waits because the broker refuses its record at `position` for ever."""

    position: int
    topic: str
    key: bytes | None
    reason: str
    since: datetime
    waiting: int


async def set_aside(tx: Transaction) -> list[SetAside]:
    """Every aggregate that was set aside, the oldest first, with the number of records that wait."""
    rows = await tx.fetch(
        """select s.position, s.topic, s.key, s.reason, s.since,
             (select count(*) from outbox o where o.published_at is null
                and (o.position = s.position or o.topic = s.topic and o.key = s.key))
               as waiting
           from outbox_set_aside s order by s.since"""
    )
    return [SetAside(**row) for row in rows]


async def release(tx: Transaction, position: int) -> bool:
    """Let a record and its aggregate go on, after the cause was mended; answer whether it was set aside."""
    status = await tx.execute("delete from outbox_set_aside where position = $1", position)
    await tx.execute(_NOTIFY)
    return status != "DELETE 0"
