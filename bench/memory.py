"""Memory of each service, idle with all parts on, against a bare process; and what many events leave behind.

`LEDGERBRIDGE_BENCH_EVENTS` says how many events go through the consumers (default 500,000).
"""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from ledgerbridge.embedded.ports import free_ports
from ledgerbridge.embedded.services import answers_ok
from ledgerbridge.testing.waiting import wait_until_sync

from bench import loads
from bench.rows import Row
from tests.house import House, open_house

EVENTS = int(os.environ.get("LEDGERBRIDGE_BENCH_EVENTS", "500000"))
LOT = 20_000
IDLE_SECONDS = 5.0
MOST_BYTES = 120 * 1024 * 1024
BARE = """
import asyncio, contextlib, os
import asyncpg, uvicorn
from fastapi import FastAPI
from faststream.kafka import KafkaBroker

broker = KafkaBroker(os.environ["BENCH_KAFKA"], logger=None)

@broker.subscriber(os.environ["BENCH_TOPIC"], group_id="bench-bare", batch=True)
async def handle(records): ...

@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE"], min_size=2, max_size=5)
    await broker.start()
    yield
    await broker.stop()

app = FastAPI(lifespan=lifespan)

@app.get("/readyz")
async def readyz():
    return {}

uvicorn.run(app, host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), log_config=None)
"""


def resident(process: psutil.Process) -> int:
    """Resident bytes of a process."""
    return int(process.memory_info().rss)


def _bare(house: House) -> int:
    """Resident bytes of a bare FastAPI + FastStream + asyncpg process on the same servers."""
    (port,) = free_ports(1)
    given = {
        "BENCH_KAFKA": house.running.kafka,
        "BENCH_TOPIC": house.running.topic_prefix + "quickbooks-changes",
        "BENCH_DATABASE": house.running.admin_dsn,
        "BENCH_PORT": str(port),
    }
    process = subprocess.Popen((sys.executable, "-c", BARE), env={**os.environ, **given}, cwd=Path.home())
    try:
        wait_until_sync(lambda: answers_ok(port, "/readyz"), 60, "the bare process")
        time.sleep(IDLE_SECONDS)
        return resident(psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _services(house: House) -> dict[str, psutil.Process]:
    children = house.installation.children()
    return {name: children[name] for name in ("webhook-gateway", "invoice-service")}


def _fill(house: House, count: int) -> None:
    topic = house.running.topic_prefix + "quickbooks-changes"
    asyncio.run(loads.fill(house.running.kafka, topic, (loads.record(str(n), loads.notice(n)) for n in range(count))))


def measure() -> list[Row]:
    """One house for all."""
    with open_house() as house:
        time.sleep(IDLE_SECONDS)
        bare = _bare(house)
        idle = {name: resident(process) for name, process in _services(house).items()}
        rows = [_idle(name, found, bare) for name, found in idle.items()]
        # What is made once (prepared statements, caches, buffers) is there after the first lots.
        _through(house, 2 * LOT)
        first = {name: resident(process) for name, process in _services(house).items()}
        _through(house, EVENTS)
        last = {name: resident(process) for name, process in _services(house).items()}
    return [*rows, *(_growth(name, first[name], last[name]) for name in idle)]


def _through(house: House, events: int) -> None:
    """Events through invoice-service's consumers, a lot at a time; done when the group has committed all of them."""
    for _lot in range(max(1, events // LOT)):
        _fill(house, LOT)
    wait_until_sync(lambda: _lag(house) == 0, 600, "all events consumed")


def _lag(house: House) -> int:
    async def lag() -> int:
        group = house.running.topic_prefix + "invoice-service"
        consumer = AIOKafkaConsumer(bootstrap_servers=house.running.kafka, group_id=group, enable_auto_commit=False)
        await consumer.start()
        try:
            topic = house.running.topic_prefix + "quickbooks-changes"
            places = [TopicPartition(topic, number) for number in range(3)]
            ends = await consumer.end_offsets(places)
            return int(sum(ends.values())) - sum([await consumer.committed(place) or 0 for place in places])
        finally:
            await consumer.stop()

    time.sleep(0.5)
    return asyncio.run(lag())


def _idle(name: str, found: int, bare: int) -> Row:
    value = f"{found / 2**20:.0f} MB, {found / bare:.2f} x a bare process ({bare / 2**20:.0f} MB)"
    return Row(
        f"memory of {name}, idle", value, "at most 120 MB and 1.35 x bare", found <= MOST_BYTES and found <= 1.35 * bare
    )


def _growth(name: str, first: int, last: int) -> Row:
    value = f"{(last / first - 1) * 100:+.1f} % over {EVENTS:,} events ({first / 2**20:.0f} to {last / 2**20:.0f} MB)"
    return Row(f"memory of {name}, growth", value, "at most 5 %", last <= 1.05 * first)
