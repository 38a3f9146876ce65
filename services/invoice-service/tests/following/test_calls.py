"""What following costs, counted in the sandbox's journal (design.md 4; the issue's figures)."""

import asyncio

import pytest
from following_house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_status_change_told_by_an_invoice_event_costs_two_calls(house: House) -> None:
    _deal, theirs, _ours = await house.followed()
    calls = await house.calls_of(house.bookkeeper().act("invoice", theirs, "print"))
    assert [call.split()[0] for call in calls] == ["quickbooks", "hubspot"], calls


async def test_a_status_change_told_by_a_payment_event_costs_three_calls(house: House) -> None:
    _deal, theirs, _ours = await house.followed()
    calls = await house.calls_of(house.bookkeeper().act("invoice", theirs, "pay"))
    assert [call.split()[0] for call in calls] == ["quickbooks", "quickbooks", "hubspot"], calls


@pytest.mark.statement("S-54", "rule")
@pytest.mark.statement("S-55", "rule")
async def test_an_invoice_that_nobody_added_costs_no_read_and_appears_nowhere(house: House) -> None:
    bookkeeper = house.bookkeeper()
    theirs: list[str] = []

    async def made_and_changed() -> None:
        theirs.append(await bookkeeper.invoice())
        await bookkeeper.act("invoice", theirs[0], "print")
        await bookkeeper.act("invoice", theirs[0], "void")

    assert await house.calls_of(made_and_changed()) == []
    listed = await house.get("/invoices")
    assert theirs[0] not in [one["invoice"]["quickbooks_id"] for one in listed["invoices"]]
    rows = "select count(*) from invoice_service.records where kind = 'invoice' and quickbooks_id = $1"
    assert await house.value(rows, theirs[0]) == 0


async def test_a_payment_of_an_invoice_that_nobody_added_is_read_once_and_forgotten(house: House) -> None:
    theirs = await house.bookkeeper().invoice()
    calls = await house.calls_of(house.bookkeeper().act("invoice", theirs, "pay"))
    assert len(calls) == 1
    assert (
        await house.value("select count(*) from invoice_service.allocations where invoice_quickbooks_id = $1", theirs)
        == 0
    )


async def test_a_hundred_changes_in_one_array_cost_at_most_six_calls(house: House) -> None:
    bookkeeper = house.bookkeeper()
    theirs = [await bookkeeper.invoice() for _ in range(100)]
    deals = await asyncio.gather(*(house.salesperson().deal() for _ in theirs))
    for quickbooks_id, deal in zip(theirs, deals, strict=True):
        await house.add([quickbooks_id], deal_id=deal)

    async def all_at_once() -> None:
        await house.sandbox.ask("PUT", "/webhooks/quickbooks", {"paused": True, "batch": 100})
        for quickbooks_id in theirs:
            await bookkeeper.act("invoice", quickbooks_id, "print")
        await house.sandbox.ask("PUT", "/webhooks/quickbooks", {"paused": False})

    calls = await house.calls_of(all_at_once())
    assert len(calls) <= 6, calls
    statuses = [await house.deal(deal) for deal in deals]
    assert {one["status"] for one in statuses} == {"sent_to_customer"}


async def test_a_time_stamp_that_moved_alone_is_read_and_written_to_nobody(house: House) -> None:
    _deal, theirs, ours = await house.followed()
    before = len(await house.events(ours))
    calls = await house.calls_of(house.bookkeeper().act("invoice", theirs, "edit", TrackingNum="1Z 999"))
    assert [call.split()[0] for call in calls] == ["quickbooks"], calls
    assert len(await house.events(ours)) == before
