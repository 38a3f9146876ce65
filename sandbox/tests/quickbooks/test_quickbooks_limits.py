"""What is counted of an app: its pace, its metered reads, its mails (quickbooks.md 3)."""

import asyncio
from typing import Any

import pytest

TERMS = {"BatchItemRequest": [{"bId": "1", "Query": "select count(*) from Term"}]}


async def status(company: Any, path: str = "term/1") -> int:
    answer = await company.api.get(f"/v3/company/{company.realm}/{path}")
    return int(answer.status_code)


@pytest.fixture
async def limited(automated: Any) -> Any:
    async def limit(**figures: Any) -> None:
        answer = await automated.control.put("/limits/quickbooks", json={"on": True, "app_per_second": 500, **figures})
        assert answer.status_code == 200

    return limit


async def metering(company: Any, method: str = "GET", given: Any = None) -> Any:
    answer = await company.control.request(method, "/quickbooks/metering", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_figures_are_those_that_intuit_publishes(automated: Any) -> None:
    assert (await automated.control.get("/limits/quickbooks")).json() == {
        "on": False,
        "realm_per_minute": 500,
        "app_per_minute": 800,
        "app_per_second": 10,
        "app_at_once": 10,
        "batches_per_minute": 40,
        "realm_batches_per_minute": 120,
        "reads_per_month": 500_000,
        "mails_per_day": 0,
    }


@pytest.mark.parametrize("figure", ["realm_per_minute", "app_per_minute"])
async def test_calls_of_a_minute(automated: Any, uk: Any, limited: Any, figure: str) -> None:
    await limited(**{figure: 2})
    assert [await status(automated) for _ in range(3)] == [200, 200, 429]
    assert await status(uk) == 200, "another company has its own minute"


@pytest.mark.parametrize("figure", ["batches_per_minute", "realm_batches_per_minute"])
async def test_batches_of_a_minute(automated: Any, limited: Any, figure: str) -> None:
    await limited(**{figure: 1})
    assert [(await automated.call("POST", "batch", TERMS))[0] for _ in range(2)] == [200, 429]
    assert await status(automated) == 200


async def test_eleven_calls_at_once(automated: Any, limited: Any) -> None:
    await limited()
    slow = {"vendor": "quickbooks", "account": automated.realm, "latency_milliseconds": 300}
    await automated.control.post("/faults", json=slow)
    answers = await asyncio.gather(*(status(automated) for _ in range(11)))
    assert sorted(answers) == [200] * 10 + [429]
    await automated.control.delete("/faults")
    assert await status(automated) == 200


async def test_reads_are_metered_over_all_companies_until_the_next_month(automated: Any, uk: Any, limited: Any) -> None:
    await automated.control.put("/clock", json={"now": "2026-12-31T20:00:00Z"})
    await limited(reads_per_month=5)
    await refreshed(automated, "sandbox-quickbooks-refresh-1")
    later = await refreshed(uk, "sandbox-quickbooks-refresh-2")
    customer = await automated.customer("Metered")
    await automated.read("Customer", customer["Id"])
    await uk.query("select count(*) from Term")
    await automated.call("POST", "query", b"select count(*) from Term")
    await automated.call("POST", "batch", TERMS)
    assert (await automated.call("GET", "customer/99999"))[0] == 400
    shown = await metering(automated)
    assert (shown["month"], shown["reads"], shown["writes"]) == ("2026-12", 4, 1), "what failed is not metered"
    assert shown["companies"][uk.realm] == {"reads": 1, "writes": 0, "mails": 0}
    since = "2026-12-31T00:00:00Z"
    assert (await automated.call("GET", "cdc", entities="Term", changedSince=since))[0] == 200
    refused, answer = await uk.call("GET", "term/1")
    assert (refused, answer["Fault"]["type"], answer["Fault"]["Error"][0]["code"]) == (429, "SERVICE", "3001")
    await automated.customer("Writing goes on")
    await automated.control.put("/clock", json={"now": "2027-01-01T08:00:01Z"})  # midnight in California
    await refreshed(uk, later)
    assert await status(uk) == 200
    assert (await metering(uk))["reads"] == 1


async def refreshed(company: Any, token: str) -> str:
    """The company's calls bear a new access token; the answer is the refresh token to be used next."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    app = ("sandbox-quickbooks-app", "sandbox-quickbooks-secret")
    given = (await company.api.post("/oauth2/v1/tokens/bearer", data=form, auth=app)).json()
    company.api.headers["authorization"] = f"Bearer {given['access_token']}"
    return str(given["refresh_token"])


async def test_counters_can_be_put_and_forgotten(automated: Any, limited: Any) -> None:
    await limited()
    assert (await metering(automated, "PUT", {automated.realm: 500_000}))["reads"] == 500_000
    assert await status(automated) == 429
    assert (await metering(automated, "DELETE"))["companies"] == {}
    assert await status(automated) == 200
    assert (await automated.control.post("/reset", json={"everything": True})).status_code == 200
    assert (await metering(automated))["reads"] == 0
    for wrong in ({"1": 5}, {automated.realm: "many"}):
        assert (await automated.control.put("/quickbooks/metering", json=wrong)).status_code == 400


async def test_a_sandbox_company_mails_forty_times_a_day(automated: Any, limited: Any) -> None:
    await limited(mails_per_day=2)
    made = await automated.invoice("1", "1", BillEmail={"Address": "a@b.example"})
    path = f"invoice/{made['Id']}/send"
    assert [(await automated.call("POST", path))[0] for _ in range(3)] == [200, 200, 429]
    assert (await metering(automated))["companies"][automated.realm]["mails"] == 2
    await limited(mails_per_day=0)
    assert (await automated.call("POST", path))[0] == 200


async def test_single_items_of_a_batch_may_be_throttled(automated: Any) -> None:
    await automated.control.put("/settings/quickbooks", json={"batch_items_before_throttle": 1})
    items = [{"bId": str(at), "Query": "select count(*) from Term"} for at in range(3)]
    code, answer = await automated.call("POST", "batch", {"BatchItemRequest": items})
    assert code == 200
    first, *others = answer["BatchItemResponse"]
    assert first["QueryResponse"] == {"totalCount": 5}
    assert [each["Fault"]["Error"][0]["code"] for each in others] == ["3001", "3001"]
