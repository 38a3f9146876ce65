"""Two clocks, both passed in (design.md 4).

*Machine time* measures leases, deadlines and back-off and cannot be moved. *Business time* says what day it is: today,
overdue, expiry, retention; it follows the sandbox's clock where a setting says so.
"""

import time
from datetime import UTC, date, datetime, timedelta
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
    """A business clock that was put somewhere and ticks on from there."""

    def __init__(self) -> None:
        """Start at the wall clock's time."""
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The wall clock plus the offset."""
        return datetime.now(UTC) + self._offset

    def put(self, moment: datetime) -> None:
        """Show this moment now and tick on."""
        self._offset = moment - datetime.now(UTC)


def today(clock: BusinessClock, zone: str) -> date:
    """The calendar date in a zone, e.g. ``America/Los_Angeles``."""
    return clock.now().astimezone(ZoneInfo(zone)).date()
