"""One transaction for all callers that wait: durability at the price of one commit for many (design.md 4).

Callers await `submit`; one task takes everything that waits, writes it in one transaction and wakes them. A group that
fails is repeated one by one, so that one bad item fails alone. A caller that goes away does not take its item along.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog
from ledgerbridge.errors import Throttled
from ledgerbridge.service import Beat
from ledgerbridge.storage.outages import database_away

log = structlog.get_logger(__name__)

ItemT = TypeVar("ItemT")

MOST_WAITING = 2_000
MOST_TOGETHER = 200
RETRY_SECONDS = 1.0
ANSWER_SECONDS = 2.25
"""How long a caller waits for the disk: Intuit gives up after 3 s, HubSpot after 5."""
LATE_SECONDS = 0.25
"""How often one timer for all looks who waited that long: a timer each would cost as much as the signature."""
BETWEEN_SECONDS = 0.002
"""From one group's begin to the next: disks take a limited number of writes a second, and one that is asked for more
stalls for tenths of a second (measured at 6,000 webhooks a second: p99 20 ms without this, 8 with it). What comes
later than this after the one before never waits for it."""

Waiting = tuple[ItemT, "asyncio.Future[None]"]


class GroupCommit(Generic[ItemT]):
    """Collects items and writes them in groups (a part of the gateway)."""

    def __init__(self, write: Callable[[Sequence[ItemT]], Awaitable[None]]) -> None:
        """`write` stores all given items in one transaction or none. `submitted` counts what ever came."""
        self.name = "group-commit"
        self.beat = Beat()
        self._write = write
        self._waiting: list[Waiting[ItemT]] = []
        self.submitted = 0
        self._unanswered: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._wake = asyncio.Event()

    async def submit(self, item: ItemT) -> None:
        """Return when the item is on disk.

        Raises Throttled when too many wait already, when the database is away or too slow for the vendor (the item may
        then be stored all the same: it is known again when it is sent again), and what `write` raised where the item
        alone failed.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise _busy()
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self.submitted += 1
        self._waiting.append((item, written))
        self._wake.set()
        if not self._unanswered:
            loop.call_later(LATE_SECONDS, self._fail_late)
        self._unanswered.append((loop.time() + ANSWER_SECONDS, written))
        # Cancelling the future, by the caller's end or by time, leaves the item in its group.
        await written

    def _fail_late(self) -> None:
        """Answer those who waited too long."""
        loop = asyncio.get_running_loop()
        unanswered, now = self._unanswered, loop.time()
        while unanswered and (unanswered[0][1].done() or unanswered[0][0] <= now):
            _fail_one(unanswered.popleft()[1])
        if unanswered:
            loop.call_later(LATE_SECONDS, self._fail_late)

    async def run(self) -> None:
        """Write groups until cancelled; what waits then is failed, so that the vendor sends it again."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._wake.wait()
                group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                if not self._waiting:
                    self._wake.clear()
                self.beat.waiting(True)
                begun = loop.time()
                await self._write_group(group)
                self.beat.progress()
                self.beat.waiting(bool(self._waiting))
                await asyncio.sleep(begun + BETWEEN_SECONDS - loop.time())
        finally:
            _fail(self._waiting, _busy())

    async def _write_group(self, group: Sequence[Waiting[ItemT]]) -> None:
        try:
            await self._write([item for item, _written in group])
        except asyncio.CancelledError:
            _fail(group, _busy())
            raise
        except Exception as problem:
            if database_away(problem):
                log.warning("group_commit.database_away", cause=type(problem).__name__, items=len(group))
                _fail(group, _busy())
            elif len(group) == 1:
                log.exception("group_commit.item_failed")
                _fail(group, problem)
            else:
                for one in group:
                    await self._write_group([one])
        else:
            for _item, written in group:
                if not written.done():
                    written.set_result(None)


def _busy() -> Throttled:
    return Throttled("GATEWAY_BUSY", retry_after=RETRY_SECONDS)


def _fail_one(written: "asyncio.Future[None]") -> None:
    if not written.done():
        written.set_exception(_busy())


def _fail(group: Sequence[Waiting[ItemT]], problem: Exception) -> None:
    for _item, written in group:
        if not written.done():
            written.set_exception(problem)
            written.exception()  # the caller may be gone: then nobody else asks
