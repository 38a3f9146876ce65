"""Limits on calls (quickbooks.md 3), counted over sliding windows of the clock's elapsed seconds."""

from collections import deque

from ledgerbridge_sandbox.clock import SandboxClock
from ledgerbridge_sandbox.quickbooks.faults import throttled
from ledgerbridge_sandbox.switches import Switches

MINUTE, SECOND = 60.0, 1.0


def declare(limits: Switches) -> None:
    """The figures at the start, each of one company; 0 mails: no limit, as companies in production have none."""
    limits.declare(
        on=True,
        realm_per_minute=500,
        app_per_minute=800,
        app_per_second=10,
        app_at_once=10,
        batches_per_minute=40,
        realm_batches_per_minute=120,
        reads_per_month=500_000,
        mails_per_day=0,
    )


class CallLimits:
    """Counts calls per realm; there is one app."""

    def __init__(self, limits: Switches, clock: SandboxClock) -> None:
        self._limits = limits
        self._clock = clock
        self._calls: dict[tuple[str, str], deque[float]] = {}

    def count(self, realm: str, *, batch: bool, at_once: int = 1) -> None:
        """
        One more call, `at_once` with those in work; raises the fault 3001 where a window is full.

        A refused call is not counted (guess).
        """
        if not self._limits["on"]:
            return
        if at_once > self._limits["app_at_once"]:
            raise throttled()
        now = self._clock.elapsed()
        windows = [("realm_per_minute", MINUTE), ("app_per_minute", MINUTE), ("app_per_second", SECOND)]
        if batch:
            windows += [("batches_per_minute", MINUTE), ("realm_batches_per_minute", MINUTE)]
        counted = [(self._window(realm, name, now - length), self._limits[name]) for name, length in windows]
        if any(len(window) >= most for window, most in counted):
            raise throttled()
        for window, _ in counted:
            window.append(now)

    def _window(self, realm: str, name: str, oldest: float) -> deque[float]:
        window = self._calls.setdefault((realm, name), deque())
        while window and window[0] <= oldest:
            window.popleft()
        return window

    def forget(self) -> None:
        """Empty all windows."""
        self._calls.clear()
