"""Signatures of both vendors: every vector of the reference, and everything that must be refused."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgerbridge.vendors.hubspot import signatures as hubspot
from ledgerbridge.vendors.quickbooks import signatures as quickbooks

BACKEND = "f6e94c08-85d0-4608-bcc6-e1850176e7b8"
FETCH = "12345678-aaaa-bbbb-cccc-ddddeeeeffff"
DOCS = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
OURS = "test-client-secret"
EVENTS = (
    b'[{"eventId":3816279340,"subscriptionId":25,"portalId":33,"appId":1160452,"occurredAt":1790000000000,'
    b'"subscriptionType":"object.propertyChange","attemptNumber":0,"objectId":1246965,"objectTypeId":"0-3",'
    b'"propertyName":"dealstage","propertyValue":"closedwon","changeSource":"CRM_UI","sourceId":"userId:1"}]'
)
CREATION = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
    b'"changeFlag":"NEW","appId":54321}]'
)
V3 = [
    (BACKEND, "POST", "https://www.hubspot.com/webhook", b"REQUEST_BODY", "1632188626483",
     "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="),
    (BACKEND, "POST", "https://www.hubspot.com/webhook", b"", "1632188626483",
     "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE="),
    (FETCH, "GET", "https://hubspot.com/?appId=1&portalId=2&userId=3", b"", "1111111111",
     "zTfXjo07jfzGouo4wvyAj3qEMUTVJ0PPYPACrluQtQI="),
    (DOCS, "POST", "https://www.example.com/webhook_uri", b"{'example_field':'example_value'}", "1693657560000",
     "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
    (DOCS, "POST", "https://www.example.com/webhook_uri", b"{'example_field':'example_value'}", "1700000300000",
     "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    (OURS, "POST", "https://bridge.example.com/hubspot/webhooks", EVENTS, "1790000001000",
     "AZthGxck2lqXgiX2d3hhQDaaMG5GPj6TjfT4AHLt3pE="),
]  # fmt: skip
SENT = datetime.fromtimestamp(1790000001, UTC)


def check(
    signature: Any = V3[-1][5],
    *,
    secrets: Any = (OURS,),
    body: Any = EVENTS,
    timestamp: Any = "1790000001000",
    now: Any = SENT,
    **changes: Any,
) -> Any:
    uri = changes.get("uri", "https://bridge.example.com/hubspot/webhooks")
    method = changes.get("method", "POST")
    return hubspot.verify_v3(
        secrets, method=method, uri=uri, body=body, timestamp=timestamp, signature=signature, now=now
    )


@pytest.mark.parametrize(("secret", "method", "uri", "body", "timestamp", "expected"), V3)
def test_the_vectors_of_v3(secret: Any, method: Any, uri: Any, body: Any, timestamp: Any, expected: Any) -> None:
    assert hubspot.sign_v3(secret, method, uri, body, timestamp) == expected
    now = datetime.fromtimestamp(int(timestamp) / 1000, UTC)
    assert hubspot.verify_v3(
        [secret], method=method, uri=uri, body=body, timestamp=timestamp, signature=expected, now=now
    )


def test_the_vector_of_v1() -> None:
    signature = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
    assert hubspot.verify_v1([DOCS], body=CREATION, signature=signature)
    assert hubspot.verify_v1(["new", DOCS], body=CREATION, signature=signature)
    assert not hubspot.verify_v1(["new"], body=CREATION, signature=signature)
    for place in range(len(CREATION)):
        assert not hubspot.verify_v1([DOCS], body=flipped(CREATION, place), signature=signature)


def flipped(body: Any, place: Any) -> Any:
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def test_each_flipped_byte_of_body_and_signature_is_refused() -> None:
    assert check()
    assert not any(check(body=flipped(EVENTS, place)) for place in range(len(EVENTS)))
    right = V3[-1][5].encode()
    assert not any(check(flipped(right, place).decode("latin-1")) for place in range(len(right)))


@pytest.mark.parametrize(
    "change",
    [
        {"uri": "http://bridge.example.com/hubspot/webhooks"},
        {"uri": "https://bridge.example.com/hubspot/webhooks?x=1"},
        {"uri": "https://bridge.example.com:443/hubspot/webhooks"},
        {"method": "PUT"},
        {"timestamp": "1790000001001"},
        {"secrets": ()},
        {"secrets": ("another",)},
        {"body": b""},
    ],
)
def test_each_changed_part_is_refused(change: Any) -> None:
    assert not check(**change)


def test_two_secrets_hold_during_a_rotation() -> None:
    assert check(secrets=("the-new-one", OURS))
    assert check(secrets=(OURS, "the-new-one"))


@pytest.mark.parametrize(("milliseconds", "right"), [(0, True), (300_000, True), (300_001, False), (86_400_000, False)])
@pytest.mark.parametrize("direction", [1, -1])
def test_the_window_is_five_minutes_of_business_time_either_way(milliseconds: Any, right: Any, direction: Any) -> None:
    assert check(now=SENT + direction * timedelta(milliseconds=milliseconds)) is right


@pytest.mark.parametrize("timestamp", ["", "NaN", "-1790000001000", "1e12", "1790000001000 ", "١٧٩", "²", "9" * 5000])
def test_a_timestamp_that_is_none_is_refused(timestamp: Any) -> None:
    assert not check(timestamp=timestamp)


@pytest.mark.parametrize("signature", ["", "ü", "\udcff", "☃" * 44, "=" * 10_000])
def test_a_signature_beyond_ascii_is_refused_and_no_crash(signature: Any) -> None:
    assert not check(signature)
    assert not hubspot.verify_v1([OURS], body=EVENTS, signature=signature)
    assert not quickbooks.verify([OURS], body=EVENTS, signature=signature)


def test_the_uri_is_decoded_by_hubspots_own_twelve_escapes_only() -> None:
    escaped = "%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B"
    assert hubspot.decode_uri(escaped) == ":/?@!$'()*,;"
    assert hubspot.decode_uri(escaped.lower()) == ":/?@!$'()*,;"
    kept = "%20%26%2B%3D%25%C3%BC%2"
    assert hubspot.decode_uri(kept) == kept


@given(st.text(), st.binary())
def test_nothing_that_comes_from_outside_raises(text: Any, body: Any) -> None:
    assert not check(text, body=body, timestamp=text)
    assert not check(text, uri=text)
    assert not quickbooks.verify(["v"], body=body, signature=text)


def test_intuits_signature() -> None:
    body = json.dumps([{"specversion": "1.0", "id": "1"}]).encode()
    signature = quickbooks.sign("sandbox-verifier", body)
    assert signature == "CHXh4IIRAq/Rjrk1yy3ZkbktfqdNagixSiMRQkgu8IY="  # made by openssl
    assert quickbooks.verify(["old", "sandbox-verifier"], body=body, signature=signature)
    assert not quickbooks.verify(["old"], body=body, signature=signature)
    assert not any(
        quickbooks.verify(["sandbox-verifier"], body=flipped(body, place), signature=signature)
        for place in range(len(body))
    )
