"""What happens to a deal in HubSpot: merged, deleted, restored, our properties overwritten (product.md)."""

import pytest
from following_house import PROPERTIES, House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_links_follow_a_merge(house: House) -> None:
    loser, theirs, ours = await house.followed()
    salesperson = house.salesperson()
    survivor = await salesperson.merge(await salesperson.deal("The survivor"), loser)
    await house.status(survivor, "waiting_to_be_sent")
    await house.quiet()
    assert (await house.get(f"/invoices/{ours}"))["invoice"]["links"]["deal_id"] == survivor
    linked = [(one.kind, one.data["records"][0]["record_id"], one.data["how"]) for one in await house.events(ours)]
    assert linked[-2:] == [("invoice.unlinked", loser, "merged"), ("invoice.linked", survivor, "merged")]
    await house.bookkeeper().act("invoice", theirs, "pay")
    await house.status(survivor, "paid_in_full")


async def test_links_follow_a_merge_into_a_new_deal(house: House) -> None:
    await house.sandbox.ask("PUT", "/settings/hubspot", {"merge_new_id": True})
    try:
        first, _theirs, ours = await house.followed("10.00")
        second, _other, other_ours = await house.followed("20.00")
        survivor = await house.salesperson().merge(first, second)
        await house.status(survivor, "waiting_to_be_sent")
        await house.quiet()
        listed = await house.get("/invoices", params={"deal_id": survivor})
        assert {one["invoice"]["invoice_id"] for one in listed["invoices"]} == {ours, other_ours}
    finally:
        await house.sandbox.ask("PUT", "/settings/hubspot", {"merge_new_id": False})


async def test_a_merge_that_no_webhook_told_is_found_at_the_next_write(house: House) -> None:
    loser, theirs, ours = await house.followed()
    salesperson = house.salesperson()
    await house.sandbox.ask("PUT", "/webhooks/hubspot", {"drop": 1.0})
    try:
        survivor = await salesperson.merge(await salesperson.deal("The survivor"), loser)
    finally:
        await house.sandbox.ask("PUT", "/webhooks/hubspot", {"drop": 0.0})
    await house.bookkeeper().act("invoice", theirs, "pay")
    await house.status(survivor, "paid_in_full")
    await house.quiet()
    assert (await house.get(f"/invoices/{ours}"))["invoice"]["links"]["deal_id"] == survivor


async def test_a_deleted_deal_keeps_its_invoices_and_is_written_again_when_restored(house: House) -> None:
    deal, theirs, ours = await house.followed()
    await house.salesperson().delete(deal)
    await house.quiet()
    await house.bookkeeper().act("invoice", theirs, "pay")
    await house.quiet()
    assert (await house.get(f"/invoices/{ours}"))["invoice"]["links"]["deal_id"] == deal
    excluded = await house.get("/records", params={"state": "excluded", "kind": "deal-properties"})
    assert [one["reason_code"] for one in excluded["records"] if one["subject_id"] == deal] == ["deal_deleted"]
    await house.salesperson().restore(deal)
    await house.status(deal, "paid_in_full")
    await house.quiet()
    excluded = await house.get("/records", params={"state": "excluded", "kind": "deal-properties"})
    assert deal not in [one["subject_id"] for one in excluded["records"]]


@pytest.mark.parametrize(("name", "other"), [("status", "overdue"), ("amount", "1"), ("recipient", "")])
async def test_what_somebody_wrote_over_our_property_is_written_again(house: House, name: str, other: str) -> None:
    deal, _theirs, _ours = await house.followed()
    right = await house.deal(deal)
    await house.salesperson().change(deal, {PROPERTIES[name]: other})
    await house.quiet()
    assert await house.deal(deal) == right


async def test_another_property_changed_by_a_person_costs_nothing(house: House) -> None:
    deal, _theirs, _ours = await house.followed()
    assert await house.calls_of(house.salesperson().change(deal, {"dealname": "Another name"})) == []
