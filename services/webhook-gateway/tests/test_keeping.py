"""How long webhooks are kept, and telling them again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from gateway_hands import PORTAL, Control, Gateway, Sweeping, body_of, hubspot_event, quickbooks_event
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.service.retention import Retention
from ledgerbridge_sandbox.world import World
from webhook_gateway.deliveries import Delivery, Vendor, keep
from webhook_gateway.receipts import Receipts
from webhook_gateway.replay import replay
from webhook_gateway.retention import ReceiptChores
from webhook_gateway.settings import Settings
from webhook_gateway.teller import Teller


class Keeper:
    """Receipts and their retention in the sandbox's time."""

    def __init__(self, sweeping: Sweeping, world: World) -> None:
        self.database, self.clock = sweeping.database, world.clock
        settings = Settings.model_construct(
            receipts_kept=timedelta(days=30),
            receipt_keys_kept=timedelta(days=60),
            outbox_kept=timedelta(days=7),
            inbox_kept=timedelta(days=60),
        )
        chores = ReceiptChores(world.clock, settings)
        self.retention = Retention(
            self.database, settings, chores.make_partitions, chores.drop_receipts, chores.forget_keys
        )
        self.accounts = Accounts(self.database, business=world.clock)
        self.teller = Teller(self.database, Receipts(self.accounts), self.clock, lambda: 0)

    async def tenant(self) -> int:
        """The tenant of the connected HubSpot account."""
        account = await self.accounts.by_external("hubspot", PORTAL)
        assert account
        return account.tenant_id

    async def take(self, event: dict[str, Any]) -> None:
        vendor: Vendor = "hubspot" if "portalId" in event else "quickbooks"
        await keep(self.database.each, [Delivery(vendor, body_of(event), self.clock.now())])
        await self.teller.look()

    async def ask(self, query: str, *values: Any) -> Any:
        async with self.database.engine() as tx:
            return await tx.fetchval(query, *values)

    async def partitions(self) -> list[str]:
        async with self.database.engine() as tx:
            rows = await tx.fetch(
                "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
                "where i.inhparent = 'receipts'::regclass order by 1"
            )
        return [row["relname"] for row in rows]


@pytest_asyncio.fixture
async def keeper(sweeping: Sweeping, world: World) -> Keeper:
    return Keeper(sweeping, world)


async def test_partitions_stand_ready_a_week_ahead(keeper: Keeper, control: Control) -> None:
    await keeper.retention.look()
    today = keeper.clock.now().date()
    days = [f"receipts_{today + timedelta(days=ahead):%Y%m%d}" for ahead in range(8)]
    assert await keeper.partitions() == [*days, "receipts_default"]
    await keeper.take(quickbooks_event())
    assert await keeper.ask("select tableoid::regclass::text from receipts") == days[0]


async def test_a_clock_that_jumps_loses_no_receipt(keeper: Keeper, control: Control) -> None:
    await keeper.retention.look()
    await control.advance(days=20)
    await keeper.take(quickbooks_event())
    assert await keeper.ask("select count(*) from receipts_default") == 1
    await keeper.retention.look()
    tomorrow = f"receipts_{keeper.clock.now().date() + timedelta(days=1):%Y%m%d}"
    assert tomorrow in await keeper.partitions()
    await keeper.take(quickbooks_event(record="13"))
    assert await keeper.ask("select count(*) from receipts") == 2


async def test_receipts_go_by_the_day_and_their_keys_stay_longer(keeper: Keeper, control: Control) -> None:
    await keeper.retention.look()
    await keeper.take(quickbooks_event())
    await control.advance(days=29)
    await keeper.retention.look()
    assert await keeper.ask("select count(*) from receipts") == 1
    await control.advance(days=2)
    await keeper.retention.look()
    assert await keeper.ask("select count(*) from receipts") == 0
    assert await keeper.ask("select count(*) from receipt_keys") == 1
    # Intuit may send the same event again for a month: it is still known.
    await keeper.take(quickbooks_event())
    assert await keeper.ask("select count(*) from outbox") == 1
    await control.advance(days=31)
    await keeper.retention.look()
    assert await keeper.ask("select count(*) from receipt_keys") == 0


async def test_published_records_and_seen_events_are_forgotten_by_the_databases_clock(keeper: Keeper) -> None:
    for record in ("1", "2", "3"):
        await keeper.take(quickbooks_event(record=record))
    await keeper.ask("update outbox set published_at = clock_timestamp() - interval '8 days' where position = 1")
    await keeper.ask("update outbox set published_at = clock_timestamp() - interval '6 days' where position = 2")
    await keeper.ask(
        "insert into inbox (tenant_id, consumer, event_id, received_at) "
        "values (0, 'x', 'old', clock_timestamp() - interval '61 days'), (0, 'x', 'young', clock_timestamp())"
    )
    await keeper.retention.look()
    assert await keeper.ask("select array_agg(position order by position) from outbox") == [2, 3]
    assert await keeper.ask("select array_agg(event_id) from inbox") == ["young"]


async def test_one_chore_that_fails_does_not_stop_the_others(keeper: Keeper) -> None:
    async def broken(tx: Any) -> int:
        return int(await tx.fetchval("select 1 / 0"))

    await keeper.take(quickbooks_event())
    await keeper.ask("update outbox set published_at = clock_timestamp() - interval '8 days'")
    settings = Settings.model_construct(outbox_kept=timedelta(days=7), inbox_kept=timedelta(days=60))
    await Retention(keeper.database, settings, broken).look()
    assert await keeper.ask("select count(*) from outbox") == 0


async def test_a_replay_tells_a_window_again_page_by_page(keeper: Keeper, control: Control) -> None:
    since, tenant = keeper.clock.now(), await keeper.tenant()
    for number in range(450):
        await keeper.take(quickbooks_event(record=str(number)))
    await control.advance(days=1)
    until = keeper.clock.now()
    await keeper.take(quickbooks_event(record="later"))
    await keeper.ask("delete from outbox")
    done = await replay(keeper.database, keeper.accounts, keeper.clock, tenant, since, until)
    assert (done.receipts, done.notices) == (450, 450)
    assert (
        await keeper.ask("select count(distinct convert_from(data, 'utf8')::jsonb ->> 'record_id') from outbox") == 450
    )
    found_by = "select array_agg(distinct convert_from(data, 'utf8')::jsonb ->> 'found_by') from outbox"
    assert await keeper.ask(found_by) == ["replay"]


async def test_a_replay_tells_accounts_that_were_unknown_then(keeper: Keeper) -> None:
    since, tenant = keeper.clock.now(), await keeper.tenant()
    await keeper.take(hubspot_event(portalId=24000002))
    await keeper.take(hubspot_event())
    assert await keeper.ask("select count(*) from outbox") == 1
    other = "update accounts set external_id = '24000002' where external_id = $1"
    # The account is connected under another number now, as far as this database knows.
    async with keeper.database.tenant(tenant) as tx:
        assert await tx.execute(other, PORTAL) == "UPDATE 1"
    keeper.accounts.forget()
    until = datetime.max.replace(tzinfo=UTC)
    done = await replay(keeper.database, keeper.accounts, keeper.clock, tenant, since, until)
    assert (done.receipts, done.notices) == (1, 1)
    told = "select convert_from(data, 'utf8')::jsonb ->> 'account' from outbox order by position desc limit 1"
    assert await keeper.ask(told) == "24000002"


async def test_what_was_malformed_is_not_told_again(keeper: Keeper) -> None:
    since, tenant = keeper.clock.now(), await keeper.tenant()
    await keeper.take({"type": "nonsense"})
    letters = await keeper.ask("select count(*) from outbox")
    done = await replay(keeper.database, keeper.accounts, keeper.clock, tenant, since, since + timedelta(minutes=5))
    assert (done.receipts, done.notices) == (0, 0)
    assert await keeper.ask("select count(*) from outbox") == letters == 1


async def test_the_gateway_keeps_house_by_itself(gateway_without_broker: Gateway) -> None:
    assert await gateway_without_broker.count("pg_inherits where inhparent = 'receipts'::regclass") >= 1
