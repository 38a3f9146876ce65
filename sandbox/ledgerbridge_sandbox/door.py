"""A vendor's front door: journal and faults around the vendor's own application."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledgerbridge_sandbox.fault_effects import Effect

if TYPE_CHECKING:
    from ledgerbridge_sandbox.world import World

Identify = Callable[[Scope], tuple[str, str]]
"""From a call to (account, who): both "" where the call does not say."""


class VendorDoor:
    """ASGI application that notes every call on `app` in the journal and lets faults strike it."""

    def __init__(self, app: ASGIApp, vendor: str, world: "World", identify: Identify) -> None:
        self._app = app
        self._vendor = vendor
        self._world = world
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        account, who = self._identify(scope)
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            effect = self._world.faults.strike(self._vendor, account, scope["method"], scope["path"])
            if effect is None:
                await self._app(scope, receive, noting)
            else:
                await self._struck(effect, scope, receive, noting, send)
        finally:
            self._world.journal.record(
                at=self._world.clock.now(),
                vendor=self._vendor,
                account=account,
                who=who,
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
                status=status,
                milliseconds=(time.perf_counter() - started) * 1000,
            )

    async def _struck(self, effect: Effect, scope: Scope, receive: Receive, noting: Send, send: Send) -> None:
        if effect.latency_milliseconds:
            await asyncio.sleep(effect.latency_milliseconds / 1000)
        if effect.lose_answer:
            await self._app(scope, receive, _swallow)
        if effect.status is not None:
            await _answer(effect, noting)
        elif effect.lose_answer:
            await _cut(send, receive)
        else:
            await self._app(scope, receive, noting)


async def _swallow(_message: Message) -> None:
    """Take an answer that nobody will see."""


async def _answer(effect: Effect, send: Send) -> None:
    body = effect.body_bytes()
    headers = {"content-type": effect.content_type, "content-length": str(len(body)), **effect.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": effect.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _cut(send: Send, receive: Receive) -> None:
    """Close the TCP connection without a byte of answer; `send` is uvicorn's own, whose cycle holds the transport."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        pass
