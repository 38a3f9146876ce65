"""Any sequence of marks, claims, crashes, lapsed leases and settles of several workers loses no mark.

The model: every subject has a version at the vendor, raised by each notice, and what we hold of it, written by whoever
settles and is still held. A record that the index calls done must hold the newest version that was told.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from ledgerbridge.errors import Permanent, Transient
from ledgerbridge.storage import Database
from ledgerbridge.sync import claims
from ledgerbridge.sync.claims import Lot, release
from ledgerbridge.sync.outcomes import Outcome, failed, in_sync
from ledgerbridge.testing.databases import drop_database, make_database, with_database

from .conftest import SCHEMA, Template
from .index import COMPANY, KIND, end, ids, made, put, take

SUBJECTS = st.sampled_from(["a", "b", "c"])
WORKERS = st.sampled_from([1, 2, 3])
Answer = TypeVar("Answer")
Run = Callable[[Awaitable[Answer]], Answer]


class RecordIndex(RuleBasedStateMachine):
    """Three workers, three subjects."""

    run: ClassVar[Run[Any]]
    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.vendor: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        self.work: dict[int, tuple[Lot, dict[str, int]]] = {}
        self.holder: dict[str, UUID] = {}
        self.execute("delete from records")

    def execute(self, statement: str) -> None:
        async def execute() -> None:
            async with self.database.engine() as tx:
                await tx.execute(statement)

        self.run(execute())

    @rule(subjects=st.lists(SUBJECTS, min_size=1, max_size=5))
    def notices_arrive(self, subjects: list[str]) -> None:
        self.vendor.update(set(subjects))
        self.run(put(self.database, *map(made, subjects)))

    @rule(worker=WORKERS, limit=st.integers(1, 3), late=st.booleans())
    def a_worker_claims_and_reads(self, worker: int, limit: int, late: bool) -> None:
        """Its former lot, if any, is forgotten: that is a crash. `late`: everybody's lease has lapsed before."""
        if late:
            self.all_leases_lapse_and_all_back_offs_end()
        lot = self.run(take(self.database, limit=limit))
        self.holder.update(dict.fromkeys(ids(lot), lot.lease))
        self.work[worker] = (lot, {subject: self.vendor[subject] for subject in ids(lot)})

    def all_leases_lapse_and_all_back_offs_end(self) -> None:
        self.execute("update records set ready_at = statement_timestamp() where ready_at is not null")

    @rule(worker=WORKERS, results=st.lists(st.integers(0, 5), min_size=3, max_size=3))
    def a_worker_settles(self, worker: int, results: list[int]) -> None:
        if worker not in self.work:
            return
        lot, read = self.work.pop(worker)
        outcomes = [self._outcome(subject, result) for subject, result in zip(ids(lot), results, strict=False)]
        held = self.run(end(self.database, lot, outcomes))
        assert held == sorted(self._given_up(lot)), "who lost the lease wrote, or who has it could not"
        for outcome in outcomes:
            if outcome.subject_id in held and outcome.verdict == "in_sync":
                self.held[outcome.subject_id] = read[outcome.subject_id]

    def _given_up(self, lot: Lot) -> list[str]:
        ours = [subject for subject in ids(lot) if self.holder.get(subject) == lot.lease]
        for subject in ours:
            del self.holder[subject]
        return ours

    def _outcome(self, subject: str, draw: int) -> Outcome:
        if draw == 0:
            return failed(subject, Transient("VENDOR_UNAVAILABLE", vendor="HubSpot", cause="503"))
        if draw == 1:
            return failed(subject, Permanent("NO_LINES"))
        return in_sync(subject)

    @rule(worker=WORKERS)
    def a_worker_stops(self, worker: int) -> None:
        if worker not in self.work:
            return
        lot, _read = self.work.pop(worker)

        async def give_back() -> None:
            async with self.database.engine() as tx:
                await release(tx, KIND, COMPANY, lot.lease)

        self.run(give_back())
        self._given_up(lot)

    @invariant()
    def what_is_in_sync_holds_the_newest_told(self) -> None:
        for row in self._rows():
            if row["state"] == "in_sync":
                assert self.held[row["subject_id"]] == self.vendor[row["subject_id"]]

    @invariant()
    def what_was_told_has_a_row(self) -> None:
        assert {row["subject_id"] for row in self._rows()} == set(self.vendor)

    def teardown(self) -> None:
        """When the storm is over, one worker brings everything in sync that was not refused for good."""
        self.all_leases_lapse_and_all_back_offs_end()
        lot = self.run(take(self.database))
        read = {subject: self.vendor[subject] for subject in ids(lot)}
        self.held.update({subject: read[subject] - self.held[subject] for subject in self.run(end(self.database, lot))})
        for row in self._rows():
            assert row["ready_at"] is None
            assert row["state"] == "failed" or self.held[row["subject_id"]] == self.vendor[row["subject_id"]]

    def _rows(self) -> list[Any]:
        async def read() -> list[Any]:
            async with self.database.engine() as tx:
                return await tx.fetch("select subject_id, state, ready_at from records")

        return list(self.run(read()))


@pytest.fixture
def index(postgres_server: str, template: Template) -> Iterator[type[RecordIndex]]:
    """The machine on a database of its own, all its steps in one event loop."""
    with asyncio.Runner() as runner:
        dsn = runner.run(make_database(postgres_server, template=template.name))
        name = urlsplit(dsn).path[1:]
        addresses = (with_database(address, name) for address in (template.roles.app_dsn, template.roles.engine_dsn))
        database = runner.run(Database.connect(*addresses, SCHEMA))
        yield type("Machine", (RecordIndex,), {"run": staticmethod(runner.run), "database": database})
        runner.run(database.close())
        runner.run(drop_database(postgres_server, name))


def storm(machine: type[RecordIndex], examples: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_no_mark_is_lost(index: type[RecordIndex]) -> None:
    storm(index, 100)


# The prototype: what is marked at the end is called settled.
SETTLES_TOO_MUCH = (
    "_SETTLE",
    "then held.claimed else held.marked end as upto",
    "then held.marked else held.marked end as upto",
)
# A worker that was paused past its lease writes all the same.
IGNORES_THE_LEASE = ("_HOLD", "and lease = $4", "and $4::uuid is not null")


@pytest.mark.parametrize(("statement", "right", "wrong"), [SETTLES_TOO_MUCH, IGNORES_THE_LEASE])
def test_the_storm_finds_what_is_wrong(
    index: type[RecordIndex], monkeypatch: pytest.MonkeyPatch, statement: str, right: str, wrong: str
) -> None:
    """Red controls: without them a storm that looks away would pass too."""
    original = getattr(claims, statement)
    assert right in original
    monkeypatch.setattr(claims, statement, original.replace(right, wrong))
    with pytest.raises((AssertionError, ExceptionGroup)):
        storm(index, 500)
