import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from ledgerbridge.accounts.budgets import LEASE_SECONDS, Budgets
from ledgerbridge.accounts.limits import Lane, LimitSizes
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.errors import Paused, Throttled
from ledgerbridge.service.clocks import OffsetBusinessClock
from ledgerbridge.service.settings import ServiceSettings
from ledgerbridge.storage import Database
from ledgerbridge.testing.service_databases import service_database

from .conftest import Installation

LANES: tuple[Lane, ...] = ("person", "live", "backfill")


class MovedTime:
    """Machine time of this process and of the database, moved together by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def monotonic(self) -> float:
        return self.seconds

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


def budgets_of(installation: Installation, time: MovedTime | None = None, **sizes: int) -> Budgets:
    return Budgets(
        installation.database,
        installation.accounts,
        business=installation.clock,
        machine=time,
        moment=time.moment if time else None,
        sizes=LimitSizes(**sizes),
    )


async def company_of(installation: Installation) -> Account:
    return await installation.quickbooks(await installation.hubspot())


async def taken(budgets: Budgets, account: Account, lane: Lane = "person", kind: Any = "read", most: int = 1000) -> int:
    """How many calls may be made now."""
    for number in range(most):
        try:
            await budgets.take(account, kind, lane, patience=0)
        except (Throttled, Paused):
            return number
    return most


async def test_a_rolling_limit_is_refused_with_the_time_until_there_is_room(installation: Installation) -> None:
    time, company = MovedTime(), await company_of(installation)
    budgets = budgets_of(installation, time, quickbooks_second=10)
    assert await taken(budgets, company) == 10
    with pytest.raises(Throttled, match="asked to slow down") as refused:
        await budgets.take(company, "read", "person", patience=0)
    assert 1.0 <= refused.value.retry_after <= 1.45
    time.seconds += refused.value.retry_after + 0.001
    await budgets.take(company, "read", "person", patience=0)


async def test_lanes_leave_room_for_those_before_them(installation: Installation) -> None:
    time, company = MovedTime(), await company_of(installation)
    budgets = budgets_of(installation, time, quickbooks_second=10)
    assert [await taken(budgets, company, lane) for lane in ("backfill", "live", "person")] == [7, 2, 1]


async def test_a_month_pauses_until_the_next_and_writes_are_free(installation: Installation) -> None:
    company = await company_of(installation)
    budgets = budgets_of(installation, quickbooks_month=5)
    assert await taken(budgets, company) == 5
    with pytest.raises(Paused, match=r"quickbooks workspace quickbooks-app .*until 2026-12-01 00:00 UTC") as paused:
        await budgets.take(company, "read", "person")
    assert paused.value.code == "BUDGET_USED"
    await budgets.take(company, "write", "person")
    assert [(limit.span, used) for limit, used in await budgets.used(company)] == [("month", 5)]
    installation.clock.put(datetime(2026, 12, 1, tzinfo=UTC))
    assert await taken(budgets, company) == 5


async def test_hubspots_day_ends_at_midnight_of_its_zone(installation: Installation) -> None:
    hubspot = await installation.hubspot(zone="America/New_York")
    budgets = budgets_of(installation, hubspot_static_day=3)
    assert await taken(budgets, hubspot) == 3
    installation.clock.put(datetime(2026, 11, 24, 4, 59, tzinfo=UTC))
    assert await taken(budgets, hubspot) == 0
    installation.clock.put(datetime(2026, 11, 24, 5, 1, tzinfo=UTC))
    assert await taken(budgets, hubspot) == 3


async def test_owners_are_apart_and_shared_where_they_are_one(installation: Installation) -> None:
    hubspot = await installation.hubspot()
    first, second = await installation.quickbooks(hubspot, "1"), await installation.quickbooks(hubspot, "2")
    time = MovedTime()
    sizes = {"quickbooks_second": 4, "quickbooks_month": 6, "hubspot_searches_second": 5}
    one, other = budgets_of(installation, time, **sizes), budgets_of(installation, time, **sizes)
    assert await taken(one, first) == 4  # the realm's second
    assert await taken(other, first) == 0  # another process draws on the same
    assert await taken(other, second) == 2  # the workspace's month is all companies'
    assert await taken(one, hubspot, kind="search") == 5
    assert await taken(one, hubspot, kind="read", most=50) == 50


async def test_a_refused_limit_takes_nothing_from_the_others(installation: Installation) -> None:
    time, company = MovedTime(), await company_of(installation)
    budgets = budgets_of(installation, time, quickbooks_second=2, quickbooks_month=100)
    assert await taken(budgets, company) == 2
    time.seconds += 5
    assert await taken(budgets, company) == 2
    assert [used for _limit, used in await budgets.used(company)] == [4]


async def test_batches_have_a_limit_of_their_own(installation: Installation) -> None:
    time, company = MovedTime(), await company_of(installation)
    budgets = budgets_of(installation, time, quickbooks_minute=50, quickbooks_batches_minute=4)
    assert await taken(budgets, company, kind="batch") == 4
    assert await taken(budgets, company, kind="write") == 46


async def test_an_uncontended_take_asks_the_database_once_a_lease(installation: Installation) -> None:
    time, company = MovedTime(), await company_of(installation)
    budgets = budgets_of(installation, time, quickbooks_second=200)
    await budgets.take(company, "read")
    for _ in range(19):  # 200 a second leased in lots of 100 ms
        await budgets.take(company, "read")
    assert await leased(installation) == 20
    await budgets.take(company, "read")
    assert await leased(installation) == 40
    time.seconds += LEASE_SECONDS
    await budgets.take(company, "read")
    assert await leased(installation) == 60  # the rest of the old lease is void


def test_the_installation_says_how_large_limits_are(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"database_app": "postgres://", "database_engine": "postgres://", "kafka": "k:1", "secret_key": "1:k"}
    monkeypatch.setenv("LEDGERBRIDGE_LIMIT_HUBSPOT_STATIC_TEN_SECONDS", "190")
    sizes = LimitSizes.of(ServiceSettings(**given))  # type: ignore[arg-type]
    assert (sizes.hubspot_static_ten_seconds, sizes.quickbooks_second) == (190, 10)


async def test_the_vendors_own_429_holds_back_every_process(installation: Installation) -> None:
    company = await company_of(installation)
    one = budgets_of(installation, quickbooks_second=10)
    other = budgets_of(installation, quickbooks_second=10)
    await one.hold_back(company, "read", 60)
    with pytest.raises(Throttled) as refused:
        await other.take(company, "read", "person")
    assert 50 < refused.value.retry_after <= 60


async def test_who_is_patient_waits_for_room(installation: Installation) -> None:
    company = await company_of(installation)
    budgets = budgets_of(installation, quickbooks_second=3)
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(budgets.take(company, "read", "person", patience=5) for _ in range(5)))
    assert 0.9 < asyncio.get_running_loop().time() - began < 4


@pytest.mark.parametrize(
    ("sizes", "window"), [({"quickbooks_second": 20}, 1.0), ({"quickbooks_second": 100, "quickbooks_month": 150}, 1.0)]
)
async def test_limits_hold_over_several_processes(
    installation: Installation, sizes: dict[str, int], window: float
) -> None:
    company = await company_of(installation)
    given = {
        "app_dsn": installation.roles.app_dsn,
        "engine_dsn": installation.roles.engine_dsn,
        "account_id": company.id,
        "sizes": sizes,
        "seconds": 2.5,
    }
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("budget_callers.py")),
            json.dumps({**given, "lane": lane}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for lane in LANES
    ]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
    outputs = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    answers = [json.loads(output) for output, _errors in outputs]
    moments = sorted(moment for answer in answers for moment in answer["taken"])
    size = sizes["quickbooks_second"]
    assert max(sum(start <= moment < start + window for moment in moments) for start in moments) <= size
    if month := sizes.get("quickbooks_month"):
        assert len(moments) <= month
        assert all(answer["paused"] for answer in answers)
    else:
        assert len(moments) >= size * 2  # 2.5 s of a limit that is sometimes full, but never stands still


async def leased(installation: Installation) -> int:
    async with installation.database.engine() as tx:
        return int(await tx.fetchval("select coalesce(sum(used), 0) from budgets"))


class BudgetMachine(RuleBasedStateMachine):
    """Three processes on one company, against a model that knows every call ever made."""

    SECOND, MINUTE, MONTH = 7, 30, 60

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()

    @initialize()
    def start(self) -> None:
        self.loop.run_until_complete(self._start())

    async def _start(self) -> None:
        admin = await asyncpg.connect(STATEFUL["admin_dsn"])
        await admin.execute("delete from shared.budgets")
        await admin.close()
        self.database = await Database.connect(STATEFUL["app_dsn"], STATEFUL["engine_dsn"], "probe")
        self.time, self.clock = MovedTime(), OffsetBusinessClock()
        self.clock.put(datetime(2026, 11, 23, tzinfo=UTC))
        self.month = 0
        self.calls: list[tuple[float, int]] = []
        self.account = Account(1, 1, "quickbooks", "1", app="app")
        sizes = LimitSizes(quickbooks_second=self.SECOND, quickbooks_minute=self.MINUTE, quickbooks_month=self.MONTH)
        self.processes = [
            Budgets(
                self.database,
                Accounts(self.database),
                business=self.clock,
                machine=self.time,
                moment=self.time.moment,
                sizes=sizes,
            )
            for _ in range(3)
        ]

    @rule(process=st.integers(0, 2), lane=st.sampled_from(LANES), tries=st.integers(1, 12))
    def take(self, process: int, lane: Lane, tries: int) -> None:
        for _ in range(tries):
            try:
                self.loop.run_until_complete(self.processes[process].take(self.account, "read", lane, patience=0))
                self.calls.append((self.time.seconds, self.month))
            except Throttled as refused:
                assert self._used(1.45) >= self.SECOND * 0.7 - 1 or self._used(70) >= self.MINUTE * 0.7 - 1
                assert 0 < refused.retry_after <= 70  # noqa: PT017
            except Paused:
                assert self._in_month() >= self.MONTH * 0.7 - 1

    @rule(seconds=st.sampled_from([0.01, 0.05, 0.1, 0.3, 0.95, 1.0, 1.1, 7.0, 55.0, 61.0]))
    def wait(self, seconds: float) -> None:
        self.time.seconds += seconds

    @rule()
    def next_month(self) -> None:
        self.clock.put(self.clock.now() + timedelta(days=31))
        self.month += 1

    @rule()
    def a_quiet_minute_gives_everything_back(self) -> None:
        self.time.seconds += 70
        if self._in_month() < self.MONTH * 0.7 - 1:
            self.loop.run_until_complete(self.processes[0].take(self.account, "read", "backfill", patience=0))
            self.calls.append((self.time.seconds, self.month))

    @invariant()
    def no_window_holds_more_than_its_limit(self) -> None:
        for start, _month in getattr(self, "calls", [])[-80:]:
            assert self._between(start, start + 1.0) <= self.SECOND
            assert self._between(start, start + 60.0) <= self.MINUTE

    @invariant()
    def no_month_holds_more_than_its_limit(self) -> None:
        assert self._in_month() <= self.MONTH

    def _used(self, seconds: float) -> int:
        return self._between(self.time.seconds - seconds, self.time.seconds + 1)

    def _between(self, start: float, end: float) -> int:
        return sum(start <= moment < end for moment, _month in self.calls)

    def _in_month(self) -> int:
        return sum(month == self.month for _moment, month in getattr(self, "calls", []))

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.loop.run_until_complete(self.database.close())
        self.loop.close()


STATEFUL: dict[str, str] = {}


def test_budgets_agree_with_a_model(postgres_server: str) -> None:
    with asyncio.Runner() as runner:
        context = service_database(postgres_server, "probe", ())
        made = runner.run(context.__aenter__())
        STATEFUL.update(admin_dsn=made.admin_dsn, app_dsn=made.roles.app_dsn, engine_dsn=made.roles.engine_dsn)
        try:
            run_state_machine_as_test(
                BudgetMachine,
                settings=settings(
                    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(context.__aexit__(None, None, None))
