"""The one seam to the vendors: token, budget, deadline, repeats, classification and audit of every call.

httpx is imported here and nowhere else. `Wire` sends one request to one host; `VendorHttp` makes a call of it: it adds
the token, asks the budget, renews an expired token once, repeats what may be repeated, and turns whatever came back
into a document or an error of `ledgerbridge.errors`.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import httpx

from ledgerbridge.errors import (
    LedgerbridgeError,
    Permanent,
    ReconnectNeeded,
    Throttled,
    Transient,
    Uncertain,
)
from ledgerbridge.vendors.audit import OBSERVERS, Exchange, Observer
from ledgerbridge.vendors.documents import write_document
from ledgerbridge.vendors.manner import current_manner
from ledgerbridge.vendors.ports import AccountRef, Answer, BudgetSource, CallKind, Dialect, Expected, TokenSource

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A page of 1,000 invoices has 3 to 10 MB; more than this is not an answer to any question of ours."""
CALL_SECONDS = 30.0
"""A call with all its repeats and waits, unless `manner.calling` says less. Intuit itself cuts at 120 s."""
LONGEST_PAUSE = 5.0
"""Seconds that the seam itself waits before a repeat; a longer wait is the worker's, which has other things to do."""
ATTEMPTS = 3


class TokenRefused(ReconnectNeeded):
    """A dialect says: the vendor did not take this access token. The seam renews once before anybody hears of it."""


class NotSent(Exception):
    """No connection: the vendor has certainly not seen the request."""


class AnswerLost(Exception):
    """The request may have arrived, but no whole answer came back."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `fill` goes into the route's braces, quoted.

    `effect`: it changes something at the vendor. `repeatable`: an effect that may be repeated without being doubled
    (a request id, or absolute values); whatever has no effect always may.
    """

    method: str
    route: str
    fill: Mapping[str, str] | None = None
    query: Sequence[tuple[str, str]] = ()
    document: Any = None
    content: bytes | None = None
    content_type: str = "application/json"
    accept: str = "application/json"
    kind: CallKind = "read"
    expected: Expected = "json"
    effect: bool = False
    repeatable: bool = False

    def target(self) -> str:
        """Path and query. A value can neither leave its segment nor add one."""
        segments = {name: _segment(value) for name, value in (self.fill or {}).items()}
        path = self.route.format_map(segments)
        return f"{path}?{urlencode(self.query, quote_via=quote)}" if self.query else path

    def payload(self) -> bytes | None:
        """The body's bytes."""
        return write_document(self.document) if self.document is not None else self.content


def _segment(value: str) -> str:
    if value in {"", ".", ".."}:
        raise Permanent("INVALID", field="id", problem="an id of a vendor cannot be empty or a dot")
    return quote(value, safe="")


class Wire:
    """One connection pool to one host. Follows no redirect, reads no environment, bounds what it reads."""

    def __init__(self, base_url: str, *, largest: int = LARGEST_ANSWER, connections: int = 100) -> None:
        """`base_url` has scheme and host, without a slash at the end."""
        self._base_url = base_url.rstrip("/")
        self._largest = largest
        # Intuit and HubSpot close idle connections; ours are given up first, so that few writes meet a closed one.
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=20, keepalive_expiry=4)
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, limits=limits)

    async def send(
        self, method: str, target: str, *, headers: Mapping[str, str], content: bytes | None, seconds: float
    ) -> Answer:
        """One request, one answer within `seconds`; raises NotSent or AnswerLost, and nothing that shows a header."""
        started = False
        try:
            request = self._client.build_request(
                method, self._base_url + target, headers=dict(headers), content=content
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise NotSent(type(error).__name__) from None
        # A connection that is not there after 5 s is not coming, and ends before `seconds` do: certainly not sent.
        request.extensions["timeout"] = {"connect": min(5.0, seconds * 0.9), "pool": seconds * 0.9}
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request, stream=True)
                started = True
                try:
                    return Answer(response.status_code, response.headers, await self._body(response))
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError) as error:
            raise NotSent(type(error).__name__) from None
        except TimeoutError:
            cause = "the answer did not end" if started else "no answer in time"
            raise AnswerLost(cause) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise AnswerLost(type(error).__name__) from None

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._largest:
                raise httpx.DecodingError("the answer is too large")
        return bytes(body)

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()


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
