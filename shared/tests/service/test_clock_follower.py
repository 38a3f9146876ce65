"""Following the real sandbox's clock: the call that moves it returns when the follower lives in the new time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from ledgerbridge.service.clocks import OffsetBusinessClock, today
from ledgerbridge.service.sandbox_clock import SandboxClockFollower
from ledgerbridge.testing.waiting import wait_until
from ledgerbridge_sandbox.app import Ports, opened
from ledgerbridge_sandbox.world import World

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
NEAR = timedelta(seconds=2)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with opened(Ports(0, 0, 0), START) as found:
        yield found


@pytest.fixture
async def clock(world: World) -> AsyncIterator[OffsetBusinessClock]:
    offset = OffsetBusinessClock()
    follower = SandboxClockFollower(world.addresses["control"], offset, "probe")
    await follower.adopt()
    task = asyncio.create_task(follower.run())
    await wait_until(lambda: world.clock._followers, what="the follower asks")
    yield offset
    task.cancel()


async def test_every_move_is_followed_before_the_call_returns(world: World, clock: OffsetBusinessClock) -> None:
    assert abs(clock.now() - START) < NEAR
    async with httpx.AsyncClient(base_url=world.addresses["control"], timeout=15) as control:
        for seconds in (3600, 86_400 * 40, -7200):
            before = world.clock.now()
            assert (await control.post("/clock/advance", json={"seconds": seconds})).status_code == 200
            assert abs(clock.now() - before - timedelta(seconds=seconds)) < NEAR
        put = {"now": "2026-12-31T23:59:58+00:00"}
        assert (await control.put("/clock", json=put)).status_code == 200
        assert today(clock, "Pacific/Auckland").isoformat() == "2027-01-01"
        assert today(clock, "America/Los_Angeles").isoformat() == "2026-12-31"


async def test_a_rate_is_followed_and_a_frozen_clock_stands_still(world: World, clock: OffsetBusinessClock) -> None:
    async with httpx.AsyncClient(base_url=world.addresses["control"], timeout=15) as control:
        await control.put("/clock", json={"rate": 36_000})
        await wait_until(lambda: clock.now() - START > timedelta(hours=1), what="an hour passes in a tenth of a second")
        await control.put("/clock", json={"frozen": True})
        assert clock.now() == world.clock.now()
        await control.put("/clock", json={"frozen": False, "rate": 1})
        assert abs(clock.now() - world.clock.now()) < NEAR
