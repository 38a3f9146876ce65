"""What was accepted is told: once, in its order, whoever accepted it, and one that cannot be told harms no other."""

import asyncio
import itertools
import json
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from gateway_hands import PORTAL, Gateway, Sweeping, body_of, hubspot_event
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.storage import Database, Transaction
from webhook_gateway import deliveries
from webhook_gateway.deliveries import Delivery
from webhook_gateway.notices import DEAD_LETTERS
from webhook_gateway.receipts import Receipts
from webhook_gateway.teller import LOT, Teller

POISON = hubspot_event(subscriptionType="de\u0000al.propertyChange")
"""Readable, but no text of PostgreSQL can hold it."""


class Telling:
    """A queue of deliveries, and tellers whose looks a test calls."""

    def __init__(self, database: Database, receipts: Receipts | None = None) -> None:
        self.database = database
        self.receipts = receipts or Receipts(Accounts(database))

    def teller(self, *, busy: bool = False) -> Teller:
        """`busy`: ten webhooks come while a lot is told."""
        return Teller(self.database, self.receipts, SystemBusinessClock(), itertools.count(0, 10 * busy).__next__)

    async def accept(self, *events: dict[str, Any]) -> None:
        """Deliveries of one event each, kept in one group as the door keeps them."""
        lot = [Delivery("hubspot", body_of(one), datetime.now(UTC)) for one in events]
        await deliveries.keep(self.database.each, lot)

    async def told(self) -> list[str]:
        async with self.database.engine() as tx:
            rows = await tx.fetch("select data from outbox where topic = $1 order by position", HUBSPOT_CHANGES.name)
        return [json.loads(row["data"])["record_id"] for row in rows]

    async def waiting(self) -> int:
        return int(await self.database.each.fetchval("select count(*) from deliveries"))


@pytest.fixture
def telling(sweeping: Sweeping) -> Telling:
    return Telling(sweeping.database)


def numbered(count: int) -> list[dict[str, Any]]:
    return [hubspot_event(record=number) for number in range(count)]


@pytest.mark.parametrize("busy", [False, True])
async def test_deliveries_are_told_in_their_order_lot_by_lot(telling: Telling, busy: bool) -> None:
    await telling.accept(*numbered(LOT * 2 + 5))
    await telling.teller(busy=busy).look()
    assert await telling.told() == [str(number) for number in range(LOT * 2 + 5)]
    assert await telling.waiting() == 0


async def test_two_gateways_tell_each_delivery_once(telling: Telling) -> None:
    await telling.accept(*numbered(LOT * 6))
    await asyncio.gather(telling.teller().look(), telling.teller().look())
    assert sorted(map(int, await telling.told())) == list(range(LOT * 6))
    assert await telling.waiting() == 0


async def test_a_gateway_that_ends_in_the_middle_leaves_the_lot_to_the_next(telling: Telling) -> None:
    class Interrupted(Receipts):
        async def write(self, tx: Transaction, delivered: Any) -> None:
            await super().write(tx, delivered)
            raise asyncio.CancelledError

    await telling.accept(*numbered(3))
    with pytest.raises(asyncio.CancelledError):
        await Telling(telling.database, Interrupted(Accounts(telling.database))).teller().look()
    assert await telling.waiting() == 3
    await telling.teller().look()
    assert await telling.told() == ["0", "1", "2"]


async def test_a_delivery_that_cannot_be_told_goes_to_the_dead_letters_alone(telling: Telling) -> None:
    await telling.accept(hubspot_event(record=1), POISON, hubspot_event(record=2))
    await telling.teller().look()
    assert await telling.told() == ["1", "2"]
    assert await telling.waiting() == 0
    letter = await telling.database.each.fetchrow("select * from outbox where topic = $1", DEAD_LETTERS.name)
    assert letter is not None
    assert letter["data"] == body_of(POISON)
    assert (
        b"CharacterNotInRepertoireError" in letter["header_values"][letter["header_names"].index("dead-letter-reason")]
    )


async def test_a_queue_that_cannot_be_read_ends_the_part(telling: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(tx: Transaction, most: int) -> list[deliveries.Waiting]:
        await tx.execute("select from no_such_table")
        return []

    monkeypatch.setattr(deliveries, "take", broken)
    with pytest.raises(asyncpg.UndefinedTableError):
        await telling.teller().look()


async def test_what_another_gateway_left_behind_is_told_without_a_new_webhook(gateway: Gateway) -> None:
    left = Delivery("hubspot", body_of(hubspot_event(record=5)), datetime.now(UTC))
    await deliveries.keep(gateway.service.state.database.each, [left])
    (notice,) = await gateway.notices(HUBSPOT_CHANGES, 1)
    assert (notice["account"], notice["record_id"]) == (PORTAL, "5")


@pytest.mark.parametrize("failures", [[ConnectionResetError], [ValueError, ConnectionResetError]])
async def test_a_database_that_goes_away_makes_no_dead_letter(
    telling: Telling, failures: list[type[Exception]]
) -> None:
    class Failing(Receipts):
        async def write(self, tx: Transaction, delivered: Any) -> None:
            if failures:
                raise failures.pop(0)
            await super().write(tx, delivered)

    await telling.accept(*numbered(3))
    teller = Telling(telling.database, Failing(Accounts(telling.database))).teller()
    with pytest.raises(ConnectionResetError):
        await teller.look()
    assert await telling.waiting() == 3
    await teller.look()
    assert await telling.told() == ["0", "1", "2"]
    assert not await telling.database.each.fetchval("select count(*) from outbox where topic = $1", DEAD_LETTERS.name)
