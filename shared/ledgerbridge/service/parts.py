"""What a service is made of: parts that run until they are cancelled, started in order and stopped in reverse."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from ledgerbridge.service import metrics
from ledgerbridge.service.beats import SignOfLife

log = structlog.get_logger(__name__)

FIRST_RESTART_SECONDS = 1.0
LAST_RESTART_SECONDS = 30.0
FAILURES = metrics.counter("ledgerbridge_part_failures_total")


class Part(Protocol):
    """A consumer, a relay, a worker, a sweep: anything that runs in the background of a service."""

    name: str

    @property
    def beat(self) -> SignOfLife:
        """Whether it stands still."""

    async def run(self) -> None:
        """Work until cancelled; on cancellation finish or release what was begun."""


class Parts:
    """The running parts of one service."""

    def __init__(self, parts: Sequence[Part], *, stop_seconds: float = 10.0) -> None:
        """`stop_seconds` bounds the stop of all parts together."""
        self.all = list(parts)
        self._tasks: list[asyncio.Task[None]] = []
        self._stop_seconds = stop_seconds

    async def start(self) -> None:
        """Start the parts in their order; each gets one turn of the loop before the next."""
        for part in self.all:
            self._tasks.append(asyncio.create_task(_keep_running(part), name=part.name))
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """Cancel the parts in reverse order, each waited for, all within the bound; what is late is left behind."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._stop_seconds
        for task in reversed(self._tasks):
            task.cancel()
            _done, late = await asyncio.wait({task}, timeout=max(0.1, deadline - loop.time()))
            if late:
                log.warning("part.stop_late", part=task.get_name())
        self._tasks.clear()

    def standing_still(self) -> list[str]:
        """The names of the parts for which work has waited for more than a minute."""
        return [part.name for part in self.all if part.beat.stands_still]


async def _keep_running(part: Part) -> None:
    """Run a part; where it fails unexpectedly, say so and start it again with growing gaps."""
    pause = FIRST_RESTART_SECONDS
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await part.run()
        except Exception:
            log.exception("part.failed", part=part.name, restart_in_seconds=pause)
        else:
            log.warning("part.ended", part=part.name, restart_in_seconds=pause)
        FAILURES.labels(part.name).inc()
        await asyncio.sleep(pause)
        lived_long = asyncio.get_running_loop().time() - started > 2 * LAST_RESTART_SECONDS
        pause = FIRST_RESTART_SECONDS if lived_long else min(pause * 2, LAST_RESTART_SECONDS)
