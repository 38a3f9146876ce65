"""Consume, remember in the inbox, keep the state, tell through outbox and relay; against bare aiokafka.

Both sides take the same records of about 2 kB in batches of at most 500 from the same three partitions, change them
with the same function and send them on to a topic of three partitions. The bare side keeps nothing: it consumes,
transforms, produces with acknowledgements of all, and commits its offsets per batch. Ours is the product's own path:
`Consumers`, `inbox`, one upsert, `outbox`, `Relay`, all in one process; it is done when the broker has the last record.
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from ledgerbridge.contracts.envelope import Envelope, read
from ledgerbridge.contracts.invoices import InvoiceStatusChanged, InvoiceUpdated, Stage
from ledgerbridge.contracts.topics import Topic
from ledgerbridge.messaging import inbox, outbox, topics
from ledgerbridge.messaging.consumers import Consumers
from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.messaging.publishing import BATCH_BYTES
from ledgerbridge.messaging.reading import read_or_bury
from ledgerbridge.messaging.received import Received
from ledgerbridge.messaging.relay import Relay
from ledgerbridge.storage import Database, MigrationSet, Transaction
from ledgerbridge.testing.service_databases import service_database

from bench import loads
from bench.rows import Compared, Row
from bench.servers import Servers

RECORDS, AGGREGATES, ROUNDS, PARTITIONS, BATCH = 15_000, 3_000, 5, 3, 500
SETS = (MigrationSet("ledgerbridge.messaging"), MigrationSet("bench"))
INTO = Topic("bench-in", "tenant:invoice", None, "what is consumed", numbered=False)
OUT = Topic("bench-out", "tenant:invoice", None, "what is told")
TYPE = "ledgerbridge.invoice.status-changed.v1"


def transform(value: bytes) -> tuple[dict[str, Any], bytes]:
    """The work of both sides: read the document, change its stage, write it."""
    document = json.loads(value)
    invoice = document["invoice"]
    document["old_stage"], document["new_stage"], document["cause"] = invoice["stage"], "paid_in_full", "fact"
    invoice["stage"], invoice["balance"] = "paid_in_full", "0.00"
    return document, json.dumps(document, separators=(",", ":")).encode()


class Pipeline:
    """Our side: one transaction a batch. With `contracts` the messages are read and written by their models."""

    def __init__(self, database: Database, *, contracts: bool) -> None:
        self._database = database
        self._contracts = contracts

    async def handle(self, records: Sequence[Received]) -> None:
        async with self._database.engine() as tx:
            rows, events = await (self._by_models(tx, records) if self._contracts else self._plainly(tx, records))
            await tx.execute(_UPSERT, *zip(*rows.values(), strict=True))
            await outbox.put(tx, events)

    async def _plainly(self, tx: Transaction, records: Sequence[Received]) -> tuple[dict[str, Any], list[outbox.Event]]:
        told = [read(record.headers, record.value) for record in records]
        fresh = await inbox.first_time(tx, "bench", [envelope.identity for envelope, _value in told])
        rows, events = {}, []
        for envelope, value in told:
            if envelope.identity in fresh and value is not None:
                document, written = transform(value)
                invoice = document["invoice"]
                rows[invoice["invoice_id"]] = _row(envelope, invoice, written)
                caused = envelope._replace(id=str(uuid.uuid4()), type=TYPE, causation_id=envelope.id)
                events.append(outbox.Event(OUT, envelope.subject, caused, written, tenant=envelope.tenant))
        return rows, events

    async def _by_models(
        self, tx: Transaction, records: Sequence[Received]
    ) -> tuple[dict[str, Any], list[outbox.Event]]:
        told = await read_or_bury(tx, "bench", records, {InvoiceUpdated.type: InvoiceUpdated})
        fresh = await inbox.first_time(tx, "bench", [one.envelope.identity for one in told])
        rows, events = {}, []
        for one in told:
            if one.envelope.identity in fresh and isinstance(one.message, InvoiceUpdated):
                old = one.message.invoice
                new = old.model_copy(update={"stage": Stage.PAID_IN_FULL, "balance": Decimal(0)})
                changed = InvoiceStatusChanged(invoice=new, old_stage=old.stage, new_stage=new.stage)
                event = outbox.event(
                    OUT,
                    one.envelope.subject or "",
                    changed,
                    id=str(uuid.uuid4()),
                    source=one.envelope.source,
                    time=loads.MOMENT,
                    tenant=one.envelope.tenant,
                    connection=one.envelope.connection,
                    causation_id=one.envelope.id,
                )
                rows[new.invoice_id] = (one.envelope.tenant, new.invoice_id, new.number, new.stage, new.total,
                                        new.balance, new.as_of, event.data)  # fmt: skip
                events.append(event)
        return rows, events


_UPSERT = """
insert into states (tenant_id, invoice_id, number, stage, total, balance, as_of, document)
select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[],
                     $7::timestamptz[], $8::bytea[])
on conflict (tenant_id, invoice_id) do update set number = excluded.number, stage = excluded.stage,
  total = excluded.total, balance = excluded.balance, as_of = excluded.as_of, document = excluded.document
"""


def _row(envelope: Envelope, invoice: dict[str, Any], written: bytes) -> tuple[Any, ...]:
    return (
        envelope.tenant,
        invoice["invoice_id"],
        invoice["number"],
        invoice["stage"],
        Decimal(invoice["total"]),
        Decimal(invoice["balance"]),
        datetime.fromisoformat(invoice["as_of"]),
        written,
    )


async def ours(database: Database, kafka: str, prefix: str, *, contracts: bool) -> float:
    """Records a second from the first to be consumed until the last is published."""
    pipeline = Pipeline(database, contracts=contracts)
    consumption = Consumption(INTO, uuid.uuid4().hex, pipeline.handle, database=database, service="bench")
    relay = Relay(database, kafka, prefix)
    async with at_work(relay):
        while not relay.leading:
            await asyncio.sleep(0.01)
        consumers = Consumers(kafka, prefix, "bench", [consumption])
        async with at_work(consumers):
            begin = await first_batch(consumption)
            while relay.published < RECORDS:
                await asyncio.sleep(0.005)
            seconds = time.perf_counter() - begin
    async with database.engine() as tx:
        await tx.execute("delete from inbox")
    return RECORDS / seconds


async def first_batch(consumption: Consumption) -> float:
    """The moment at which the first batch is in hand: joining the group is no work of either side."""
    while not consumption.beat._waiting:  # noqa: SLF001
        await asyncio.sleep(0)
    return time.perf_counter()


async def bare(kafka: str, prefix: str) -> float:
    """The same without keeping anything."""
    consumer = AIOKafkaConsumer(
        prefix + INTO.name,
        bootstrap_servers=kafka,
        group_id=uuid.uuid4().hex,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    # Larger batches than the client's default of 16 kB, which would cost the bare side a fifth of its rate.
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, enable_idempotence=True, acks="all", max_batch_size=BATCH_BYTES
    )
    await consumer.start()
    await producer.start()
    done, begin = 0, 0.0
    try:
        while done < RECORDS:
            lots = await consumer.getmany(max_records=BATCH, timeout_ms=200)
            begin = begin or (time.perf_counter() if lots else 0.0)
            sent = []
            for records in lots.values():
                for record in records:
                    _document, written = transform(record.value)
                    sent.append(
                        await producer.send(prefix + OUT.name, written, key=record.key, headers=list(record.headers))
                    )
            await asyncio.gather(*sent)
            if sent:
                await consumer.commit()
            done += len(sent)
        return RECORDS / (time.perf_counter() - begin)
    finally:
        await producer.stop()
        await consumer.stop()


@asynccontextmanager
async def at_work(part: Any) -> AsyncIterator[None]:
    """A part, running."""
    task = asyncio.create_task(part.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def measure(servers: Servers) -> list[Row]:
    """Ours and bare in turns."""
    prefix = "bench."
    await topics.create(servers.kafka, prefix, (INTO, OUT), PARTITIONS)
    numbers = [number % AGGREGATES for number in range(RECORDS)]
    records = [loads.record(f"{loads.TENANT}:{number}", loads.invoice_updated(number)) for number in numbers]
    await loads.fill(servers.kafka, prefix + INTO.name, records)
    rates: dict[str, list[float]] = {"bare": [], "ours": [], "contracts": []}
    async with service_database(servers.postgres, "bench", SETS) as made:
        database = await made.connect()
        try:
            await bare(servers.kafka, prefix)
            await ours(database, servers.kafka, prefix, contracts=False)
            for _round in range(ROUNDS):
                rates["bare"].append(await bare(servers.kafka, prefix))
                rates["ours"].append(await ours(database, servers.kafka, prefix, contracts=False))
                rates["contracts"].append(await ours(database, servers.kafka, prefix, contracts=True))
        finally:
            await database.close()
    size = sum(len(value) for _key, value, _headers in records) // RECORDS
    compared = Compared(rates["ours"], rates["bare"])
    with_models = Compared(rates["contracts"], rates["bare"])
    return [
        Row(
            f"consume, inbox, state, outbox, relay against bare aiokafka ({size} bytes, batches of {BATCH})",
            compared.said("records/s"),
            "at least 0.5, aim 0.7",
            compared.ratio >= 0.5,
        ),
        Row("the same, read and written by the contracts' models", with_models.said("records/s")),
    ]
