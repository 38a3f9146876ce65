"""One service as one process and one event loop: FastAPI under uvicorn, whose lifespan starts the parts in order.

A service's `app.py` names its description, its settings class, its routers and a `compose` function; everything else
is here, so that every service starts, answers and stops alike.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import asyncpg
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp

from ledgerbridge.accounts.callers import Callers
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.service import gauges, logs, problems
from ledgerbridge.service.access import Access, token_routes
from ledgerbridge.service.clocks import (
    BusinessClock,
    MachineClock,
    OffsetBusinessClock,
    SystemBusinessClock,
    SystemMachineClock,
)
from ledgerbridge.service.description import ServiceDescription
from ledgerbridge.service.parts import Part, Parts
from ledgerbridge.service.sandbox_clock import SandboxClockFollower
from ledgerbridge.service.settings import ServiceSettings
from ledgerbridge.storage import Database
from ledgerbridge.storage.outages import DATABASE_ERRORS

log = structlog.get_logger(__name__)

DATABASE_WAIT_SECONDS = 60.0

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


@dataclass
class Context(Generic[SettingsT]):
    """What `compose` builds a service from.

    `compose` appends to `parts` in the order of their start, and leaves on `stack` what must be closed at the end.
    """

    service: ServiceDescription
    settings: SettingsT
    database: Database
    business_clock: BusinessClock
    machine_clock: MachineClock
    stack: AsyncExitStack
    clock_follower: SandboxClockFollower | None
    sealer: Sealer
    accounts: Accounts
    access: Access
    parts: list[Part] = field(default_factory=list)


Compose = Callable[[Context[SettingsT]], Awaitable[Any]]
"""Builds the service's own state, which endpoints find as `request.app.state.service`."""


def create_app(
    service: ServiceDescription, settings: SettingsT, compose: Compose[SettingsT], routers: Sequence[APIRouter]
) -> FastAPI:
    """The service as an ASGI application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if settings.traces:
                _open_traces(settings.traces, service, stack)
            context = await _open(service, settings, stack)
            app.state.database = context.database
            app.state.access = context.access
            app.state.service = await compose(context)
            parts = Parts(context.parts, stop_seconds=settings.stop_timeout.total_seconds())
            app.state.parts = parts
            await parts.start()
            stack.push_async_callback(parts.stop)
            log.info("service.ready", parts=[part.name for part in context.parts])
            yield
        log.info("service.stopped")

    app = FastAPI(title=f"Ledgerbridge {service.name}", version="0.1.0", lifespan=lifespan)
    problems.install(app)
    for router in (*routers, token_routes(), _health_routes()):
        app.include_router(router)
    return app


def fronted(service: ServiceDescription, settings: ServiceSettings, app: FastAPI) -> ASGIApp:
    """What the server calls: traces where they are on, the service's front where it has one, then the application."""
    outermost: ASGIApp = app if service.front is None else service.front(app)
    if settings.traces:
        from ledgerbridge.service.tracing import TracedRequests  # noqa: PLC0415 - only where switched on

        outermost = TracedRequests(outermost)
    return outermost


def run(
    service: ServiceDescription,
    settings_class: type[SettingsT],
    compose: Compose[SettingsT],
    routers: Sequence[APIRouter],
) -> None:
    """Run the service until SIGINT or SIGTERM (the body of `python -m <package>`)."""
    settings = settings_class()
    logs.configure(service.name, form=settings.log_format, level=settings.log_level)
    app = create_app(service, settings, compose, routers)
    serve(fronted(service, settings, app), settings, service.port)


def serve(app: ASGIApp, settings: ServiceSettings, port: int) -> None:
    """Answer HTTP until SIGINT or SIGTERM; `port` counts where the settings name none."""
    gc.collect()
    gc.freeze()  # what was imported lives to the end: a full collection need not look at it, and is short
    uvicorn.run(
        app,
        host=settings.http_host,
        port=settings.http_port or port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=int(settings.stop_timeout.total_seconds()),
    )


def _open_traces(address: str, service: ServiceDescription, stack: AsyncExitStack) -> None:
    from ledgerbridge.service.tracing import Traces  # noqa: PLC0415 - a heavy import, only where switched on

    stack.push_async_callback(Traces(address, service.name).close)


async def _open(service: ServiceDescription, settings: SettingsT, stack: AsyncExitStack) -> Context[SettingsT]:
    business_clock: BusinessClock = SystemBusinessClock()
    follower = None
    if settings.sandbox_clock:
        business_clock = offset = OffsetBusinessClock()
        follower = SandboxClockFollower(settings.sandbox_clock, offset, service.name)
        await follower.adopt()
    database = await _wait_for_database(service, settings)
    stack.push_async_callback(database.close)
    machine_clock = SystemMachineClock()
    sealer = Sealer.from_setting(settings.secret_key.get_secret_value())
    accounts = Accounts(database, business=business_clock, machine=machine_clock)
    callers = Callers(database, sealer, business=business_clock, machine=machine_clock)
    context = Context(
        service=service,
        settings=settings,
        database=database,
        business_clock=business_clock,
        machine_clock=machine_clock,
        stack=stack,
        clock_follower=follower,
        sealer=sealer,
        accounts=accounts,
        access=Access(callers),
    )
    if follower:
        context.parts.append(follower)
    context.parts.append(accounts)
    return context


async def _wait_for_database(service: ServiceDescription, settings: ServiceSettings) -> Database:
    """Open the pools, waiting for a server that is not up yet; raise what it says after a minute."""
    deadline = asyncio.get_running_loop().time() + DATABASE_WAIT_SECONDS
    while True:
        try:
            return await Database.connect(
                settings.database_app.get_secret_value(),
                settings.database_engine.get_secret_value(),
                service.schema,
                name=service.name,
                size=settings.database_pool,
            )
        except (OSError, asyncpg.CannotConnectNowError) as problem:
            if asyncio.get_running_loop().time() > deadline:
                raise
            log.warning("database.away", cause=type(problem).__name__)
            await asyncio.sleep(1)


def _health_routes() -> APIRouter:
    """/livez, /readyz and /metrics of every service (design.md 10); /docs is FastAPI's own."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", responses={503: {"description": "A part stands still"}})
    async def livez(request: Request, response: Response) -> dict[str, Any]:
        still = request.app.state.parts.standing_still()
        response.status_code = 503 if still else 200
        return {"standing_still": still}

    @router.get("/readyz", responses={503: {"description": "The database does not answer"}})
    async def readyz(request: Request, response: Response) -> dict[str, str]:
        try:
            async with asyncio.timeout(2), request.app.state.database.engine() as tx:
                await tx.fetchval("select 1")
        except DATABASE_ERRORS:
            response.status_code = 503
            return {"database": "away"}
        return {"database": "answers"}

    @router.get("/metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        state = request.app.state
        return Response(
            generate_latest() + await gauges.render(state.database, state.parts.all), media_type=CONTENT_TYPE_LATEST
        )

    return router
