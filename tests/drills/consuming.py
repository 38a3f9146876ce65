"""A consumer that is killed in the middle of its work, again and again: with automatic commits it loses.

Each batch takes a moment, as work does; what is done is a row in PostgreSQL. The consumer is this module, started anew:
`python -m tests.drills.consuming HOW …`.
"""

import asyncio
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from ledgerbridge.contracts.topics import Topic
from ledgerbridge.messaging import topics
from ledgerbridge.messaging.consumers import Consumers, Consumption
from ledgerbridge.messaging.received import Received
from ledgerbridge.storage import Database
from ledgerbridge.testing.service_databases import service_database

from bench.rows import Row

TOPIC = Topic("drilled", "number", timedelta(days=1), "numbers", numbered=False)
BATCH, WORK_SECONDS = 20, 0.05


async def consume(how: str, kafka: str, prefix: str, app_dsn: str, engine_dsn: str) -> None:
    """Consume until killed."""
    database = await Database.connect(app_dsn, engine_dsn, "drilled", size=2)

    async def handle(records: Sequence[Received]) -> None:
        await asyncio.sleep(WORK_SECONDS)
        async with database.engine() as tx:
            done = [(int(record.value or b"0"),) for record in records]
            await tx.executemany("insert into public.done values ($1)", done)

    if how == "ours":
        consumption = Consumption(TOPIC, "ours", handle, database=database, service="drilled", records=BATCH)
        await Consumers(kafka, prefix, "drilled", [consumption], instance="drill").run()
    consumer = AIOKafkaConsumer(
        prefix + TOPIC.name,
        bootstrap_servers=kafka,
        group_id=prefix + how,
        # The same member comes again: nobody waits until the killed one is given up.
        group_instance_id="drill",
        auto_offset_reset="earliest",
        enable_auto_commit=True,
        auto_commit_interval_ms=50,
        session_timeout_ms=6000,
    )
    await consumer.start()
    while True:
        for records in (await consumer.getmany(max_records=BATCH, timeout_ms=200)).values():
            await handle([Received(r.topic, r.partition, r.offset, r.key, r.headers, r.value, 0) for r in records])


async def killed(kafka: str, postgres: str, how: str, times: int) -> tuple[int, int, int]:
    """Records sent, lost and doubled by a consumer that is killed so often before it may finish."""
    prefix = f"drill-{uuid.uuid4().hex[:8]}."
    records = BATCH * (10 + 12 * times)
    await topics.create(kafka, prefix, (TOPIC,), 1)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
    await producer.start()
    await asyncio.gather(*[await producer.send(prefix + TOPIC.name, b"%d" % number) for number in range(records)])
    await producer.stop()
    async with service_database(postgres, "drilled") as made:
        admin = await asyncpg.connect(made.admin_dsn)
        await admin.execute("create table public.done (number int)")
        await admin.execute("grant insert on public.done to public")
        arguments = (how, kafka, prefix, made.roles.app_dsn, made.roles.engine_dsn)
        chance = random.Random(1)  # noqa: S311 - a drill's choice
        for _ in range(times):
            process = _start(arguments)
            await _progress(admin)
            await asyncio.sleep(chance.uniform(0.1, 0.4))
            process.kill()
            process.wait()
        process = _start(arguments)
        await _still(admin, records)
        process.kill()
        process.wait()
        done = await admin.fetchval("select count(distinct number) from done")
        rows = await admin.fetchval("select count(*) from done")
        await admin.close()
    return records, records - done, rows - done


def _start(arguments: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen((sys.executable, "-m", "tests.drills.consuming", *arguments), stderr=subprocess.DEVNULL)


async def _progress(admin: asyncpg.Connection) -> None:
    """Until the consumer has done something."""
    before, deadline = await admin.fetchval("select count(*) from done"), time.monotonic() + 60
    while await admin.fetchval("select count(*) from done") == before and time.monotonic() < deadline:
        await asyncio.sleep(0.02)


async def _still(admin: asyncpg.Connection, records: int) -> None:
    """Until all are done, or nothing has been for long: then the rest is lost."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < 20:
        done = await admin.fetchval("select count(distinct number) from done")
        if done == records:
            return
        if done != last:
            last, since = done, time.monotonic()
        await asyncio.sleep(0.1)


async def both(kafka: str, postgres: str, times: int) -> list[Row]:
    """Ours, then the red control."""
    sent, lost, doubled = await killed(kafka, postgres, "ours", times)
    _sent, red, _doubled = await killed(kafka, postgres, "automatic", times)
    ours = f"{lost} of {sent} lost, {doubled} done again (ids and marks make that harmless)"
    return [
        Row(f"a consumer killed {times} times in its work: records lost", ours, "0", lost == 0),
        Row("red control: the same with automatic commits", f"{red} of {sent} lost", "it must lose", red > 0),
    ]


if __name__ == "__main__":
    asyncio.run(consume(*sys.argv[1:]))
