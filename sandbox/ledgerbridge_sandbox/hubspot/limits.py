"""HubSpot's limits on calls and the headers that tell of them (hubspot.md 16)."""

from collections import deque
from datetime import date

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.errors import RefusalError
from ledgerbridge_sandbox.world import World

_TOO_MANY = 429
DEFAULTS = {
    "on": True,
    "burst": 190,
    "burst_milliseconds": 10_000,
    "daily": 625_000,
    "search_per_second": 5,
}


class Limiter:
    """Rolling windows of the clock's elapsed seconds per token, search per account, a counter per account's own day."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limits = world.limits["hubspot"]
        self._bursts: dict[str, deque[float]] = {}
        self._searches: dict[int, deque[float]] = {}
        self._daily: dict[int, tuple[date, int]] = {}

    def admit(self, account: Account, token: str, *, search: bool) -> dict[str, str]:
        """Count one call and answer its headers (none for a search); raises 429 with the policy's name."""
        if not self._limits["on"]:
            return {}
        now = self._world.clock.elapsed()
        day, used = self._day(account)
        if used >= self._limits["daily"]:
            raise _refused("DAILY", "You have reached your daily limit.")
        if search:
            window = self._searches.setdefault(account.portal, deque())
            if not _enter(window, now, 1.0, self._limits["search_per_second"]):
                raise _refused("SECONDLY", "You have reached your secondly limit.")
            self._daily[account.portal] = (day, used + 1)
            return {}
        window = self._bursts.setdefault(token, deque())
        seconds = self._limits["burst_milliseconds"] / 1000
        if not _enter(window, now, seconds, self._limits["burst"]):
            raise _refused("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")
        self._daily[account.portal] = (day, used + 1)
        return self._headers(len(window), used + 1)

    def used_today(self, account: Account) -> int:
        """Calls counted since midnight in the account's zone."""
        return self._day(account)[1]

    def _day(self, account: Account) -> tuple[date, int]:
        today = self._world.clock.now().astimezone(account.zone).date()
        day, used = self._daily.get(account.portal, (today, 0))
        return (today, used if day == today else 0)

    def _headers(self, in_window: int, used: int) -> dict[str, str]:
        burst, daily = self._limits["burst"], self._limits["daily"]
        return {
            "X-HubSpot-RateLimit-Max": str(burst),
            "X-HubSpot-RateLimit-Remaining": str(burst - in_window),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(self._limits["burst_milliseconds"]),
            "X-HubSpot-RateLimit-Daily": str(daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(daily - used),
        }


def _enter(window: deque[float], now: float, seconds: float, most: int) -> bool:
    while window and window[0] <= now - seconds:
        window.popleft()
    if len(window) >= most:
        return False
    window.append(now)
    return True


def _refused(policy: str, message: str) -> RefusalError:
    body = {"status": "error", "message": message, "errorType": "RATE_LIMIT", "policyName": policy}
    if policy == "TEN_SECONDLY_ROLLING":
        body["groupName"] = "publicapi:private_app-api-calls-ten-secondly:sandbox"
    return RefusalError(_TOO_MANY, {**body, "category": "RATE_LIMITS"})
