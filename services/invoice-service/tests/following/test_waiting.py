"""Accounts that cannot work for a while: writes wait, are visible, and resume (B-15)."""

from decimal import Decimal
from typing import Any

import pytest
from following_hands import DOLLARS, US
from following_house import House, company_grant
from ledgerbridge.accounts.grants import GivenGrant
from ledgerbridge.accounts.limits import STATIC_APP
from ledgerbridge.sync import outcomes
from ledgerbridge.testing.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADMINISTRATOR = "/people/administrator"


async def waiting(house: House, kind: str) -> dict[str, Any]:
    """The first record of the kind that waits, once there is one."""

    async def found() -> Any:
        page = await house.get("/records", params={"state": "waiting", "kind": kind})
        return page["records"][0] if page["records"] else None

    record: dict[str, Any] = await wait_until(found, 20, f"a {kind} waits")
    return record


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for an account looks by itself again after half a second instead of a minute."""
    monkeypatch.setattr(outcomes, "WAITING_SECONDS", 0.5)


@pytest.mark.statement("B-15", "rule")
async def test_a_revoked_company_waits_and_resumes_after_connecting_again(own_house: House) -> None:
    house = own_house
    deal, theirs, ours = await house.followed("100.00")
    await house.sandbox.ask("POST", f"{ADMINISTRATOR}/quickbooks/{US}/revoke")
    await house.bookkeeper().act("invoice", theirs, "pay", amount="40.00")
    record = await waiting(house, "payment")
    assert (record["reason_code"], record["attempts"]) == ("RECONNECT_NEEDED", 0)
    assert record["reason"]
    assert record["remedy"]
    counts = await house.get("/records/counts")
    assert any(one["state"] == "waiting" and one["reason_code"] == "RECONNECT_NEEDED" for one in counts)
    assert (await house.deal(deal))["status"] == "waiting_to_be_sent"
    await house.sandbox.ask("POST", "/reset", {"to": "seed", "clock": False})
    await connect_again(house)
    assert (await house.get(f"/invoices/{ours}"))["invoice"]["stage"] != "overdue"


async def connect_again(house: House) -> None:
    """The sandbox's first state knows the first tokens again, but not what was made since: only reading resumes."""
    hubspot = await house.desk.hubspot(DOLLARS)
    await house.desk.connecting.connect_quickbooks(
        hubspot, US, company_grant(US), app="sandbox-quickbooks-app", actor="test"
    )

    async def none_waits() -> bool:
        return not (await house.get("/records", params={"state": "waiting"}))["records"]

    await wait_until(none_waits, 20, "nothing waits")


@pytest.mark.statement("B-15", "rule")
async def test_a_revoked_company_follows_the_calendar_alone(own_house: House) -> None:
    house = own_house
    _deal, theirs, ours = await house.followed(due_in_days=0)
    await house.sandbox.ask("POST", f"{ADMINISTRATOR}/quickbooks/{US}/revoke")
    await house.bookkeeper().act("invoice", theirs, "print")
    await waiting(house, "invoice")
    await house.sandbox.ask("POST", "/clock/advance", {"seconds": 30 * 3600})
    await house.ask("POST", "/records/retry", json={"kind": "invoice"})
    await house.stage(ours, "overdue", seconds=20)


@pytest.mark.statement("B-15", "rule")
async def test_a_missing_permission_waits_and_resumes_by_itself(own_house: House, short_wait: None) -> None:
    house = own_house
    deal, theirs, _ours = await house.followed("100.00")
    scopes = f"{ADMINISTRATOR}/hubspot/{DOLLARS}/scopes"
    await house.sandbox.ask("PUT", scopes, {"scopes": ["oauth", "crm.objects.deals.read", "crm.schemas.deals.read"]})
    await house.bookkeeper().act("invoice", theirs, "pay")
    record = await waiting(house, "deal-properties")
    assert (record["subject_id"], record["reason_code"]) == (deal, "MISSING_SCOPE")
    assert "crm.objects.deals.write" in record["reason"] + record["remedy"]
    everything = ["oauth", *(f"crm.objects.{one}.{do}" for one in ("deals", "contacts") for do in ("read", "write"))]
    await house.sandbox.ask("PUT", scopes, {"scopes": everything})
    await house.status(deal, "paid_in_full", seconds=20)


@pytest.mark.statement("B-15", "rule")
async def test_a_revoked_hubspot_account_waits_and_resumes_after_connecting_again(own_house: House) -> None:
    house = own_house
    deal, theirs, _ours = await house.followed("100.00")
    await house.sandbox.ask("POST", "/faults", {"vendor": "hubspot", "account": DOLLARS, "status": 401, "body": "{}"})
    await house.bookkeeper().act("invoice", theirs, "pay", amount="25.00")
    record = await waiting(house, "deal-properties")
    assert (record["subject_id"], record["reason_code"]) == (deal, "RECONNECT_NEEDED")
    await house.sandbox.ask("DELETE", "/faults")
    await house.desk.connecting.connect_hubspot(GivenGrant("pat-na1-sandbox-1"), app=STATIC_APP)
    held = await house.status(deal, "partial_payment", seconds=20)
    assert Decimal(held["amount"]) == 100


async def test_a_person_tries_again_before_the_next_try(own_house: House) -> None:
    house = own_house
    deal, theirs, _ours = await house.followed("100.00")
    await house.sandbox.ask("POST", "/faults", {"vendor": "hubspot", "account": DOLLARS, "status": 401, "body": "{}"})
    await house.bookkeeper().act("invoice", theirs, "pay")
    await waiting(house, "deal-properties")
    await house.sandbox.ask("DELETE", "/faults")
    await house.desk.accounts.note_state(await house.desk.hubspot(DOLLARS), "connected")
    answer = await house.ask("POST", "/records/retry", json={"reason_code": "RECONNECT_NEEDED"})
    assert answer.status_code == 200
    await house.status(deal, "paid_in_full", seconds=20)
