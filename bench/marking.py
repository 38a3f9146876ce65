"""Notice, mark, commit: invoice-service's own handler against aiokafka with one bare UNNEST insert a batch.

Both sides take the same notices in batches of at most 500 and commit their offsets per batch. The bare side reads the
JSON and appends a row for each notice. Ours reads envelope and contract, finds the invoice's row among those tracked,
and marks it: `Consumers`, `Notices.from_quickbooks`, `marks.mark`.
"""

import json
import time
import uuid
from datetime import datetime

import asyncpg
from aiokafka import AIOKafkaConsumer
from invoice_service.app import SERVICE
from invoice_service.consumers import Notices
from ledgerbridge.contracts.topics import QUICKBOOKS_CHANGES
from ledgerbridge.messaging import topics
from ledgerbridge.messaging.consumers import Consumers
from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.storage import Database
from ledgerbridge.sync.marks import Mark, mark
from ledgerbridge.testing.service_databases import service_database
from ledgerbridge.testing.waiting import wait_until

from bench import loads
from bench.pipeline import BATCH, PARTITIONS, at_work, first_batch
from bench.rows import Compared, Row
from bench.servers import Servers

NOTICES, TRACKED, ROUNDS = 30_000, 10_000, 7
PREFIX = "bench."
_INSERT = """
insert into bare (tenant_id, account, object_type, record_id, verb, changed_at)
select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
"""


async def ours(database: Database, kafka: str) -> float:
    """Notices a second, until the last one is marked and its offset committed."""
    handler = Notices(database).from_quickbooks
    consumption = Consumption(QUICKBOOKS_CHANGES, uuid.uuid4().hex, handler, database=database, service="bench")
    async with at_work(Consumers(kafka, PREFIX, "bench", [consumption])):
        begin = await first_batch(consumption)
        await wait_until(lambda: consumption.handled >= NOTICES, 120)
        rate = NOTICES / (time.perf_counter() - begin)
    async with database.engine() as tx:
        await tx.execute("update records set settled = marked, claimed = marked, ready_at = null")
    return rate


async def bare(connection: asyncpg.Connection, kafka: str) -> float:
    """The same with one insert a batch and nothing found or marked."""
    consumer = AIOKafkaConsumer(
        PREFIX + QUICKBOOKS_CHANGES.name,
        bootstrap_servers=kafka,
        group_id=uuid.uuid4().hex,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    done, begin = 0, 0.0
    try:
        while done < NOTICES:
            lots = await consumer.getmany(max_records=BATCH, timeout_ms=200)
            begin = begin or (time.perf_counter() if lots else 0.0)
            rows = [_bare_row(record.value) for records in lots.values() for record in records]
            if rows:
                await connection.execute(_INSERT, *zip(*rows, strict=True))
                await consumer.commit()
            done += len(rows)
        return NOTICES / (time.perf_counter() - begin)
    finally:
        await consumer.stop()


def _bare_row(value: bytes) -> tuple[int, str, str, str, str, datetime]:
    notice = json.loads(value)
    moment = datetime.fromisoformat(notice["changed_at"])
    return loads.TENANT, notice["account"], notice["object_type"], notice["record_id"], notice["verb"], moment


async def _prepare(database: Database, connection: asyncpg.Connection, kafka: str) -> None:
    """Tracked invoices, a bare table, and a topic full of notices about the invoices in turn."""
    await topics.create(kafka, PREFIX, (QUICKBOOKS_CHANGES,), PARTITIONS)
    notices = (loads.notice(number % TRACKED) for number in range(NOTICES))
    await loads.fill(kafka, PREFIX + QUICKBOOKS_CHANGES.name, [loads.record(one.key, one) for one in notices])
    await connection.execute(
        "create table bare (id bigint generated always as identity primary key, tenant_id bigint, account text, "
        "object_type text, record_id text, verb text, changed_at timestamptz)"
    )
    tracked = [
        Mark(loads.TENANT, loads.CONNECTION, "invoice", f"i{number}", quickbooks_id=str(number), make=True)
        for number in range(TRACKED)
    ]
    async with database.engine() as tx:
        await mark(tx, tracked)
        await tx.execute("update records set settled = marked, claimed = marked, ready_at = null")
    await connection.execute("vacuum analyze")


async def measure(servers: Servers) -> list[Row]:
    """Ours and bare in turns."""
    async with service_database(servers.postgres, SERVICE.schema, SERVICE.migrations) as made:
        database, connection = await made.connect(), await asyncpg.connect(made.admin_dsn)
        try:
            await _prepare(database, connection, servers.kafka)
            rates: tuple[list[float], list[float]] = ([], [])
            for _round in range(ROUNDS):
                rates[0].append(await ours(database, servers.kafka))
                rates[1].append(await bare(connection, servers.kafka))
        finally:
            await database.close()
            await connection.close()
    compared = Compared(*rates)
    return [
        Row(
            f"notice, mark, commit against aiokafka and one bare UNNEST insert (batches of {BATCH})",
            compared.said("notices/s"),
            "at least 0.5",
            compared.ratio >= 0.5,
        )
    ]
