"""A part that looks whether there is something to do, waits, and looks again."""

import asyncio
from abc import ABC, abstractmethod

import structlog

from ledgerbridge.service.beats import Beat
from ledgerbridge.storage.outages import database_away

log = structlog.get_logger(__name__)


class Looking(ABC):
    """Looks at its start and then every `look_seconds`. A database that is away is waited for and counts nothing."""

    name: str
    look_seconds: float

    def __init__(self) -> None:
        """Begin as making progress."""
        self.beat = Beat()

    @abstractmethod
    async def look(self) -> None:
        """Do what is due now; where that takes long, call `self.beat.progress` between its pieces."""

    async def run(self) -> None:
        """Look until cancelled; what fails otherwise ends the part, which is then started again (service/parts.py)."""
        while True:
            try:
                await self.look()
            except Exception as error:
                if not database_away(error):
                    raise
                log.warning("looking.database_away", part=self.name, cause=type(error).__name__)
            self.beat.progress()
            await self.rest()

    async def rest(self) -> None:
        """Wait for the next look."""
        await asyncio.sleep(self.look_seconds)
