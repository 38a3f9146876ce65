"""CloudEvents 1.0 over Kafka: binary mode written, binary and structured mode read (libraries.md 3).

In binary mode the value is our JSON and every attribute a header `ce_<name>`; in structured mode the value is one JSON
document with the attributes and `data`. Written by hand because it runs for every record.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

CONTENT_TYPE = "application/json"
_JSON = CONTENT_TYPE.encode()
STRUCTURED = "application/cloudevents+json"
LARGEST_TENANT = 2**63 - 1

Headers = Sequence[tuple[str, bytes]]


class UnreadableError(Exception):
    """A record is no CloudEvent that we can read; the text says why, without quoting its content."""


class Envelope(NamedTuple):
    """The attributes of one event (a tuple, since one is made for every record).

    `sequence` counts the events of one topic and key from 1 without a gap. `tenant` is 0 where it is not known (a
    notice before its account is looked up). `time` is business time with an offset. `connection` is None where the
    fact belongs to no single QuickBooks company.
    """

    id: str
    source: str
    type: str
    subject: str | None = None
    time: datetime | None = None
    dataschema: str | None = None
    sequence: int | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    actor: str | None = None
    tenant: int = 0
    connection: int | None = None
    traceparent: str | None = None

    @property
    def identity(self) -> str:
        """What is unique by CloudEvents' own rule: source and id together."""
        return f"{self.source} {self.id}"

    def to_headers(self) -> list[tuple[str, bytes]]:
        """The headers of the binary mode; attributes without a value are left out."""
        headers = [
            ("content-type", CONTENT_TYPE.encode()),
            ("ce_specversion", b"1.0"),
            ("ce_id", self.id.encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
        ]
        for name, value in (
            ("ce_subject", self.subject),
            ("ce_time", None if self.time is None else self.time.isoformat()),
            ("ce_dataschema", self.dataschema),
            ("ce_sequence", self.sequence),
            ("ce_correlationid", self.correlation_id),
            ("ce_causationid", self.causation_id),
            ("ce_actor", self.actor),
            ("ce_tenant", self.tenant or None),
            ("ce_connection", self.connection),
            ("ce_traceparent", self.traceparent),
        ):
            if value is not None:
                headers.append((name, str(value).encode()))
        return headers

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> "Envelope":
        """Read the headers of the binary mode. Raises UnreadableError."""
        return _of_texts(_texts(dict(headers)))


_TEXTS = (
    "ce_id",
    "ce_type",
    "ce_specversion",
    "ce_source",
    "ce_subject",
    "ce_time",
    "ce_dataschema",
    "ce_sequence",
    "ce_correlationid",
    "ce_causationid",
    "ce_actor",
    "ce_tenant",
    "ce_connection",
    "ce_traceparent",
)


def _texts(known: Mapping[str, bytes]) -> dict[str, str]:
    """Our attributes among the headers, as text. Raises UnreadableError."""
    try:
        found = {name: known[name].decode() for name in _TEXTS if known.get(name) is not None}
    except UnicodeDecodeError:
        raise UnreadableError("a header is not UTF-8") from None
    if "\x00" in "".join(found.values()):
        raise UnreadableError("a header contains the character NUL")
    return found


def _of_texts(texts: Mapping[str, str]) -> Envelope:
    get = texts.get
    identity, kind = get("ce_id"), get("ce_type")
    if not identity or not kind:
        raise UnreadableError("no CloudEvents id and type")
    if get("ce_specversion", "1.0") != "1.0":
        raise UnreadableError("the CloudEvents version is not 1.0")
    return Envelope(
        identity,
        get("ce_source") or "",
        kind,
        get("ce_subject"),
        _moment(get("ce_time")),
        get("ce_dataschema"),
        _number(get("ce_sequence"), "sequence"),
        get("ce_correlationid"),
        get("ce_causationid"),
        get("ce_actor"),
        _number(get("ce_tenant"), "tenant") or 0,
        _number(get("ce_connection"), "connection"),
        get("ce_traceparent"),
    )


def read(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> tuple[Envelope, bytes | None]:
    """The envelope and the JSON data of a record in either mode.

    Data None is a tombstone. Raises UnreadableError, also for an event without id and type.
    """
    known = dict(headers)
    content_type = known.get("content-type")
    if content_type != _JSON:  # the spelling of nearly every record
        content_type = content_type or known.get("Content-Type") or _JSON
        if content_type.lower().startswith(b"application/cloudevents"):
            return _read_structured(content_type, value)
        if not _is_json(content_type):
            raise UnreadableError("the content type is not JSON")
    return _of_texts(_texts(known)), value


def from_attributes(attributes: Mapping[str, Any]) -> Envelope:
    """An envelope from CloudEvents attributes by their names. Raises UnreadableError."""
    get = attributes.get
    identity, kind = _text(get("id"), "id"), _text(get("type"), "type")
    if not identity or not kind:
        raise UnreadableError("no CloudEvents id and type")
    if get("specversion", "1.0") != "1.0":
        raise UnreadableError("the CloudEvents version is not 1.0")
    connection = _number(get("connection"), "connection")
    return Envelope(
        id=identity,
        source=_text(get("source"), "source") or "",
        type=kind,
        subject=_text(get("subject"), "subject"),
        time=_moment(get("time")),
        dataschema=_text(get("dataschema"), "dataschema"),
        sequence=_number(get("sequence"), "sequence"),
        correlation_id=_text(get("correlationid"), "correlationid"),
        causation_id=_text(get("causationid"), "causationid"),
        actor=_text(get("actor"), "actor"),
        tenant=_number(get("tenant"), "tenant") or 0,
        connection=connection,
        traceparent=_text(get("traceparent"), "traceparent"),
    )


def _is_json(content_type: bytes) -> bool:
    media_type = content_type.partition(b";")[0].strip().lower()
    return media_type in (b"application/json", b"text/json") or media_type.endswith(b"+json")


def _read_structured(content_type: bytes, value: bytes | None) -> tuple[Envelope, bytes | None]:
    if content_type.partition(b";")[0].strip().lower() != STRUCTURED.encode():
        raise UnreadableError("only single CloudEvents in JSON are read")
    try:
        # Numbers stay what they are, so that an amount sent as a number is refused by its contract, not rounded here.
        document = json.loads(value or b"", parse_float=Decimal)
    except (ValueError, RecursionError):
        raise UnreadableError("the value is not JSON") from None
    if not isinstance(document, dict):
        raise UnreadableError("the value is no JSON object")
    envelope = from_attributes(document)
    return envelope, _structured_data(document)


def _structured_data(document: Mapping[str, Any]) -> bytes | None:
    if "data_base64" in document:
        try:
            return base64.b64decode(document["data_base64"], validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise UnreadableError("data_base64 is not base64") from None
    if document.get("data") is None:
        return None
    return json.dumps(document["data"], default=float).encode()


def _text(value: Any, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or "\x00" in value:
        raise UnreadableError(f"the attribute {name} is no text")
    return value


def _number(value: Any, name: str) -> int | None:
    if value is None or value == "":
        return None
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or int(text) > LARGEST_TENANT:
        raise UnreadableError(f"the attribute {name} is no whole number")
    return int(text)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise UnreadableError("the attribute time is no RFC 3339 time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
