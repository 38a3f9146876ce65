"""One transaction for all callers that wait: durability at the price of one commit for many (design.md 4).

Callers await `submit`; one task takes everything that waits, writes it in one transaction and wakes them. A group that
fails is repeated one by one, so that one bad item fails alone. A caller that goes away does not take its item along.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from ledgerbridge.errors import Throttled
from ledgerbridge.service import Beat

ItemT = TypeVar("ItemT")

MOST_WAITING = 2_000
MOST_TOGETHER = 200
RETRY_SECONDS = 1.0


class GroupCommit(Generic[ItemT]):
    """Collects items and writes them in groups (a part of the gateway)."""

    def __init__(self, write: Callable[[Sequence[ItemT]], Awaitable[None]]) -> None:
        """`write` stores all given items in one transaction or none."""
        self.name = "group-commit"
        self.beat = Beat()
        self._write = write
        self._waiting: list[tuple[ItemT, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()

    async def submit(self, item: ItemT) -> None:
        """Return when the item is on disk.

        Raises Throttled when too many wait already, and what `write` raised where the item alone failed.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Throttled("GATEWAY_BUSY", retry_after=RETRY_SECONDS)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, written))
        self._wake.set()
        await asyncio.shield(written)

    async def run(self) -> None:
        """Write groups until cancelled; what waits then is failed, so that the vendor sends it again."""
        try:
            while True:
                await self._wake.wait()
                group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                if not self._waiting:
                    self._wake.clear()
                await self._write_group(group)
                self.beat.progress()
        finally:
            for _item, written in self._waiting:
                if not written.done():
                    written.set_exception(Throttled("GATEWAY_BUSY", retry_after=RETRY_SECONDS))

    async def _write_group(self, group: list[tuple[ItemT, "asyncio.Future[None]"]]) -> None:
        try:
            await self._write([item for item, _written in group])
        except Exception as problem:  # noqa: BLE001 - whatever it was, each caller is told about its own item
            if len(group) == 1:
                _fail(group[0][1], problem)
                return
            for one in group:
                await self._write_group([one])
        else:
            for _item, written in group:
                if not written.done():
                    written.set_result(None)


def _fail(written: "asyncio.Future[None]", problem: Exception) -> None:
    if not written.done():
        written.set_exception(problem)
        written.exception()  # the caller may be gone: then nobody else asks
