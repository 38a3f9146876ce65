"""A record as Kafka gave it, and reading it."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from ledgerbridge.contracts.envelope import Envelope, UnreadableError, read
from ledgerbridge.contracts.model import Message

# PostgreSQL's text cannot hold it; an escaped backslash before it makes it plain text.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Received(NamedTuple):
    """One record, nothing decoded. `timestamp` is in milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Sequence[tuple[str, bytes]]
    value: bytes | None
    timestamp: int


class Told(NamedTuple):
    """A record that was read: its envelope, and its message (None for a tombstone)."""

    record: Received
    envelope: Envelope
    message: Message | None


def read_message(record: Received, known: Mapping[str, type[Message]]) -> Told:
    """Read one record by the models of its topic (CloudEvents type → model).

    Raises UnreadableError (code UNREADABLE) and UnknownTypeError (UNKNOWN_TYPE).
    """
    envelope, value = read(record.headers, record.value)
    if value is None:
        return Told(record, envelope, None)
    model = known.get(envelope.type)
    if model is None:
        raise UnknownTypeError(f"messages of type {envelope.type[:100]} are not known here")
    if b"\\u0000" in value and _NUL.search(value):
        raise UnreadableError("text must not contain the character NUL")
    try:
        return Told(record, envelope, model.decode(value))
    except ValidationError as error:
        raise UnreadableError(_said(error)) from None


class UnknownTypeError(UnreadableError):
    """A CloudEvents type that the consumer does not know."""


def _said(error: ValidationError) -> str:
    """Where and what, without the values: they belong to the sender's customers."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'value'}: {one['msg']}" for one in problems[:5])
