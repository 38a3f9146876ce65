"""The worker of one kind of record: claims what is due, has it processed, settles it (design.md 4).

What a service gives is `process(lot)`: read the current state from the vendor in bulk, compare, write the twins in
bulk, answer one outcome a record; and `finish(tx, lot, held)`: write facts, events and derived marks of the outcomes
that are still held, in the settling transaction, which is bound to the tenant.
"""

import asyncio
import contextlib
import math
import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

import structlog

from ledgerbridge.errors import LedgerbridgeError, Permanent
from ledgerbridge.service.beats import Beat
from ledgerbridge.service.clocks import BusinessClock, MachineClock, SystemMachineClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.storage.outages import DATABASE_ERRORS, database_away
from ledgerbridge.sync import outcomes
from ledgerbridge.sync.bells import Bell
from ledgerbridge.sync.claims import DueCompany, Lot, claim, due_companies, release, settle
from ledgerbridge.sync.marks import mark_due
from ledgerbridge.sync.outcomes import Outcome
from ledgerbridge.sync.pacing import Pacing
from ledgerbridge.sync.records import Company, Priority

log = structlog.get_logger(__name__)

Process = Callable[[Lot], Awaitable[Sequence[Outcome]]]
Finish = Callable[[Transaction, Lot, Sequence[Outcome]], Awaitable[None]]

AWAY_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class WorkerSettings:
    """Times in seconds of machine time."""

    lot_size: int = 500
    gap_seconds: float = 0.12
    """Rounds of one company start at least this far apart; an idle company's first notice is read at once."""
    rounds: int = 8
    rounds_of_company: int = 2
    work_seconds: float = 30.0
    """The deadline of a round's vendor calls, counted from before the claim."""
    lease_margin_seconds: float = 10.0
    """How much longer the lease is than the deadline: the time to settle. What a killed process held waits for both."""
    poll_seconds: float = 1.0
    stop_seconds: float = 3.0
    """How long a stop waits for running rounds before it cancels them and gives their records back."""


async def nothing_to_finish(_tx: Transaction, _lot: Lot, _held: Sequence[Outcome]) -> None:
    """For kinds whose outcome is written in the index alone."""


class Worker:
    """A part that keeps the records of one kind in sync. Several processes may run one for the same kind."""

    def __init__(
        self,
        database: Database,
        bell: Bell,
        kind: str,
        process: Process,
        *,
        business: BusinessClock,
        finish: Finish = nothing_to_finish,
        settings: WorkerSettings | None = None,
        machine: MachineClock | None = None,
    ) -> None:
        """Nothing runs before `run`; `bell` is a part of its own."""
        self.name = f"records-{kind}"
        self.machine = machine or SystemMachineClock()
        self.beat = Beat(self.machine)
        self.settings = settings or WorkerSettings()
        self._database = database
        self._kind = kind
        self._process = process
        self._finish = finish
        self._business = business
        self._rings = bell.of(kind)
        self._left_waiting = False
        self._rounds: set[asyncio.Task[None]] = set()
        self._looked_for_due = -math.inf
        self._pacing = Pacing(
            gap_seconds=self.settings.gap_seconds,
            rounds=self.settings.rounds,
            rounds_of_company=self.settings.rounds_of_company,
        )

    async def run(self) -> None:
        """Work until cancelled, then let the running rounds end, or give back what they hold."""
        try:
            while True:
                await self._wait(await self._turn(self._rings.take()))
        finally:
            await self._stop()

    async def _turn(self, rang: Collection[Company]) -> float:
        """Start the rounds whose turn it is; answers the seconds until the next look.

        Where all who rang may start at once, the index need not be asked who is due.
        """
        try:
            pause = self.settings.poll_seconds
            if not (rang and self._begin_all(rang)):
                pause = self._begin(await due_companies(self._database.each, self._kind))
            await self._mark_due()
        except DATABASE_ERRORS as error:
            log.warning("records.look_failed", kind=self._kind, error=type(error).__name__)
            if database_away(error):
                self.beat.progress()
            return self.settings.poll_seconds
        return pause

    def _begin_all(self, rang: Collection[Company]) -> bool:
        """Start the rounds of all who rang, or none where one of them rests or there is no room."""
        turns = self._pacing.turns([DueCompany(one, Priority.LIVE) for one in rang], self.machine.monotonic())
        if self._left_waiting or len(turns.now) < len(rang):
            return False
        self.beat.waiting(True)
        for company in turns.now:
            self._start(company)
        self.beat.progress()
        return True

    def _begin(self, due: Sequence[DueCompany]) -> float:
        """Start the rounds of companies whose turn it is; answers the seconds until the next turn."""
        self.beat.waiting(bool(due or self._rounds))
        turns = self._pacing.turns(due, self.machine.monotonic())
        self._left_waiting = len(turns.now) < len(due)
        for company in turns.now:
            self._start(company)
        if turns.now or not due:
            self.beat.progress()
        return min(turns.next_in or self.settings.poll_seconds, self.settings.poll_seconds)

    async def _mark_due(self) -> None:
        """Mark what fell due by business time: once a poll, not at every ring, and behind what rang."""
        if self.machine.monotonic() - self._looked_for_due < self.settings.poll_seconds * 0.9:
            return
        self._looked_for_due = self.machine.monotonic()
        if await mark_due(self._database.each, self._kind, self._business.now()):
            self._rings.look()

    async def _wait(self, seconds: float) -> None:
        # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rings.wait()

    def _start(self, company: Company) -> None:
        self._pacing.start(company, self.machine.monotonic())
        task = asyncio.create_task(self._round(company), name=f"{self.name} {company}")
        self._rounds.add(task)
        task.add_done_callback(lambda ended: self._ended(company, ended))

    def _ended(self, company: Company, task: asyncio.Task[None]) -> None:
        self._rounds.discard(task)
        self._pacing.end(company)
        self.beat.progress()
        # Before its rest is over nobody could go on with this company; others may wait for the room.
        rest = 0.0 if self._left_waiting else self._pacing.rest(company, self.machine.monotonic())
        task.get_loop().call_later(rest, self._rings.look)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The leases run out and the records are claimed again.
            log.error("records.round_failed", kind=self._kind, company=company, exc_info=error)

    async def _round(self, company: Company) -> None:
        """Claim, process, settle. A round that is cancelled gives its records back."""
        lease = uuid.uuid4()
        deadline = self.machine.monotonic() + self.settings.work_seconds
        try:
            lot = await self._claim(company, lease, deadline)
            if lot.records:
                await self._settle(lot, await self._work_in_time(lot))
        except asyncio.CancelledError:
            await self._release(company, lease)
            raise

    async def _claim(self, company: Company, lease: uuid.UUID, deadline: float) -> Lot:
        return await claim(
            self._database.each,
            self._kind,
            company,
            lease=lease,
            limit=self.settings.lot_size,
            lease_seconds=self.settings.work_seconds + self.settings.lease_margin_seconds,
            deadline=deadline,
        )

    async def _work_in_time(self, lot: Lot) -> list[Outcome]:
        """One outcome for each record: who got none by the deadline, or none at all, is tried again later."""
        reached: dict[str, Outcome] = {}
        cause = "no outcome was given"
        try:
            async with asyncio.timeout(lot.deadline - self.machine.monotonic()):
                await self._work(lot, reached)
        except TimeoutError:
            cause = f"not done within {self.settings.work_seconds:g} s"
        for record in lot.records:
            if record.subject_id not in reached:
                error = outcomes.unexpected(cause)
                reached[record.subject_id] = outcomes.failed(record.subject_id, error, attempts=record.attempts)
        return list(reached.values())

    async def _work(self, lot: Lot, reached: dict[str, Outcome]) -> None:
        """Process a lot; where that fails for a reason nobody foresaw, its halves, until the culprit stands alone."""
        if self.machine.monotonic() >= lot.deadline:
            raise TimeoutError  # the timer may be late, after the machine stood still
        try:
            found = await self._process(lot)
        except LedgerbridgeError as error:
            for record in lot.records:
                reached[record.subject_id] = _failed_with_lot(record.subject_id, error, record.attempts)
        except Exception as error:
            log.exception("records.lot_failed", kind=self._kind, company=lot.company, records=len(lot.records))
            if len(lot.records) == 1:
                (record,) = lot.records
                reached[record.subject_id] = outcomes.failed(record.subject_id, error, attempts=record.attempts)
                return
            middle = len(lot.records) // 2
            await self._work(lot.of(lot.records[:middle]), reached)
            await self._work(lot.of(lot.records[middle:]), reached)
        else:
            reached.update((outcome.subject_id, outcome) for outcome in found)

    async def _settle(self, lot: Lot, reached: Sequence[Outcome]) -> None:
        """Settle the lot in one transaction; where its facts are refused, each record in one of its own."""
        try:
            await self._settle_when_back(lot, reached)
        except Exception as error:
            if database_away(error):
                raise
            log.exception("records.finish_failed", kind=self._kind, company=lot.company, records=len(reached))
            if len(reached) == 1:
                await self._settle_failure(lot, reached[0].subject_id, error)
                return
            for outcome in reached:
                await self._settle(lot, [outcome])

    async def _settle_when_back(self, lot: Lot, reached: Sequence[Outcome]) -> None:
        """While the database is away, keep trying as long as the lease runs: the work is done already."""
        while True:
            try:
                return await self._settle_together(lot, reached)
            except Exception as error:
                over = self.machine.monotonic() > lot.deadline + self.settings.lease_margin_seconds
                if over or not database_away(error):
                    raise
            await asyncio.sleep(AWAY_PAUSE_SECONDS)

    async def _settle_together(self, lot: Lot, reached: Sequence[Outcome]) -> None:
        async with self._database.tenant(lot.tenant_id) as tx:
            held = await settle(tx, lot, reached)
            if len(held) < len(reached):
                log.warning("records.lease_lost", kind=self._kind, company=lot.company, lost=len(reached) - len(held))
            if held:
                await self._finish(tx, lot, held)

    async def _settle_failure(self, lot: Lot, subject_id: str, error: Exception) -> None:
        attempts = next(record.attempts for record in lot.records if record.subject_id == subject_id)
        async with self._database.tenant(lot.tenant_id) as tx:
            await settle(tx, lot, [outcomes.failed(subject_id, error, attempts=attempts)])

    async def _release(self, company: Company, lease: uuid.UUID) -> None:
        try:
            async with self._database.engine() as tx:
                await release(tx, self._kind, company, lease)
        except DATABASE_ERRORS as error:
            log.warning("records.release_failed", kind=self._kind, error=type(error).__name__)

    async def _stop(self) -> None:
        rounds = set(self._rounds)
        if rounds:
            _done, late = await asyncio.wait(rounds, timeout=self.settings.stop_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _failed_with_lot(subject_id: str, error: LedgerbridgeError, attempts: int) -> Outcome:
    """What failed was the lot, so not even a permanent error may settle one of its records."""
    if isinstance(error, Permanent):
        error = outcomes.unexpected(error.code)
    return outcomes.failed(subject_id, error, attempts=attempts)
