"""A service's life: parts start in order and stop in reverse, within bounds; what fails is started again and told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from ledgerbridge.errors import Throttled
from ledgerbridge.service import Beat, ServiceDescription, ServiceSettings
from ledgerbridge.service import parts as parts_module
from ledgerbridge.service.parts import Parts
from ledgerbridge.storage import MigrationSet
from ledgerbridge.testing.proxies import proxied
from ledgerbridge.testing.service_databases import ServiceDatabase, service_database
from ledgerbridge.testing.services import RunningService, running, settings_for
from ledgerbridge.testing.waiting import wait_until

SERVICE = ServiceDescription("probe", "probe", 0, (MigrationSet("ledgerbridge.messaging"),))


class SlowClock:
    """A machine clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class Recorded:
    """A part that writes down what happens to it."""

    def __init__(self, name: str, diary: list[str], *, fails: int = 0, deaf: bool = False) -> None:
        self.name = name
        self.clock = SlowClock()
        self.beat = Beat(self.clock)
        self.diary = diary
        self.fails = fails
        self.deaf = deaf

    async def run(self) -> None:
        self.diary.append(f"start {self.name}")
        if self.fails:
            self.fails -= 1
            raise RuntimeError("a fault of ours")
        try:
            await asyncio.Event().wait()
        finally:
            self.diary.append(f"stop {self.name}")
            if self.deaf:
                await asyncio.Event().wait()
            # What is in hand is finished before the part ends.
            await asyncio.sleep(0)
            self.diary.append(f"ended {self.name}")


@contextlib.asynccontextmanager
async def probe(
    database: ServiceDatabase, parts: Sequence[Any], routers: Sequence[APIRouter] = (), **settings: Any
) -> AsyncIterator[tuple[RunningService, httpx.AsyncClient]]:
    async def compose(context: Any) -> None:
        context.parts += parts

    given = ServiceSettings(**settings_for(database, "127.0.0.1:9", "none.", **settings))
    async with (
        running(SERVICE, given, compose, routers) as service,
        httpx.AsyncClient(base_url=service.url) as http,
    ):
        yield service, http


@pytest.fixture
async def database(postgres_server: str) -> AsyncIterator[ServiceDatabase]:
    async with service_database(postgres_server, "probe") as made:
        yield made


async def test_parts_start_in_order_and_stop_in_reverse(database: ServiceDatabase) -> None:
    diary: list[str] = []
    async with probe(database, [Recorded(name, diary) for name in "abc"]):
        assert diary == ["start a", "start b", "start c"]
    assert diary[3:] == ["stop c", "ended c", "stop b", "ended b", "stop a", "ended a"]


async def test_a_part_that_does_not_stop_is_left_behind_within_the_bound() -> None:
    diary: list[str] = []
    parts = Parts([Recorded("good", diary), Recorded("deaf", diary, deaf=True)], stop_seconds=0.2)
    await parts.start()
    await asyncio.wait_for(parts.stop(), 2)
    assert diary[2:] == ["stop deaf", "stop good", "ended good"]


async def test_a_part_that_fails_is_started_again_and_counted(
    monkeypatch: pytest.MonkeyPatch, database: ServiceDatabase
) -> None:
    monkeypatch.setattr(parts_module, "FIRST_RESTART_SECONDS", 0.01)
    diary: list[str] = []
    async with probe(database, [Recorded("shaky", diary, fails=2), Recorded("steady", diary)]) as (_service, http):
        await wait_until(lambda: diary.count("start shaky") == 3)
        assert diary.count("start steady") == 1
        text = (await http.get("/metrics")).text
        assert 'ledgerbridge_part_failures_total{part="shaky"} 2.0' in text


async def test_livez_names_the_part_that_stands_still(database: ServiceDatabase) -> None:
    part = Recorded("stuck", [])
    async with probe(database, [part]) as (_service, http):
        part.beat.waiting(True)
        part.clock.now += 59
        assert (await http.get("/livez")).status_code == 200
        part.clock.now += 2
        answer = await http.get("/livez")
        assert (answer.status_code, answer.json()) == (503, {"standing_still": ["stuck"]})
        assert 'ledgerbridge_part_stands_still{part="stuck"} 1.0' in (await http.get("/metrics")).text
        part.beat.progress()
        assert (await http.get("/livez")).status_code == 200
        part.beat.waiting(False)
        part.clock.now += 1000
        assert (await http.get("/livez")).status_code == 200


async def test_without_the_database_a_service_lives_and_is_not_ready(postgres_server: str) -> None:
    router = APIRouter()

    @router.get("/ask")
    async def ask() -> None:
        raise ConnectionRefusedError

    async with (
        proxied(postgres_server) as (proxy, dsn),
        service_database(dsn, "probe") as made,
        probe(made, [], [router]) as (_service, http),
    ):
        assert (await http.get("/readyz")).status_code == 200
        await proxy.shut()
        answer = await http.get("/readyz", timeout=5)
        assert (answer.status_code, answer.json()) == (503, {"database": "away"})
        assert (await http.get("/livez")).status_code == 200
        assert "ledgerbridge_database_answers 0.0" in (await http.get("/metrics", timeout=5)).text
        answer = await http.get("/ask")
        assert (answer.status_code, answer.json()["code"]) == (503, "STORAGE_AWAY")
        assert answer.headers["retry-after"]
        await proxy.let_through()
        await wait_until(lambda: _ready(http))


async def _ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/readyz", timeout=5)).status_code == 200


async def test_a_service_waits_for_a_database_that_starts_late(
    postgres_server: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async with proxied(postgres_server) as (proxy, dsn), service_database(dsn, "probe") as made:
        await proxy.shut()
        opening = asyncio.create_task(_once(made))
        said: list[str] = []

        def refused() -> bool:
            said.append(capsys.readouterr().out)
            return "database.away" in caplog.text + "".join(said) or opening.done()

        await wait_until(refused, what="the service found the database away")
        await proxy.let_through()
        assert await asyncio.wait_for(opening, 15) == 200


async def _once(database: ServiceDatabase) -> int:
    async with probe(database, []) as (_service, http):
        return (await http.get("/readyz")).status_code


async def test_an_error_that_nobody_foresaw_has_the_shape_of_all_errors(database: ServiceDatabase) -> None:
    router = APIRouter()

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("with a secret inside")

    @router.get("/busy")
    async def busy() -> None:
        raise Throttled("GATEWAY_BUSY", retry_after=1)

    async with probe(database, [], [router]) as (_service, http):
        answer = await http.get("/broken")
        assert (answer.status_code, answer.json()["code"]) == (500, "UNEXPECTED")
        assert "secret" not in answer.text
        answer = await http.get("/busy")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        answer = await http.get("/nowhere")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
