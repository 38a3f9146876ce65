"""The one seam to the vendors: token, budget, deadline, repeats, classification and audit of every call.

`VendorHttp` adds the token, asks the budget, renews an expired token once, repeats what may be repeated, and turns
whatever came back into a document or an error of `ledgerbridge.errors`.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from ledgerbridge.errors import LedgerbridgeError, ReconnectNeeded, Throttled, Transient, Uncertain
from ledgerbridge.vendors.audit import OBSERVERS, Exchange, Observer
from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.http import LARGEST_ANSWER, AnswerLost, NotSent, Wire
from ledgerbridge.vendors.manner import current_manner
from ledgerbridge.vendors.ports import AccountRef, Answer, BudgetSource, Dialect, TokenSource

CALL_SECONDS = 30.0
"""A call with all its repeats and waits, unless `manner.calling` says less. Intuit itself cuts at 120 s."""
LONGEST_PAUSE = 5.0
"""Seconds that the seam itself waits before a repeat; a longer wait is the worker's, which has other things to do."""
ATTEMPTS = 3


class TokenRefused(ReconnectNeeded):
    """A dialect says: the vendor did not take this access token. The seam renews once before anybody hears of it."""


class Disconnected(ReconnectNeeded):
    """A dialect says: the vendor knows the token, but this app has nothing to do with the account any more."""


class VendorHttp:
    """Calls of one vendor's API, for any of its accounts."""

    def __init__(
        self,
        dialect: Dialect,
        base_url: str,
        tokens: TokenSource,
        budgets: BudgetSource,
        *,
        observers: Sequence[Observer] = OBSERVERS,
        seconds: float = CALL_SECONDS,
        largest: int = LARGEST_ANSWER,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`seconds` bounds a call with its repeats; `pause` is how it waits between them (machine time)."""
        self.dialect = dialect
        self._wire = Wire(base_url, largest=largest)
        self._tokens = tokens
        self._budgets = budgets
        self._observers = observers
        self._seconds = seconds
        self._pause = pause

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the pool."""
        await self.close()

    async def close(self) -> None:
        """Close the pool."""
        await self._wire.close()

    async def call(self, account: AccountRef, call: Call) -> Answer:
        """Make the call; raises what `ledgerbridge.errors` says, Uncertain for a write whose answer was lost."""
        return await _Conversation(self, account, call).hold()

    async def attempt(self, account: AccountRef, call: Call, token: str, number: int, seconds: float) -> Answer:
        """Send once and read the answer. For the seam itself; everybody else uses `call`."""
        headers = {"Authorization": f"Bearer {token}", "Accept": call.accept}
        content = call.payload()
        if content is not None:
            headers["Content-Type"] = call.content_type
        started_at, started = time.time(), time.perf_counter()
        answer: Answer | None = None
        outcome = "done"
        try:
            answer = await self._wire.send(
                call.method, call.target(), headers=headers, content=content, seconds=seconds
            )
            return replace(answer, document=self.dialect.read(answer, call.expected, account))
        except LedgerbridgeError as error:
            outcome = error.code
            raise
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            exchange = Exchange(
                vendor=self.dialect.vendor,
                account_id=account.id,
                method=call.method,
                route=call.route,
                attempt=number,
                status=answer.status if answer else None,
                outcome=outcome,
                milliseconds=(time.perf_counter() - started) * 1000,
                started_at=started_at,
                reference=self.dialect.reference(answer) if answer else None,
                lane=current_manner().lane,
            )
            for observe in self._observers:
                observe(exchange)

    async def token(self, account: AccountRef, stale: str | None) -> str:
        """A token; another one than `stale` if that was refused."""
        return await (self._tokens.access(account.id) if stale is None else self._tokens.renew(account.id, stale))

    async def disconnected(self, account: AccountRef, token: str, error: Disconnected) -> None:
        """Tell whoever keeps the tokens that the account must be connected again."""
        await self._tokens.disconnected(account.id, token, str(error.details.get("cause", error.sentence)))

    async def permission(self, account: AccountRef, call: Call, seconds: float) -> None:
        """Take one call of the budget, waiting at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._budgets.take(account, call.kind, current_manner().lane)
        except TimeoutError:
            raise Throttled("VENDOR_THROTTLED", retry_after=1.0, vendor=self.dialect.display_name) from None

    async def hold_back(self, account: AccountRef, call: Call, seconds: float) -> None:
        """Tell the budget that the vendor itself said stop."""
        await self._budgets.hold_back(account, call.kind, seconds)

    async def wait(self, seconds: float) -> None:
        """Wait between two attempts."""
        await self._pause(seconds)

    def remaining(self, since: float) -> float:
        """Seconds left of a call that began at `since`."""
        return current_manner().remaining(self._seconds - (time.monotonic() - since))


class _Conversation:
    """One call with its repeats: what was tried, and whether an attempt may have done the work unseen."""

    def __init__(self, http: VendorHttp, account: AccountRef, call: Call) -> None:
        self._http = http
        self._account = account
        self._call = call
        self._may_repeat = call.repeatable or not call.effect
        self._started = time.monotonic()
        self._attempts = 0
        self._doubt: str | None = None
        self._stale: str | None = None

    async def hold(self) -> Answer:
        while True:
            self._attempts += 1
            try:
                return await self._once()
            except Transient as error:
                wait = self._wait_before_repeat(error)
                if wait is None:
                    raise self._final(error) from None
            if wait:
                await self._http.wait(wait)

    async def _once(self) -> Answer:
        """One attempt, or two where the first shows that the token has expired."""
        token = await self._http.token(self._account, None)
        try:
            return await self._try(token)
        except TokenRefused:
            if self._stale is not None:
                raise
            self._stale = token
        return await self._try(await self._http.token(self._account, self._stale))

    async def _try(self, token: str) -> Answer:
        await self._http.permission(self._account, self._call, self._left())
        vendor = self._http.dialect.display_name
        try:
            return await self._http.attempt(self._account, self._call, token, self._attempts, self._left())
        except NotSent as error:
            raise Transient("VENDOR_UNAVAILABLE", vendor=vendor, cause=f"not connected: {error}") from None
        except AnswerLost as error:
            self._doubt = str(error)
            raise Transient("VENDOR_UNAVAILABLE", vendor=vendor, cause=str(error)) from None
        except Throttled as error:
            if error.code == "VENDOR_THROTTLED":
                await self._http.hold_back(self._account, self._call, error.retry_after)
            raise
        except Disconnected as error:
            await self._http.disconnected(self._account, token, error)
            raise
        except Transient as error:
            # A gateway's 5xx, or an answer that is none: the vendor may have done the work behind it.
            self._doubt = error.sentence
            raise

    def _left(self) -> float:
        left = self._http.remaining(self._started)
        if left <= 0:
            raise Transient("VENDOR_UNAVAILABLE", vendor=self._http.dialect.display_name, cause="no time was left")
        return left

    def _wait_before_repeat(self, error: Transient) -> float | None:
        """Seconds, or None when this was the last attempt."""
        if self._attempts >= ATTEMPTS or (self._doubt is not None and not self._may_repeat):
            return None
        wait = error.retry_after if isinstance(error, Throttled) else 0.2 * 2**self._attempts
        wait *= random.uniform(1.0, 1.25) if isinstance(error, Throttled) else random.uniform(0.5, 1.0)  # noqa: S311
        return wait if wait <= LONGEST_PAUSE and wait < self._http.remaining(self._started) else None

    def _final(self, error: Transient) -> Transient:
        if self._doubt is not None and self._call.effect:
            return Uncertain("ANSWER_LOST", vendor=self._http.dialect.display_name, cause=self._doubt)
        return error
