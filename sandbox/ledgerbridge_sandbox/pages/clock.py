"""The clock with its buttons: everybody who follows it comes along, or is named."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ledgerbridge_sandbox.clock import FollowersLateError, SandboxClock
from ledgerbridge_sandbox.pages.entering import EntryError, entered, word
from ledgerbridge_sandbox.pages.rendering import ROOT, Pages, Refusal, to

_MORNING = time(9)


def routes(pages: Pages) -> list[BaseRoute]:
    """The clock's page and its forms."""
    desk = ClockDesk(pages)
    return [
        Route("/clock", desk.show_page, methods=["GET"]),
        Route("/clock", desk.move, methods=["POST"]),
    ]


class ClockDesk:
    """Moves the clock; the page says who has not confirmed that."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def show_page(self, request: Request) -> Response:
        """The clock alone."""
        return self._show(request)

    def _show(self, request: Request, refusal: Refusal | None = None) -> Response:
        return self._pages.show(request, "clock.html", refusal, clock=self._pages.world.clock)

    async def move(self, request: Request) -> Response:
        """`act` says how; returns to the page where the button was, when all followers have come along."""

        def work(form: FormData) -> Response:
            act = _ACTS.get(word(form, "act"))
            if act is None:
                raise EntryError("The clock has no such button.")
            act(self._pages.world.clock, form)
            return to(_own(word(form, "back")), "clock")

        answer = await entered(request, "clock", work, self._show)
        # Every page names whoever is late, for as long as they are.
        with suppress(FollowersLateError):
            await self._pages.world.clock.followers_confirmed()
        return answer


def _own(address: str) -> str:
    """An address of these pages, whatever the form said."""
    return address if address.startswith(f"{ROOT}/") else f"{ROOT}/clock"


def _put(clock: SandboxClock, form: FormData) -> None:
    """To the moment that was entered, in UTC."""
    try:
        clock.move_to(datetime.fromisoformat(f"{word(form, 'moment')}+00:00"))
    except ValueError as error:
        raise EntryError("The moment is written like 2026-11-23T10:00.") from error


def _to_day(clock: SandboxClock, form: FormData) -> None:
    """To nine in the morning of a day in the zone of a company or account."""
    try:
        zone, wanted = ZoneInfo(word(form, "zone")), date.fromisoformat(word(form, "day"))
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise EntryError("The day is written like 2026-11-23.") from error
    clock.move_to(datetime.combine(wanted, _MORNING, zone))


def _pace(clock: SandboxClock, form: FormData) -> None:
    """How many seconds pass here in a second of real time."""
    try:
        clock.move_to(clock.now(), rate=float(word(form, "rate")))
    except ValueError as error:
        raise EntryError(f"The clock cannot go at that rate: {error}.") from error


def _hold(*, frozen: bool) -> Callable[[SandboxClock, FormData], None]:
    return lambda clock, _form: clock.move_to(clock.now(), frozen=frozen)


def _by(step: timedelta) -> Callable[[SandboxClock, FormData], None]:
    return lambda clock, _form: clock.advance(step.total_seconds())


_ACTS: dict[str, Callable[[SandboxClock, FormData], None]] = {
    "hour": _by(timedelta(hours=1)),
    "day": _by(timedelta(days=1)),
    "week": _by(timedelta(days=7)),
    "freeze": _hold(frozen=True),
    "tick": _hold(frozen=False),
    "put": _put,
    "rate": _pace,
    "to-day": _to_day,
}
