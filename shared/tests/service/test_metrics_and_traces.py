"""What /metrics says of a service's parts and tables; traces that go on through Kafka, and cost no import when off."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.contracts.topics import QUICKBOOKS_CHANGES
from ledgerbridge.messaging import outbox, topics
from ledgerbridge.messaging.consumers import Consumers
from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.messaging.received import Received
from ledgerbridge.messaging.relay import Relay
from ledgerbridge.service import ServiceDescription, ServiceSettings, gauges, trace_context
from ledgerbridge.storage import Database, MigrationSet
from ledgerbridge.testing.collectors import Collector, collecting
from ledgerbridge.testing.service_databases import service_database
from ledgerbridge.testing.services import running, settings_for
from ledgerbridge.testing.waiting import wait_until
from ledgerbridge.vendors.audit import Exchange, trace_exchange

MIGRATIONS = (MigrationSet("ledgerbridge.messaging"), MigrationSet("ledgerbridge.sync"))
SERVICE = ServiceDescription("probe", "probe", 0, MIGRATIONS)
GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@asynccontextmanager
async def whole_service(postgres: str, kafka: str, prefix: str, seen: list[Received], **settings: Any) -> Any:
    """A service that puts a notice into its outbox, publishes it and hears it."""
    await topics.create(kafka, prefix, [QUICKBOOKS_CHANGES], partitions=1)
    router = APIRouter()

    @router.post("/tell/{number}")
    async def tell(number: str, request: Request) -> None:
        database: Database = request.app.state.database
        async with database.engine() as tx:
            await outbox.put(tx, [_event(number)])

    async def compose(context: Any) -> None:
        async def hear(records: Sequence[Received]) -> None:
            now = datetime.now(UTC).timestamp()
            trace_exchange(Exchange("quickbooks", 2, "GET", "/v3/{id}", 1, 200, "done", 5.0, now, None, "live"))
            seen.extend(records)

        consumption = Consumption(QUICKBOOKS_CHANGES, "probe", hear, database=context.database, service="probe")
        context.parts += [Relay(context.database, kafka, prefix), Consumers(kafka, prefix, "probe", [consumption])]

    async with service_database(postgres, "probe", SERVICE.migrations) as made:
        given = ServiceSettings(**settings_for(made, kafka, prefix, **settings))
        async with (
            running(SERVICE, given, compose, [router]) as service,
            httpx.AsyncClient(base_url=service.url, timeout=10) as http,
        ):
            yield made, http


def _event(number: str) -> outbox.Event:
    notice = RecordChanged(
        vendor="quickbooks",
        account="1",
        object_type="invoice",
        record_id=number,
        verb="changed",
        changed_at=None,
        exact=False,
        found_by="webhook",
        merged_ids=[],
        properties=[],
    )
    return outbox.event(
        QUICKBOOKS_CHANGES, notice.key, notice, id=f"e{number}", source="test", time=datetime.now(UTC), tenant=7
    )


async def test_the_gauges_tell_of_parts_and_tables(postgres_server: str, kafka_server: str, topic_prefix: str) -> None:
    seen: list[Received] = []
    async with whole_service(postgres_server, kafka_server, topic_prefix, seen) as (made, http):
        assert (await http.post("/tell/1")).is_success
        await wait_until(lambda: seen, 30)
        database = await made.connect(size=2)
        async with database.engine() as tx:
            await tx.execute(
                "insert into records (tenant_id, connection_id, kind, subject_id, marked, ready_at) "
                "values (7, 1, 'invoice', 'a', 1, clock_timestamp() - interval '90 seconds')"
            )
            await tx.execute(
                "insert into records (tenant_id, connection_id, kind, subject_id, verdict) "
                "values (7, 1, 'invoice', 'b', 'failed'), (7, 1, 'invoice', 'c', 'in_sync')"
            )
        await database.close()
        text = (await http.get("/metrics")).text
    said = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("ledgerbridge_"))
    assert said["ledgerbridge_relay_leads"] == said["ledgerbridge_relay_published_total"] == "1.0"
    assert said['ledgerbridge_consumer_handled_total{topic="quickbooks-changes"}'] == "1.0"
    assert said['ledgerbridge_consumer_paused{topic="quickbooks-changes"}'] == "0.0"
    assert said["ledgerbridge_outbox_waiting"] == said["ledgerbridge_outbox_oldest_seconds"] == "0.0"
    assert said['ledgerbridge_records_due{kind="invoice"}'] == "1.0"
    assert 90 <= float(said['ledgerbridge_records_oldest_due_seconds{kind="invoice"}']) < 150
    assert said['ledgerbridge_records{kind="invoice",state="failed"}'] == "1.0"
    assert said['ledgerbridge_records{kind="invoice",state="pending"}'] == "1.0"
    assert said["ledgerbridge_database_answers"] == "1.0"


async def test_a_backlog_shows_its_age(postgres_server: str) -> None:
    async with service_database(postgres_server, "probe", SERVICE.migrations) as made:
        database = await made.connect(size=2)
        async with database.engine() as tx:
            await outbox.put(tx, [_event("1"), _event("2")])
            old = "update outbox set written_at = clock_timestamp() - interval '61 seconds' where position = 1"
            await tx.execute(old)
        text = (await gauges.render(database, [])).decode()
        await database.close()
    assert "ledgerbridge_outbox_waiting 2.0" in text
    (age,) = [line.split()[1] for line in text.splitlines() if line.startswith("ledgerbridge_outbox_oldest_seconds ")]
    assert 61 <= float(age) < 120


async def test_a_trace_goes_from_the_request_through_kafka_to_the_vendor_call(
    postgres_server: str, kafka_server: str, topic_prefix: str, collector: Collector
) -> None:
    seen: list[Received] = []
    async with whole_service(postgres_server, kafka_server, topic_prefix, seen, traces=collector.url) as (_made, http):
        answer = await http.post("/tell/1?code=secret", headers={"traceparent": GIVEN})
        assert answer.is_success
        await wait_until(lambda: seen, 30)
    assert trace_context.current() is None
    spans = {span.name: span for span in collector.spans}
    request, batch = spans["POST /tell/{number}"], spans["consume quickbooks-changes"]
    call = spans["quickbooks GET /v3/{id}"]
    trace_id = GIVEN.split("-")[1]
    assert {request.trace_id.hex(), batch.trace_id.hex(), call.trace_id.hex()} == {trace_id}
    assert request.parent_span_id.hex() == GIVEN.split("-")[2]
    assert (batch.parent_span_id, call.parent_span_id) == (request.span_id, batch.span_id)
    (header,) = [value for name, value in seen[0].headers if name == "ce_traceparent"]
    assert header.decode().split("-")[1:3] == [trace_id, request.span_id.hex()]
    assert (collector.paths, collector.services) == ({"/v1/traces"}, {"probe"})
    assert all(b"secret" not in body for body in collector.bodies)


async def test_a_collector_that_is_away_harms_nobody(
    postgres_server: str, kafka_server: str, topic_prefix: str
) -> None:
    seen: list[Received] = []
    async with whole_service(postgres_server, kafka_server, topic_prefix, seen, traces="http://127.0.0.1:9") as (
        _made,
        http,
    ):
        assert (await http.post("/tell/1")).is_success
        await wait_until(lambda: seen, 30)
        stopping = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopping < 15


def test_no_sdk_is_imported_where_traces_are_off() -> None:
    code = (
        "import sys, webhook_gateway.app, invoice_service.app, ledgerbridge.service.runner\n"
        "print([one for one in sys.modules if one.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
