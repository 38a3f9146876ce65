"""HubSpot's limits on calls and the headers that tell of them (hubspot.md 16)."""

from collections import deque
from datetime import date

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.errors import RefusalError
from ledgerbridge_sandbox.hubspot.grants import APP_ID, Access
from ledgerbridge_sandbox.hubspot.plans import Allowance, allowance
from ledgerbridge_sandbox.world import World

_TOO_MANY = 429
DEFAULTS = {
    "on": True,
    "burst": 190,
    "burst_milliseconds": 10_000,
    "daily": 625_000,
    "search_per_second": 5,
    "associations_burst": 150,
    "associations_daily": 500_000,
    "distribution": "private",
    "plans": {},
}
GENERAL, ASSOCIATIONS, SEARCH = "general", "associations", "search"
"""The kinds of calls: each has a window of its own."""


class Limiter:
    """Rolling windows of the clock's elapsed seconds per app and account, search per account, counters per day."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limits = world.limits["hubspot"]
        self._windows: dict[tuple[int, str, str], deque[float]] = {}
        self._daily: dict[tuple[int, str], tuple[date, int]] = {}
        world.counts.append(self.forget)

    def admit(self, account: Account, access: Access, *, kind: str) -> dict[str, str]:
        """Count one call and answer its headers (none for a search); raises 429 with the policy's name."""
        if not self._limits["on"]:
            return {}
        allowed = allowance(self._limits, account.portal, oauth=access.expires_at is not None)
        counter = ASSOCIATIONS if kind == ASSOCIATIONS else GENERAL
        most = allowed.associations_daily if kind == ASSOCIATIONS else allowed.daily
        day, used = self._day(account, counter)
        if most is not None and used >= most:
            raise self._refused("DAILY", "You have reached your daily limit.")
        headers = self._entered(account, access, allowed, kind)
        if most is None:  # An app of the marketplace takes nothing from the day of the private ones.
            return headers
        self._daily[account.portal, counter] = (day, used + 1)
        if headers:
            headers |= {
                "X-HubSpot-RateLimit-Daily": str(most),
                "X-HubSpot-RateLimit-Daily-Remaining": str(most - used - 1),
            }
        return headers

    def forget(self) -> None:
        """Empty all windows and days."""
        self._windows.clear()
        self._daily.clear()

    def daily_of(self, account: Account) -> int:
        """How many calls a day private apps may make in the account."""
        return allowance(self._limits, account.portal, oauth=False).daily or 0

    def used_today(self, account: Account) -> int:
        """Calls counted since midnight in the account's zone."""
        return self._day(account, GENERAL)[1]

    def _entered(self, account: Account, access: Access, allowed: Allowance, kind: str) -> dict[str, str]:
        now = self._world.clock.elapsed()
        if kind == SEARCH:  # All apps of an account share it.
            window = self._windows.setdefault((account.portal, "", kind), deque())
            if not _enter(window, now, 1.0, self._limits["search_per_second"]):
                raise self._refused("SECONDLY", "You have reached your secondly limit.")
            return {}
        burst = allowed.associations if kind == ASSOCIATIONS else allowed.burst
        milliseconds = self._limits["burst_milliseconds"]
        window = self._windows.setdefault((account.portal, access.who, kind), deque())
        if not _enter(window, now, milliseconds / 1000, burst):
            raise self._refused("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")
        return {
            "X-HubSpot-RateLimit-Max": str(burst),
            "X-HubSpot-RateLimit-Remaining": str(burst - len(window)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(milliseconds),
        }

    def _day(self, account: Account, counter: str) -> tuple[date, int]:
        today = self._world.clock.now().astimezone(account.zone).date()
        day, used = self._daily.get((account.portal, counter), (today, 0))
        return (today, used if day == today else 0)

    def _refused(self, policy: str, message: str) -> RefusalError:
        """The recorded bodies; `category` is what several clients expect (hubspot.md 16, 20.3)."""
        body = {"status": "error", "message": message, "errorType": "RATE_LIMIT", "policyName": policy}
        if policy == "TEN_SECONDLY_ROLLING":
            body["groupName"] = f"publicapi:private_app-api-calls-ten-secondly:{APP_ID}"
        if policy != "SECONDLY":
            body["requestId"] = self._world.trace_id()
        return RefusalError(_TOO_MANY, {**body, "category": "RATE_LIMITS"})


def _enter(window: deque[float], now: float, seconds: float, most: int) -> bool:
    while window and window[0] <= now - seconds:
        window.popleft()
    if len(window) >= most:
        return False
    window.append(now)
    return True
