"""The sweeps, asked of the simulated vendors over HTTP: what webhooks lost is found, and nothing is asked for twice."""

import asyncio
from typing import Any

import pytest
from gateway_hands import PORTAL, REALM, Control, Gateway, Sweeping, body_of, hubspot_event, quickbooks_event
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES, QUICKBOOKS_CHANGES
from ledgerbridge.testing.waiting import wait_until
from ledgerbridge_sandbox.world import World


async def test_the_gateway_tells_what_no_webhook_told(gateway_at_sandbox: Gateway, control: Control) -> None:
    await wait_until(lambda: _swept(gateway_at_sandbox, 2), what="both streams were swept at the start")
    invoice, deal = await control.touch_invoice(), await control.touch_deal()
    await control.advance(seconds=61)
    told = await gateway_at_sandbox.notice_of(QUICKBOOKS_CHANGES, "invoice", invoice)
    assert (told["account"], told["verb"], told["found_by"]) == (REALM, "changed", "sweep")
    told = await gateway_at_sandbox.notice_of(HUBSPOT_CHANGES, "deal", deal)
    assert (told["account"], told["found_by"]) == (PORTAL, "sweep")


async def _swept(gateway: Gateway, streams: int) -> bool:
    return await gateway.count("sweeps where swept_at is not null") == streams


async def test_a_webhook_lets_the_sweeps_rest_longer(gateway_at_sandbox: Gateway) -> None:
    gateway = gateway_at_sandbox
    heard = "sweeps where stream = 'webhooks' and webhook_seen_at is not null"
    assert await gateway.count(heard) == 0
    body = body_of(quickbooks_event(), quickbooks_event(intuitaccountid="999"))
    assert (await gateway.quickbooks(body, "sandbox-verifier")).status_code == 204
    assert await gateway.receipts() == 1
    assert await gateway.count(heard) == 1
    body = body_of(hubspot_event(), hubspot_event(record=78))
    assert (await gateway.hubspot(body, "sandbox-hubspot-secret")).status_code == 204
    assert await gateway.receipts() == 2
    assert await gateway.count(heard) == 2


async def test_a_sweep_after_a_quiet_hour_costs_one_call_a_stream(sweeping: Sweeping, control: Control) -> None:
    sweeper = sweeping.make()
    await sweeper.look()
    told = await sweeping.told()
    await control.advance(hours=1)
    await control.forget()
    await sweeper.look()
    (cdc,) = await control.calls("quickbooks")
    (search,) = await control.calls("hubspot")
    assert (cdc["method"], cdc["path"]) == ("GET", f"/v3/company/{REALM}/cdc")
    assert (search["method"], search["path"].rpartition("/")[2]) == ("POST", "search")
    assert await sweeping.told() == told


@pytest.mark.parametrize(("webhooks", "gap_minutes"), [(False, 1), (True, 15)])
async def test_the_gap_is_shorter_where_no_webhook_ever_came(
    sweeping: Sweeping, control: Control, world: World, webhooks: bool, gap_minutes: int
) -> None:
    sweeper = sweeping.make()
    await sweeper.look()
    if webhooks:
        await sweeping.hear(world.clock.now())
    await control.forget()
    await control.advance(minutes=gap_minutes, seconds=-20)
    await sweeper.look()
    assert await control.calls("quickbooks") == []
    await control.advance(seconds=21)
    await sweeper.look()
    assert len(await control.calls("quickbooks")) == len(await control.calls("hubspot")) == 1


async def test_every_start_sweeps_what_nobody_swept_since(sweeping: Sweeping, control: Control) -> None:
    waiting = sweeping.make()
    await sweeping.make().look()
    await control.forget()
    await waiting.look()
    assert await control.calls("quickbooks") == []
    later = sweeping.make()
    await later.look()
    assert len(await control.calls("quickbooks")) == 1
    await later.look()
    assert len(await control.calls("quickbooks")) == 1


async def test_two_gateways_sweep_once(sweeping: Sweeping, control: Control) -> None:
    sweepers = [sweeping.make() for _ in range(4)]
    await asyncio.gather(*(one.look() for one in sweepers))
    assert len(await control.calls("quickbooks")) == len(await control.calls("hubspot")) == 1
    await control.advance(minutes=2)
    await asyncio.gather(*(one.look() for one in sweepers))
    assert len(await control.calls("quickbooks")) == len(await control.calls("hubspot")) == 2


async def test_more_than_a_thousand_changes_are_all_told(sweeping: Sweeping, control: Control) -> None:
    sweeper = sweeping.make()
    await sweeper.look()
    asked = await sweeping.onboarding_requests()
    made = [await _customer(control, number) for number in range(1_050)]
    await control.forget()
    await control.advance(minutes=2)
    await sweeper.look()
    told = [one["record_id"] for one in await sweeping.told() if one["object_type"] == "customer"]
    assert set(told) >= set(made)
    assert len(await control.calls("quickbooks")) >= 2
    assert await sweeping.onboarding_requests() == asked


async def _customer(control: Control, number: int) -> str:
    # A thousand changes in one second could not be told apart: the vendor's time has whole seconds.
    if number == 525:
        await control.advance(seconds=2)
    answer = await control.post(f"/people/bookkeeper/{REALM}/customer", DisplayName=f"Swept {number}")
    return str(answer.get("Customer", answer)["Id"])


async def test_beyond_the_horizon_a_full_scan_is_wanted(sweeping: Sweeping, control: Control) -> None:
    sweeper = sweeping.make()
    await sweeper.look()
    await control.advance(days=29)
    await sweeper.look()
    asked = await sweeping.onboarding_requests()
    await control.advance(days=31)
    invoice = await control.touch_invoice()
    await sweeper.look()
    assert await sweeping.onboarding_requests() == asked + 1
    assert [one["record_id"] for one in await sweeping.told() if one["object_type"] == "invoice"] == [invoice]


async def test_a_sweep_that_failed_begins_again_at_the_same_place(sweeping: Sweeping, control: Control) -> None:
    sweeper = sweeping.make()
    await control.post("/faults", vendor="quickbooks", path="/cdc", status=500)
    await sweeper.look()
    state = await sweeping.state("cdc")
    assert (state["failure_code"], state["swept_at"] is not None) == ("VENDOR_UNAVAILABLE", True)
    invoice = await control.touch_invoice()
    await control.advance(hours=1)
    assert (await control.http.delete("/faults")).is_success
    await sweeper.look()
    asked = {_since(one) for one in await control.calls("quickbooks")}
    assert len(asked) == 1
    assert [one["record_id"] for one in await sweeping.told() if one["object_type"] == "invoice"] == [invoice]
    assert (await sweeping.state("cdc"))["failure_code"] is None


def _since(call: dict[str, Any]) -> str:
    return next(part for part in str(call["query"]).split("&") if part.startswith("changedSince"))


async def test_one_account_that_fails_does_not_stop_the_others(sweeping: Sweeping, control: Control) -> None:
    await control.post("/faults", vendor="hubspot", path="/search", status=500)
    sweeper = sweeping.make()
    await sweeper.look()
    assert (await sweeping.state("deals"))["failure_code"] == "VENDOR_UNAVAILABLE"
    assert (await sweeping.state("cdc"))["failure_code"] is None


async def test_a_clock_put_back_does_not_stop_the_sweeps(sweeping: Sweeping, control: Control) -> None:
    sweeper = sweeping.make()
    await control.advance(days=3)
    await sweeper.look()
    await control.advance(days=-3)
    deal = await control.touch_deal()
    await sweeper.look()
    assert [one["record_id"] for one in await sweeping.told() if one["vendor"] == "hubspot"] == [deal]
