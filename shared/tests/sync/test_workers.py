"""The worker on a real database: woken at once, paced, never losing or doubling a record."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from ledgerbridge.errors import Paused, Permanent
from ledgerbridge.service.clocks import OffsetBusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync.bells import Bell
from ledgerbridge.sync.claims import Lot
from ledgerbridge.sync.marks import Mark, derived, mark
from ledgerbridge.sync.outcomes import Outcome, failed, in_sync
from ledgerbridge.sync.workers import Worker, WorkerSettings
from ledgerbridge.testing.waiting import wait_until

from .index import CONNECTION, KIND, TENANT, end, ids, made, put, row, take

QUICK = WorkerSettings(poll_seconds=0.05, gap_seconds=0.0)


@dataclass
class Vendor:
    """What a service would do: remembers the lots it was given, answers in sync, or does what a test says."""

    lots: list[list[str]] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    raising: Callable[[Lot], None] = lambda _lot: None
    refusing: Callable[[Sequence[Outcome]], None] = lambda _held: None
    hangs: bool = False

    async def process(self, lot: Lot) -> list[Outcome]:
        self.lots.append(ids(lot))
        self.busy.set()
        if self.hangs:
            await self.go_on.wait()
        self.raising(lot)
        return [in_sync(record.subject_id) for record in lot.records]

    async def finish(self, tx: Transaction, lot: Lot, held: Sequence[Outcome]) -> None:
        self.refusing(held)
        await mark(tx, derived("deal-properties", lot.tenant_id, ["77"]))
        self.finished += [outcome.subject_id for outcome in held if outcome.verdict == "in_sync"]


Running = Callable[..., AbstractAsyncContextManager[Worker]]


@pytest.fixture
def running(database: Database) -> Running:
    """Runs a worker and its bell for the time of a block; both end as at the stop of a service."""

    @asynccontextmanager
    async def run(
        vendor: Vendor, settings: WorkerSettings = QUICK, *, ring: bool = True, **more: Any
    ) -> AsyncIterator[Worker]:
        bell = Bell(database)
        more.setdefault("business", OffsetBusinessClock())
        worker = Worker(database, bell, KIND, vendor.process, finish=vendor.finish, settings=settings, **more)
        tasks = [asyncio.create_task(part.run()) for part in ((bell, worker) if ring else (worker,))]
        if ring:
            await wait_until(lambda: _listens(database), what="the bell listens")
        try:
            yield worker
        finally:
            for task in reversed(tasks):
                task.cancel()
                await asyncio.wait([task], timeout=10)
                assert task.done()

    return run


async def _listens(database: Database) -> bool:
    async with database.engine() as tx:
        return bool(
            await tx.fetchval(
                """select true from pg_stat_activity where datname = current_database() and query ilike 'listen%'
                   and state = 'idle'"""
            )
        )


async def _states(database: Database) -> dict[str, str]:
    async with database.engine() as tx:
        return {
            found["subject_id"]: found["state"]
            for found in await tx.fetch("select * from records where kind = $1", KIND)
        }


async def settles(database: Database, **states: str) -> None:
    async def reached() -> bool:
        found = await _states(database)
        return all(found.get(subject) == state for subject, state in states.items())

    await wait_until(reached, what=str(states))


async def test_the_first_notice_is_read_at_once(database: Database, running: Running) -> None:
    vendor = Vendor()
    async with running(vendor, WorkerSettings(poll_seconds=60)):
        started = time.monotonic()
        await put(database, made("a"))
        await wait_until(lambda: vendor.finished == ["a"], seconds=5)
        assert time.monotonic() - started < 2, "woken by NOTIFY, not by polling"
        found = await row(database, "77")
        assert found is not None
        assert found["connection_id"] == 0


async def test_polling_stands_behind_the_bell(database: Database, running: Running) -> None:
    vendor = Vendor()
    async with running(vendor, ring=False):
        await put(database, made("a"))
        await settles(database, a="in_sync")


async def test_rounds_of_a_company_are_a_gap_apart_and_take_everything_due(
    database: Database, running: Running
) -> None:
    vendor = Vendor()
    async with running(vendor, WorkerSettings(gap_seconds=0.12)):
        started = time.monotonic()
        for number in range(100):
            await put(database, made(f"{number}"))
        await wait_until(lambda: len(vendor.finished) == 100)
        elapsed = time.monotonic() - started
    assert len(vendor.lots) <= elapsed / 0.12 + 1
    assert sorted(vendor.finished) == sorted(f"{number}" for number in range(100))


async def test_a_slow_company_does_not_hold_up_another(database: Database, running: Running) -> None:
    vendor = Vendor()

    async def process(lot: Lot) -> list[Outcome]:
        if lot.connection_id == CONNECTION:
            vendor.busy.set()
            await vendor.go_on.wait()
        return [in_sync(record.subject_id) for record in lot.records]

    vendor.process = process  # type: ignore[method-assign]
    settings = WorkerSettings(poll_seconds=0.05, gap_seconds=0, rounds=3, rounds_of_company=2, lot_size=1)
    async with running(vendor, settings):
        await put(database, *(made(f"slow{number}") for number in range(10)))
        await vendor.busy.wait()
        await put(database, *(Mark(TENANT, CONNECTION + 1, KIND, f"q{number}", make=True) for number in range(5)))
        await settles(database, **{f"q{number}": "in_sync" for number in range(5)})
        assert "slow0" not in vendor.finished
        vendor.go_on.set()
        await settles(database, **{f"slow{number}": "in_sync" for number in range(10)})


async def test_a_culprit_stands_alone(database: Database, running: Running) -> None:
    def raising(lot: Lot) -> None:
        if "5" in ids(lot):
            raise KeyError("TotalAmt")

    vendor = Vendor(raising=raising)
    await put(database, *(made(f"{number}") for number in range(10)))
    async with running(vendor):
        await settles(database, **{f"{number}": "in_sync" for number in range(10) if number != 5})
        await settles(database, **{"5": "failed"})
    found = await row(database, "5")
    assert found is not None
    assert found["reason_code"] == "UNEXPECTED"
    assert found["ready_at"] is not None, "it is tried again"


async def test_a_failure_of_the_whole_lot_is_each_record_s(database: Database, running: Running) -> None:
    def raising(lot: Lot) -> None:
        raise Permanent("UNKNOWN_PROPERTY", name="x", object_type="deals")

    await put(database, made("a"), made("b"))
    async with running(Vendor(raising=raising)):
        await settles(database, a="failed", b="failed")
    found = await row(database, "a")
    assert found is not None
    assert found["ready_at"] is not None, "nothing was wrong with the record: it is not settled"


async def test_a_lot_waits_for_its_account(database: Database, running: Running) -> None:
    def raising(lot: Lot) -> None:
        raise Paused("SUBSCRIPTION_LAPSED", account="1", status="suspended")

    await put(database, made("a"))
    async with running(Vendor(raising=raising)):
        await settles(database, a="waiting")
    found = await row(database, "a")
    assert found is not None
    assert found["attempts"] == 0


async def test_a_record_without_outcome_is_tried_again(database: Database, running: Running) -> None:
    async def forgetful(_lot: Lot) -> list[Outcome]:
        return [in_sync("a"), in_sync("unknown")]

    vendor = Vendor()
    vendor.process = forgetful  # type: ignore[method-assign]
    await put(database, made("a"), made("b"))
    async with running(vendor):
        await settles(database, a="in_sync", b="failed")
    assert await row(database, "unknown") is None


async def test_facts_that_the_database_refuses_fail_their_record_alone(database: Database, running: Running) -> None:
    def refusing(held: Sequence[Outcome]) -> None:
        if any(outcome.subject_id == "b" and outcome.verdict == "in_sync" for outcome in held):
            raise asyncpg.CheckViolationError("amount")

    vendor = Vendor(refusing=refusing)
    await put(database, made("a"), made("b"), made("c"))
    async with running(vendor):
        await settles(database, a="in_sync", b="failed", c="in_sync")
    assert sorted(vendor.finished) == ["a", "c"]


async def test_work_beyond_its_deadline_is_cut_and_tried_again(database: Database, running: Running) -> None:
    vendor = Vendor(hangs=True)
    await put(database, made("a"))
    async with running(vendor, WorkerSettings(work_seconds=0.2, poll_seconds=0.05)):
        await settles(database, a="failed")
    found = await row(database, "a")
    assert found is not None
    assert "0.2 s" in found["reason"]


async def test_nothing_starts_after_the_deadline(database: Database, running: Running) -> None:
    """The machine stood still between the claim and the work: the timer has not fired, the deadline is over."""

    class Jumping:
        """Each look at the clock is a minute later."""

        now = 0.0

        def monotonic(self) -> float:
            self.now += 60
            return self.now

    vendor = Vendor()
    await put(database, made("a"))
    async with running(vendor, machine=Jumping()):
        await settles(database, a="failed")
    assert vendor.lots == []


async def test_a_worker_paused_past_its_lease_writes_nothing(database: Database, running: Running) -> None:
    vendor = Vendor(hangs=True)
    await put(database, made("a"))
    async with running(vendor, WorkerSettings(poll_seconds=60)) as worker:
        await vendor.busy.wait()
        async with database.engine() as tx:
            await tx.execute("update records set ready_at = statement_timestamp()")
        other = await take(database)
        assert await end(database, other, [in_sync("a", quickbooks_id="new")]) == ["a"]
        vendor.go_on.set()
        await wait_until(lambda: not worker._rounds)
    assert vendor.finished == []
    found = await row(database, "a")
    assert found is not None
    assert (found["quickbooks_id"], found["settled"]) == ("new", 1)


async def test_what_falls_due_by_business_time_is_read(database: Database, running: Running) -> None:
    business = OffsetBusinessClock()
    due_at = business.now() + timedelta(days=30)
    await put(database, made("a"))
    await end(database, await take(database), [in_sync("a", due_at=due_at)])
    vendor = Vendor()
    async with running(vendor, business=business) as worker:
        # Turns pass and nothing is due ...
        await put(database, made("b"))
        await wait_until(lambda: vendor.finished == ["b"])
        business.put(due_at)
        await wait_until(lambda: vendor.finished == ["b", "a"])
        assert not worker.beat.stands_still
    found = await row(database, "a")
    assert found is not None
    assert found["due_at"] is None


async def test_a_stop_lets_rounds_end(database: Database, running: Running) -> None:
    vendor = Vendor(hangs=True)
    await put(database, made("a"))
    async with running(vendor):
        await vendor.busy.wait()
        asyncio.get_running_loop().call_later(0.2, vendor.go_on.set)
    assert vendor.finished == ["a"]
    assert (await _states(database)) == {"a": "in_sync"}


async def test_a_stop_gives_back_what_does_not_end(database: Database, running: Running) -> None:
    vendor = Vendor(hangs=True)
    await put(database, made("a"))
    async with running(vendor, WorkerSettings(stop_seconds=0.1)):
        await vendor.busy.wait()
    lot = await take(database)
    assert ids(lot) == ["a"]
    assert lot.records[0].attempts == 0


async def test_two_workers_share_the_records(database: Database, running: Running) -> None:
    first, second = Vendor(), Vendor()
    await put(database, *(made(f"{number:03}") for number in range(200)))
    small = WorkerSettings(lot_size=10, gap_seconds=0, poll_seconds=0.05)
    async with running(first, small), running(second, small):
        await wait_until(lambda: len(first.finished) + len(second.finished) == 200)
    assert not set(first.finished) & set(second.finished)
    assert first.finished
    assert second.finished


async def test_the_worker_survives_its_database(database: Database, running: Running, administrator: str) -> None:
    """All connections are cut in the middle of a round: the work is settled when the database is back."""
    vendor = Vendor(hangs=True)
    await put(database, made("a"))
    async with running(vendor):
        await vendor.busy.wait()
        connection = await asyncpg.connect(administrator)
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
        await connection.close()
        vendor.go_on.set()
        await wait_until(lambda: "a" in vendor.finished)
        vendor.hangs = False

        async def writes() -> bool:
            try:
                return bool(await put(database, made("b")))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                return False

        await wait_until(writes)
        await wait_until(lambda: "b" in vendor.finished)


def test_an_error_of_a_record_never_tells_its_text() -> None:
    told = failed("a", RuntimeError("Bearer eyJ"))
    assert "eyJ" not in f"{told}"
