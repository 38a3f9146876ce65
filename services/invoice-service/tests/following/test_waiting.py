"""Accounts that cannot work for a while: writes wait, are visible, and resume (B-15)."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from following_hands import DOLLARS, US
from following_house import House
from ledgerbridge.accounts.grants import GivenGrant
from ledgerbridge.accounts.limits import STATIC_APP
from ledgerbridge.accounts.permissions import QUICKBOOKS_SCOPES
from ledgerbridge.sync import outcomes
from ledgerbridge.testing.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADMINISTRATOR = "/people/administrator"
LAPSED = json.dumps(
    {"Fault": {"Error": [{"Message": "The subscription has lapsed", "code": "6190"}], "type": "ValidationFault"}}
)

NOT_AUTHORIZED = json.dumps(
    {"fault": {"error": [{"message": "message=ApplicationAuthorizationFailed; errorCode=003100", "code": "3100"}]}}
)


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
    await connect_again(house)
    await house.status(deal, "partial_payment", seconds=20)
    await house.quiet()
    assert len(await house.events(ours, "payment.received")) == 1
    assert (await house.get("/records", params={"state": "waiting"}))["records"] == []


async def connect_again(house: House) -> None:
    """A person consents once more."""
    oauth = house.desk.access.quickbooks_oauth
    assert oauth is not None
    callback = f"{house.gateway.url}/oauth/quickbooks/callback"
    url = oauth.authorize_url(callback, "a-state", QUICKBOOKS_SCOPES)
    content = {"vendor": "quickbooks", "account": US, "url": url}
    consented = await house.sandbox.ask("POST", f"{ADMINISTRATOR}/authorize", content)
    (code,) = parse_qs(urlsplit(consented["location"]).query)["code"]
    grant = await oauth.exchange(code, callback)
    hubspot = await house.desk.hubspot(DOLLARS)
    await house.desk.connecting.connect_quickbooks(hubspot, US, grant, app="sandbox-quickbooks-app", actor="test")


async def test_what_no_webhook_told_is_found_when_a_company_is_connected_again(own_house: House) -> None:
    house = own_house
    deal, theirs, _ours = await house.followed("100.00")
    await house.sandbox.ask("PUT", "/webhooks/quickbooks", {"drop": 1.0})
    await house.bookkeeper().act("invoice", theirs, "pay")
    await connect_again(house)
    await house.status(deal, "paid_in_full", seconds=20)


@pytest.mark.statement("B-15", "rule")
async def test_a_company_that_a_person_disconnected_in_quickbooks_needs_to_be_connected_again(own_house: House) -> None:
    house = own_house
    deal, theirs, _ours = await house.followed("100.00")
    fault = {"vendor": "quickbooks", "account": US, "path": ".*/query.*", "status": 403, "body": NOT_AUTHORIZED}
    await house.sandbox.ask("POST", "/faults", fault)
    await house.bookkeeper().act("invoice", theirs, "print")
    record = await waiting(house, "invoice")
    assert record["reason_code"] == "RECONNECT_NEEDED"
    (company,) = [one for one in (await house.get("/connections"))["connections"] if one["realm"] == US]
    assert company["state"] == "reconnect_needed"
    await house.sandbox.ask("DELETE", "/faults")
    await connect_again(house)
    await house.status(deal, "sent_to_customer", seconds=20)


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
async def test_a_lapsed_subscription_is_told_apart_from_an_error(own_house: House) -> None:
    house = own_house
    deal, theirs, _ours = await house.followed("100.00")
    fault = {"vendor": "quickbooks", "account": US, "path": ".*/query.*", "status": 400, "body": LAPSED}
    await house.sandbox.ask("POST", "/faults", fault)
    await house.bookkeeper().act("invoice", theirs, "print")
    record = await waiting(house, "invoice")
    assert (record["reason_code"], record["attempts"]) == ("SUBSCRIPTION_LAPSED", 0)
    await house.sandbox.ask("DELETE", "/faults")
    await house.ask("POST", "/records/retry", json={"reason_code": "SUBSCRIPTION_LAPSED"})
    await house.status(deal, "sent_to_customer", seconds=20)


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
