"""The relay: one active per service, it publishes the outbox in order and marks what the broker has acknowledged.

The connection that holds the advisory lock is the one that reads and marks, so that a relay that lost its lock can
neither read nor mark; while it waits for the broker, the loss of the connection interrupts it and its producer is
abandoned. Records may be published twice, never lost, and never overtake each other within a key.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from ledgerbridge.messaging.outages import AWAY
from ledgerbridge.messaging.outbox import RELAY_LOCK
from ledgerbridge.messaging.publishing import Outcome, Publisher, Row
from ledgerbridge.service.beats import Beat
from ledgerbridge.storage import Database

log = structlog.get_logger(__name__)

LOT = 1000
POLL_SECONDS = 1.0
AWAY_SECONDS = 0.5
FINISH_SECONDS = 3.0

READ = """
select position, tenant_id, topic, key, ce_id, ce_source, ce_type, ce_subject, ce_time, ce_dataschema, ce_sequence,
  ce_correlationid, ce_causationid, ce_actor, ce_connection, ce_traceparent, header_names, header_values, data
from outbox o
where published_at is null and topic <> all($1::text[])
  and not exists (select from outbox_set_aside s
    where s.position = o.position or s.topic = o.topic and s.key = o.key)
order by position limit $2
"""
_MARK = "update outbox set published_at = clock_timestamp() where position = any($1::bigint[])"
_SET_ASIDE = """
insert into outbox_set_aside (position, tenant_id, topic, key, reason) values ($1, $2, $3, $4, $5)
on conflict do nothing
"""
_LOCK = "select pg_try_advisory_lock(hashtext($1), hashtext($2))"
# The planner must walk the narrow index of unpublished rows in its order, whatever the statistics say of a queue.
# A mark need not wait for the disk: one that a crash of the server loses is a record published twice.
_SESSION = """
set enable_seqscan = off; set enable_sort = off; set enable_bitmapscan = off; set synchronous_commit = off
"""

Connection = Any


class UnacknowledgedError(Exception):
    """The broker took no responsibility for a record: its producer is useless now."""


class Relay:
    """Publishes the outbox of one service; a part of its process."""

    def __init__(
        self,
        database: Database,
        bootstrap: str,
        prefix: str,
        *,
        lot: int = LOT,
        poll_seconds: float = POLL_SECONDS,
        linger_seconds: float = 0.0,
    ) -> None:
        """`prefix` stands before every topic. `poll_seconds` is how long a lost wake-up may cost.

        `linger_seconds` is how long a wake-up waits for more, where other work of the process is more urgent.
        """
        self.name = "relay"
        self.beat = Beat()
        self.published = 0
        self.leading = False
        self.missing_topics: set[str] = set()
        self._database = database
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._lot = lot
        self._poll_seconds = poll_seconds
        self._linger_seconds = linger_seconds
        self._wake = asyncio.Event()
        self._carefully = False

    async def run(self) -> None:
        """Publish until cancelled. Database or broker away: wait and begin again, with a new lock and producer."""
        while True:
            try:
                async with self._database.direct("relay") as connection:
                    await self._follow(connection)
                    await self._lead(connection)
            except UnacknowledgedError as error:
                log.warning("relay.unacknowledged", cause=str(error))
            except AWAY as error:
                log.warning("relay.waits", cause=type(error).__name__)
                self.beat.progress()
            finally:
                self.leading = False
            await asyncio.sleep(AWAY_SECONDS)

    async def _follow(self, connection: Connection) -> None:
        """Wait until no other process holds the lock."""
        while not await connection.fetchval(_LOCK, RELAY_LOCK, self._database.schema):
            self.beat.waiting(False)
            self.beat.progress()
            await asyncio.sleep(self._poll_seconds)

    async def _lead(self, connection: Connection) -> None:
        lost = asyncio.get_running_loop().create_future()
        connection.add_termination_listener(lambda _connection: _note(lost))
        await connection.execute(_SESSION)
        await connection.add_listener(f"outbox {self._database.schema}", self._woken)
        publisher = Publisher(self._bootstrap, self._prefix, f"{self._database.schema}-relay")
        await publisher.open()
        self.leading = True
        abandon = True
        try:
            while True:
                self._wake.clear()
                turn = asyncio.ensure_future(self._turn(connection, publisher))
                if not await _unless(turn, lost):
                    await self._rest(lost)
        except asyncio.CancelledError:
            abandon = not await _finish(turn)
            raise
        finally:
            await (publisher.abandon() if abandon else publisher.close())

    async def _turn(self, connection: Connection, publisher: Publisher) -> bool:
        """Publish one lot; answer whether there may be more at once. Raises what makes the producer useless."""
        rows = await connection.fetch(READ, list(self.missing_topics), self._lot)
        self.beat.waiting(bool(rows))
        if self.missing_topics or rows:
            missing = await publisher.missing({row["topic"] for row in rows} | self.missing_topics)
            rows = self._hold(rows, missing)
        if not rows:
            self.beat.progress()
            return False
        outcome = await (publisher.publish_singly(rows) if self._carefully else publisher.publish(rows))
        await self._settle(connection, outcome)
        return True

    def _hold(self, rows: Sequence[Row], missing: set[str]) -> Sequence[Row]:
        """Leave out the records of topics that do not exist yet, and remember the topics."""
        if missing - self.missing_topics:
            log.error("relay.topics_missing", topics=sorted(missing), remedy="run `ledgerbridge topics create`")
        self.missing_topics = missing
        return [row for row in rows if row["topic"] not in missing] if missing else rows

    async def _settle(self, connection: Connection, outcome: Outcome) -> None:
        if outcome.published:
            await connection.execute(_MARK, outcome.published)
            self.published += len(outcome.published)
            self.beat.progress()
        self._carefully = outcome.failure is not None and outcome.refused is None
        if (row := outcome.refused) is not None:
            log.error("relay.set_aside", topic=row["topic"], position=row["position"], reason=outcome.reason)
            await connection.execute(
                _SET_ASIDE, row["position"], row["tenant_id"], row["topic"], row["key"], outcome.reason
            )
            self.beat.progress()
        if outcome.failure is not None:
            raise UnacknowledgedError(type(outcome.failure).__name__)

    def _woken(self, *_notification: object) -> None:
        self._wake.set()

    async def _rest(self, lost: "asyncio.Future[None]") -> None:
        """Until a wake-up, the next poll, or the loss of the lock."""
        woken = asyncio.ensure_future(self._wake.wait())
        try:
            await _first(woken, lost, timeout=self._poll_seconds)
            if woken.done() and self._linger_seconds:
                await _first(lost, timeout=self._linger_seconds)
        finally:
            woken.cancel()
        _refuse(lost)


async def _first(*futures: "asyncio.Future[Any]", timeout: float | None = None) -> None:  # noqa: ASYNC109 - as in asyncio
    await asyncio.wait(set(futures), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)


async def _unless(turn: "asyncio.Future[bool]", lost: "asyncio.Future[None]") -> bool:
    """The turn's answer; ConnectionError as soon as the lock's connection is gone."""
    await _first(turn, lost)
    if lost.done():
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)
    _refuse(lost)
    return await turn


def _note(lost: "asyncio.Future[None]") -> None:
    if not lost.done():
        lost.set_result(None)


def _refuse(lost: "asyncio.Future[None]") -> None:
    if lost.done():
        raise ConnectionError("the connection that holds the relay's lock is gone")


async def _finish(turn: "asyncio.Future[bool]") -> bool:
    """At the end, give what is in flight a moment to be acknowledged and marked; answer whether it was."""
    await asyncio.wait({turn}, timeout=FINISH_SECONDS)
    if not turn.done():
        turn.cancel()
        await asyncio.wait({turn})
    return not turn.cancelled() and turn.exception() is None
