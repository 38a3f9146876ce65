"""Budgets of calls, shared by every process and connection that draws on the same limit (B-12).

A call takes from all its limits at once. Takes are leased from the database in lots of at most 100 ms of the slowest
limit's rate, so that a fast limit costs a round trip per lot and a killed process loses no more than a lot; a lease
that is not used within `LEASE_SECONDS` is void. Rolling spans run on the database's clock, days and months on business
time. A refusal is remembered, so that a full limit is not asked again before it can have room.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ledgerbridge.accounts.limits import Kind, Lane, Limit, LimitSizes, limits
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.errors import Paused, Throttled
from ledgerbridge.service.clocks import BusinessClock, MachineClock, SystemMachineClock
from ledgerbridge.storage import Database

LEASE_SECONDS = 0.1
"""How long a lease lasts, and how much of a limit's rate is leased at once."""
TRAVEL_SECONDS = 0.25
"""How much later than another a call may reach the vendor (a guess; we take it that arrivals are counted): rolling
limits are counted over a span so much longer than the vendor's."""
PATIENCE_SECONDS = 1.0

_Key = tuple[str, str, str, Kind, Lane]


class AccountRef(Protocol):
    """An account, as the seam to the vendors names it."""

    @property
    def id(self) -> int:
        """Our own id."""


@dataclass
class _Share:
    """What this process holds of one set of limits in one lane."""

    left: int = 0
    void_at: float = 0.0
    refused_until: float = 0.0
    periods: tuple[str | None, ...] = ()


class Budgets:
    """Takes calls from the limits of their owners."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        *,
        sizes: LimitSizes,
        business: BusinessClock,
        machine: MachineClock | None = None,
        moment: Callable[[], datetime] | None = None,
    ) -> None:
        """Draw on the limits of this installation. `moment` stands for the database's clock where a test moves it."""
        self._database = database
        self._accounts = accounts
        self._business = business
        self._machine = machine or SystemMachineClock()
        self._sizes = sizes
        self._moment = moment
        self._shares: defaultdict[_Key, _Share] = defaultdict(_Share)
        self._queues: defaultdict[_Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(
        self, account: AccountRef, kind: Kind, lane: Lane = "live", *, patience: float = PATIENCE_SECONDS
    ) -> None:
        """Take one call, waiting up to `patience` seconds for room.

        Raises Throttled with `retry_after` where a rolling limit is full for longer, and Paused (BUDGET_USED) where a
        day's or month's is used up.
        """
        known = await self._known(account)
        drawn = limits(known, kind, self._sizes, self._business.now())
        if not drawn:
            return
        key = (known.vendor, known.external_id, known.app, kind, lane)
        share = self._shares[key]
        if self._took(share, drawn):
            return
        async with self._queues[key]:  # first come, first served, and one lease for all who wait
            deadline = self._machine.monotonic() + patience
            while not self._took(share, drawn):
                wait = share.refused_until - self._machine.monotonic()
                if wait <= 0:
                    wait = await self._lease(share, drawn, lane)
                if wait == 0:
                    continue
                if wait > deadline - self._machine.monotonic():
                    raise Throttled("VENDOR_THROTTLED", vendor=known.vendor_name, retry_after=wait)
                await asyncio.sleep(wait)

    async def hold_back(self, account: AccountRef, kind: Kind, seconds: float) -> None:
        """The vendor itself asked to wait (429): nobody draws on these rolling limits for so many seconds."""
        known = await self._known(account)
        drawn = [limit for limit in limits(known, kind, self._sizes, self._business.now()) if limit.seconds]
        async with self._database.engine() as tx:
            await tx.execute(
                """insert into budgets (owner, span, closed_until)
                   select owner, span, clock_timestamp() + make_interval(secs => $3)
                   from unnest($1::text[], $2::text[]) as t (owner, span) order by owner, span
                   on conflict (owner, span) do update
                   set closed_until = greatest(budgets.closed_until, excluded.closed_until)""",
                [limit.owner for limit in drawn],
                [limit.span for limit in drawn],
                seconds,
            )
        for (vendor, external_id, *_others), share in self._shares.items():
            if (vendor, external_id) == (known.vendor, known.external_id):
                share.left = 0

    async def used(self, account: Account, kind: Kind = "read") -> list[tuple[Limit, int]]:
        """How much of each day's or month's limit is used in its current period."""
        drawn = [limit for limit in limits(account, kind, self._sizes, self._business.now()) if not limit.seconds]
        async with self._database.engine() as tx:
            rows = await tx.fetch(
                "select owner, span, period, used from budgets where owner = any($1)", [one.owner for one in drawn]
            )
        used = {(row["owner"], row["span"], row["period"]): row["used"] for row in rows}
        return [(limit, used.get((limit.owner, limit.span, limit.period), 0)) for limit in drawn]

    async def _known(self, account: AccountRef) -> Account:
        return account if isinstance(account, Account) else await self._accounts.account(account.id)

    def _took(self, share: _Share, drawn: tuple[Limit, ...]) -> bool:
        periods = tuple(limit.period for limit in drawn)
        if share.left and share.periods == periods and self._machine.monotonic() < share.void_at:
            share.left -= 1
            return True
        return False

    async def _lease(self, share: _Share, drawn: tuple[Limit, ...], lane: Lane) -> float:
        """Lease a lot into the share and answer 0, or the seconds to wait. Raises Paused."""
        asked_at = self._machine.monotonic()  # before the question: our lease must be void before the database's
        # Not worth a wait for the disk: a crash of the server forgets the calls of its last moment.
        row = await self._database.each.fetchrow(
            "select *, set_config('synchronous_commit', 'off', true) "
            "from shared.lease_budgets($1, $2, $3, $4, $5, $6, $7, $8)",
            [limit.owner for limit in drawn],
            [limit.span for limit in drawn],
            [limit.seconds for limit in drawn],
            [limit.period for limit in drawn],
            [limit.ceiling(lane) for limit in drawn],
            _lot(drawn),
            LEASE_SECONDS + TRAVEL_SECONDS,
            self._moment() if self._moment else None,
        )
        assert row is not None
        if row["granted"]:
            share.left, share.void_at = row["granted"], asked_at + LEASE_SECONDS
            share.periods = tuple(limit.period for limit in drawn)
            # A lot of one is for who asked, even where the answer took longer than a lease lasts.
            if share.void_at <= self._machine.monotonic():
                share.left, share.void_at = 1, math.inf
            return 0.0
        if row["retry_after"] is None:
            refusing = drawn[row["refusing"] - 1]
            until = f"{refusing.until:%Y-%m-%d %H:%M %Z}" if refusing.until else "?"
            raise Paused("BUDGET_USED", owner=f"{refusing.owner} ({refusing.span})", until=until)
        wait = max(float(row["retry_after"]), 0.001)
        share.refused_until = self._machine.monotonic() + wait
        return wait


def _lot(drawn: tuple[Limit, ...]) -> int:
    """As many calls as the slowest rolling limit allows in the time of a lease, at least one."""
    return max(1, min((int(one.size / one.seconds * LEASE_SECONDS) for one in drawn if one.seconds), default=1))
