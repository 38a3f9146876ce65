"""What Intuit counts of an app besides its pace (quickbooks.md 3): metered reads of a month, mails of a day.

All companies of the app are one workspace. A call is metered when data go out: every GET, every query, change data
capture and every batch; only what succeeded counts. Guess: a batch counts once, months and days are Pacific.
"""

from collections import Counter
from typing import Any

from ledgerbridge_sandbox.clock import SandboxClock
from ledgerbridge_sandbox.quickbooks.faults import throttled
from ledgerbridge_sandbox.quickbooks.moments import PACIFIC
from ledgerbridge_sandbox.switches import Switches


class Meter:
    """Counters of the present month and day; another month or day begins at nothing."""

    def __init__(self, limits: Switches, clock: SandboxClock) -> None:
        self._limits = limits
        self._clock = clock
        self._month = self._day = ""
        self._reads: Counter[str] = Counter()
        self._writes: Counter[str] = Counter()
        self._mails: Counter[str] = Counter()

    def check(self, realm: str, method: str, path: tuple[str, ...]) -> None:
        """Raises 3001 where the workspace has read enough this month, or the company mailed enough today."""
        self._turn_pages()
        if not self._limits["on"]:
            return
        spent = is_read(method, path) and self._reads.total() >= self._limits["reads_per_month"]
        most = self._limits["mails_per_day"]
        if spent or (most and path[-1:] == ("send",) and self._mails[realm] >= most):
            raise throttled()

    def count(self, realm: str, method: str, path: tuple[str, ...]) -> None:
        """A call that succeeded."""
        (self._reads if is_read(method, path) else self._writes)[realm] += 1
        if path[-1:] == ("send",):
            self._mails[realm] += 1

    def shown(self) -> dict[str, Any]:
        """Month and day with what was counted, for all and for each company."""
        self._turn_pages()
        counts = {"reads": self._reads, "writes": self._writes}
        return {
            "month": self._month,
            "day": self._day,
            **{name: count.total() for name, count in counts.items()},
            "companies": {
                realm: {**{name: count[realm] for name, count in counts.items()}, "mails": self._mails[realm]}
                for realm in sorted({*self._reads, *self._writes, *self._mails})
            },
        }

    def put(self, realm: str, reads: int) -> None:
        """Let the company have read so much this month."""
        self._turn_pages()
        self._reads[realm] = reads

    def forget(self) -> None:
        """Everything begins at nothing."""
        self._month = self._day = ""
        self._turn_pages()

    def _turn_pages(self) -> None:
        day = self._clock.now().astimezone(PACIFIC).date().isoformat()
        if day == self._day:
            return
        self._mails.clear()
        if day[:7] != self._month:
            self._reads.clear()
            self._writes.clear()
        self._day, self._month = day, day[:7]


def is_read(method: str, path: tuple[str, ...]) -> bool:
    """Whether the call takes data out: CorePlus in Intuit's words."""
    return method == "GET" or path[:1] in {("query",), ("batch",)}
