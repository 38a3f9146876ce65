"""What the seam needs from its surroundings; `ledgerbridge.accounts` provides it, a test may too.

The seam imports neither accounts nor sync: whoever builds a `VendorHttp` passes these in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Vendor = Literal["hubspot", "quickbooks"]
CallKind = Literal["read", "write", "search", "association"]
"""What a call is to the vendor's limits: HubSpot counts searches and associations apart, Intuit bills reads."""
Lane = Literal["person", "live", "backfill"]
Expected = Literal["json", "bytes", "nothing"]


class AccountRef(Protocol):
    """One account at one vendor, as far as calling it goes."""

    @property
    def id(self) -> int:
        """Our own id."""

    @property
    def tenant_id(self) -> int:
        """The tenant that owns it."""

    @property
    def vendor(self) -> str:
        """``hubspot`` or ``quickbooks``."""

    @property
    def external_id(self) -> str:
        """The vendor's id: HubSpot's portal, QuickBooks' realm."""


class TokenSource(Protocol):
    """Gives access tokens and renews them, once for all callers."""

    async def access(self, account_id: int) -> str:
        """A token that is probably valid; raises ReconnectNeeded."""

    async def renew(self, account_id: int, stale: str) -> str:
        """Another token than `stale`; raises ReconnectNeeded, Transient or Uncertain. Keeps its own deadline."""

    async def disconnected(self, account_id: int, token: str, cause: str) -> None:
        """The vendor took the token but gives this app nothing of the account any more."""


class BudgetSource(Protocol):
    """Gives leave to make one call, or waits for it."""

    async def take(self, account: AccountRef, kind: CallKind, lane: Lane) -> None:
        """Return when the call may go; raises Throttled or Paused when waiting would be useless."""

    async def hold_back(self, account: AccountRef, kind: CallKind, seconds: float) -> None:
        """The vendor itself said stop (429): nobody draws on this limit for so many seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `document` is the parsed JSON where JSON was expected."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    document: Any = None


class Dialect(Protocol):
    """How one vendor writes, answers and says no."""

    @property
    def vendor(self) -> Vendor:
        """The vendor's name in our words."""

    @property
    def display_name(self) -> str:
        """The vendor's name for people."""

    def read(self, answer: Answer, expected: Expected, account: AccountRef) -> Any:
        """The answer's document; raises the error of `ledgerbridge.errors` that the answer means."""

    def reference(self, answer: Answer) -> str | None:
        """The vendor's id of this exchange, which its support asks for."""
