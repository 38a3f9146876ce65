"""The seam against a real port: tokens, budgets, repeats, bounds, lost answers."""

import time
from dataclasses import replace
from typing import Any

import pytest
import structlog
from ledgerbridge.errors import Paused, Permanent, ReconnectNeeded, Throttled, Transient, Uncertain
from ledgerbridge.vendors.audit import OBSERVERS
from ledgerbridge.vendors.manner import calling, current_manner
from prometheus_client import REGISTRY

DEAL = {"id": "512", "properties": {"dealname": "A"}, "updatedAt": "2026-04-01T10:00:00.100Z", "archived": False}
INVOICE = {"Invoice": {"Id": "1", "SyncToken": "0"}, "time": "2026-05-05T02:08:54.543-07:00"}
EXPIRED = {"status": "error", "message": "expired 82 second(s) ago.", "category": "EXPIRED_AUTHENTICATION"}


async def test_a_call_carries_the_token_takes_budget_and_is_observed_without_ids(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    vendor.answers(how.says(DEAL, x_hubspot_correlation_id="corr-1"))
    with calling(lane="person"):
        deal = await to_hubspot.client.records.get(to_hubspot.account, "deals", "512", ["dealname"])
    assert deal.properties == {"dealname": "A"}
    request = vendor.requests[0]
    assert request.headers["authorization"] == "Bearer token-1"
    assert (request.path, request.query) == ("/crm/objects/2026-09/deals/512", {"properties": "dealname"})
    assert to_hubspot.budgets.taken == [(7, "read", "person")]
    [exchange] = to_hubspot.exchanges
    assert exchange.route == "/crm/objects/2026-09/{type}/{id}"
    assert (exchange.status, exchange.outcome, exchange.reference) == (200, "done", "corr-1")
    words = repr(replace(exchange, started_at=0, milliseconds=0))  # moments have digits of their own
    assert "512" not in words
    assert "token-1" not in words


async def test_an_expired_token_is_renewed_once_and_the_call_repeated_once(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    vendor.answers(how.says(EXPIRED, 401), how.says(DEAL))
    await to_hubspot.client.records.create(to_hubspot.account, "deals", {"dealname": "A"})
    assert to_hubspot.tokens.renewed == ["token-1"]
    assert [one.headers["authorization"] for one in vendor.requests] == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_refused_twice_needs_a_reconnect(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says(EXPIRED, 401))
    with pytest.raises(ReconnectNeeded) as refused:
        await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
    assert refused.value.code == "RECONNECT_NEEDED"
    assert len(vendor.requests) == 2
    assert "token" not in str(refused.value).replace("EXPIRED_AUTHENTICATION", "")


async def test_a_read_is_repeated_with_growing_jittered_pauses_then_transient(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    vendor.answers(how.Reply(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}))
    with pytest.raises(Transient) as failed:
        await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
    assert not isinstance(failed.value, Uncertain)
    assert failed.value.code == "VENDOR_UNAVAILABLE"
    assert len(vendor.requests) == 3
    first, second = to_hubspot.pauses
    assert 0.2 <= first <= 0.4 <= second <= 0.8


@pytest.mark.parametrize("way", ["cut", "cut_halfway", "silence", "drip"])
async def test_a_write_without_idempotency_whose_answer_was_lost_is_uncertain_and_not_repeated(
    open_door: Any, vendor: Any, how: Any, way: Any
) -> None:
    vendor.answers(getattr(how, way))
    async with open_door("hubspot", seconds=0.4) as door:
        with pytest.raises(Uncertain) as lost:
            await door.client.records.create(door.account, "deals", {"dealname": "A"})
    assert lost.value.code == "ANSWER_LOST"
    assert len(vendor.requests) == 1


async def test_a_gateway_error_leaves_a_write_in_doubt(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.Reply(504, b""))
    with pytest.raises(Uncertain):
        await to_hubspot.client.records.create(to_hubspot.account, "deals", {"dealname": "A"})
    assert len(vendor.requests) == 1


async def test_garbage_after_a_write_leaves_it_in_doubt(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.Reply(201, b"<html>hello</html>"))
    with pytest.raises(Uncertain):
        await to_hubspot.client.records.create(to_hubspot.account, "deals", {"dealname": "A"})


async def test_a_lost_write_with_a_request_id_is_repeated_identically(
    to_quickbooks: Any, vendor: Any, how: Any
) -> None:
    vendor.answers(how.cut, how.says(INVOICE))
    made = await to_quickbooks.client.writes.create(to_quickbooks.account, "Invoice", {"A": "1"}, "order-1-create-0")
    assert made.value["Id"] == "1"
    first, second = vendor.requests
    assert (first.target, first.body) == (second.target, second.body)
    assert first.query["requestid"] == "order-1-create-0"


async def test_a_lost_write_with_a_request_id_stays_uncertain_whatever_the_last_attempt_said(
    to_quickbooks: Any, vendor: Any, how: Any
) -> None:
    throttled = how.says({"Fault": {"Error": [{"Message": "slow", "code": "003001"}], "type": "SERVICE"}}, 429)
    vendor.answers(how.cut, throttled)
    with pytest.raises(Uncertain):
        await to_quickbooks.client.writes.create(to_quickbooks.account, "Invoice", {"A": "1"}, "order-1-create-0")


async def test_a_send_is_never_repeated(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.cut)
    with pytest.raises(Uncertain):
        await to_quickbooks.client.writes.send(to_quickbooks.account, "12", "order-1-send-0", to="a@b.example")
    [request] = vendor.requests
    assert request.headers["content-type"] == "application/octet-stream"
    assert request.query == {"sendTo": "a@b.example", "requestid": "order-1-send-0", "minorversion": "75"}


async def test_no_connection_is_certainly_not_done(open_door: Any, vendor: Any) -> None:
    async with open_door("hubspot", url="http://127.0.0.1:1") as door:
        with pytest.raises(Transient) as failed:
            await door.client.records.create(door.account, "deals", {"dealname": "A"})
    assert not isinstance(failed.value, Uncertain)
    assert len(door.exchanges) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(
    to_hubspot: Any, vendor: Any, how: Any, status: Any
) -> None:
    async with how.running() as elsewhere:
        vendor.answers(how.Reply(status, b"", {"Location": elsewhere.url + "/steal"}))
        with pytest.raises(Transient) as failed:
            await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
        assert failed.value.code == "VENDOR_ANSWER"
        assert elsewhere.requests == []


@pytest.mark.parametrize("hostile", ["../../oauth", "//elsewhere.example/x", "1?archived=true", "1#a", "ü/%2F"])
async def test_an_id_stays_in_its_segment_of_the_path(to_hubspot: Any, vendor: Any, how: Any, hostile: Any) -> None:
    vendor.answers(how.says(DEAL))
    await to_hubspot.client.records.get(to_hubspot.account, "deals", hostile)
    [request] = vendor.requests
    assert request.target.startswith("/crm/objects/2026-09/deals/")
    assert request.target.count("/") == 5
    assert request.path == "/crm/objects/2026-09/deals/" + hostile
    assert request.query == {}


@pytest.mark.parametrize("empty", ["", ".", ".."])
async def test_an_id_that_is_none_is_refused_before_a_call(to_hubspot: Any, vendor: Any, empty: Any) -> None:
    with pytest.raises(Permanent):
        await to_hubspot.client.records.get(to_hubspot.account, "deals", empty)
    assert vendor.requests == []


async def test_a_gigabyte_is_not_read(open_door: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.flood)
    async with open_door("hubspot", largest=2 * 1024 * 1024) as door:
        started = time.monotonic()
        with pytest.raises(Transient):
            await door.client.records.get(door.account, "deals", "512")
        assert time.monotonic() - started < 4


async def test_a_slow_drip_ends_at_the_deadline_of_the_lot(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.drip)
    started = time.monotonic()
    with calling(seconds=0.3), pytest.raises(Transient):
        await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
    assert time.monotonic() - started < 1


async def test_nothing_is_sent_after_the_deadline(to_hubspot: Any, vendor: Any) -> None:
    with calling(seconds=-1), pytest.raises(Transient) as late:
        await to_hubspot.client.records.update(to_hubspot.account, "deals", "512", {"dealname": "B"})
    assert not isinstance(late.value, Uncertain)
    assert vendor.requests == []


async def test_a_refused_budget_makes_no_call(to_hubspot: Any, vendor: Any) -> None:
    to_hubspot.budgets.refusal = Paused("BUDGET_USED", owner="the company", until="tomorrow")
    with pytest.raises(Paused):
        await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
    assert vendor.requests == []


async def test_a_short_retry_after_is_waited_for_and_a_long_one_is_the_callers(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    vendor.answers(how.says({"policyName": "SECONDLY"}, 429, Retry_After="2"), how.says(DEAL))
    await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
    [pause] = to_hubspot.pauses
    assert 2 <= pause <= 2.5
    assert to_hubspot.budgets.held_back == [("read", 2.0)]
    vendor.answers(how.says({"policyName": "TEN_SECONDLY_ROLLING"}, 429, Retry_After="90"))
    with pytest.raises(Throttled) as throttled:
        await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
    assert throttled.value.retry_after == 90
    assert len(to_hubspot.pauses) == 1


async def test_a_throttled_write_was_not_done_and_is_repeated(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says({}, 423), how.says(DEAL, 201))
    await to_hubspot.client.records.create(to_hubspot.account, "deals", {"dealname": "A"})
    assert len(vendor.requests) == 2
    assert 2 <= to_hubspot.pauses[0] <= 2.5


async def test_a_token_with_a_line_break_reaches_neither_wire_nor_error(to_hubspot: Any, vendor: Any) -> None:
    to_hubspot.tokens.current = "canary-secret\r\nX-Evil: 1"
    with pytest.raises(Transient) as failed:
        await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
    assert vendor.requests == []
    assert "canary" not in repr(failed.value) + str(failed.value.__context__)


async def test_a_vendors_cookie_never_comes_with_another_call(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says(DEAL, Set_Cookie="session=of-another-tenant; Path=/"))
    for _ in range(2):
        await to_hubspot.client.records.get(to_hubspot.account, "deals", "512")
    assert "cookie" not in vendor.requests[1].headers


async def test_the_log_and_the_metrics_know_the_route_and_nothing_of_the_record(
    open_door: Any, vendor: Any, how: Any
) -> None:
    labels = {"vendor": "hubspot", "method": "GET", "route": "/crm/objects/2026-09/{type}/{id}", "outcome": "GONE"}
    before = REGISTRY.get_sample_value("ledgerbridge_vendor_call_seconds_count", labels) or 0
    vendor.answers(how.says({"message": "canary-message"}, 404, x_hubspot_correlation_id="corr-9"))
    with structlog.testing.capture_logs() as lines:
        async with open_door("hubspot", observers=OBSERVERS) as door:
            door.tokens.current = "canary-token"
            with pytest.raises(Permanent):
                await door.client.records.get(door.account, "contacts", "canary-id", ["email"])
    [line] = lines
    assert (line["log_level"], line["status"], line["outcome"]) == ("warning", 404, "GONE")
    assert (line["account"], line["reference"]) == (7, "corr-9")
    assert "canary" not in repr(lines)
    assert REGISTRY.get_sample_value("ledgerbridge_vendor_call_seconds_count", labels) == before + 1


def test_an_inner_deadline_never_outlives_the_outer_one_and_lanes_are_inherited() -> None:
    with calling(lane="backfill", seconds=10):
        outer = current_manner()
        with calling(seconds=60):
            assert current_manner() == outer
        with calling(lane="person", seconds=1):
            assert current_manner().lane == "person"
            assert current_manner().remaining(30) <= 1
        assert current_manner() == outer
    assert (current_manner().lane, current_manner().remaining(30)) == ("live", 30)
