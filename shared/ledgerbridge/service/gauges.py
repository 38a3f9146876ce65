"""What /metrics reads at the moment when it is asked: a service's parts, and a few cheap counts of its tables."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ledgerbridge.messaging.consumers import Consumers
from ledgerbridge.messaging.relay import Relay
from ledgerbridge.service.metrics import METRICS
from ledgerbridge.service.parts import Part
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.storage.outages import DATABASE_ERRORS

READ_SECONDS = 2.0
MOST_COUNTED = 10_000

Reading = tuple[str, Sequence[str], float]
"""A metric's name, the values of its labels, and its value."""
Family = CounterMetricFamily | GaugeMetricFamily

# Every count walks a partial index and ends at its bound, so that a backlog does not make the question dear.
_OUTBOX = """
select (select count(*) from (select from outbox where published_at is null limit $1) as waiting) as waiting,
  coalesce((select extract(epoch from clock_timestamp() - written_at) from outbox
            where published_at is null order by position limit 1), 0)::float8 as oldest,
  (select count(*) from outbox_set_aside) as set_aside
"""
_KINDS = "select distinct kind from records where ready_at is not null"
_DUE = """
select count(*) as due, coalesce(extract(epoch from clock_timestamp() - min(ready_at)), 0)::float8 as oldest
from (select ready_at from records where kind = $1 and ready_at <= clock_timestamp() and lease is null limit $2) as due
"""
_STATES = """
select kind, state, count(*) as records from records where state in ('failed', 'waiting', 'excluded') group by 1, 2
union all select kind, state, count(*) from records where ready_at is not null and state = 'pending' group by 1, 2
"""


async def render(database: Database, parts: Sequence[Part]) -> bytes:
    """The parts' and the tables' metrics in Prometheus' text form; what cannot be read in two seconds is left out."""
    readings = list(_of_parts(parts))
    try:
        async with asyncio.timeout(READ_SECONDS), database.engine() as tx:
            readings += await _of_outbox(tx)
            readings += await _of_records(tx)
        answers = 1
    except DATABASE_ERRORS:
        answers = 0
    readings.append(("ledgerbridge_database_answers", (), answers))
    registry = CollectorRegistry()
    registry.register(_Given(readings))
    return generate_latest(registry)


def _of_parts(parts: Sequence[Part]) -> Iterable[Reading]:
    for part in parts:
        yield "ledgerbridge_part_stands_still", (part.name,), float(part.beat.stands_still)
        if isinstance(part, Relay):
            yield "ledgerbridge_relay_leads", (), float(part.leading)
            yield "ledgerbridge_relay_published_total", (), part.published
        if isinstance(part, Consumers):
            for one in part.consumptions:
                yield "ledgerbridge_consumer_handled_total", (one.topic.name,), one.handled
                yield "ledgerbridge_consumer_paused", (one.topic.name,), float(one.paused)
                yield "ledgerbridge_consumer_lag", (one.topic.name,), one.lag


async def _of_outbox(tx: Transaction) -> list[Reading]:
    if not await tx.fetchval("select to_regclass('outbox') is not null"):
        return []
    row = await tx.fetchrow(_OUTBOX, MOST_COUNTED)
    assert row is not None
    return [
        ("ledgerbridge_outbox_waiting", (), row["waiting"]),
        ("ledgerbridge_outbox_oldest_seconds", (), row["oldest"]),
        ("ledgerbridge_outbox_set_aside", (), row["set_aside"]),
    ]


async def _of_records(tx: Transaction) -> list[Reading]:
    if not await tx.fetchval("select to_regclass('records') is not null"):
        return []
    readings: list[Reading] = []
    for row in await tx.fetch(_KINDS):
        due = await tx.fetchrow(_DUE, row["kind"], MOST_COUNTED)
        assert due is not None
        readings.append(("ledgerbridge_records_due", (row["kind"],), due["due"]))
        readings.append(("ledgerbridge_records_oldest_due_seconds", (row["kind"],), due["oldest"]))
    states = await tx.fetch(_STATES)
    return readings + [("ledgerbridge_records", (row["kind"], row["state"]), row["records"]) for row in states]


class _Given(Collector):
    """A collector of readings that were made already."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._families: dict[str, Any] = {}
        for name, labels, value in readings:
            self._family(name).add_metric(labels, value)

    def collect(self) -> Iterable[Any]:
        return self._families.values()

    def _family(self, name: str) -> Any:
        if name not in self._families:
            metric = METRICS[name]
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            self._families[name] = kind(name, metric.meaning, labels=metric.labels)
        return self._families[name]
