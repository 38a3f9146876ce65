"""The sign of life of a part: /livez fails when a part has stood still while work was waiting (design.md 10)."""

from typing import Protocol

from ledgerbridge.service.clocks import MachineClock, SystemMachineClock

STANDSTILL_SECONDS = 60.0


class SignOfLife(Protocol):
    """What /livez asks of a part."""

    @property
    def stands_still(self) -> bool:
        """Whether work has waited for more than a minute without progress."""


class Beat:
    """When a part last made progress, and whether work waits for it.

    A part calls `progress` at every turn of its loop, also when it finds its broker or database away (an outage is not
    cured by a restart), and `waiting` when it learns whether there is work.
    """

    def __init__(self, clock: MachineClock | None = None) -> None:
        """Start as making progress, without work."""
        self._clock = clock or SystemMachineClock()
        self._last = self._clock.monotonic()
        self._waiting = False

    def progress(self) -> None:
        """Something was done, or there was nothing to do, or the outside is known to be away."""
        self._last = self._clock.monotonic()

    def waiting(self, work: bool) -> None:
        """Say whether work is waiting for this part."""
        if work and not self._waiting:
            self._last = self._clock.monotonic()
        self._waiting = work

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last progress."""
        return self._clock.monotonic() - self._last

    @property
    def stands_still(self) -> bool:
        """Whether work has waited for more than a minute without progress."""
        return self._waiting and self.idle_seconds > STANDSTILL_SECONDS
