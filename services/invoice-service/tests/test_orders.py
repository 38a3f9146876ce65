"""Orders, attempts, drafts and command keys: at most once, by rule and by constraint."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import pytest
from invoice_service.drafts.draft import Draft
from invoice_service.orders import store_orders
from invoice_service.orders.order import Order, OrderState, attempt_of
from invoice_service.orders.store_orders import CommandKey, content_hash
from ledgerbridge.errors import Refused
from ledgerbridge.storage import Database

TENANT, OTHER = 1, 2
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DRAFT = Draft(draft_id=str(uuid4()), deal_id="5", currency="USD")


def order(**fields: object) -> Order:
    base = Order(
        order_id=uuid4(),
        connection_id=7,
        realm="9130350000000001",
        kind="create",
        invoice_id=uuid4(),
        actor="person:1",
        content=DRAFT.to_document(),
        ordered_at=NOW,
        deal_id="5",
    )
    return replace(base, **fields)  # type: ignore[arg-type]


async def test_orders_come_back_as_they_were_and_go_on(database: Database) -> None:
    first = order()
    refused = first.failed(Refused("NO_BUYER", field="buyer"), NOW)
    async with database.tenant(TENANT) as tx:
        await store_orders.save(tx, TENANT, [first])
        assert await store_orders.by_ids(tx, [first.order_id]) == {first.order_id: first}
        assert await store_orders.unsettled_of_deal(tx, "5") == [first]
        assert await store_orders.unsettled_of_company(tx, first.realm) == [first]
        await store_orders.save(tx, TENANT, [refused])
        assert (await store_orders.by_ids(tx, [first.order_id]))[first.order_id] == refused
        assert await store_orders.unsettled_of_deal(tx, "5") == []
    async with database.tenant(OTHER) as tx:
        assert await store_orders.by_ids(tx, [first.order_id]) == {}
    assert (refused.code, refused.field, refused.state.settled) == ("NO_BUYER", "buyer", True)
    assert (refused.again(NOW).generation, refused.again(NOW).code) == (2, None)


async def test_a_draft_has_at_most_one_unsettled_order(database: Database) -> None:
    draft_id = UUID(DRAFT.draft_id)
    first, second = order(draft_id=draft_id), order(draft_id=draft_id)
    async with database.tenant(TENANT) as tx:
        await store_orders.lock_deal(tx, TENANT, "5")
        await store_orders.save(tx, TENANT, [first])
        assert await store_orders.unsettled_of_draft(tx, draft_id) == first
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.tenant(TENANT) as tx:
            await store_orders.save(tx, TENANT, [second])
    async with database.tenant(TENANT) as tx:
        await store_orders.save(tx, TENANT, [first.done("130", NOW)])
        await store_orders.save(tx, TENANT, [second])
        assert await store_orders.unsettled_of_draft(tx, draft_id) == second


async def test_an_attempt_keeps_its_bytes_until_the_generation_rises(database: Database) -> None:
    first = order()
    one = attempt_of(first, "invoice", b"{1}", NOW, expected_total=Decimal("10.00"))
    other = attempt_of(first, "invoice", b"{2}", NOW + timedelta(hours=1))
    async with database.tenant(TENANT) as tx:
        await store_orders.save(tx, TENANT, [first])
        assert await store_orders.save_attempt(tx, TENANT, one) == one
        assert await store_orders.save_attempt(tx, TENANT, other) == one
        settled = replace(one, outcome="refused", answered_at=NOW, code="BOOKS_CLOSED", reason="closed")
        await store_orders.settle_attempt(tx, settled)
        again = attempt_of(first.again(NOW), "invoice", b"{2}", NOW + timedelta(hours=1))
        assert await store_orders.save_attempt(tx, TENANT, again) == again
        assert await store_orders.attempts_of(tx, first.order_id) == [settled, again]
    assert again.request_id != one.request_id


def test_an_old_unknown_attempt_is_looked_up_first() -> None:
    attempt = attempt_of(order(), "invoice", b"{}", NOW)
    assert not attempt.must_look_first(NOW + timedelta(hours=23))
    assert attempt.must_look_first(NOW + timedelta(hours=24))
    assert not replace(attempt, outcome="done").must_look_first(NOW + timedelta(days=9))


@pytest.mark.statement("B-15", "rule")
@pytest.mark.parametrize(
    ("waited", "zone", "confirm"),
    [
        (timedelta(hours=1), "America/Los_Angeles", False),
        (timedelta(hours=23), "America/Los_Angeles", True),  # past the end of November
        (timedelta(hours=13), "UTC", True),
        (timedelta(hours=13), "America/Los_Angeles", False),  # still November there
        (timedelta(hours=25), "UTC", True),
    ],
)
def test_a_create_that_waited_too_long_asks_for_its_date(waited: timedelta, zone: str, confirm: bool) -> None:
    assert order().must_confirm_date(NOW + waited, zone) is confirm


async def test_drafts_are_saved_by_the_version_that_was_read(database: Database) -> None:
    changed = DRAFT.changed(message="one").changed(message="two")
    async with database.tenant(TENANT) as tx:
        await store_orders.save_draft(tx, TENANT, DRAFT, "person:1", NOW)
        await store_orders.save_draft(tx, TENANT, changed, "person:1", NOW, read_version=1)
        assert await store_orders.draft(tx, UUID(DRAFT.draft_id)) == changed
        with pytest.raises(Refused, match="STALE"):
            await store_orders.save_draft(tx, TENANT, DRAFT.changed(message="late"), "person:2", NOW, read_version=1)
        assert await store_orders.drafts_of_deal(tx, "5", NOW) == [changed]
        assert await store_orders.drafts_of_deal(tx, "5", NOW + timedelta(1)) == []
        await store_orders.discard_draft(tx, UUID(DRAFT.draft_id))
        assert await store_orders.draft(tx, UUID(DRAFT.draft_id)) is None


async def test_the_key_of_a_command_counts_once(database: Database) -> None:
    command = CommandKey(
        source="shop", key="k1", command_id="e1", type="t", content_hash=content_hash(b"{}"), order_id=uuid4()
    )
    async with database.tenant(TENANT) as tx:
        assert await store_orders.take_key(tx, TENANT, command, NOW) is None
        assert await store_orders.take_key(tx, TENANT, replace(command, command_id="e2"), NOW) == command
        with pytest.raises(Refused, match="IDEMPOTENCY_CONFLICT"):
            await store_orders.take_key(tx, TENANT, replace(command, content_hash=content_hash(b"[]")), NOW)
    async with database.tenant(OTHER) as tx:
        assert await store_orders.take_key(tx, OTHER, command, NOW - timedelta(days=91)) is None
    async with database.engine() as tx:
        assert await store_orders.forget_commands(tx, NOW - timedelta(days=90)) == 1


def test_only_done_and_failed_are_settled() -> None:
    assert {state for state in OrderState if state.settled} == {OrderState.DONE, OrderState.FAILED}
