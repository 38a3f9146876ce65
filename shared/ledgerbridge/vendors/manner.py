"""How the calls made inside a block are made: in which lane, and until when.

A worker says it once for its whole lot; every call below inherits it, so that no client method carries it along::

    with calling(lane="backfill", seconds=20):
        await hubspot.records.read_many(account, "deals", ids, properties)
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ledgerbridge.vendors.ports import Lane


@dataclass(frozen=True, slots=True)
class Manner:
    """`until` is a moment of the machine's monotonic clock; nothing is sent after it."""

    lane: Lane = "live"
    until: float | None = None

    def remaining(self, default: float) -> float:
        """Seconds that a call starting now may take, at most `default`."""
        if self.until is None:
            return default
        return min(default, self.until - time.monotonic())


_manner: ContextVar[Manner] = ContextVar("ledgerbridge_vendor_manner", default=Manner())  # noqa: B039 - frozen


def current_manner() -> Manner:
    """What holds here."""
    return _manner.get()


@contextmanager
def calling(*, lane: Lane | None = None, seconds: float | None = None) -> Iterator[None]:
    """Set the lane and the deadline (seconds from now) of the calls inside; an outer deadline that is earlier stays."""
    outer = _manner.get()
    until = outer.until
    if seconds is not None:
        mine = time.monotonic() + seconds
        until = mine if until is None else min(until, mine)
    token = _manner.set(Manner(lane or outer.lane, until))
    try:
        yield
    finally:
        _manner.reset(token)
