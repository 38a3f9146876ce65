"""Group commit: one transaction for all who wait, and nobody harmed by his neighbour or by an outage."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from gateway_hands import Gateway, body_of, quickbooks_event
from ledgerbridge.errors import Throttled
from ledgerbridge.testing.proxies import Proxy
from ledgerbridge.testing.waiting import wait_until
from webhook_gateway import deliveries, group_commit
from webhook_gateway.deliveries import Delivery
from webhook_gateway.group_commit import MOST_WAITING, GroupCommit


class Shelf:
    """A store that can be shut, and that takes no poison."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def write(self, items: Sequence[str]) -> None:
        await self.open.wait()
        if "poison" in items:
            raise ValueError("poisoned")
        self.groups.append(list(items))

    @property
    def stored(self) -> list[str]:
        return [item for group in self.groups for item in group]


@contextlib.asynccontextmanager
async def running(group: GroupCommit[str]) -> AsyncIterator[None]:
    task = asyncio.create_task(group.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_all_who_wait_share_one_write() -> None:
    shelf = Shelf()
    group = GroupCommit(shelf.write)
    async with running(group):
        shelf.open.clear()
        waiting = [asyncio.create_task(group.submit(str(number))) for number in range(50)]
        await wait_until(lambda: shelf.open.set() or True)
        await asyncio.gather(*waiting)
    assert len(shelf.groups) <= 2
    assert shelf.stored == [str(number) for number in range(50)]


async def test_what_comes_close_after_a_group_waits_for_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "BETWEEN_SECONDS", 0.3)
    shelf = Shelf()
    group = GroupCommit(shelf.write)
    async with running(group):
        await group.submit("alone")
        close = asyncio.create_task(group.submit("close"))
        for _turn in range(10):
            await asyncio.sleep(0)
        await asyncio.gather(close, group.submit("closer"))
    assert shelf.groups == [["alone"], ["close", "closer"]]


async def test_a_poisoned_item_fails_alone() -> None:
    shelf = Shelf()
    group = GroupCommit(shelf.write)
    async with running(group):
        items = ["one", "poison", "two"]
        answers = await asyncio.gather(*map(group.submit, items), return_exceptions=True)
    assert [type(one) for one in answers] == [type(None), ValueError, type(None)]
    assert shelf.stored == ["one", "two"]


async def test_the_item_of_a_caller_that_went_away_is_stored() -> None:
    shelf = Shelf()
    shelf.open.clear()
    group = GroupCommit(shelf.write)
    async with running(group):
        caller = asyncio.create_task(group.submit("kept"))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        assert caller.cancelled()
        shelf.open.set()
        await wait_until(lambda: shelf.stored == ["kept"])


async def test_a_full_queue_refuses_and_takes_again_when_it_has_room() -> None:
    shelf = Shelf()
    group = GroupCommit(shelf.write)
    waiting = [asyncio.create_task(group.submit(str(number))) for number in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Throttled) as refused:
        await group.submit("one too many")
    assert (refused.value.code, refused.value.retry_after) == ("GATEWAY_BUSY", 1.0)
    async with running(group):
        await asyncio.gather(*waiting)
        await group.submit("the next")
    assert len(shelf.stored) == MOST_WAITING + 1


async def test_a_stop_answers_everybody() -> None:
    shelf = Shelf()
    shelf.open.clear()
    group = GroupCommit(shelf.write)
    async with running(group):
        first = asyncio.create_task(group.submit("in hand"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second = asyncio.create_task(group.submit("waiting"))
        await asyncio.sleep(0)
    answers = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(one) for one in answers] == [Throttled, Throttled]


async def test_a_store_that_does_not_answer_is_503_in_the_vendors_time() -> None:
    shelf = Shelf()
    shelf.open.clear()
    group = GroupCommit(shelf.write)
    async with running(group):
        started = time.monotonic()
        with pytest.raises(Throttled):
            await group.submit("late")
        assert time.monotonic() - started < 3
        shelf.open.set()
        await wait_until(lambda: shelf.stored == ["late"])


async def test_a_delivery_that_the_database_refuses_fails_alone(gateway: Gateway) -> None:
    door = gateway.service.state
    good = [_delivery(record) for record in ("1", "2", "3")]
    old = Delivery("quickbooks", b"[", datetime(1, 1, 1, tzinfo=UTC))
    broken = Delivery(None, b"[", datetime.now(UTC))  # type: ignore[arg-type]
    group = GroupCommit(lambda lot: deliveries.keep(door.database.each, lot))
    task = asyncio.create_task(group.run())
    answers = await asyncio.gather(*map(group.submit, [*good, old, broken]), return_exceptions=True)
    task.cancel()
    assert [one is None for one in answers] == [True, True, True, True, False]
    assert await gateway.receipts() == 4


def _delivery(record: str) -> Delivery:
    return Delivery("quickbooks", body_of(quickbooks_event(record=record)), datetime.now(UTC))


async def test_the_door_says_busy_while_the_database_is_away_and_recovers(
    gateway_behind_proxy: tuple[Gateway, Proxy],
) -> None:
    gateway, proxy = gateway_behind_proxy
    assert (await gateway.quickbooks(body_of(quickbooks_event(record="1")))).status_code == 204
    await proxy.shut()
    for record in ("2", "3"):
        answer = await gateway.quickbooks(body_of(quickbooks_event(record=record)))
        assert (answer.status_code, answer.json()["code"]) == (503, "GATEWAY_BUSY")
        assert answer.headers["retry-after"]
        assert answer.elapsed.total_seconds() < 3
    assert (await gateway.http.get("/readyz")).status_code == 503
    assert (await gateway.http.get("/livez")).status_code == 200
    await proxy.let_through()

    async def accepted() -> bool:
        return (await gateway.quickbooks(body_of(quickbooks_event(record="2")))).status_code == 204

    await wait_until(accepted, what="the door accepts again")
    assert (await gateway.http.get("/readyz")).status_code == 200
    assert await gateway.receipts() == 2
