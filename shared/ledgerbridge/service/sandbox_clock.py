"""A business clock that follows the sandbox's: a long poll learns of every move and confirms it by asking again."""

import asyncio
import json
import os
from datetime import datetime
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import structlog

from ledgerbridge.service.beats import Beat
from ledgerbridge.service.clocks import OffsetBusinessClock

log = structlog.get_logger(__name__)

POLL_SECONDS = 5


class SandboxClockFollower:
    """Keeps an `OffsetBusinessClock` at the sandbox's time (a part of a service)."""

    def __init__(self, control: str, clock: OffsetBusinessClock, follower: str) -> None:
        """`control` is the address of the sandbox's control door, `follower` this service's name."""
        self.name = "sandbox-clock"
        self.beat = Beat()
        self._control = control.rstrip("/")
        self._clock = clock
        self._follower = f"{follower}-{os.getpid()}"
        self._version: int | None = None
        self._moved = asyncio.Event()

    async def adopt(self) -> None:
        """Take the sandbox's time over once, before anything else starts."""
        self._take(await self._ask({}))

    async def run(self) -> None:
        """Follow every move until cancelled; while the sandbox is away the clock ticks on."""
        while True:
            self.beat.progress()
            try:
                answer = await self._ask(
                    {"after": self._version or 0, "follower": self._follower, "timeout": POLL_SECONDS}
                )
            except (URLError, TimeoutError, ConnectionError, ValueError) as problem:
                log.info("sandbox_clock.away", cause=type(problem).__name__)
                await asyncio.sleep(0.5)
                continue
            self._take(answer)

    async def moved(self) -> None:
        """Return when the clock was moved the next time."""
        self._moved.clear()
        await self._moved.wait()

    def _take(self, answer: dict[str, Any]) -> None:
        if answer["version"] != self._version:
            self._version = answer["version"]
            rate = 0.0 if answer.get("frozen") else answer.get("rate", 1.0)
            self._clock.put(datetime.fromisoformat(answer["now"]), rate)
            self._moved.set()

    async def _ask(self, query: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.to_thread(self._get, f"{self._control}/clock?{urlencode(query)}")

    @staticmethod
    def _get(address: str) -> dict[str, Any]:
        # The address is a setting that is refused unless it belongs to the sandbox.
        with urlopen(address, timeout=POLL_SECONDS + 5) as answer:  # noqa: S310
            content: dict[str, Any] = json.load(answer)
            return content
