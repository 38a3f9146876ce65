"""A service in the test's own process, answering on a free port of the loopback."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import uvicorn
from fastapi import APIRouter, FastAPI

from ledgerbridge.service import ServiceDescription, ServiceSettings
from ledgerbridge.service.runner import Compose, create_app, fronted
from ledgerbridge.testing.service_databases import ServiceDatabase
from ledgerbridge.testing.waiting import wait_until

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)
SECRET_KEY = "test:" + base64.b64encode(os.urandom(32)).decode()


@dataclass(frozen=True)
class RunningService:
    """Where the service answers, and the application behind it."""

    url: str
    app: FastAPI

    @property
    def state(self) -> Any:
        """What the service's `compose` built."""
        return self.app.state.service


def settings_for(database: ServiceDatabase, kafka: str, prefix: str, **more: Any) -> dict[str, Any]:
    """The settings that every service needs, for a test's database, broker and topic prefix."""
    return {
        "database_app": database.roles.app_dsn,
        "database_engine": database.roles.engine_dsn,
        "kafka": kafka,
        "topic_prefix": prefix,
        "secret_key": SECRET_KEY,
        "http_port": 0,
        "stop_timeout": "PT5S",
        **more,
    }


@asynccontextmanager
async def running(
    service: ServiceDescription,
    settings: SettingsT,
    compose: Compose[SettingsT],
    routers: Sequence[APIRouter],
    *,
    port: int = 0,
) -> AsyncIterator[RunningService]:
    """The service, started on this port (0: a free one); stopped in order at the end."""
    app = create_app(service, settings, compose, routers)
    server = uvicorn.Server(
        uvicorn.Config(
            fronted(service, settings, app),
            host="127.0.0.1",
            port=port,
            log_config=None,
            access_log=False,
            lifespan="on",
        )
    )
    serving = asyncio.create_task(server.serve(), name=f"test {service.name}")
    try:
        await wait_until(lambda: server.started or serving.done(), seconds=20, what=f"{service.name} has started")
        if serving.done():
            serving.result()
            raise AssertionError(f"{service.name} did not start")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield RunningService(f"http://127.0.0.1:{port}", app)
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, 15)
