"""webhook-gateway's door with its receipts on disk, against the same door without storing and a raw ASGI function.

Each door is a process of its own under uvicorn; one load generator knocks at each in turn, 64 connections, QuickBooks
arrays of one event with a valid signature, every event new. The durable door also tells its notices to Kafka: some
while it is knocked at, what a burst leaves before the next round; how long all of it takes is a row of its own.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import psutil
from ledgerbridge.accounts.grants import GivenGrant, Grants
from ledgerbridge.accounts.joining import join, store_account
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.embedded.ports import free_ports
from ledgerbridge.embedded.services import answers_ok
from ledgerbridge.messaging import topics
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.storage import Transaction
from ledgerbridge.testing.service_databases import ServiceDatabase, service_database
from ledgerbridge.testing.waiting import wait_until
from webhook_gateway.app import SERVICE

from bench import loads
from bench.doors import VERIFIER
from bench.knocking import Knocked, knock
from bench.rows import Compared, Row
from bench.servers import Servers

ROUNDS, REQUESTS = 5, 12_000
HALF_PEAK_ROUNDS, HALF_PEAK_SECONDS = 9, 4.0
"""Many: where load, broker and database share two cores, the server's own housekeeping falls into some of them."""
PREFIX = "bench."
SECRET_KEY = "bench:" + base64.b64encode(os.urandom(32)).decode()
KINDS = ("durable", "forgetful", "raw")


def requests(port: int, count: int, run: str) -> list[bytes]:
    """Signed deliveries of one event each; `run` makes the events new."""
    made = []
    for number in range(count):
        event = {
            "specversion": "1.0",
            "id": f"{run}-{number}",
            "source": "intuit.bench",
            "type": "qbo.invoice.updated.v1",
            "time": "2026-11-23T10:00:00.123456Z",
            "intuitentityid": str(number),
            "intuitaccountid": loads.REALM,
            "data": {},
        }
        body = json.dumps([event]).encode()
        signature = base64.b64encode(hmac.digest(VERIFIER.encode(), body, hashlib.sha256)).decode()
        head = (
            f"POST /webhooks/quickbooks HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
            f"intuit-signature: {signature}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def connect_accounts(database: ServiceDatabase) -> None:
    """A HubSpot account joined to the QuickBooks company of the events."""
    pools = await database.connect()
    try:
        clock = SystemBusinessClock()
        accounts, now = Accounts(pools), clock.now()
        grants = Grants(pools, Sealer.from_setting(SECRET_KEY), clock)
        hubspot = await store_account(
            pools, accounts, grants, vendor="hubspot", external_id=str(loads.TENANT), app="static",
            grant=GivenGrant("token", None), facts={}, now=now,
        )  # fmt: skip
        company = await store_account(
            pools, accounts, grants, vendor="quickbooks", external_id=loads.REALM, app="app",
            grant=GivenGrant("token", "refresh", expires_in=3600), facts={}, now=now, tenant_id=hubspot.tenant_id,
        )  # fmt: skip
        await join(pools, accounts, hubspot, company, actor="bench", now=now)
    finally:
        await pools.close()


def environment(database: ServiceDatabase, kafka: str) -> dict[str, str]:
    """The gateway's settings; nobody answers at the vendors' addresses."""
    return {
        **os.environ,
        "LEDGERBRIDGE_DATABASE_APP": database.roles.app_dsn,
        "LEDGERBRIDGE_DATABASE_ENGINE": database.roles.engine_dsn,
        "LEDGERBRIDGE_KAFKA": kafka,
        "LEDGERBRIDGE_TOPIC_PREFIX": PREFIX,
        "LEDGERBRIDGE_SECRET_KEY": SECRET_KEY,
        "LEDGERBRIDGE_QUICKBOOKS_VERIFIER": VERIFIER,
        "LEDGERBRIDGE_HUBSPOT_API": "http://127.0.0.1:9",
        "LEDGERBRIDGE_QUICKBOOKS_API": "http://127.0.0.1:9",
    }


@asynccontextmanager
async def door(kind: str, given: dict[str, str]) -> AsyncIterator[int]:
    """A door, serving; answers its port."""
    (port,) = free_ports(1)
    process = subprocess.Popen((sys.executable, "-m", "bench.doors", kind, str(port)), env=given)  # noqa: ASYNC220
    try:
        probe = "/" if kind == "raw" else "/readyz"

        async def answers() -> bool:
            if kind == "raw":
                return any(one.laddr.port == port for one in psutil.Process(process.pid).net_connections())
            return await asyncio.to_thread(answers_ok, port, probe)

        await wait_until(answers, 30, f"the door {kind}")
        yield port
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _round(port: int, kind: str, number: int, rate: float | None = None) -> Knocked:
    count = REQUESTS if rate is None else int(rate * HALF_PEAK_SECONDS)
    knocked = await knock(port, requests(port, count, f"{kind}-{number}-{rate}"), rate=rate)
    assert not knocked.refused, f"{kind} refused {knocked.refused} of {count}"
    return knocked


async def _until_told(tx: Transaction) -> None:
    async def nothing_waits() -> bool:
        waiting = "select exists (select from deliveries) or exists (select from outbox where published_at is null)"
        return not await tx.fetchval(waiting)

    await wait_until(nothing_waits, 60, "all is told")


async def _rounds(ports: dict[str, int], tx: Transaction) -> tuple[dict[str, list[float]], list[float]]:
    """Webhooks a second of each door, and of the durable one until all is on Kafka, by round; the first is dropped."""
    rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
    told: list[float] = []
    for number in range(-1, ROUNDS):
        for kind in KINDS:
            begin = time.perf_counter()
            rates[kind].append((await _round(ports[kind], kind, number)).rate)
            if kind == "durable":
                await _until_told(tx)
                told.append(REQUESTS / (time.perf_counter() - begin))
    return {kind: found[1:] for kind, found in rates.items()}, told[1:]


async def _half_peak(port: int, rate: float, admin_dsn: str, tx: Transaction) -> list[Knocked]:
    """Rounds at this rate, each on a server as one that has run for long: a checkpoint gave it log files to reuse.

    A new server fills every log file with zeros first, and each webhook of that moment waits for it.
    """
    halves = []
    admin = await asyncpg.connect(admin_dsn)
    try:
        for number in range(HALF_PEAK_ROUNDS):
            await admin.execute("checkpoint")
            halves.append(await _round(port, "half", number, rate))
            await _until_told(tx)
    finally:
        await admin.close()
    return halves


async def measure(servers: Servers) -> list[Row]:
    """Every door in turn, then the durable one at half of its peak."""
    await topics.create(servers.kafka, PREFIX, SERVICE.topics, 3)
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(service_database(servers.postgres, SERVICE.schema, SERVICE.migrations))
        await connect_accounts(made)
        database = await made.connect(size=1)
        stack.push_async_callback(database.close)
        given = environment(made, servers.kafka)
        ports = {kind: await stack.enter_async_context(door(kind, given)) for kind in KINDS}
        rates, told = await _rounds(ports, database.each)
        peak = sorted(rates["durable"])[ROUNDS // 2]
        halves = await _half_peak(ports["durable"], peak / 2, made.admin_dsn, database.each)
    return _rows(rates, told, peak, halves)


def _rows(rates: dict[str, list[float]], told: list[float], peak: float, halves: list[Knocked]) -> list[Row]:
    same, plain = Compared(rates["durable"], rates["forgetful"]), Compared(rates["durable"], rates["raw"])
    p99 = sorted(half.percentile(0.99) for half in halves)
    p50 = statistics.median(half.percentile(0.50) for half in halves)
    middle = statistics.median(p99)
    return [
        Row(
            "webhook door with durable receipt against the same door without storing",
            same.said("webhooks/s"),
            "at least 0.9, or 0.5 of a raw ASGI door",
            same.ratio >= 0.9 or plain.ratio >= 0.5,
        ),
        Row("webhook door with durable receipt against a raw ASGI door without storing", plain.said("webhooks/s")),
        Row(
            f"a burst of {REQUESTS:,} webhooks, until the last notice is on Kafka",
            f"{statistics.median(told):,.0f} webhooks/s ({min(told):,.0f} to {max(told):,.0f})",
        ),
        Row(
            f"webhook door, p99 at half of its peak ({peak / 2:,.0f} webhooks/s)",
            f"{middle:.1f} ms ({p99[0]:.1f} to {p99[-1]:.1f} in {HALF_PEAK_ROUNDS} rounds; p50 {p50:.1f} ms)",
            "at most 15 ms",
            middle <= 15,
        ),
    ]
