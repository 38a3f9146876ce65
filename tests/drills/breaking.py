"""Processes killed, servers away, the broker wiped: nothing accepted is lost, nothing doubled."""

import asyncio
import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

import asyncpg
import psutil
from ledgerbridge.testing.waiting import wait_until_sync

from bench.rows import Row
from tests.drills.books import Books
from tests.drills.household import BreakableHouse
from tests.house import US_PORTAL

VICTIMS = ("webhook-gateway", "invoice-service", "kafka", "postgres", "supervisor")


class Load:
    """Payments by the bookkeeper and commands by another producer, as long as it is on."""

    def __init__(self, books: Books, seconds_between: float = 0.25) -> None:
        self.changes = 0
        self._books = books
        self._gap = seconds_between
        self._stop = threading.Event()
        self._failed: list[BaseException] = []
        self._deals = [books.deal_to_invoice() for _ in range(60)]
        self._threads = [threading.Thread(target=self._guarded, args=(work,)) for work in (self._pay, self._order)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
        if self._failed:
            raise self._failed[0]

    def _guarded(self, work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except BaseException as failed:  # noqa: BLE001 - told at the end
            self._failed.append(failed)

    def _pay(self) -> None:
        kept = list(self._books.kept)
        while not self._stop.wait(self._gap):
            self._books.pay(kept[self.changes % len(kept)])
            self.changes += 1

    def _order(self) -> None:
        while not self._stop.wait(self._gap * 4) and self._deals:
            self._books.order(self._deals.pop())


def kill(house: BreakableHouse, name: str) -> None:
    """kill -9; the supervisor is started again by hand, the others by the supervisor."""
    house.process(name).kill()
    if name == "supervisor":
        assert house.installation.process is not None
        house.installation.process.wait()
        house.restart()


def kills(books: Books, times: int, seed: int = 1) -> list[Row]:
    """kill -9 of a random process under load."""
    house, chance = books.house, random.Random(seed)  # noqa: S311 - a drill's choice
    books.add(4)
    before, place = books.invoices(), house.bus.place()
    killed: list[str] = []
    with Load(books) as load:
        for number in range(times):
            # Every process has its turn before one comes twice.
            if number % len(VICTIMS) == 0:
                turn = chance.sample(VICTIMS, len(VICTIMS))
            killed.append(turn[number % len(VICTIMS)])
            time.sleep(chance.uniform(0.5, 2.0))
            kill(house, killed[-1])
            house.wait_until_ready(90)
    return [
        *_nothing_lost(books, before, place),
        Row(f"kill -9, {times} times under load ({', '.join(killed[:8])} …): changes and commands meanwhile",
            f"{load.changes} changes, {len(books.commands)} commands"),
    ]  # fmt: skip


def _nothing_lost(books: Books, before: int, place: int) -> list[Row]:
    """Every command made one invoice, every deal shows what QuickBooks holds, no event of ours is missing."""
    books.wait_until_done(120)
    doubled = books.invoices() - before - len(books.commands)
    books.wait_until_equal(seconds=120)
    gaps = _gaps(books, place)
    return [
        Row("kill -9 under load: accepted commands without their invoice", "0", "0", True),
        Row("kill -9 under load: invoices beyond one a command", str(doubled), "0", doubled == 0),
        Row("kill -9 under load: deals unlike QuickBooks in the end", "0", "0", True),
        Row("kill -9 under load: gaps in the numbers of invoices' events", str(gaps), "0", gaps == 0),
    ]


def _gaps(books: Books, place: int) -> int:
    numbers: dict[str, set[int]] = {}
    for seen in books.house.bus.seen("invoices"):
        if seen.sequence is not None:
            numbers.setdefault(seen.key, set()).add(seen.sequence)
    return sum(max(found) - len(found) for found in numbers.values())


@contextmanager
def frozen(process: psutil.Process) -> Iterator[None]:
    """A server that is there and does not answer."""
    family = [process, *process.children(recursive=True)]
    for one in family:
        one.suspend()
    try:
        yield
    finally:
        for one in reversed(family):
            one.resume()


def away(books: Books, name: str, seconds: float) -> list[Row]:
    """Database or broker does not answer for a while, under load."""
    house = books.house
    books.add(2)
    before, place = books.invoices(), house.bus.place()
    letters = _dead_letters(house)
    with Load(books):
        time.sleep(1)
        with frozen(house.process(name)):
            time.sleep(seconds)
    back = time.monotonic()
    books.wait_until_done(60)
    books.wait_until_equal(seconds=60)
    took = time.monotonic() - back
    doubled = books.invoices() - before - len(books.commands)
    gaps, buried = _gaps(books, place), _dead_letters(house) - letters
    what = {"postgres": "database", "kafka": "broker"}[name]
    value = f"all done {took:.1f} s after; doubled {doubled}, gaps in events {gaps}, dead letters {buried}"
    holds = took <= 60 and not (doubled or gaps or buried)
    return [Row(f"{what} away {seconds:g} s: recovery by itself", value, "within 60 s, 0 lost, 0 dead letters", holds)]


def _dead_letters(house: BreakableHouse) -> int:
    """Dead letters that the services have written, by their outboxes."""

    async def count() -> int:
        connection = await asyncpg.connect(house.running.admin_dsn)
        try:
            found = 0
            for schema in ("webhook_gateway", "invoice_service"):
                table = f"{schema}.outbox"
                query = f"select count(*) from {table} where topic like 'dead-letters.%'"  # noqa: S608 - our own names
                found += await connection.fetchval(query)
            return found
        finally:
            await connection.close()

    return asyncio.run(count())


def wiped(books: Books) -> list[Row]:
    """The broker's data are gone; one command rebuilds from receipts and outboxes."""
    house, kept = books.house, books.add(3)
    since = datetime.now(UTC) - timedelta(minutes=30)
    told = {(seen.key, seen.sequence) for seen in house.bus.seen("invoices")}
    # The notices of these changes are on the broker and nobody has read them when it goes.
    with frozen(house.process("invoice-service")):
        for one in kept:
            books.pay(one)
        house.sandbox.settle_webhooks()
    house.bus.close()
    try:
        house.installation.stop()
        shutil.rmtree(house.installation.home / "kafka")
        house.restart()
        said = house.installation.command("rebuild", "--since", since.isoformat(), "--account", US_PORTAL).stdout
    finally:
        house.reopen_bus()
    books.wait_until_equal(kept, 60)

    def missing() -> set[tuple[str, int | None]]:
        return told - {(seen.key, seen.sequence) for seen in house.bus.seen("invoices")}

    wait_until_sync(lambda: not missing(), 30, "every event is on the broker again")
    window = "resend" in said and since.isoformat()[:16] in said
    value = f"{len(told)} events told before, 0 missing after; 3 unread changes at their deals; window named: {window}"
    return [Row("broker wiped: one command rebuilds", value, "0 lost, window named", bool(window))]
