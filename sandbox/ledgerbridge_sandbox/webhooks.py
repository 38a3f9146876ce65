"""Sending webhooks the way vendors do: collected into arrays, signed, repeated, late, doubled, lost, disordered."""

import asyncio
import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec

from ledgerbridge_sandbox.clock import SandboxClock, instant_text

Event = dict[str, Any]
MakeRequest = Callable[[str, list[Event], int, datetime], tuple[bytes, dict[str, str]]]
"""From (url, events, attempt from 0, sandbox's now) to (body, headers with the vendor's signature)."""

_MOST = 10**9
KEPT_DELIVERIES = 50_000
KEPT_BYTES = 64 * 2**20
"""Deliveries are remembered until there are so many, or their events are so large together."""


class WebhookStyle(msgspec.Struct, forbid_unknown_fields=True):
    """Where and how a vendor's webhooks go; what `PUT /webhooks/{vendor}` changes."""

    url: str = ""
    milliseconds_between: float = 0.0
    duplicate: float = 0.0
    drop: float = 0.0
    shuffle: bool = False
    batch: int = 100
    paused: bool = False
    latency_milliseconds: float = 0.0
    concurrency: int = 10
    timeout_seconds: float = 5.0
    retry_seconds: list[float] = []
    retry_without_end: bool = False
    withhold: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be done (ValueError)."""
        times = (self.milliseconds_between, self.latency_milliseconds, self.timeout_seconds, *self.retry_seconds)
        if not all(0 <= each <= _MOST for each in (*times, self.batch - 1, self.concurrency - 1)):
            raise ValueError(f"times lie between 0 and {_MOST}, batch and concurrency are at least 1")
        if not all(0 <= each <= 1 for each in (self.duplicate, self.drop)):
            raise ValueError("duplicate and drop lie between 0 and 1")


class _Delivery(msgspec.Struct, frozen=True, gc=False):
    seq: int
    at: str
    url: str
    status: int
    events: bytes
    attempt: int


class WebhookSender:
    """
    One vendor's sender: its own queue and task.

    Retries wait for their moment on the sandbox's clock, so that moving the clock makes them go. A delivery that the
    receiver answered with anything but 2xx, too late or not at all is repeated as often as `retry_seconds` says, with
    `retry_without_end` on and on after the last of them. With `withhold` nothing new goes out before it succeeds.
    """

    def __init__(self, vendor: str, make_request: MakeRequest, clock: SandboxClock, chance: random.Random) -> None:
        self.vendor = vendor
        self.style = WebhookStyle()
        self.counts = {"sent": 0, "dropped": 0, "doubled": 0, "failed": 0, "retried": 0}
        self._make_request = make_request
        self._clock = clock
        self._chance = chance
        # When arrays are mixed depends on real time; what else is drawn must not.
        self._mixing = random.Random(chance.getrandbits(64))  # noqa: S311 - luck, not secrecy
        self._waiting: deque[Event] = deque()
        self._later: list[tuple[datetime, int, list[Event], int]] = []
        self._unacknowledged: set[int] = set()
        """Deliveries that failed once and are still to be repeated."""
        self._forgotten = 0
        """Deliveries up to this number are not repeated: the world was reset since."""
        self._in_flight = 0
        self._numbers = itertools.count(1)
        self._log: deque[_Delivery] = deque()
        self._logged_bytes = 0
        self._news = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    def put(self, event: Event, account: str) -> None:
        """Queue one event of `account`; without an address to send to it is forgotten."""
        del account  # One array may mix accounts, as the vendors' arrays do.
        if not self.style.url:
            return
        if self.style.drop and self._chance.random() < self.style.drop:
            self.counts["dropped"] += 1
            return
        self._waiting.append(event)
        if self.style.duplicate and self._chance.random() < self.style.duplicate:
            self.counts["doubled"] += 1
            self._waiting.append(event)
        self._wake()

    def configure(self, changes: dict[str, Any]) -> None:
        """Change the style; raises msgspec.ValidationError for an unknown name or a wrong value."""
        self.style = msgspec.convert({**msgspec.structs.asdict(self.style), **changes}, WebhookStyle)
        self._wake()

    @property
    def waiting(self) -> int:
        """How many events are queued, in flight or waiting for a retry."""
        return len(self._waiting) + sum(len(events) for _, _, events, _ in self._later) + self._in_flight

    def deliveries(self, after: int) -> list[dict[str, Any]]:
        """The deliveries with a sequence number above `after`, oldest first; status 0 means: no answer in time."""
        found = []
        for delivery in reversed(self._log):
            if delivery.seq <= after:
                break
            found.append({**msgspec.structs.asdict(delivery), "events": msgspec.Raw(delivery.events)})
        return found[::-1]

    def forget_waiting(self) -> None:
        """Drop what is queued or waits for a retry (a reset of the world); what is in flight is not repeated."""
        self._forgotten = next(self._numbers)
        self._waiting.clear()
        self._later.clear()
        self._unacknowledged.clear()
        self._hush()

    async def settled(self, timeout_seconds: float = 10.0) -> bool:
        """Wait until nothing waits; False if something still does after `timeout_seconds`."""
        try:
            await asyncio.wait_for(self._quiet.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True

    async def send_now(self, events: list[Event]) -> int:
        """Send these raw events at once, signed; answers the receiver's status, 0 for none. Never retried."""
        return await self._post(events, 0)

    async def run(self) -> None:
        """Send until cancelled."""
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
        async with httpx.AsyncClient(limits=limits) as self._client:
            try:
                while True:
                    await self._round()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _wake(self) -> None:
        if self.waiting:
            self._quiet.clear()
        self._news.set()

    def _hush(self) -> None:
        if not self.waiting:
            self._quiet.set()

    async def _round(self) -> None:
        if self.style.paused or len(self._tasks) >= self.style.concurrency:
            await self._await_news(None)
        elif self._later and self._later[0][0] <= self._clock.now():
            _, number, events, attempt = heapq.heappop(self._later)
            self._dispatch(number, events, attempt)
        elif self._waiting and not (self.style.withhold and self._unacknowledged):
            if self.style.milliseconds_between:
                await asyncio.sleep(self.style.milliseconds_between / 1000)
            self._dispatch(next(self._numbers), self._collect(), 0)
        else:
            await self._await_news(self._clock.real_seconds_until(self._later[0][0]) if self._later else None)

    async def _await_news(self, at_most: float | None) -> None:
        """Sleep until an event, a freed place or a moved clock; at most these seconds, until the next retry is due."""
        news = asyncio.ensure_future(self._news.wait())
        moved = asyncio.ensure_future(self._clock.moved(None))
        try:
            await asyncio.wait({news, moved}, timeout=at_most, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
            moved.cancel()
        self._news.clear()

    def _collect(self) -> list[Event]:
        if self.style.shuffle:
            mixed = list(self._waiting)
            self._mixing.shuffle(mixed)
            self._waiting = deque(mixed)
        return [self._waiting.popleft() for _ in range(min(self.style.batch, len(self._waiting)))]

    def _dispatch(self, number: int, events: list[Event], attempt: int) -> None:
        if not events:
            return
        self._in_flight += len(events)
        task = asyncio.create_task(self._deliver(number, events, attempt))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._news.set()

    async def _deliver(self, number: int, events: list[Event], attempt: int) -> None:
        try:
            if self.style.latency_milliseconds:
                await asyncio.sleep(self.style.latency_milliseconds / 1000)
            status = await self._post(events, attempt)
            self._unacknowledged.discard(number)
            if not httpx.codes.is_success(status) and number > self._forgotten:
                self._plan_retry(number, events, attempt)
        finally:
            self._in_flight -= len(events)
            self._hush()

    def _plan_retry(self, number: int, events: list[Event], attempt: int) -> None:
        schedule: Sequence[float] = self.style.retry_seconds
        if attempt >= len(schedule) and not (schedule and self.style.retry_without_end):
            self.counts["failed"] += len(events)
            return
        self.counts["retried"] += len(events)
        self._unacknowledged.add(number)
        due = self._clock.now() + timedelta(seconds=schedule[min(attempt, len(schedule) - 1)])
        heapq.heappush(self._later, (due, number, events, attempt + 1))

    async def _post(self, events: list[Event], attempt: int) -> int:
        url = self.style.url
        body, headers = self._make_request(url, events, attempt, self._clock.now())
        at = instant_text(self._clock.now())
        status = await self._answer_of(url, body, headers)
        if httpx.codes.is_success(status):
            self.counts["sent"] += len(events)
        encoded = msgspec.json.encode(events)
        self._note(_Delivery(next(self._numbers), at, url, status, encoded, attempt))
        return status

    def _note(self, delivery: _Delivery) -> None:
        self._log.append(delivery)
        self._logged_bytes += len(delivery.events)
        while len(self._log) > KEPT_DELIVERIES or self._logged_bytes > KEPT_BYTES:
            self._logged_bytes -= len(self._log.popleft().events)

    async def _answer_of(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        if self._client is None:
            raise RuntimeError("the sender is not running")
        try:
            async with asyncio.timeout(self.style.timeout_seconds):
                answer = await self._client.post(url, content=body, headers=headers, timeout=None)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return 0
        return answer.status_code
