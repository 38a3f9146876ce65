"""How many calls on one company are in work at the same time (quickbooks.md 3: ten at once)."""

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

_COUNTED = "ledgerbridge_sandbox.at_once"


class AtOnce:
    """Around QuickBooks' door: each call is told how many are in work with it, the slowed ones among them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._in_work: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        company = "/".join(scope.get("path", "").split("/", 4)[:4])
        self._in_work[company] += 1
        try:
            await self._app({**scope, _COUNTED: self._in_work[company]}, receive, send)
        finally:
            self._in_work[company] -= 1


def calls_at_once(scope: Scope) -> int:
    """The call itself and those that were in work when it came."""
    return int(scope.get(_COUNTED, 1))
