"""The OAuth callback page: what a consent page sends back is kept once, sealed, for who asked."""

from datetime import timedelta

import pytest
from gateway_hands import REALM, Control, Gateway
from ledgerbridge.errors import Refused

CALLBACK = "/oauth/quickbooks/callback"


async def ask(gateway: Gateway, vendor: str = "quickbooks") -> str:
    return str(await gateway.service.state.consents.ask(vendor, "https://bridge.example.com/x", "ada"))


async def test_a_consent_waits_sealed_for_who_asked(gateway: Gateway) -> None:
    state = await ask(gateway)
    answer = await gateway.http.get(CALLBACK, params={"state": state, "code": "one-time-code", "realmId": REALM})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Almost done" in answer.text
    assert "one-time-code" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    consents = gateway.service.state.consents
    with pytest.raises(Refused):
        await consents.pick_up(state, "eve")
    consent = await consents.pick_up(state, "ada")
    assert (consent.code, consent.realm) == ("one-time-code", REALM)


async def test_a_state_that_is_unknown_used_or_another_vendors_is_refused(gateway: Gateway) -> None:
    state = await ask(gateway)
    answers = [
        await gateway.http.get(CALLBACK, params={"state": "unknown", "code": "c"}),
        await gateway.http.get("/oauth/hubspot/callback", params={"state": state, "code": "c"}),
        await gateway.http.get(CALLBACK, params={"state": state, "code": "c"}),
        await gateway.http.get(CALLBACK, params={"state": state, "code": "other"}),
    ]
    assert [one.status_code for one in answers] == [422, 422, 200, 422]
    assert "already used" in answers[0].text
    assert (await gateway.service.state.consents.pick_up(state, "ada")).code == "c"


async def test_a_person_who_denies_is_told_so_and_who_asked_too(gateway: Gateway) -> None:
    state = await ask(gateway, "hubspot")
    answer = await gateway.http.get("/oauth/hubspot/callback", params={"state": state, "error": "access_denied"})
    assert answer.status_code == 200
    assert "Not connected" in answer.text
    consent = await gateway.service.state.consents.pick_up(state, "ada")
    assert (consent.code, consent.error) == (None, "access_denied")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"state": ""},
        {"state": "s" * 201},
        {"state": "s", "realmId": "12; drop"},
        {"state": "s\x00", "code": "c\x00"},
    ],
)
async def test_nonsense_is_refused(gateway: Gateway, query: dict[str, str]) -> None:
    assert (await gateway.http.get(CALLBACK, params=query)).status_code == 422
    assert (await gateway.http.get("/oauth/xero/callback", params={"state": "s"})).status_code == 422


async def test_what_is_shown_is_never_what_was_sent(gateway: Gateway) -> None:
    state = await ask(gateway)
    script = "<script>alert(1)</script>"
    answer = await gateway.http.get(CALLBACK, params={"state": state, "error": script})
    assert script not in answer.text


async def test_a_state_lives_fifteen_minutes_of_business_time(gateway_at_sandbox: Gateway, control: Control) -> None:
    early, late = await ask(gateway_at_sandbox), await ask(gateway_at_sandbox)
    http = gateway_at_sandbox.http
    await control.advance(minutes=14)
    assert (await http.get(CALLBACK, params={"state": early, "code": "c"})).status_code == 200
    await control.post("/clock/advance", seconds=timedelta(minutes=2).total_seconds())
    assert (await http.get(CALLBACK, params={"state": late, "code": "c"})).status_code == 422
