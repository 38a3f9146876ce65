"""Whose turn it is: rounds of one company start a gap apart, and companies take turns (design.md 4, Reading rule)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ledgerbridge.sync.claims import DueCompany
from ledgerbridge.sync.records import Company

FORGET_SECONDS = 60.0


@dataclass(frozen=True)
class Turns:
    """Companies whose round starts now, and the seconds until a resting one may start (None: no company rests)."""

    now: list[Company]
    next_in: float | None


class Pacing:
    """Remembers when each company's last round started and how many are running. Times are machine seconds."""

    def __init__(self, *, gap_seconds: float, rounds: int, rounds_of_company: int) -> None:
        """`rounds` run at once in all, `rounds_of_company` of one company, so that a slow one leaves room."""
        self._gap = gap_seconds
        self._rounds = rounds
        self._rounds_of_company = rounds_of_company
        self._started: dict[Company, float] = {}
        self._running: Counter[Company] = Counter()

    @property
    def running(self) -> int:
        """How many rounds are running."""
        return self._running.total()

    def turns(self, due: Iterable[DueCompany], now: float) -> Turns:
        """Choose among the companies with due work: the most urgent first, then who was served longest ago."""
        self._forget(now)
        free = [one for one in due if self._running[one.company] < self._rounds_of_company]
        waits = {one.company: self.rest(one.company, now) for one in free}
        rested = [one for one in free if not waits[one.company]]
        rested.sort(key=lambda one: (one.priority, self._started.get(one.company, float("-inf")), one.company))
        resting = [wait for wait in waits.values() if wait]
        return Turns([one.company for one in rested[: self._rounds - self.running]], min(resting, default=None))

    def rest(self, company: Company, now: float) -> float:
        """The seconds for which the company rests."""
        return max(0.0, self._started.get(company, now - self._gap) + self._gap - now)

    def start(self, company: Company, now: float) -> None:
        """A round of the company starts."""
        self._started[company] = now
        self._running[company] += 1

    def end(self, company: Company) -> None:
        """A round of the company has ended."""
        self._running[company] -= 1

    def _forget(self, now: float) -> None:
        """Who was served long ago counts as never served; the memory stays as small as the day is busy."""
        self._running = +self._running
        old = [company for company, started in self._started.items() if now - started > FORGET_SECONDS + self._gap]
        for company in old:
            del self._started[company]
