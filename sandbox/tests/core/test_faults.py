"""Faults by rule and by script, and the vendors' documented failures by name."""

from typing import Any

import httpx
import pytest
from ledgerbridge_sandbox.world import World

OWNERS = "/crm/v3/owners"


@pytest.fixture(autouse=True)
async def no_limits(control: httpx.AsyncClient) -> None:
    for vendor in ("hubspot", "quickbooks"):
        await control.put(f"/limits/{vendor}", json={"on": False})


async def statuses(hubspot: httpx.AsyncClient, count: int) -> list[int]:
    return [(await hubspot.get(OWNERS)).status_code for _ in range(count)]


async def fault(control: httpx.AsyncClient, **rule: Any) -> str:
    answer = await control.post("/faults", json={"vendor": "hubspot", "path": "/owners$", **rule})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_each_n_th_call_after_some_is_struck(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    await fault(control, status=503, after=2, every=3, times=2)
    assert await statuses(hubspot, 12) == [200, 200, 200, 200, 503, 200, 200, 503, 200, 200, 200, 200]
    assert (await control.get("/faults")).json() == []


async def test_the_n_th_call_alone(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    await fault(control, status=503, after=3, times=1)
    assert await statuses(hubspot, 6) == [200, 200, 200, 503, 200, 200]


async def test_a_rule_that_spares_a_call_leaves_it_to_the_next(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient
) -> None:
    await fault(control, status=503, every=2)
    await fault(control, status=504)
    assert await statuses(hubspot, 4) == [504, 503, 504, 503]
    shown = (await control.get("/faults")).json()
    assert [(each["seen"], each["hits"]) for each in shown] == [(4, 2), (2, 2)]


async def test_a_share_of_calls_is_drawn_alike_with_the_same_seed(
    world: World, control: httpx.AsyncClient, hubspot: httpx.AsyncClient
) -> None:
    drawn = []
    for _ in range(2):
        world.random.seed(5)
        identifier = await fault(control, status=503, probability=0.5)
        drawn.append(await statuses(hubspot, 30))
        await control.delete(f"/faults/{identifier}")
    assert drawn[0] == drawn[1]
    assert {200, 503} == set(drawn[0])


async def test_a_script_says_what_the_next_calls_meet(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    step = {"status": 502, "body": "<html>", "content_type": "text/html"}
    await fault(control, script=["ok", step, "ten_secondly", {"lose_answer": True}, {"latency_milliseconds": 1}])
    assert (await hubspot.get(OWNERS)).status_code == 200
    refused = await hubspot.get(OWNERS)
    assert (refused.status_code, refused.text, refused.headers["content-type"]) == (502, "<html>", "text/html")
    assert (await hubspot.get(OWNERS)).json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert (await hubspot.get("/crm/v3/objects/contacts")).status_code == 200  # does not fit, takes no step
    with pytest.raises(httpx.RemoteProtocolError):
        await hubspot.get(OWNERS)
    assert await statuses(hubspot, 3) == [200, 200, 200]
    assert (await control.get("/faults")).json() == []


async def test_every_ready_fault_is_answered_as_it_is_listed(control: httpx.AsyncClient, world: World) -> None:
    ready = (await control.get("/faults/ready")).json()
    assert {"ten_secondly", "secondly", "daily", "locked", "moving", "expired_token"} <= ready["hubspot"].keys()
    assert {"throttled", "system_failure", "wrong_cluster", "bad_gateway"} <= ready["quickbooks"].keys()
    for vendor, faults in ready.items():
        for name, effect in faults.items():
            await control.post("/faults", json={"vendor": vendor, "ready": name, "times": 1})
            if "status" not in effect:
                with pytest.raises(httpx.RemoteProtocolError):
                    await control.get(world.addresses[vendor] + "/any")
                continue
            answer = await control.get(world.addresses[vendor] + "/any")
            assert answer.status_code == effect["status"], name
            assert answer.headers["content-type"] == effect.get("content_type", "application/json")
            assert (answer.text if isinstance(effect["body"], str) else answer.json()) == effect["body"]
            for header, value in effect.get("headers", {}).items():
                assert answer.headers[header] == value


async def test_a_ready_fault_may_be_altered(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    await fault(control, ready="moving", headers={"Retry-After": "86400"}, times=1)
    moving = await hubspot.get(OWNERS)
    assert (moving.status_code, moving.headers["retry-after"]) == (477, "86400")
    assert moving.json()["status"] == "error"


async def test_a_gateway_that_gives_up_after_the_work(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    deal = {"properties": {"dealname": "Made in silence", "dealstage": "contractsent"}}
    rule = {"vendor": "hubspot", "method": "POST", "ready": "gateway_timeout", "lose_answer": True, "times": 1}
    await control.post("/faults", json=rule)
    answer = await hubspot.post("/crm/v3/objects/deals", json=deal)
    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html")
    newest = (await hubspot.post("/crm/v3/objects/deals/search", json={"limit": 1})).json()["results"][0]
    assert newest["properties"]["dealname"] == "Made in silence"


@pytest.mark.parametrize(
    "rule",
    [
        {"ready": "nothing"},
        {"script": ["ok", "nothing"]},
        {"script": [{"ready": "nothing"}]},
        {"script": [{"colour": "red"}]},
        {"every": 0, "status": 503},
        {"after": -1, "status": 503},
        {"probability": 2, "status": 503},
    ],
)
async def test_a_rule_that_cannot_be_meant_is_refused(control: httpx.AsyncClient, rule: dict[str, Any]) -> None:
    answer = await control.post("/faults", json={"vendor": "hubspot", **rule})
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert (await control.get("/faults")).json() == []
