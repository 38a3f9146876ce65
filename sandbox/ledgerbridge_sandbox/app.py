"""Wires the sandbox: two vendors and the control door, on three ports, in one process and one event loop."""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import uvicorn
from starlette.types import ASGIApp

from ledgerbridge_sandbox.arguments import CONTROL_PORT, HUBSPOT_PORT, QUICKBOOKS_PORT, arguments
from ledgerbridge_sandbox.control import control_app
from ledgerbridge_sandbox.generate.generating import generate
from ledgerbridge_sandbox.hubspot import api as hubspot_api
from ledgerbridge_sandbox.hubspot import people as hubspot_people
from ledgerbridge_sandbox.pages import application as pages
from ledgerbridge_sandbox.pages.rendering import ROOT as PAGES
from ledgerbridge_sandbox.quickbooks import api as quickbooks_api
from ledgerbridge_sandbox.quickbooks import people as quickbooks_people
from ledgerbridge_sandbox.snapshot_files import UnfitSnapshotError
from ledgerbridge_sandbox.world import World


@dataclass(frozen=True)
class Ports:
    """Where the doors open; 0 takes a free port."""

    hubspot: int = HUBSPOT_PORT
    quickbooks: int = QUICKBOOKS_PORT
    control: int = CONTROL_PORT
    host: str = "127.0.0.1"


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to whoever runs several of them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.open = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.open.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def opened(
    ports: Ports,
    start: datetime | None = None,
    *,
    rate: float = 1.0,
    luck: int = 1,
    snapshot: Path | None = None,
) -> AsyncIterator[World]:
    """
    An open sandbox, seeded; `world.addresses` says where. Closes when left.

    Its clock begins at `start` (now) and goes `rate` seconds in a second, once the doors are open; `luck` seeds all
    that is drawn. With the file `snapshot` it is as that was, by default at its moment. Raises OSError for a taken
    port or a missing file, ValueError for a rate out of bounds, UnfitSnapshotError.
    """
    world = World(start, luck)
    with world.clock.standing():
        builders = {"hubspot": hubspot_api.build, "quickbooks": quickbooks_api.build}
        apps = {vendor: build(world, seeded=snapshot is None) for vendor, build in builders.items()}
        if snapshot is not None:
            world.load(snapshot)
            world.clock.move_to(start or world.clock.now())
        world.snapshot("seed")
    people = [*hubspot_people.routes(world), *quickbooks_people.routes(world), *pages.routes(world)]
    consents = {"hubspot": hubspot_people.authorize, "quickbooks": quickbooks_people.authorize}
    apps["control"] = control_app(world, people, consents)
    sockets = _bind(ports)
    world.addresses.update({name: f"http://{ports.host}:{sock.getsockname()[1]}" for name, sock in sockets.items()})
    servers = {name: _server(app) for name, app in apps.items()}
    async with asyncio.TaskGroup() as group:
        senders = [group.create_task(sender.run()) for sender in world.webhooks.values()]
        doors = [group.create_task(servers[name].serve([sockets[name]])) for name in servers]
        try:
            for server in servers.values():
                await server.open.wait()
            world.clock.usual_rate = rate
            if rate != world.clock.rate:
                world.clock.move_to(world.clock.now(), rate=rate)
            yield world
        finally:
            for server in servers.values():
                server.should_exit = server.force_exit = True
            await asyncio.gather(*doors, return_exceptions=True)
            for sender in senders:
                sender.cancel()


def _bind(ports: Ports) -> dict[str, socket.socket]:
    wanted = {"hubspot": ports.hubspot, "quickbooks": ports.quickbooks, "control": ports.control}
    bound: dict[str, socket.socket] = {}
    try:
        for name, port in wanted.items():
            # The protocol must be named: asyncio turns off Nagle's delay (40 ms an answer) only where it sees TCP.
            sock = bound[name] = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((ports.host, port))
    except OSError as error:
        for sock in bound.values():
            sock.close()
        raise OSError(
            error.errno, f"The sandbox cannot open {name} at {ports.host}:{port}: {error.strerror}"
        ) from error
    return bound


def _server(app: ASGIApp) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            backlog=2048,
        )
    )


async def _serve(wanted: argparse.Namespace) -> None:
    ports = Ports(wanted.hubspot_port, wanted.quickbooks_port, wanted.control_port, wanted.host)
    webhooks = {"hubspot": wanted.hubspot_webhooks, "quickbooks": wanted.quickbooks_webhooks}
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    beginning = {"rate": wanted.rate, "luck": wanted.seed, "snapshot": wanted.snapshot}
    async with opened(ports, wanted.start, **beginning) as world:
        for vendor, url in webhooks.items():
            world.webhooks[vendor].configure({"url": url})
        _announce(world.addresses, print_json=wanted.print_json)
        await stop.wait()


def _announce(addresses: dict[str, str], *, print_json: bool) -> None:
    if print_json:
        line = msgspec.json.encode(addresses).decode()
    else:
        shown = {**addresses, "pages": f"{addresses['control']}{PAGES}/"}
        line = "\n".join(f"{name:<11} {address}" for name, address in shown.items())
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    if sys.platform == "win32":  # uvloop does not exist there
        return asyncio.new_event_loop
    import uvloop  # noqa: PLC0415

    return uvloop.new_event_loop


def main() -> None:
    """The command `ledgerbridge-sandbox`."""
    wanted = arguments()
    try:
        if wanted.command == "generate":
            generate(
                wanted.out,
                customers=wanted.customers,
                invoices=wanted.invoices,
                seed=wanted.seed,
                start=wanted.start,
            )
            return
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(wanted))
    except OSError as error:
        sys.exit(str(error.strerror))
    except (UnfitSnapshotError, ValueError) as error:
        sys.exit(str(error))
