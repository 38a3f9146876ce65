# ruff: noqa: ARG002 - stand-ins keep the signatures of what they stand in for
"""A vendor on a real port that answers what a test tells it, also in ways that no framework would."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from ledgerbridge.vendors import hubspot, quickbooks


@dataclass
class Account:
    vendor: str
    id: int = 7
    tenant_id: int = 3
    external_id: str = "24000001"


@dataclass
class Tokens:
    """Tokens by number; renewing gives the next."""

    current: str = "token-1"
    renewed: list[str] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)

    async def access(self, account_id: int) -> str:
        return self.current

    async def renew(self, account_id: int, stale: str) -> str:
        self.renewed.append(stale)
        self.current = f"token-{len(self.renewed) + 1}"
        return self.current

    async def disconnected(self, account_id: int, token: str, cause: str) -> None:
        self.lost.append((token, cause))


@dataclass
class Budgets:
    taken: list[tuple[int, str, str]] = field(default_factory=list)
    held_back: list[tuple[str, float]] = field(default_factory=list)
    refusal: Exception | None = None

    async def take(self, account: Any, kind: str, lane: str) -> None:
        if self.refusal:
            raise self.refusal
        self.taken.append((account.id, kind, lane))

    async def hold_back(self, account: Any, kind: str, seconds: float) -> None:
        self.held_back.append((kind, seconds))


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


Raw = Callable[[asyncio.StreamWriter], Awaitable[None]]
Responder = Callable[[Request], "Reply | Raw"]


class VendorDouble:
    """Answers in order of the script, then with the last entry again; keeps every request."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.script: list[Any] = [Reply()]
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, *script: Any) -> None:
        self.script = list(script)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while request := await self._read(reader):
                self.requests.append(request)
                answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                answer = answer(request) if callable(answer) and not asyncio.iscoroutinefunction(answer) else answer
                if not isinstance(answer, Reply):
                    await answer(writer)
                    break
                await self._write(writer, answer)
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = first.split(" ")
        return Request(method, target, headers, body)

    async def _write(self, writer: asyncio.StreamWriter, reply: Reply) -> None:
        lines = [f"HTTP/1.1 {reply.status} Said", f"Content-Length: {len(reply.body)}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + reply.body)
        await writer.drain()


async def cut(writer: asyncio.StreamWriter) -> None:
    """The work is done, the connection is cut."""
    writer.close()


async def cut_halfway(writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":')
    await writer.drain()
    writer.close()


async def drip(writer: asyncio.StreamWriter) -> None:
    """A byte every few milliseconds, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    gone = asyncio.ensure_future(silence(writer))
    while not gone.done():
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.wait({gone}, timeout=0.005)


async def flood(writer: asyncio.StreamWriter) -> None:
    """A gigabyte, as far as anybody reads it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    for _ in range(1024):
        writer.write(b" " * 1024 * 1024)
        await writer.drain()


async def silence(writer: asyncio.StreamWriter) -> None:
    """Until the caller has gone."""
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.fixture
async def vendor() -> AsyncIterator[VendorDouble]:
    async with running() as double:
        yield double


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[VendorDouble]:
    double = VendorDouble()
    server = await asyncio.start_server(double.handle, "127.0.0.1", 0)
    double.port = server.sockets[0].getsockname()[1]
    try:
        yield double
    finally:
        server.close()


def says(document: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/json", **named})


@pytest.fixture
def how() -> SimpleNamespace:
    """The ways to answer."""
    return SimpleNamespace(
        says=says, Reply=Reply, cut=cut, cut_halfway=cut_halfway, drip=drip, flood=flood, silence=silence,
        running=running, Account=Account,
    )  # fmt: skip


@dataclass
class Door:
    """A client with everything that stands around it."""

    client: Any
    http: Any
    account: Account
    tokens: Tokens
    budgets: Budgets
    pauses: list[float]
    exchanges: list[Any]


@pytest.fixture
def open_door(vendor: VendorDouble) -> Callable[..., Any]:
    """An async context manager: a client of a vendor's double."""

    @contextlib.asynccontextmanager
    async def opened(name: str, url: str | None = None, **options: Any) -> AsyncIterator[Door]:
        tokens, budgets, pauses, exchanges = Tokens(), Budgets(), list[float](), list[Any]()

        async def pause(seconds: float) -> None:
            pauses.append(seconds)

        module: Any = {"hubspot": hubspot, "quickbooks": quickbooks}[name]
        options = {"observers": (exchanges.append,), "pause": pause, "seconds": 5.0} | options
        http = module.connect_http(tokens, budgets, url or vendor.url, **options)
        client = hubspot.HubSpot(http) if name == "hubspot" else quickbooks.QuickBooks(http)
        async with http:
            account = Account(name, external_id="24000001" if name == "hubspot" else "9130350000000001")
            yield Door(client, http, account, tokens, budgets, pauses, exchanges)

    return opened


@pytest.fixture
async def to_hubspot(open_door: Callable[..., Any]) -> AsyncIterator[Door]:
    async with open_door("hubspot") as door:
        yield door


@pytest.fixture
async def to_quickbooks(open_door: Callable[..., Any]) -> AsyncIterator[Door]:
    async with open_door("quickbooks") as door:
        yield door
