"""
The sandbox's two times: the business clock, which can be put anywhere, and elapsed seconds, which never jump.

Both run at one rate: at 1440 a day passes in a minute of real time.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_YEARS = (1980, 2180)
"""Wide of any year in which a date that is reckoned from now could not be written."""
FORGET_AFTER_SECONDS = 10.0
"""A follower that has not asked for this long (real time) is no longer waited for."""


SLOWEST, FASTEST = 0.001, 1_000_000.0
"""Bounds of the rate; a clock that stands still is frozen."""


class FollowersLateError(Exception):
    """Followers that did not confirm the clock's new version in time; `names` says which."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"These followers have not confirmed the clock: {', '.join(names)}")
        self.names = names


@dataclass
class _Follower:
    confirmed: int
    asked_at: float
    polls: int = 0


class SandboxClock:
    """
    Business time of both vendors. `version` rises with every move or change of rate; ticking alone does not change it.

    `rate` is how many seconds pass here in a second of real time, `usual_rate` what it is while nobody changes it.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self.version = 1
        self.frozen = False
        self.rate = self.usual_rate = 1.0
        self._put_to = start or datetime.now(UTC)
        self._elapsed = 0.0
        self._put_at = time.monotonic()
        self._followers: dict[str, _Follower] = {}
        self._turned = asyncio.Event()
        self._confirmed = asyncio.Event()

    def now(self) -> datetime:
        """The present business moment, aware, in UTC."""
        if self.frozen:
            return self._put_to
        return self._put_to + timedelta(seconds=(time.monotonic() - self._put_at) * self.rate)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Stand inside where the clock was put, and tick on from there: what is sown takes no time."""
        self.frozen = True
        yield
        self._put_at, self.frozen = time.monotonic(), False

    def elapsed(self) -> float:
        """Seconds since the start at the clock's rate, for limits: moving or freezing the clock changes nothing."""
        return self._elapsed + (time.monotonic() - self._put_at) * self.rate

    def real_seconds_until(self, moment: datetime) -> float:
        """How long the clock takes to reach `moment` as it runs now, in seconds of real time; never below 0."""
        return max((moment - self.now()).total_seconds() / self.rate, 0.0)

    def move_to(self, moment: datetime, *, frozen: bool | None = None, rate: float | None = None) -> None:
        """
        Put the clock to `moment` (aware); it goes on ticking from there unless `frozen`.

        Raises ValueError for a rate or a year out of bounds.
        """
        if not _YEARS[0] <= moment.year <= _YEARS[1]:
            raise ValueError(f"the clock goes from {_YEARS[0]} to {_YEARS[1]}")
        rate = self.rate if rate is None else checked_rate(rate)
        self._elapsed = self.elapsed()
        self._put_to = moment.astimezone(UTC)
        self._put_at = time.monotonic()
        self.frozen = self.frozen if frozen is None else frozen
        self.rate = rate
        self.version += 1
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds` (negative moves it back)."""
        self.move_to(self.now() + timedelta(seconds=seconds))

    async def moved(self, timeout_seconds: float | None) -> bool:
        """Wait until the clock is moved; False if that did not happen within `timeout_seconds` of real time."""
        try:
            await asyncio.wait_for(self._turned.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True

    async def follow(self, name: str, after: int, timeout_seconds: float) -> None:
        """Long poll of the follower `name`, which lives in version `after`: return when the clock is beyond it."""
        follower = self._followers.setdefault(name, _Follower(after, time.monotonic()))
        follower.confirmed = after
        follower.polls += 1
        confirmed, self._confirmed = self._confirmed, asyncio.Event()
        confirmed.set()
        try:
            if self.version <= after:
                await self.moved(timeout_seconds)
        finally:
            follower.polls -= 1
            follower.asked_at = time.monotonic()

    def late_followers(self) -> list[str]:
        """Names of the known followers that have not confirmed the present version."""
        oldest = time.monotonic() - FORGET_AFTER_SECONDS
        self._followers = {n: f for n, f in self._followers.items() if f.polls or f.asked_at >= oldest}
        return sorted(name for name, follower in self._followers.items() if follower.confirmed < self.version)

    async def followers_confirmed(self, timeout_seconds: float = 10.0) -> None:
        """Wait until every known follower lives in the present version; raises FollowersLateError."""
        deadline = time.monotonic() + timeout_seconds
        while late := self.late_followers():
            left = deadline - time.monotonic()
            if left <= 0:
                raise FollowersLateError(late)
            try:
                # Forgetting is noticed without an event, hence the upper bound.
                await asyncio.wait_for(self._confirmed.wait(), min(left, 1.0))
            except TimeoutError:
                continue


def checked_rate(rate: float) -> float:
    """The rate itself; raises ValueError for one out of bounds."""
    if not SLOWEST <= rate <= FASTEST:
        raise ValueError(f"a rate lies between {SLOWEST:g} and {FASTEST:g}")
    return rate


def instant_text(moment: datetime) -> str:
    """A moment as text in UTC with microseconds: 2026-11-23T10:00:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
