"""The webhook doors: what is accepted is on disk, what is wrong is refused, nothing harms its neighbours."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from gateway_hands import PORTAL, REALM, Gateway, body_of, hubspot_event, quickbooks_event
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES, QUICKBOOKS_CHANGES
from webhook_gateway.notices import DEAD_LETTERS


async def test_a_delivery_becomes_a_receipt_and_notices(gateway: Gateway) -> None:
    body = body_of(quickbooks_event(), quickbooks_event("payment", "created", "5"))
    assert (await gateway.quickbooks(body)).status_code == 204
    first, second = await gateway.notices(QUICKBOOKS_CHANGES, 2)
    assert (first["object_type"], first["record_id"], first["verb"]) == ("invoice", "12", "changed")
    assert first["exact"]
    assert first["changed_at"].startswith("2026-11-23T10:00:00.123456")
    assert second["object_type"] == "payment"
    assert await gateway.receipts() == 1


async def test_hubspot_events_of_both_spellings_become_the_same_notice(gateway: Gateway) -> None:
    generic = hubspot_event(subscriptionType="object.propertyChange", objectTypeId="0-3", eventId=2)
    assert (await gateway.hubspot(body_of(hubspot_event(), generic))).status_code == 204
    first, second = await gateway.notices(HUBSPOT_CHANGES, 2)
    assert first == second
    assert (first["account"], first["object_type"], first["record_id"]) == (PORTAL, "deal", "77")


async def test_a_merge_names_the_survivor_and_the_lost(gateway: Gateway) -> None:
    merge = hubspot_event("merge", 5, primaryObjectId=5, mergedObjectIds=[6, 7], newObjectId=8)
    assert (await gateway.hubspot(body_of(merge))).status_code == 204
    (notice,) = await gateway.notices(HUBSPOT_CHANGES, 1)
    assert (notice["verb"], notice["record_id"], notice["merged_ids"]) == ("merged", "8", ["5", "6", "7"])


@pytest.mark.parametrize("verb", ["void", "voided"])
async def test_both_spellings_of_void_are_known(gateway: Gateway, verb: str) -> None:
    assert (await gateway.quickbooks(body_of(quickbooks_event(verb=verb)))).status_code == 204
    (notice,) = await gateway.notices(QUICKBOOKS_CHANGES, 1)
    assert notice["verb"] == "void"


async def test_a_repeated_delivery_is_told_once(gateway: Gateway) -> None:
    for attempt in range(3):
        again = body_of(hubspot_event(attemptNumber=attempt, subscriptionId=attempt))
        assert (await gateway.hubspot(again)).status_code == 204
    assert (await gateway.hubspot(body_of(hubspot_event(record=78)))).status_code == 204
    notices = await gateway.notices(HUBSPOT_CHANGES, 2)
    assert [one["record_id"] for one in notices] == ["77", "78"]
    assert await gateway.receipts() == 2


@pytest.mark.parametrize("verifier", ["old-verifier", "new-verifier"])
async def test_both_secrets_are_valid_while_one_replaces_the_other(gateway: Gateway, verifier: str) -> None:
    assert (await gateway.quickbooks(body_of(quickbooks_event()), verifier)).status_code == 204
    secret = verifier.replace("verifier", "secret")
    assert (await gateway.hubspot(body_of(hubspot_event()), secret)).status_code == 204


async def test_a_bad_signature_is_401_and_nothing_is_stored(gateway: Gateway) -> None:
    body = body_of(quickbooks_event())
    answers = [
        await gateway.quickbooks(body, "third"),
        await gateway.quickbooks(body, **{"intuit-signature": "\u00e9".encode()}),
        await gateway.http.post("/webhooks/quickbooks", content=body),
        await gateway.hubspot(body_of(hubspot_event()), "third"),
        await gateway.hubspot(body_of(hubspot_event()), at=datetime.now(UTC) - timedelta(minutes=5, seconds=2)),
        await gateway.hubspot(body_of(hubspot_event()), at=datetime.now(UTC) + timedelta(minutes=5, seconds=2)),
        await gateway.hubspot(body_of(hubspot_event()), **{"x-hubspot-request-timestamp": "soon"}),
    ]
    assert [one.status_code for one in answers] == [401] * len(answers)
    assert answers[0].json()["code"] == "BAD_SIGNATURE"
    assert await gateway.receipts() == 0


async def test_a_forged_host_makes_no_bad_signature_good(gateway: Gateway) -> None:
    forged = await gateway.hubspot(body_of(hubspot_event()), "third", Host="bridge.example.com")
    honest = await gateway.hubspot(body_of(hubspot_event()), Host="evil.example.com")
    assert (forged.status_code, honest.status_code) == (401, 204)


async def test_an_oversized_body_is_refused_however_it_is_sent(gateway: Gateway) -> None:
    body = b"[" + b" " * 100_001 + b"]"

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:60_000]
        yield body[60_000:]

    assert (await gateway.quickbooks(body)).status_code == 413
    answer = await gateway.http.post("/webhooks/quickbooks", content=pieces(), headers={"intuit-signature": "x"})
    assert answer.status_code == 413
    assert await gateway.receipts() == 0


@pytest.mark.parametrize(
    "harm",
    [
        {"type": "qbo.invoice.updated.v1"},
        {**quickbooks_event(), "intuitaccountid": "not a number"},
        {**quickbooks_event(), "type": "something else"},
        {**quickbooks_event(), "intuitentityid": "a b\u0000"},
        "text",
        None,
        7,
    ],
)
async def test_one_malformed_event_never_fails_its_array(gateway: Gateway, harm: object) -> None:
    body = body_of(quickbooks_event(record="1"), harm, quickbooks_event(record="2"))
    assert (await gateway.quickbooks(body)).status_code == 204
    assert [one["record_id"] for one in await gateway.notices(QUICKBOOKS_CHANGES, 2)] == ["1", "2"]
    assert len(await gateway.records(DEAD_LETTERS, 1)) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"nothing", b"\xff\xfe", b"[" * 50_000, b"[1e999]", b"[NaN]"])
async def test_a_signed_body_that_cannot_be_read_is_kept_and_answered(gateway: Gateway, body: bytes) -> None:
    assert (await gateway.quickbooks(body)).status_code == 204
    (letter,) = await gateway.records(DEAD_LETTERS, 1)
    assert letter == body or b"[" in body
    assert await gateway.receipts() == 1


async def test_mixed_realms_and_unknown_accounts_are_accepted(gateway: Gateway) -> None:
    body = body_of(quickbooks_event(record="1", intuitaccountid="999"), quickbooks_event(record="2"))
    assert (await gateway.quickbooks(body)).status_code == 204
    (notice,) = await gateway.notices(QUICKBOOKS_CHANGES, 1)
    assert (notice["account"], notice["record_id"]) == (REALM, "2")
    assert await gateway.receipts() == 1


async def test_the_door_is_open_while_the_broker_is_away(gateway_without_broker: Gateway) -> None:
    gateway = gateway_without_broker
    bodies = [body_of(quickbooks_event(record=str(one))) for one in range(5)]
    answers = [await gateway.quickbooks(body) for body in bodies]
    assert {one.status_code for one in answers} == {204}
    assert max(one.elapsed for one in answers) < timedelta(seconds=3)
    assert await gateway.receipts() == 5
    assert await gateway.count("outbox where published_at is null") == 5
    assert (await gateway.http.get("/readyz")).status_code == 200


async def test_what_no_code_foresaw_is_answered_in_our_shape_and_nothing_is_told(gateway: Gateway) -> None:
    admin = await asyncpg.connect(gateway.database.admin_dsn)
    await admin.execute("alter table webhook_gateway.deliveries rename to gone")
    answer = await gateway.quickbooks(body_of(quickbooks_event()))
    assert (answer.status_code, answer.json()["code"]) == (500, "UNEXPECTED")
    await admin.execute("alter table webhook_gateway.gone rename to deliveries")
    await admin.close()
    assert (await gateway.quickbooks(body_of(quickbooks_event()))).status_code == 204
    assert await gateway.receipts() == 1


async def test_a_replay_tells_a_window_again_and_needs_its_right(gateway: Gateway) -> None:
    assert (await gateway.quickbooks(body_of(quickbooks_event()))).status_code == 204
    await gateway.notices(QUICKBOOKS_CHANGES, 1)
    now = datetime.now(UTC)
    window = {"since": (now - timedelta(minutes=1)).isoformat(), "until": (now + timedelta(minutes=1)).isoformat()}
    assert (await gateway.http.post("/receipts/replay", json=window)).status_code == 401
    token = await gateway.token("viewer")
    assert (await gateway.http.post("/receipts/replay", json=window, headers=token)).status_code == 403
    token = await gateway.token("finance")
    answer = await gateway.http.post("/receipts/replay", json=window, headers=token)
    assert answer.json() == {"receipts": 1, "notices": 1}
    stranger = await gateway.token("finance", tenant=999)
    answer = await gateway.http.post("/receipts/replay", json=window, headers=stranger)
    assert answer.json() == {"receipts": 0, "notices": 0}
    (again,) = await gateway.notices(QUICKBOOKS_CHANGES, 1)
    assert (again["record_id"], again["found_by"]) == ("12", "replay")
    backwards = {"since": window["until"], "until": window["since"]}
    answer = await gateway.http.post("/receipts/replay", json=backwards, headers=token)
    assert (answer.status_code, answer.json()["field"]) == (422, "until")
