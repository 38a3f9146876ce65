"""Two clocks, both passed in (design.md 4).

*Machine time* measures leases, deadlines and back-off and cannot be moved. *Business time* says what day it is: today,
overdue, expiry, retention; it follows the sandbox's clock where a setting says so.
"""

import time
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class MachineClock(Protocol):
    """Monotonic seconds."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""


class BusinessClock(Protocol):
    """The moment that business rules look at."""

    def now(self) -> datetime:
        """An aware datetime in UTC."""


class SystemMachineClock:
    """The machine's own monotonic clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()


class SystemBusinessClock:
    """The wall clock."""

    def now(self) -> datetime:
        """The current moment in UTC."""
        return datetime.now(UTC)


class OffsetBusinessClock:
    """A business clock that was put somewhere and ticks on from there, at a rate where the sandbox's clock has one."""

    def __init__(self) -> None:
        """Start at the wall clock's time."""
        self._put_at = self._put_to = datetime.now(UTC)
        self._rate = 1.0

    def now(self) -> datetime:
        """Where it was put, and what the wall clock has gone since then."""
        return self._put_to + (datetime.now(UTC) - self._put_at) * self._rate

    def put(self, moment: datetime, rate: float = 1.0) -> None:
        """Show this moment now and tick on, `rate` seconds in each second; 0 stands still."""
        self._put_at, self._put_to, self._rate = datetime.now(UTC), moment, rate


def today(clock: BusinessClock, zone: str) -> date:
    """The calendar date in a zone, e.g. ``America/Los_Angeles``."""
    return clock.now().astimezone(ZoneInfo(zone)).date()
