"""A webhook's body as events, each read by itself: one malformed event never fails its array."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from ledgerbridge.contracts.notices import RecordChanged

MOST_EVENTS = 1_000


class MalformedEventError(ValueError):
    """An event cannot be read; the text says why."""


@dataclass(frozen=True)
class Told:
    """What one event tells, and the key by which it is known again."""

    notice: RecordChanged
    key: bytes


@dataclass
class ReadArray:
    """A body read: what it tells, and what could not be read with the reason."""

    told: list[Told] = field(default_factory=list)
    malformed: list[tuple[bytes, str]] = field(default_factory=list)


def read(body: bytes, read_event: Callable[[Any], Told]) -> ReadArray:
    """Read every event of a body; never raises: what cannot be read is listed with its reason."""
    found = ReadArray()
    try:
        events = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        found.malformed.append((body, f"not JSON: {problem}"))
        return found
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        found.malformed.append((body, f"not an array of at most {MOST_EVENTS} events"))
        return found
    for event in events:
        try:
            found.told.append(read_event(event))
        except (MalformedEventError, ValueError) as problem:
            found.malformed.append((msgspec.json.encode(event), str(problem)))
    return found
