"""Whose limits a call draws on, how large they are, and how they are shared between the lanes.

Sources: quickbooks.md 3 and hubspot.md 16. Guesses: Intuit's month is UTC's; HubSpot counts searches in its ten-second
limit too, although it shows no rate headers for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from ledgerbridge.accounts.registry import Account
from ledgerbridge.service.settings import ServiceSettings

Kind = Literal["read", "write", "search", "association", "batch", "token"]
Lane = Literal["person", "live", "backfill"]

SHARES: Mapping[Lane, float] = {"person": 1.0, "live": 0.9, "backfill": 0.7}
"""How much of a limit may be used before a lane has to wait: the rest is kept for the lanes before it."""

STATIC_APP = "static"
_SPANS = {"second": 1.0, "ten seconds": 10.0, "minute": 60.0, "day": 0.0, "month": 0.0}


@dataclass(frozen=True)
class LimitSizes:
    """How many calls each limit allows; None: no such limit. The installation's sizes are its settings `limit_…`."""

    quickbooks_second: int | None = None
    quickbooks_minute: int | None = None
    quickbooks_batches_minute: int | None = None
    quickbooks_month: int | None = None
    hubspot_static_ten_seconds: int | None = None
    hubspot_oauth_ten_seconds: int | None = None
    hubspot_static_day: int | None = None
    hubspot_searches_second: int | None = None

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """As the installation's settings say."""
        return cls(**{field.name: getattr(settings, f"limit_{field.name}") for field in fields(cls)})


@dataclass(frozen=True)
class Limit:
    """One owner's limit over one span; `period` and `until` name the calendar's current period and its end."""

    owner: str
    span: str
    size: int
    period: str | None = None
    until: datetime | None = None

    @property
    def seconds(self) -> float:
        """The rolling span's length; 0 for a calendar span."""
        return _SPANS[self.span]

    def ceiling(self, lane: Lane) -> int:
        """How much of it the lane may use."""
        return max(1, int(self.size * SHARES[lane]))


def limits(account: Account, kind: Kind, sizes: LimitSizes, now: datetime) -> tuple[Limit, ...]:
    """Every limit that one call of this kind draws on; `now` is business time. Token calls are free at both vendors."""
    if kind == "token":
        return ()
    found = _quickbooks(account, kind, sizes, now) if account.vendor == "quickbooks" else _hubspot(account, sizes, now)
    if account.vendor == "hubspot" and kind == "search":
        found.append(_limit(f"hubspot account {account.external_id} searches", "second", sizes.hubspot_searches_second))
    return tuple(limit for limit in found if limit is not None)


def _quickbooks(account: Account, kind: Kind, sizes: LimitSizes, now: datetime) -> list[Limit | None]:
    company = f"quickbooks company {account.external_id} app {account.app}"
    found = [_limit(company, "second", sizes.quickbooks_second), _limit(company, "minute", sizes.quickbooks_minute)]
    if kind == "batch":
        found.append(_limit(f"{company} batches", "minute", sizes.quickbooks_batches_minute))
    if kind in ("read", "search"):  # only data-out calls are metered
        start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        until = (start + timedelta(days=32)).replace(day=1)
        workspace = f"quickbooks workspace {account.app}"
        found.append(_limit(workspace, "month", sizes.quickbooks_month, f"{now:%Y-%m}", until))
    return found


def _hubspot(account: Account, sizes: LimitSizes, now: datetime) -> list[Limit | None]:
    static = account.app == STATIC_APP
    ten_seconds = sizes.hubspot_static_ten_seconds if static else sizes.hubspot_oauth_ten_seconds
    found = [_limit(f"hubspot account {account.external_id} app {account.app}", "ten seconds", ten_seconds)]
    if static:  # HubSpot counts no day for OAuth apps
        here = now.astimezone(ZoneInfo(str(account.facts.get("zone") or "America/New_York")))
        until = (here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).astimezone(now.tzinfo)
        day = _limit(f"hubspot account {account.external_id}", "day", sizes.hubspot_static_day, f"{here:%F}", until)
        found.append(day)
    return found


def _limit(
    owner: str, span: str, size: int | None, period: str | None = None, until: datetime | None = None
) -> Limit | None:
    return None if size is None else Limit(owner, span, size, period, until)
