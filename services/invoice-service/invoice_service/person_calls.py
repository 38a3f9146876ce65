"""Calls to the vendors while a person waits at the door."""

from collections.abc import AsyncIterator

from ledgerbridge.vendors.manner import calling

PATIENCE_SECONDS = 20.0
"""How long a person waits for the vendors in one request."""


async def as_person() -> AsyncIterator[None]:
    """A dependency: what this request asks the vendors goes before work in the background, and not for ever."""
    with calling(lane="person", seconds=PATIENCE_SECONDS):
        yield
