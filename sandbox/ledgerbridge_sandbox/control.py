"""The control door: clock, journal, faults, webhooks, snapshots. The interface is in sandbox/control-door.md."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from ledgerbridge_sandbox.clock import FollowersLateError, instant_text
from ledgerbridge_sandbox.faults import FaultRule
from ledgerbridge_sandbox.journal import CallFilter
from ledgerbridge_sandbox.nesting_depth import too_deep
from ledgerbridge_sandbox.switches import UnknownSwitchError
from ledgerbridge_sandbox.webhooks import WebhookSender
from ledgerbridge_sandbox.world import UnknownSnapshotError, World

Handler = Callable[[Request], Awaitable[Response]]
Authorize = Callable[[World, str, str], str]
"""Consent to an authorize address: from (world, account, address) to the redirect; raises ValueError."""


class RefusedError(Exception):
    """The control door cannot do what was asked: `status` and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def answer(content: object, status: int = HTTPStatus.OK) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def body_of(request: Request) -> dict[str, Any]:
    """The request's JSON object, {} if there is no body; raises RefusedError."""
    raw = await request.body()
    if too_deep(raw):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The body is nested too deep")
    try:
        return msgspec.json.decode(raw, type=dict[str, Any]) if raw else {}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The body is not a JSON object: {error}") from error


class ControlDoor:
    """The handlers that belong to no vendor."""

    def __init__(self, world: World, authorize: Mapping[str, Authorize]) -> None:
        self.world = world
        self._authorize = authorize

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        return [
            _route("/health", "GET", self.health),
            _route("/clock", "GET", self.show_clock),
            _route("/clock", "PUT", self.put_clock),
            _route("/clock/advance", "POST", self.advance_clock),
            _route("/journal", "GET", self.show_journal),
            _route("/journal", "DELETE", self.forget_journal),
            _route("/journal/count", "GET", self.count_journal),
            _route("/faults", "POST", self.add_fault),
            _route("/faults", "GET", self.show_faults),
            _route("/faults", "DELETE", self.clear_faults),
            _route("/faults/ready", "GET", self.show_ready_faults),
            _route("/faults/{id}", "DELETE", self.remove_fault),
            _route("/limits/{vendor}", "GET", self.show_limits),
            _route("/limits/{vendor}", "PUT", self.put_limits),
            _route("/settings/{vendor}", "GET", self.show_settings),
            _route("/settings/{vendor}", "PUT", self.put_settings),
            _route("/webhooks/{vendor}", "PUT", self.put_webhooks),
            _route("/webhooks/{vendor}", "GET", self.show_webhooks),
            _route("/webhooks/{vendor}/deliveries", "GET", self.show_deliveries),
            _route("/webhooks/{vendor}/settle", "POST", self.settle_webhooks),
            _route("/webhooks/{vendor}/send", "POST", self.send_webhooks),
            _route("/snapshots/{name}", "POST", self.snapshot),
            _route("/snapshots/{name}", "GET", self.send_snapshot),
            _route("/reset", "POST", self.reset),
            _route("/fingerprint", "GET", self.fingerprint),
            _route("/people/administrator/authorize", "POST", self.authorize),
        ]

    async def health(self, _request: Request) -> Response:
        """200: the doors are opened before this one."""
        return answer({"status": "open", **self.world.addresses})

    async def show_clock(self, request: Request) -> Response:
        """The clock; with `follower` a long poll."""
        query = request.query_params
        if "follower" in query:
            after, timeout = _whole(query.get("after", "0")), _number(query.get("timeout", "30"))
            await _unless_gone(request, self.world.clock.follow(query["follower"], after, timeout))
        return answer(self._clock())

    def _clock(self) -> dict[str, Any]:
        clock = self.world.clock
        shown = {"now": instant_text(clock.now()), "version": clock.version, "frozen": clock.frozen}
        return {**shown, "rate": clock.rate}

    async def put_clock(self, request: Request) -> Response:
        """Move the clock to `now`; `frozen` stops or starts its ticking, `rate` says how fast it ticks."""
        wanted = await body_of(request)
        rate = _number(wanted["rate"]) if "rate" in wanted else None
        try:
            moment = datetime.fromisoformat(wanted["now"]) if "now" in wanted else self.world.clock.now()
            if moment.tzinfo is None:
                raise ValueError("a moment needs its offset from UTC")
            self.world.clock.move_to(moment, frozen=_flag(wanted, "frozen"), rate=rate)
        except (TypeError, ValueError, OverflowError) as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"The clock cannot be put so: {error}") from error
        return await self._confirmed()

    async def advance_clock(self, request: Request) -> Response:
        """Move the clock by `seconds`."""
        try:
            self.world.clock.advance(_number((await body_of(request)).get("seconds")))
        except (ValueError, OverflowError) as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"seconds: {error}") from error
        return await self._confirmed()

    async def _confirmed(self) -> Response:
        try:
            await self.world.clock.followers_confirmed()
        except FollowersLateError as late:
            problem = {"error": str(late), "followers": late.names, **self._clock()}
            return answer(problem, HTTPStatus.GATEWAY_TIMEOUT)
        return answer(self._clock())

    async def show_journal(self, request: Request) -> Response:
        """The calls that fit the filters."""
        return answer([call.as_entry() for call in self.world.journal.matching(_filter(request))])

    async def count_journal(self, request: Request) -> Response:
        """How many calls fit the filters."""
        return answer({"count": self.world.journal.count(_filter(request))})

    async def forget_journal(self, _request: Request) -> Response:
        """Empty the journal."""
        self.world.journal.forget()
        return answer({})

    async def add_fault(self, request: Request) -> Response:
        """Put a fault in force."""
        try:
            rule = msgspec.convert(await body_of(request), FaultRule)
            self._known(rule.vendor)
            return answer({"id": self.world.faults.add(rule)})
        except ValueError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error

    async def show_faults(self, _request: Request) -> Response:
        """The faults in force, with how often each struck."""
        return answer(self.world.faults.listed())

    async def show_ready_faults(self, _request: Request) -> Response:
        """The answers that each vendor has at hand, by name."""
        return answer(self.world.ready_faults)

    async def clear_faults(self, _request: Request) -> Response:
        """Take all faults away."""
        self.world.faults.clear()
        return answer({})

    async def remove_fault(self, request: Request) -> Response:
        """Take one fault away."""
        if not self.world.faults.remove(request.path_params["id"]):
            raise RefusedError(HTTPStatus.NOT_FOUND, "No such fault is in force")
        return answer({})

    async def show_limits(self, request: Request) -> Response:
        """A vendor's limits."""
        return answer(self.world.limits[self._vendor(request)].shown())

    async def put_limits(self, request: Request) -> Response:
        """Change a vendor's limits."""
        self.world.limits[self._vendor(request)].turn(await body_of(request))
        return await self.show_limits(request)

    async def show_settings(self, request: Request) -> Response:
        """A vendor's settings: behaviours that differ between accounts or are guesses."""
        return answer(self.world.settings[self._vendor(request)].shown())

    async def put_settings(self, request: Request) -> Response:
        """Change a vendor's settings."""
        self.world.settings[self._vendor(request)].turn(await body_of(request))
        return await self.show_settings(request)

    async def put_webhooks(self, request: Request) -> Response:
        """Change where and how a vendor's webhooks go."""
        try:
            self._sender(request).configure(await body_of(request))
        except msgspec.ValidationError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
        return await self.show_webhooks(request)

    async def show_webhooks(self, request: Request) -> Response:
        """Where and how a vendor's webhooks go, with counts."""
        sender = self._sender(request)
        return answer({**msgspec.structs.asdict(sender.style), **sender.counts, "waiting": sender.waiting})

    async def show_deliveries(self, request: Request) -> Response:
        """Each delivery made."""
        return answer(self._sender(request).deliveries(_whole(request.query_params.get("after", "0"))))

    async def settle_webhooks(self, request: Request) -> Response:
        """Wait until nothing waits: 200, or 504 after 10 s."""
        settled = await self._sender(request).settled()
        waiting = {"waiting": self._sender(request).waiting}
        return answer(waiting, HTTPStatus.OK if settled else HTTPStatus.GATEWAY_TIMEOUT)

    async def send_webhooks(self, request: Request) -> Response:
        """Send raw events now, signed."""
        events = (await body_of(request)).get("events")
        if not isinstance(events, list):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "events wants a list")
        return answer({"status": await self._sender(request).send_now(events)})

    async def snapshot(self, request: Request) -> Response:
        """Keep the present state under a name."""
        self.world.snapshot(request.path_params["name"])
        return answer({})

    async def send_snapshot(self, request: Request) -> Response:
        """A named state as a file, from which a sandbox can start."""
        name = request.path_params["name"]
        folder = TemporaryDirectory(prefix="ledgerbridge-sandbox-")
        path = Path(folder.name) / "snapshot"
        try:
            await asyncio.to_thread(self.world.save, name, path)
        except UnknownSnapshotError as error:
            folder.cleanup()
            raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no snapshot {error}") from error
        return FileResponse(path, media_type="application/octet-stream", background=BackgroundTask(folder.cleanup))

    async def reset(self, request: Request) -> Response:
        """Go back to a named state; `"clock": false` leaves the clock, `"everything": true` ends all orders."""
        wanted = await body_of(request)
        clock = _flag(wanted, "clock") is not False
        try:
            self.world.reset(str(wanted.get("to", "seed")), clock=clock)
        except UnknownSnapshotError as error:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no snapshot {error}") from error
        if _flag(wanted, "everything"):
            self.world.forget_orders()
        return await self._confirmed() if clock else answer(self._clock())

    async def fingerprint(self, _request: Request) -> Response:
        """A digest of all that each vendor holds."""
        return answer(self.world.fingerprint())

    async def authorize(self, request: Request) -> Response:
        """Open a vendor's authorize address as a browser would and consent; answers where it sends the browser."""
        wanted = await body_of(request)
        consent = self._authorize[self._known(str(wanted.get("vendor")))]
        try:
            location = consent(self.world, str(wanted.get("account", "")), str(wanted.get("url", "")))
        except ValueError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
        return answer({"location": location})

    def _sender(self, request: Request) -> WebhookSender:
        return self.world.webhooks[self._vendor(request)]

    def _vendor(self, request: Request) -> str:
        return self._known(request.path_params["vendor"])

    def _known(self, vendor: str) -> str:
        if vendor not in self.world.webhooks:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no vendor {vendor}")
        return vendor


def control_app(world: World, people: Sequence[BaseRoute], authorize: Mapping[str, Authorize]) -> Starlette:
    """The control door's application; `people` are the vendors' own routes, `authorize` their consent pages."""

    async def refused(_request: Request, error: Exception) -> Response:
        status = error.status if isinstance(error, RefusedError) else HTTPStatus.BAD_REQUEST
        return answer({"error": str(error)}, status)

    async def unrouted(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        return answer({"error": HTTPStatus(status).phrase}, status)

    door = Starlette(
        routes=[*ControlDoor(world, authorize).routes(), *people],
        exception_handlers={RefusedError: refused, UnknownSwitchError: refused, HTTPException: unrouted},
    )
    door.router.redirect_slashes = False
    return door


def _route(path: str, method: str, handler: Handler) -> Route:
    return Route(path, handler, methods=[method])


def _number(text: object) -> float:
    try:
        return float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{text!r} is not a number") from error


def _whole(text: object) -> int:
    number = _number(text)
    if not number.is_integer():
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{text!r} is not a whole number")
    return int(number)


def _flag(wanted: Mapping[str, Any], name: str) -> bool | None:
    flag = wanted.get(name)
    if flag is None or isinstance(flag, bool):
        return flag
    raise RefusedError(HTTPStatus.BAD_REQUEST, f"{name} is true or false")


def _filter(request: Request) -> CallFilter:
    try:
        return msgspec.convert(dict(request.query_params), CallFilter, strict=False)
    except msgspec.ValidationError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error


async def _unless_gone(request: Request, waiting: Awaitable[None]) -> None:
    """Wait, but no longer than the caller does: a follower that was killed must not hold the clock up."""
    work = asyncio.ensure_future(waiting)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (work, gone):
            task.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
