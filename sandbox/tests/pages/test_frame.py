"""What all pages share: who may send a form, what a browser may load, the clock, the journal, the first page."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

TOKEN = {"authorization": "Bearer pat-na1-sandbox-1"}


async def test_a_browser_at_the_root_is_led_to_the_pages_and_others_are_not(visitor: Any) -> None:
    led = await visitor.client.get("/", headers={"accept": "text/html,*/*;q=0.8"})
    assert (led.status_code, led.headers["location"]) == (303, "/pages/")
    assert (await visitor.client.get("/")).status_code == 404
    assert (await visitor.client.get("/clock")).headers["content-type"] == "application/json"


async def test_every_page_comes_with_a_strict_policy_and_without_inline_code(visitor: Any) -> None:
    answer = await visitor.client.get("/pages/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert (answer.headers["x-content-type-options"], answer.headers["referrer-policy"]) == ("nosniff", "same-origin")
    for mark in (" style=", " onclick=", "<style", "<script>", "javascript:"):
        assert mark not in answer.text
    for path in ("pages.css", "pages.js", "icon.svg"):
        assert f"/pages/static/{path}" in answer.text
        assert (await visitor.client.get(f"/pages/static/{path}")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "http://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_only_forms_of_these_pages_are_taken(visitor: Any, headers: dict[str, str], status: int) -> None:
    version = visitor.world.clock.version
    async with httpx.AsyncClient(base_url=visitor.world.addresses["control"]) as stranger:
        answer = await stranger.post("/pages/clock", data={"act": "day"}, headers=headers)
    assert answer.status_code == status
    assert visitor.world.clock.version == version + (status == 303)


async def test_a_form_of_another_port_of_the_same_machine_is_not_taken(visitor: Any) -> None:
    other = {"origin": visitor.world.addresses["hubspot"]}
    assert (await visitor.client.post("/pages/clock", data={"act": "day"}, headers=other)).status_code == 403


@pytest.mark.parametrize("path", ["/pages/nothing", "/pages/hubspot/1/deals", "/pages/static/nothing.css"])
async def test_what_is_not_there_is_said_on_a_page(visitor: Any, path: str) -> None:
    assert "There is no such page" in await visitor.open(path, 404)


async def test_a_form_is_not_opened_as_a_page(visitor: Any) -> None:
    assert "That cannot be done here" in await visitor.open("/pages/faults/1/remove", 405)


async def test_the_clock_moves_by_its_buttons_and_leads_back(visitor: Any) -> None:
    back = await visitor.send("/pages/clock", act="day", back="/pages/journal?vendor=hubspot")
    assert back == "/pages/journal?vendor=hubspot&done=clock"
    assert "The clock was moved." in visitor.words
    assert "24 Nov 2026, 10:00 UTC" in visitor.words
    await visitor.send("/pages/clock", act="hour")
    assert "24 Nov 2026, 11:00 UTC" in visitor.words
    await visitor.send("/pages/clock", act="week")
    assert "1 Dec 2026, 11:00 UTC" in visitor.words


async def test_the_clock_is_frozen_put_and_ticks_again(visitor: Any) -> None:
    await visitor.send("/pages/clock", act="freeze")
    assert "Frozen: it does not tick." in visitor.words
    await visitor.send("/pages/clock", act="put", moment="2027-02-01T08:30")
    assert visitor.world.clock.now() == datetime(2027, 2, 1, 8, 30, tzinfo=UTC)
    await visitor.send("/pages/clock", act="tick")
    assert not visitor.world.clock.frozen


async def test_the_clock_goes_at_another_rate(visitor: Any) -> None:
    await visitor.send("/pages/clock", act="rate", rate="60")
    assert visitor.world.clock.rate == 60
    assert "ticking, 60 seconds in a second" in visitor.words
    assert visitor.value_of("clock-rate") == "60"


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "put", "moment": "tomorrow"},
        {"act": "rate", "rate": "fast"},
        {"act": "rate", "rate": "-1"},
        {"act": "rate", "rate": "nan"},
        {"act": "sing"},
        {"act": "to-day", "day": "someday", "zone": "UTC"},
        {"act": "to-day", "day": "2026-11-30", "zone": "../UTC"},
        {"act": "to-day", "day": "2026-11-30", "zone": "Nowhere/At_all"},
    ],
)
async def test_what_the_clock_cannot_do_is_said_beside_it(visitor: Any, fields: dict[str, str]) -> None:
    before = visitor.world.clock.version
    await visitor.refused("/pages/clock", **fields)
    assert visitor.world.clock.version == before
    for name in fields.keys() & {"moment", "rate"}:
        assert visitor.value_of(f"clock-{name}") == fields[name]


async def test_the_way_back_is_never_another_site(visitor: Any) -> None:
    assert await visitor.send("/pages/clock", act="hour", back="//elsewhere.example/") == "/pages/clock?done=clock"


async def test_the_button_answers_when_everybody_follows_and_names_who_does_not(visitor: Any) -> None:
    clock = visitor.world.clock
    following = asyncio.create_task(clock.follow("invoice-service", clock.version, 30))
    await asyncio.sleep(0)
    moving = asyncio.create_task(visitor.send("/pages/clock", act="hour"))
    await following  # It is told of the new time, and has not said yet that it lives in it.
    assert "Not there yet: invoice-service" in await visitor.open("/pages/")
    assert "have not confirmed the clock: invoice-service" in await visitor.open("/pages/clock")
    assert not moving.done()
    await clock.follow("invoice-service", clock.version, 0)
    await moving
    assert "Nobody is late." in visitor.words


async def test_the_journal_shows_what_was_asked_and_how_it_ended(visitor: Any) -> None:
    async with httpx.AsyncClient(base_url=visitor.world.addresses["hubspot"], headers=TOKEN) as application:
        await application.get("/crm/objects/2026-09/deals", params={"limit": 1, "properties": "dealname,<b>"})
        await application.get("/crm/objects/2026-09/nonsense")
    words = await visitor.open("/pages/journal")
    assert "GET /crm/objects/2026-09/deals limit=1&properties=dealname,<b> 200" in words
    assert "<b>&lt;" not in visitor.page
    assert "/nonsense" not in await visitor.open("/pages/journal", status="2")
    assert "/nonsense" in await visitor.open("/pages/journal", path="/crm/objects/2026-09/non")
    assert "No call fits" in await visitor.open("/pages/journal", vendor="quickbooks")
    assert "2 calls on this page" in await visitor.open("/pages/journal", account="24000001", method="GET")


async def test_without_scripts_the_journal_reloads_itself_when_asked(visitor: Any) -> None:
    reload = '<noscript><meta http-equiv="refresh" content="3"></noscript>'
    await visitor.open("/pages/journal")
    assert reload not in visitor.page
    await visitor.open("/pages/journal", live="1", vendor="hubspot")
    assert reload in visitor.page
    assert 'href="/pages/journal?vendor=hubspot"' in visitor.page


async def test_home_shows_accounts_companies_webhooks_and_faults(visitor: Any) -> None:
    await visitor.client.put("/webhooks/hubspot", json={"url": "http://127.0.0.1:9/hooks", "paused": True})
    fault = {"vendor": "quickbooks", "path": "/invoice", "status": 503, "times": 3}
    await visitor.client.post("/faults", json=fault)
    words = await visitor.open("/pages/")
    for part in ("Larkspur Supply UK", "Prairie Lark Services LLC", "http://127.0.0.1:9/hooks paused", "go nowhere"):
        assert part in words
    assert "quickbooks: any call /invoice , answered 503; struck 0 of 3 times" in words
    scripted = {"vendor": "hubspot", "script": ["ok", "bad_gateway"]}
    some = {
        "vendor": "hubspot",
        "account": "24000001",
        "method": "GET",
        "latency_milliseconds": 250,
        "every": 3,
        "probability": 0.5,
    }
    for other in (scripted, some, {"vendor": "quickbooks", "ready": "lost_answer"}):
        assert (await visitor.client.post("/faults", json=other)).status_code == 200
    words = await visitor.open("/pages/")
    assert "hubspot: any call everywhere , a script of 2 steps, 0 met" in words
    assert "hubspot 24000001: GET everywhere , 250 ms late, every 3 calls, 50 % of them; struck 0 times" in words
    assert "quickbooks: any call everywhere , lost answer; struck 0 times" in words
    for number in (2, 3, 4):
        await visitor.send(f"/pages/faults/{number}/remove")
    await visitor.send("/pages/faults/1/remove")
    assert "None: every call is answered as the vendor would." in visitor.words
    assert (await visitor.client.post("/pages/faults/1/remove")).status_code == 404
