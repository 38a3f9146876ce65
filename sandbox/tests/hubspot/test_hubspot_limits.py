"""Limits on calls by kind of app and plan, sizes, 414, 423, 477 and what the edge answers (hubspot.md 6, 16)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

CRM = "/crm/objects/2026-09"
PREFIX = "x-hubspot-ratelimit-"


async def limits(portal: Any, **limits: Any) -> httpx.Response:
    return await portal.control.put("/limits/hubspot", json={"on": True, **limits})


async def called(portal: Any, times: int = 1, **headers: str) -> httpx.Response:
    for _ in range(times):
        answer = await portal.api.get(f"{CRM}/deals?limit=1", headers=headers)
    return answer


def told(answer: httpx.Response) -> dict[str, str]:
    return {name.removeprefix(PREFIX): value for name, value in answer.headers.items() if name.startswith(PREFIX)}


async def windows_pass(portal: Any) -> None:
    """More than ten seconds of the sandbox's clock: a jump of the clock does not empty a window, time does."""
    await portal.control.put("/clock", json={"rate": 100_000})
    await portal.control.put("/clock", json={"rate": 1})


async def an_access_token(portal: Any) -> dict[str, str]:
    app = {"client_id": "sandbox-hubspot-app", "redirect_uri": "https://bridge.example.com/back"}
    query = httpx.QueryParams({**app, "scope": "oauth crm.objects.deals.read"})
    wanted = {"vendor": "hubspot", "account": "24000001", "url": f"https://app.hubspot.com/oauth/authorize?{query}"}
    location = (await portal.control.post("/people/administrator/authorize", json=wanted)).json()["location"]
    code = parse_qs(urlsplit(location).query)["code"][0]
    fields = {**app, "client_secret": "sandbox-hubspot-secret", "grant_type": "authorization_code", "code": code}
    grant = (await portal.api.post("/oauth/2026-09/token", data=fields)).json()
    return {"authorization": f"Bearer {grant['access_token']}"}


@pytest.mark.parametrize(
    ("plan", "burst", "daily"),
    [
        ("free", "100", "250000"),
        ("starter", "100", "250000"),
        ("professional", "190", "625000"),
        ("enterprise", "190", "1000000"),
        ("professional+1", "250", "1625000"),
        ("enterprise+2", "250", "3000000"),
    ],
)
async def test_plans_have_their_figures(portal: Any, plan: str, burst: str, daily: str) -> None:
    await limits(portal, plans={"24000001": plan})
    assert told(await called(portal)) == {
        "max": burst,
        "remaining": str(int(burst) - 1),
        "interval-milliseconds": "10000",
        "daily": daily,
        "daily-remaining": str(int(daily) - 1),
    }
    usage = (await portal.call("GET", "/account-info/2026-09/api-usage/daily/private-apps")).json()["results"][0]
    assert (usage["usageLimit"], usage["currentUsage"], usage["fetchStatus"]) == (int(daily), 2, "SUCCESS")
    refused = await called(portal, int(burst) - 1)
    assert refused.status_code == 429
    assert (refused.json()["policyName"], refused.json()["errorType"]) == ("TEN_SECONDLY_ROLLING", "RATE_LIMIT")
    assert refused.json()["groupName"].startswith("publicapi:private_app-api-calls-ten-secondly:")
    assert {"correlationId", "requestId"} <= refused.json().keys()
    assert "retry-after" not in refused.headers
    await windows_pass(portal)
    assert (await called(portal)).status_code == 200


async def test_unknown_plans_are_refused_at_the_door(portal: Any) -> None:
    for plan in ("gold", "free+3", "free+x"):
        assert (await limits(portal, plans={"24000001": plan})).status_code == 400, plan


async def test_a_marketplace_app_has_110_per_account_and_no_day(portal: Any) -> None:
    token = await an_access_token(portal)
    await limits(portal, distribution="marketplace", daily=5)
    answer = await called(portal, **token)
    assert told(answer) == {"max": "110", "remaining": "109", "interval-milliseconds": "10000"}
    other = await an_access_token(portal)
    assert told(await called(portal, **other))["remaining"] == "108", "the account's, not the token's"
    assert (await called(portal, 108, **token)).status_code == 200
    assert (await called(portal, **other)).json()["policyName"] == "TEN_SECONDLY_ROLLING"
    # A static token beside it keeps the day's limit.
    assert told(await called(portal))["daily"] == "5"
    private = await portal.control.put("/limits/hubspot", json={"distribution": "private"})
    assert private.json()["distribution"] == "private"
    assert "daily" in told(await called(portal, **token))


async def test_associations_have_an_allowance_of_their_own(portal: Any) -> None:
    deal = await portal.deal()
    await limits(portal, burst=3, associations_burst=2, associations_daily=3)
    path = f"{CRM}/deals/{deal}/associations/contacts"
    answers = [await portal.call("GET", path) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert told(answers[0])["max"] == "2"
    assert (await called(portal, 3)).status_code == 200
    await windows_pass(portal)
    assert (await portal.call("GET", "/crm/associations/2026-09/deals/contacts/labels")).status_code == 200
    assert (await portal.call("GET", path)).json()["policyName"] == "DAILY"
    assert (await called(portal)).status_code == 200


async def test_searches_share_five_a_second_in_an_account(portal: Any) -> None:
    token = await an_access_token(portal)
    await limits(portal, burst=1000)
    for _ in range(5):
        assert (await portal.call("POST", f"{CRM}/deals/search", {"limit": 1})).status_code == 200
    refused = await portal.api.post(f"{CRM}/deals/search", json={"limit": 1}, headers=token)
    assert (refused.status_code, refused.json()["policyName"]) == (429, "SECONDLY")
    assert not told(refused)
    assert not {"groupName", "requestId"} & refused.json().keys()
    british = {"authorization": "Bearer pat-eu1-sandbox-2"}
    assert (await portal.api.post(f"{CRM}/deals/search", json={"limit": 1}, headers=british)).status_code == 200
    await windows_pass(portal)
    assert not told(await portal.call("POST", f"{CRM}/deals/search", {"limit": 1}))


async def test_the_day_ends_at_midnight_of_the_account_s_zone(portal: Any) -> None:
    """The test begins at 05:00 in New York, 10:00 in London."""
    await limits(portal, daily=2)
    assert (await called(portal, 3)).json()["policyName"] == "DAILY"
    usage = (await portal.call("GET", "/account-info/2026-09/api-usage/daily/private-apps")).json()
    assert usage["policyName"] == "DAILY"
    await portal.advance(18.9 * 3600)
    assert (await called(portal)).status_code == 429
    await portal.advance(0.2 * 3600)
    answer = await called(portal)
    assert told(answer)["daily-remaining"] == "1"
    usage = (await portal.call("GET", "/account-info/v3/api-usage/daily/private-apps")).json()["results"][0]
    assert usage["resetsAt"] == "2026-11-25T05:00:00.000Z"
    assert usage["name"] == "private-apps-api-calls-daily"


async def test_an_account_that_moves_answers_477(portal: Any) -> None:
    path = "/people/administrator/hubspot/24000001/migration"
    assert (await portal.control.put(path, json={"seconds": "x"})).status_code == 400
    await portal.control.put(path, json={"seconds": 3600})
    refused = await called(portal)
    assert refused.status_code == 477
    assert 3590 <= int(refused.headers["retry-after"]) <= 3600
    british = await called(portal, authorization="Bearer pat-eu1-sandbox-2")
    assert british.status_code == 200
    await portal.advance(3600)
    assert (await called(portal)).status_code == 200


async def test_heavy_writes_lock_a_record_for_two_seconds(portal: Any) -> None:
    deal, other = await portal.deal(), await portal.deal()
    await portal.control.put("/clock", json={"frozen": True})
    await portal.settings(locks_after_writes_a_second=2)
    answers = [await portal.change("deals", deal, amount=str(n)) for n in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 423]
    assert (await portal.change("deals", other, amount="1")).status_code == 200
    assert (await portal.call("GET", f"{CRM}/deals/{deal}")).status_code == 200
    await portal.advance(1.5)
    assert (await portal.change("deals", deal, amount="9")).status_code == 423
    await portal.advance(1)
    assert (await portal.change("deals", deal, amount="9")).status_code == 200


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("ten_secondly", 429, "json"),
        ("daily", 429, "json"),
        ("secondly", 429, "json"),
        ("locked", 423, "json"),
        ("moving", 477, "json"),
        ("internal_error", 500, "json"),
        ("bad_gateway", 502, "html"),
        ("unavailable", 503, "html"),
        ("gateway_timeout", 504, "html"),
        ("web_server_down", 521, "html"),
        ("connection_timed_out", 522, "html"),
        ("unreachable", 523, "html"),
        ("no_answer_in_time", 524, "html"),
        ("handshake_failed", 525, "html"),
        ("invalid_certificate", 526, "html"),
        ("page_under_200", 200, "html"),
        ("gateway_timeout_after_the_work", 504, "html"),
    ],
)
async def test_ready_faults(portal: Any, name: str, status: int, kind: str) -> None:
    await portal.control.post("/faults", json={"vendor": "hubspot", "ready": name, "times": 1})
    answer = await called(portal)
    assert answer.status_code == status
    assert kind in answer.headers["content-type"]
    if kind == "json":
        assert answer.json()["status"] == "error"
    assert ("retry-after" in answer.headers) is (name == "moving")
    assert (await called(portal)).status_code == 200


async def test_an_lost_answer(portal: Any) -> None:
    await portal.control.post(
        "/faults", json={"vendor": "hubspot", "ready": "lost_answer", "method": "POST", "times": 1}
    )
    with pytest.raises(httpx.RemoteProtocolError):
        await portal.try_make("companies", name="Made and lost")
    found = {"filters": [{"propertyName": "name", "operator": "EQ", "value": "Made and lost"}]}
    assert (await portal.call("POST", f"{CRM}/companies/search", found)).json()["total"] == 1


async def test_addresses_and_values_have_their_sizes(portal: Any) -> None:
    names = ",".join(f"property_number_{n}" for n in range(500))
    long = await portal.call("GET", f"{CRM}/deals", properties=names)
    assert (long.status_code, long.headers["content-type"]) == (414, "text/html")
    batch = {"inputs": [{"id": "1"}], "properties": names.split(",")}
    assert (await portal.call("POST", f"{CRM}/deals/batch/read", batch)).status_code == 207
    deal = await portal.deal(description="d" * 65_536)
    refused = await portal.change("deals", deal, dealname="n" * 65_537)
    assert refused.status_code == 400
    wide = {"filters": [{"propertyName": "dealname", "operator": "IN", "values": ["x" * 3000]}]}
    assert (await portal.call("POST", f"{CRM}/deals/search", wide)).status_code == 400


@pytest.mark.parametrize("verb", ["create", "read", "update", "upsert", "archive"])
async def test_a_hundred_inputs_a_batch(portal: Any, verb: str) -> None:
    inputs = [{"id": str(n), "idProperty": "email", "properties": {}} for n in range(101)]
    answer = await portal.call("POST", f"{CRM}/contacts/batch/{verb}", {"inputs": inputs})
    assert answer.status_code == 400
    assert "100" in answer.json()["message"]


async def test_methods_and_media_types(portal: Any) -> None:
    for method, path in (
        ("PUT", f"{CRM}/deals"),
        ("PUT", f"{CRM}/deals/1"),
        ("GET", f"{CRM}/deals/batch/read"),
        ("PUT", "/crm/properties/2026-09/deals"),
        ("DELETE", "/crm/properties/2026-09/deals/groups"),
        ("PUT", "/crm/lists/2026-09"),
        ("PUT", "/crm/pipelines/2026-09/deals"),
        ("GET", "/crm/associations/2026-09/deals/contacts/batch/read"),
    ):
        assert (await portal.call(method, path, {})).status_code == 405, path
    plain = await portal.api.post(f"{CRM}/deals", content="{}", headers={"content-type": "text/plain"})
    assert plain.status_code == 415
    broken = await portal.api.post(f"{CRM}/deals", content='{"a"', headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["message"].startswith("Invalid input JSON on line 1, column")) == (
        400,
        True,
    )
    for path in ("/nothing", "/crm/v1/deals", "/crm/objects/2026-09", "/crm/nothing/2026-09", f"{CRM}/deals/1/nothing"):
        assert (await portal.call("GET", path)).status_code == 404, path
