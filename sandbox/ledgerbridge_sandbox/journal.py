"""Every call that the vendors' doors received: who, what, when, how it ended."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice

import msgspec

from ledgerbridge_sandbox.clock import instant_text

KEPT_CALLS = 250_000


class Call(msgspec.Struct, frozen=True, gc=False):
    """One received call. `at` is the sandbox's time in seconds since 1970; status 0 means: cut without an answer."""

    seq: int
    at: float
    vendor: str
    account: str
    who: str
    method: str
    path: str
    query: str
    status: int
    milliseconds: float

    def as_entry(self) -> dict[str, object]:
        """The entry as the control door shows it."""
        entry = msgspec.structs.asdict(self)
        entry["at"] = instant_text(datetime.fromtimestamp(self.at, UTC))
        return entry


class CallFilter(msgspec.Struct, frozen=True):
    """Which calls are meant; None means any. `path` is a prefix, `after` a sequence number."""

    vendor: str | None = None
    account: str | None = None
    method: str | None = None
    path: str | None = None
    after: int = 0
    who: str | None = None

    def holds(self, call: Call) -> bool:
        """Whether `call` is meant."""
        return (
            (self.vendor is None or call.vendor == self.vendor)
            and (self.account is None or call.account == self.account)
            and (self.method is None or call.method == self.method)
            and (self.who is None or call.who == self.who)
            and (self.path is None or call.path.startswith(self.path))
        )


class Journal:
    """The last 250,000 calls, oldest first: about 150 MB when full."""

    def __init__(self, kept: int = KEPT_CALLS) -> None:
        self._calls: deque[Call] = deque(maxlen=kept)
        self._last = 0

    def record(
        self,
        *,
        at: datetime,
        vendor: str,
        account: str,
        who: str,
        method: str,
        path: str,
        query: str,
        status: int,
        milliseconds: float,
    ) -> None:
        """Add a call that has just ended."""
        self._last += 1
        intern = sys.intern
        self._calls.append(
            Call(
                self._last,
                at.timestamp(),
                vendor,
                intern(account),
                intern(who),
                intern(method),
                intern(path),
                intern(query),
                status,
                round(milliseconds, 3),
            )
        )

    def matching(self, wanted: CallFilter) -> Iterator[Call]:
        """The calls that `wanted` holds for, oldest first."""
        return reversed(list(self._backwards(wanted)))

    def newest(self, wanted: CallFilter, most: int, ended: Callable[[Call], bool] = lambda _call: True) -> list[Call]:
        """At most so many of the calls that `wanted` and `ended` hold for, the latest first."""
        return list(islice(filter(ended, self._backwards(wanted)), most))

    def _backwards(self, wanted: CallFilter) -> Iterator[Call]:
        for call in reversed(self._calls):
            if call.seq <= wanted.after:
                return
            if wanted.holds(call):
                yield call

    def count(self, wanted: CallFilter) -> int:
        """How many calls `wanted` holds for."""
        return sum(1 for _ in self.matching(wanted))

    def forget(self) -> None:
        """Empty the journal; sequence numbers go on."""
        self._calls.clear()
