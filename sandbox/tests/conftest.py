"""An open sandbox in this process, and a web server that receives its webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import hubspot_published
import pytest
from ledgerbridge_sandbox.app import Ports, opened
from ledgerbridge_sandbox.world import World

TOKEN = {"authorization": "Bearer pat-na1-sandbox-1"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with opened(Ports(0, 0, 0), datetime(2026, 11, 23, 10, tzinfo=UTC)) as found:
        yield found


@pytest.fixture
async def control(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=world.addresses["control"], timeout=15) as client:
        yield client


@pytest.fixture
async def hubspot(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """An app, whose answers are held against HubSpot's published shapes."""
    where, hooks = world.addresses["hubspot"], {"response": [hubspot_published.requiring]}
    async with httpx.AsyncClient(base_url=where, headers=TOKEN, event_hooks=hooks) as client:
        yield client


class Receiver:
    """A web server that notes the webhooks it gets and answers what the test wants."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self._news = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                status = self.answers.pop(0) if self.answers else 204
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
                async with self._news:
                    self.got.append((headers, body))
                    self._news.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def deliveries(self, count: int) -> list[list[dict]]:
        async with self._news, asyncio.timeout(10):
            await self._news.wait_for(lambda: len(self.got) >= count)
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
async def receiver(control: httpx.AsyncClient) -> AsyncIterator[Receiver]:
    found = Receiver()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hubspot/webhooks"
    await control.put("/webhooks/hubspot", json={"url": url})
    yield found
    server.close()
