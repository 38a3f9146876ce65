"""In which lane the vendors are called: for a person who waits at the door, or for a lot of records."""

from collections.abc import AsyncIterator

from ledgerbridge.sync.claims import Lot
from ledgerbridge.sync.records import Priority
from ledgerbridge.vendors.manner import calling
from ledgerbridge.vendors.ports import Lane

PATIENCE_SECONDS = 20.0
"""How long a person waits for the vendors in one request."""
LANES: dict[Priority, Lane] = {Priority.PERSON: "person", Priority.LIVE: "live", Priority.BACKFILL: "backfill"}


async def as_person() -> AsyncIterator[None]:
    """A dependency: what this request asks the vendors goes before work in the background, and not for ever."""
    with calling(lane="person", seconds=PATIENCE_SECONDS):
        yield


def lane(lot: Lot) -> Lane:
    """In which lane a lot's vendor calls are made: that of its most urgent record."""
    return LANES[lot.priority]
