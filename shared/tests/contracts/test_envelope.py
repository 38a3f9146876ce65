"""The envelope against CloudEvents' own SDK, which shares no code with ours."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from ledgerbridge.contracts.envelope import Envelope, UnreadableError, read

FULL = Envelope(
    id="e-1",
    source="ledgerbridge/invoice-service",
    type="ledgerbridge.invoice.created.v1",
    subject="7:inv",
    time=datetime(2026, 11, 23, 12, 30, 1, 5, tzinfo=timezone(timedelta(hours=2))),
    dataschema="urn:ledgerbridge:schema:ledgerbridge.invoice.created.v1",
    sequence=12,
    correlation_id="c-1",
    causation_id="e-0",
    actor="person:żółć@example.com",
    tenant=2**62,
    connection=3,
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)


def test_what_we_write_is_read_back() -> None:
    assert read(FULL.to_headers(), b"{}") == (FULL, b"{}")
    bare = Envelope(id="e", source="s", type="t")
    assert read(bare.to_headers(), None) == (bare, None)


def test_the_independent_reader_accepts_what_we_write() -> None:
    headers = dict(FULL.to_headers())
    event = from_binary(
        KafkaMessage(headers=headers, key=b"7:inv", value=b'{"total": "12.50"}'), JSONFormat(), CloudEvent
    )
    attributes = event.get_attributes()
    assert attributes["id"] == "e-1"
    assert attributes["type"] == FULL.type
    assert attributes["time"] == FULL.time
    assert attributes["tenant"] == str(2**62)
    assert attributes["sequence"] == "12"
    assert event.get_data() == {"total": "12.50"}


@pytest.mark.parametrize("write", [to_binary, to_structured], ids=["binary", "structured"])
def test_we_read_what_the_independent_writer_writes(write: object) -> None:
    event = CloudEvent(
        {
            "id": "x",
            "source": "my-shop",
            "type": "ledgerbridge.invoice.create.v1",
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "time": datetime(2026, 11, 23, 10, tzinfo=UTC),
            "tenant": "7",
        },
        {"deal_id": "9001"},
    )
    message = write(event, JSONFormat())  # type: ignore[operator]
    headers = [(name, value) for name, value in message.headers.items()]
    envelope, value = read(headers, message.value)
    assert (envelope.id, envelope.source, envelope.tenant) == ("x", "my-shop", 7)
    assert envelope.time == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert json.loads(value or b"") == {"deal_id": "9001"}


STRUCTURED = [("content-type", b"application/cloudevents+json; charset=utf-8")]


def document(**changes: object) -> bytes:
    made = {"specversion": "1.0", "id": "x", "source": "s", "type": "t", "data": {}} | changes
    return json.dumps({name: value for name, value in made.items() if value is not None}).encode()


def test_structured_data_may_be_base64_or_missing() -> None:
    assert read(STRUCTURED, document(data=None, data_base64="e30="))[1] == b"{}"
    assert read(STRUCTURED, document(data=None))[1] is None


def test_an_amount_sent_as_a_number_reaches_the_contract_as_a_number() -> None:
    value = read(STRUCTURED, document().replace(b"{}", b'{"quantity": 1.50}'))[1]
    assert json.loads(value or b"") == {"quantity": 1.5}


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ([], b"{}"),
        ([("ce_id", b"x")], b"{}"),
        ([("ce_type", b"t")], b"{}"),
        ([("ce_id", b""), ("ce_type", b"t")], b"{}"),
        ([("ce_id", b"\xff"), ("ce_type", b"t")], b"{}"),
        ([("ce_id", b"a\x00"), ("ce_type", b"t")], b"{}"),
        ([("ce_id", b"x"), ("ce_type", b"t"), ("ce_specversion", b"0.3")], b"{}"),
        ([("ce_id", b"x"), ("ce_type", b"t"), ("ce_time", b"yesterday")], b"{}"),
        ([("ce_id", b"x"), ("ce_type", b"t"), ("ce_tenant", b"-1")], b"{}"),
        ([("ce_id", b"x"), ("ce_type", b"t"), ("ce_tenant", b"9223372036854775808")], b"{}"),
        ([("ce_id", b"x"), ("ce_type", b"t"), ("content-type", b"text/plain")], b"{}"),
        ([("content-type", b"application/cloudevents-batch+json")], b"[]"),
        (STRUCTURED, b"{"),
        (STRUCTURED, b"[]"),
        (STRUCTURED, None),
        (STRUCTURED, document(id=None)),
        (STRUCTURED, document(type=7)),
        (STRUCTURED, document(tenant=True)),
        (STRUCTURED, document(specversion="0.3")),
        (STRUCTURED, document(data=None, data_base64="***")),
        (STRUCTURED, b"[" * 200_000),
    ],
)
def test_what_is_no_cloudevent_is_unreadable(headers: list[tuple[str, bytes]], value: bytes | None) -> None:
    with pytest.raises(UnreadableError):
        read(headers, value)
