"""One topic read by one group: a batch is handled whole, durable rows are stored, then the offsets are committed.

What the handler raises decides (design.md 4). Database or broker away: nobody's failed message; the batch rewinds, the
consumer goes on polling and counts nothing. A record that can never be stored (its text, its numbers): the batch is
halved until it is alone, then it is a dead letter and the others are done. Anything else is a fault of ours: the batch
is tried again with growing gaps, and the part's beat stops.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import structlog
from faststream.exceptions import NackMessage
from pydantic import ValidationError

from ledgerbridge.contracts.envelope import UnreadableError
from ledgerbridge.contracts.topics import Topic
from ledgerbridge.errors import Permanent
from ledgerbridge.messaging import dead_letters
from ledgerbridge.messaging.dead_letters import Unreadable
from ledgerbridge.messaging.outages import AWAY
from ledgerbridge.messaging.received import Received
from ledgerbridge.service import trace_context
from ledgerbridge.service.beats import Beat
from ledgerbridge.storage import Database

log = structlog.get_logger(__name__)

BATCH_RECORDS = 500
AWAY_SECONDS = 1.0
LAST_RETRY_SECONDS = 30.0
PATIENT_WATCHES = 3
"""So often in a row a consumer may be found still, or the broker silent, before another one takes its place."""

BLAMED = (Permanent, UnreadableError, ValidationError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""A record itself can never be stored."""

HandleBatch = Callable[[Sequence[Received]], Awaitable[None]]


class StillError(Exception):
    """Records wait, the broker answers, and a consumer reads nothing; or its broker is silent to it for long."""


class Consumption:
    """One topic read by one group, in batches of at most `records`.

    `group` gets the installation's prefix. `service` names the dead letters.
    """

    def __init__(
        self,
        topic: Topic,
        group: str,
        handle_batch: HandleBatch,
        *,
        database: Database,
        service: str,
        records: int = BATCH_RECORDS,
    ) -> None:
        """`handle_batch` stores durable rows in a transaction of its own and returns, or raises."""
        self.topic = topic
        self.group = group
        self.records = records
        self.handled = 0
        self.paused = False
        self.lag = 0
        self.beat = Beat()
        self._handle = handle_batch
        self._database = database
        self._service = service
        self._failures = 0
        self._committed = 0
        self._in_hand = False
        self._taken = False
        self._still = 0

    async def take(self, records: Sequence[Received]) -> None:
        """Handle one batch. Raises NackMessage, which rewinds each partition to the batch's beginning."""
        self.beat.waiting(True)
        self._in_hand = self._taken = True
        try:
            with trace_context.span(
                f"consume {self.topic.name}",
                "consumer",
                {"messaging.destination.name": self.topic.name, "messaging.batch.message_count": len(records)},
                (_traceparent(one) for one in records),
            ):
                await self._isolate(records)
        except AWAY as error:
            await self._pause(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the batch
            await self._back_off(error)
        finally:
            self._in_hand = False
        self._failures = 0
        self.paused = False
        self.handled += len(records)
        self.beat.progress()
        self.beat.waiting(False)

    def watched(self, committed: int, lag: int) -> None:
        """Take note of the group's committed offsets and of what lies behind them, for the part's beat.

        Raises StillError when records wait and none was read since the third last note.
        """
        moved = lag == 0 or committed != self._committed
        if moved:
            self.beat.progress()
        self._committed = committed
        self.lag = lag
        self.beat.waiting(lag > 0)
        self._count(moved or self._taken or self._in_hand)
        self._taken = False

    def unwatched(self) -> None:
        """The broker did not say: it is away, nobody's fault. Raises StillError when that has gone on for long."""
        self.beat.progress()
        self._count(False)

    def begin(self) -> None:
        """A new consumer reads it from now on."""
        self._in_hand = self._taken = False
        self._still = 0

    def _count(self, moved: bool) -> None:
        self._still = 0 if moved else self._still + 1
        if self._still >= PATIENT_WATCHES:
            raise StillError(self.topic.name)

    async def _isolate(self, records: Sequence[Received]) -> None:
        try:
            await self._handle(records)
        except BLAMED as error:
            if len(records) == 1:
                await self._bury(records[0], error)
                return
            middle = len(records) // 2
            await self._isolate(records[:middle])
            await self._isolate(records[middle:])

    async def _bury(self, record: Received, error: Exception) -> None:
        code = error.code if isinstance(error, Permanent) else "UNREADABLE"
        reason = str(error) if isinstance(error, Permanent | UnreadableError) else type(error).__name__
        async with self._database.engine() as tx:
            await dead_letters.put(tx, self._service, [Unreadable(record, code, reason)])

    async def _pause(self, error: Exception) -> None:
        if not self.paused:
            log.warning("consumer.paused", topic=self.topic.name, cause=type(error).__name__)
        self.paused = True
        self.beat.progress()
        await asyncio.sleep(AWAY_SECONDS)
        raise NackMessage from error

    async def _back_off(self, error: Exception) -> None:
        self._failures += 1
        pause = min(AWAY_SECONDS * 2 ** (self._failures - 1), LAST_RETRY_SECONDS)
        log.error("consumer.failed", topic=self.topic.name, retry_in_seconds=pause, exc_info=error)
        await asyncio.sleep(pause)
        raise NackMessage from error


def _traceparent(record: Received) -> str | None:
    """The trace that a record continues."""
    found = next((value for name, value in record.headers if name == "ce_traceparent"), None)
    return found.decode("ascii", "replace") if found else None
