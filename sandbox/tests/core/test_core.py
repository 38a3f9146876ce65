"""The core through the control door: clock and followers, journal, faults, webhooks, snapshots."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from typing import Any

import httpx
import pytest
from ledgerbridge_sandbox.records import RecordStore


async def new_deal(hubspot: httpx.AsyncClient, name: str = "A deal") -> str:
    made = await hubspot.post(
        "/crm/objects/2026-09/deals", json={"properties": {"dealname": name, "dealstage": "contractsent"}}
    )
    assert made.status_code == 201, made.text
    return made.json()["id"]


async def test_the_clock_moves_and_ticks(control: httpx.AsyncClient) -> None:
    before = (await control.get("/clock")).json()
    assert before["now"].startswith("2026-11-23T10:00:0")
    moved = (await control.post("/clock/advance", json={"seconds": 86400})).json()
    assert moved["now"].startswith("2026-11-24T10:00:0")
    assert moved["version"] == before["version"] + 1
    put = (await control.put("/clock", json={"now": "2027-01-01T00:00:00Z", "frozen": True})).json()
    assert put == {"now": "2027-01-01T00:00:00.000000Z", "version": 3, "frozen": True, "rate": 1.0}
    assert (await control.put("/clock", json={"now": "yesterday"})).status_code == 400


async def test_moving_the_clock_returns_when_followers_have_confirmed(control: httpx.AsyncClient) -> None:
    follow = {"follower": "gateway", "timeout": 5}
    poll = asyncio.create_task(control.get("/clock", params={**follow, "after": 1}))
    while not (await control.get("/clock", params={"follower": "other", "after": 0})).is_success:
        pass
    await control.get("/clock", params={"follower": "other", "after": 1, "timeout": 0})
    move = asyncio.create_task(control.post("/clock/advance", json={"seconds": 60}))
    version = (await poll).json()["version"]
    assert version == 2
    assert not move.done()
    for name in ("gateway", "other"):
        await control.get("/clock", params={"follower": name, "after": version, "timeout": 0})
    assert (await move).status_code == 200


async def test_a_follower_that_never_confirms_is_named(
    control: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgerbridge_sandbox.clock.SandboxClock.followers_confirmed.__defaults__", (0.2,))
    await control.get("/clock", params={"follower": "sleepy", "after": 1, "timeout": 0})
    late = await control.post("/clock/advance", json={"seconds": 60})
    assert late.status_code == 504
    assert late.json()["followers"] == ["sleepy"]


async def test_the_journal_tells_every_call(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    await control.delete("/journal")
    await hubspot.get("/crm/objects/2026-09/deals?limit=1")
    await hubspot.get("/crm/v3/owners")
    await hubspot.get("/nowhere", headers={"authorization": "Bearer wrong"})
    entries = (await control.get("/journal", params={"vendor": "hubspot"})).json()
    told = [(e["account"], e["who"], e["method"], e["path"], e["query"], e["status"]) for e in entries]
    assert told == [
        ("24000001", "static token", "GET", "/crm/objects/2026-09/deals", "limit=1", 200),
        ("24000001", "static token", "GET", "/crm/v3/owners", "", 200),
        ("", "", "GET", "/nowhere", "", 404),
    ]
    count = await control.get("/journal/count", params={"path": "/crm/", "after": entries[0]["seq"]})
    assert count.json() == {"count": 1}


async def test_a_fault_answers_instead_of_the_vendor(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    fault = {"vendor": "hubspot", "path": "/deals$", "method": "POST", "times": 1, "status": 503}
    fault |= {"body": "<html>Down</html>", "content_type": "text/html", "headers": {"Retry-After": "7"}}
    await control.post("/faults", json=fault)
    before = await total(hubspot)
    refused = await hubspot.post("/crm/objects/2026-09/deals", json={"properties": {}})
    assert (refused.status_code, refused.text, refused.headers["retry-after"]) == (503, "<html>Down</html>", "7")
    assert await total(hubspot) == before
    assert (await control.get("/faults")).json() == []
    await new_deal(hubspot)


async def test_a_lost_answer_means_the_work_is_done(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    before = await total(hubspot)
    await control.post("/faults", json={"vendor": "hubspot", "method": "POST", "times": 1, "lose_answer": True})
    with pytest.raises(httpx.RemoteProtocolError):
        await new_deal(hubspot)
    assert await total(hubspot) == before + 1
    last = (await control.get("/journal", params={"method": "POST"})).json()
    assert [entry["status"] for entry in last if entry["path"].endswith("/deals")] == [0]


async def total(hubspot: httpx.AsyncClient) -> int:
    return (await hubspot.post("/crm/objects/2026-09/deals/search", json={})).json()["total"]


async def test_a_wrong_fault_is_refused(control: httpx.AsyncClient) -> None:
    for wrong in ({"vendor": "xero"}, {"vendor": "hubspot", "path": "("}, {"vendor": "hubspot", "colour": "red"}):
        assert (await control.post("/faults", json=wrong)).status_code in {400, 404}, wrong


async def test_snapshot_and_reset(control: httpx.AsyncClient, hubspot: httpx.AsyncClient) -> None:
    first = await new_deal(hubspot, "first")
    await control.post("/snapshots/one")
    await hubspot.patch(f"/crm/objects/2026-09/deals/{first}", json={"properties": {"dealname": "changed"}})
    second = await new_deal(hubspot, "second")
    await control.post("/clock/advance", json={"seconds": 86400})
    assert (await control.post("/reset", json={"to": "one"})).json()["now"].startswith("2026-11-23T10:00")
    assert (await hubspot.get(f"/crm/objects/2026-09/deals/{first}")).json()["properties"]["dealname"] == "first"
    assert (await hubspot.get(f"/crm/objects/2026-09/deals/{second}")).status_code == 404
    assert await new_deal(hubspot, "again") == second
    await control.post("/reset", json={"to": "seed"})
    assert (await hubspot.get(f"/crm/objects/2026-09/deals/{first}")).status_code == 404
    assert (await control.post("/reset", json={"to": "never"})).status_code == 404


async def test_webhooks_are_repeated_on_the_sandbox_clock(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient, receiver: Any
) -> None:
    receiver.answers = [500, 500]
    await control.put("/settings/hubspot", json={"property_changes_on_create": False})
    await control.put("/webhooks/hubspot", json={"retry_seconds": [3600, 7200]})
    await new_deal(hubspot)
    await receiver.deliveries(1)
    for advance, expected in ((3601, 2), (7201, 3)):
        await waiting(control, 1)
        await control.post("/clock/advance", json={"seconds": advance})
        got = await receiver.deliveries(expected)
    assert [events[0]["attemptNumber"] for events in got] == [0, 1, 2]
    assert len({events[0]["eventId"] for events in got}) == 1
    assert (await control.post("/webhooks/hubspot/settle")).json() == {"waiting": 0}
    log = (await control.get("/webhooks/hubspot/deliveries")).json()
    assert [(entry["status"], entry["attempt"]) for entry in log] == [(500, 0), (500, 1), (204, 2)]


async def waiting(control: httpx.AsyncClient, retried: int) -> None:
    async with asyncio.timeout(10):
        while (await control.get("/webhooks/hubspot")).json()["retried"] < retried:
            pass


async def test_webhooks_are_lost_doubled_and_paused(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient, receiver: Any
) -> None:
    await control.put("/settings/hubspot", json={"property_changes_on_create": False})
    await control.put("/webhooks/hubspot", json={"drop": 1.0})
    await new_deal(hubspot)
    await control.put("/webhooks/hubspot", json={"drop": 0.0, "duplicate": 1.0, "paused": True})
    await new_deal(hubspot)
    shown = (await control.get("/webhooks/hubspot")).json()
    assert (shown["dropped"], shown["doubled"], shown["waiting"], shown["sent"]) == (1, 1, 2, 0)
    await control.put("/webhooks/hubspot", json={"paused": False, "batch": 1})
    one, other = await receiver.deliveries(2)
    assert one == other
    assert (await control.put("/webhooks/hubspot", json={"speed": 9})).status_code == 400


async def test_raw_events_are_sent_signed(control: httpx.AsyncClient, receiver: Any) -> None:
    sent = await control.post("/webhooks/hubspot/send", json={"events": [{"objectId": 1}]})
    assert sent.json() == {"status": 204}
    headers, body = receiver.got[0]
    assert json.loads(body) == [{"objectId": 1, "attemptNumber": 0}]
    assert headers["x-hubspot-signature-version"] == "v1"


async def test_unknown_names_are_refused(control: httpx.AsyncClient) -> None:
    assert (await control.get("/webhooks/xero")).status_code == 404
    assert (await control.put("/limits/hubspot", json={"speed": 1})).status_code == 400
    assert (await control.put("/limits/hubspot", json={"on": "yes"})).status_code == 400
    assert (await control.put("/limits/hubspot", json={"on": False})).json()["on"] is False


def test_a_record_store_keeps_its_indexes_right() -> None:
    store = RecordStore({"colour": lambda record: record["colours"]})
    store.put("1", {"colours": ["red"]}, 1)
    store.put("2", {"colours": ["red", "blue"]}, 2)
    saved = store.snapshot()
    store.put("1", {"colours": ["blue"]})
    store.remove("2")
    assert (store.find("colour", "red"), store.find("colour", "blue")) == ([], ["1"])
    store.restore(saved)
    store.put("1", {"colours": ["red"]}, 3)
    assert (store.find("colour", "red"), store.find("colour", "blue")) == (["1", "2"], ["2"])
    assert list(store.ids_by_change()) == ["1", "2"]


def test_the_process_prints_its_addresses_and_ends_at_a_signal() -> None:
    command = [sys.executable, "-m", "ledgerbridge_sandbox", "--print-json"]
    command += ["--hubspot-port", "0", "--quickbooks-port", "0", "--control-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        assert httpx.get(addresses["control"] + "/health").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "ledgerbridge_sandbox", "--hubspot-port", port, "--control-port", "0"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert f"cannot open hubspot at 127.0.0.1:{port}" in ended.stderr


async def test_what_is_in_flight_at_a_reset_is_not_repeated(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient, receiver: Any
) -> None:
    receiver.answers = [503]
    await control.put("/webhooks/hubspot", json={"latency_milliseconds": 300, "withhold": True})
    await new_deal(hubspot)
    await control.post("/reset", json={"to": "seed"})
    await receiver.deliveries(1)
    assert (await control.post("/webhooks/hubspot/settle")).json() == {"waiting": 0}
