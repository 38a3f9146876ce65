"""Reads what the door has accepted and tells it: receipts, dedupe keys and notices, a lot in one transaction.

The door comes first: the more webhooks come, the longer the teller rests between lots, so that a burst is accepted at
the speed of the disk and told some moments later.
"""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from ledgerbridge.messaging import outbox
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.service.looking import Looking
from ledgerbridge.storage import Database
from ledgerbridge.storage.outages import database_away

from webhook_gateway import deliveries, notices
from webhook_gateway.counters import TOLD_SECONDS
from webhook_gateway.deliveries import Waiting
from webhook_gateway.receipts import Receipts

log = structlog.get_logger(__name__)

LOT = 25
BUSY_LOT = 8
"""While webhooks come: none is answered while a lot is read (measured: p99 13 ms instead of 23 with lots of 25)."""
REST_SECONDS = 0.001
"""For each webhook that came while a lot was told, so that few are told as they come and many wait a little."""
LONGEST_REST_SECONDS = 0.1


class Teller(Looking):
    """Tells deliveries in the order in which they came (a part of the gateway)."""

    name = "teller"
    look_seconds = 1.0
    """For deliveries of a gateway that ended before it told them."""

    def __init__(self, database: Database, receipts: Receipts, clock: BusinessClock, came: Callable[[], int]) -> None:
        """`came` says how many webhooks ever came."""
        super().__init__()
        self._database = database
        self._receipts = receipts
        self._clock = clock
        self._came = came
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that something was accepted."""
        self._woken.set()

    async def look(self) -> None:
        """Tell until nothing waits."""
        came, told, most = 0, LOT, LOT
        while told == most:
            self._woken.clear()
            before, most = self._came(), BUSY_LOT if came else LOT
            told = await self._tell_lot(most)
            self.beat.progress()
            came = self._came() - before
            await asyncio.sleep(min(came * REST_SECONDS, LONGEST_REST_SECONDS))

    async def rest(self) -> None:
        """Until something is accepted, at most a second."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self.look_seconds)

    async def _tell_lot(self, most: int) -> int:
        """Tell the oldest; answer how many there were. Those of a lot that fails are told one by one."""
        lot: list[Waiting] = []
        try:
            async with self._database.engine() as tx:
                lot = await deliveries.take(tx, most)
                self.beat.waiting(bool(lot))
                await self._receipts.write(tx, [one.delivery for one in lot])
        except Exception as problem:
            if not lot or database_away(problem):
                raise
            log.warning("teller.lot_failed", deliveries=len(lot), cause=type(problem).__name__)
            for one in lot:
                await self._tell_alone(one)
        if lot:
            TOLD_SECONDS.observe(max(0.0, (self._clock.now() - lot[0].delivery.received_at).total_seconds()))
        return len(lot)

    async def _tell_alone(self, one: Waiting) -> None:
        """Tell one delivery; what cannot be told goes to the dead letters as it came."""
        try:
            async with self._database.engine() as tx:
                taken = await deliveries.take_one(tx, one.place)
                await self._receipts.write(tx, [again.delivery for again in taken])
        except Exception as problem:
            if database_away(problem):
                raise
            log.exception("teller.delivery_failed")
            await self._refuse(one, f"{type(problem).__name__}: {problem}")

    async def _refuse(self, one: Waiting, why: str) -> None:
        async with self._database.engine() as tx:
            for again in await deliveries.take_one(tx, one.place):
                await outbox.put(tx, [notices.dead_letter(again.delivery.vendor, again.delivery.body, why)])
