"""A clock with a rate: a day passes in seconds, and limits, tokens, due days and retries with it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from ledgerbridge_sandbox.world import World

REALM = "/v3/company/9130350000000001"
BOOKKEEPER = "/people/bookkeeper/9130350000000001"


@pytest.fixture
async def quickbooks(world: World) -> Any:
    headers = {"authorization": "Bearer sandbox-quickbooks-access-1"}
    async with httpx.AsyncClient(base_url=world.addresses["quickbooks"] + REALM, headers=headers) as client:
        yield client


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():
            pass


async def ticks(control: httpx.AsyncClient, **changes: object) -> datetime:
    answer = await control.put("/clock", json=changes)
    assert answer.status_code == 200, answer.text
    return datetime.fromisoformat(answer.json()["now"])


async def test_a_day_passes_in_a_moment_and_the_clock_goes_on_from_there(control: httpx.AsyncClient) -> None:
    start = await ticks(control, rate=864_000)

    async def day_has_passed() -> bool:
        shown = (await control.get("/clock")).json()
        assert shown["rate"] == 864_000
        return datetime.fromisoformat(shown["now"]) >= start + timedelta(days=1)

    await until(day_has_passed)
    slowed = await ticks(control, rate=1)
    assert slowed >= start + timedelta(days=1)
    assert datetime.fromisoformat((await control.get("/clock")).json()["now"]) - slowed < timedelta(seconds=10)


@pytest.mark.parametrize("rate", [0, -1, 1e9, "fast", None])
async def test_a_rate_out_of_bounds_is_refused_and_changes_nothing(control: httpx.AsyncClient, rate: object) -> None:
    assert (await control.put("/clock", json={"rate": rate, "now": "2027-01-01T00:00:00Z"})).status_code == 400
    shown = (await control.get("/clock")).json()
    assert (shown["rate"], shown["version"], shown["now"][:4]) == (1.0, 1, "2026")


async def test_the_limits_of_quickbooks_refill_at_the_rate_and_not_by_a_moved_clock(
    control: httpx.AsyncClient, quickbooks: httpx.AsyncClient
) -> None:
    await control.put("/limits/quickbooks", json={"realm_per_minute": 2})

    async def status() -> int:
        return (await quickbooks.get("/companyinfo/9130350000000001")).status_code

    assert [await status() for _ in range(3)] == [200, 200, 429]
    for seconds in (1800, -86_400):  # A window is neither emptied nor blocked for ever.
        await control.post("/clock/advance", json={"seconds": seconds})
        assert await status() == 429
    await ticks(control, rate=600, frozen=True)
    await until(lambda: _is(status(), 200))


async def test_the_limits_of_hubspot_refill_at_the_rate_and_not_by_a_moved_clock(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient
) -> None:
    await control.put("/limits/hubspot", json={"burst": 2, "burst_milliseconds": 60_000})

    async def status() -> int:
        return (await hubspot.get("/crm/v3/owners")).status_code

    assert [await status() for _ in range(3)] == [200, 200, 429]
    await control.post("/clock/advance", json={"seconds": 120})
    assert await status() == 429
    await ticks(control, rate=600)
    await until(lambda: _is(status(), 200))


async def _is(status: Awaitable[int], wanted: int) -> bool:
    return await status == wanted


async def test_a_due_day_passes_and_then_a_token_expires(
    control: httpx.AsyncClient, quickbooks: httpx.AsyncClient
) -> None:
    await control.put("/limits/quickbooks", json={"on": False})
    made = await quickbooks.post("/invoice", json={"CustomerRef": {"value": "1"}, "Line": [await _line(quickbooks)]})
    identifier, due = made.json()["Invoice"]["Id"], made.json()["Invoice"]["DueDate"]
    statement = f"select count(*) from Invoice where Id = '{identifier}' and DueDate < CURRENT_DATE"  # noqa: S608
    await ticks(control, now=f"{due}T23:30:00-08:00")  # half an hour before midnight in the company's zone
    refreshed = await quickbooks.post(
        str(quickbooks.base_url.join("/oauth2/v1/tokens/bearer")),
        data={"grant_type": "refresh_token", "refresh_token": "sandbox-quickbooks-refresh-1"},
        auth=("sandbox-quickbooks-app", "sandbox-quickbooks-secret"),
    )
    token = {"authorization": f"Bearer {refreshed.json()['access_token']}"}

    async def asked() -> httpx.Response:
        return await quickbooks.get("/query", params={"query": statement}, headers=token)

    async def overdue() -> bool:
        return (await asked()).json()["QueryResponse"]["totalCount"] == 1

    async def expired() -> bool:
        return (await asked()).status_code == 401

    assert not await overdue()
    await ticks(control, rate=3_600)
    await until(overdue)
    await until(expired)


async def _line(quickbooks: httpx.AsyncClient) -> dict[str, Any]:
    found = await quickbooks.get("/query", params={"query": "select * from Item where Type = 'Service' maxresults 1"})
    detail = {"ItemRef": {"value": found.json()["QueryResponse"]["Item"][0]["Id"]}}
    return {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


async def test_webhook_retries_come_at_the_rate(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient, receiver: Any
) -> None:
    receiver.answers = [500, 500]
    await control.put("/webhooks/hubspot", json={"retry_seconds": [3600, 7200]})
    start = await ticks(control, rate=36_000)
    deal = {"properties": {"dealname": "A deal", "dealstage": "contractsent"}}
    await control.put("/settings/hubspot", json={"property_changes_on_create": False})
    assert (await hubspot.post("/crm/v3/objects/deals", json=deal)).status_code == 201
    got = await receiver.deliveries(3)
    assert [events[0]["attemptNumber"] for events in got] == [0, 1, 2]
    assert datetime.fromisoformat((await control.get("/clock")).json()["now"]) - start >= timedelta(hours=3)


def test_the_command_takes_a_rate() -> None:
    ports = [word for door in ("hubspot", "quickbooks", "control") for word in (f"--{door}-port", "0")]
    command = [sys.executable, "-m", "ledgerbridge_sandbox", "--print-json", *ports, "--rate"]
    with subprocess.Popen([*command, "1440"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        assert httpx.get(addresses["control"] + "/clock").json()["rate"] == 1440
        process.terminate()
        assert process.wait(timeout=10) == 0
    refused = subprocess.run([*command, "0"], capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 2
    assert "--rate" in refused.stderr


async def test_a_reset_of_everything_takes_the_rate_back(control: httpx.AsyncClient) -> None:
    await ticks(control, rate=1440, frozen=True)
    await control.post("/reset", json={})
    assert (await control.get("/clock")).json()["rate"] == 1440
    await control.post("/reset", json={"everything": True})
    shown = (await control.get("/clock")).json()
    assert (shown["rate"], shown["frozen"]) == (1.0, False)
