"""invoice-service as it runs: real broker, real database, both vendors simulated over HTTP."""

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from invoice_service.app import ROUTERS, SERVICE, compose
from invoice_service.catalogue import store_company, store_stale
from invoice_service.settings import Settings
from ledgerbridge.accounts.callers import Callers, Role
from ledgerbridge.accounts.grants import GivenGrant
from ledgerbridge.accounts.opening import open_access, open_connecting
from ledgerbridge.accounts.registry import Accounts, Connection
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.contracts.envelope import Envelope
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES, QUICKBOOKS_CHANGES
from ledgerbridge.messaging import topics
from ledgerbridge.service.clocks import SystemBusinessClock, SystemMachineClock
from ledgerbridge.storage import Database
from ledgerbridge.sync import links
from ledgerbridge.sync.links import Link
from ledgerbridge.testing.service_databases import ServiceDatabase, service_database
from ledgerbridge.testing.services import SECRET_KEY, RunningService, running, settings_for
from ledgerbridge.testing.waiting import wait_until

US, UK = 24000001, 24000002
AUTOMATED, BRITISH, LEGACY = "9130350000000001", "9130350000000002", "9130350000000003"
_TOKENS = {AUTOMATED: 1, BRITISH: 2, LEGACY: 3}
_STATIC = {US: "pat-na1-sandbox-1", UK: "pat-eu1-sandbox-2"}
DEAL_TO_PRIMARY_COMPANY = 5


@pytest.fixture(scope="session")
def sandbox() -> Iterator[dict[str, str]]:
    """Both vendors, in a process of their own."""
    ports = ("--hubspot-port", "0", "--quickbooks-port", "0", "--control-port", "0")
    start = ("--start", "2026-11-10T10:00:00+00:00")
    command = (sys.executable, "-m", "ledgerbridge_sandbox", *ports, *start, "--print-json")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


@dataclass
class House:
    """A running service, the vendors' control door and what a test asks of them."""

    service: RunningService
    database: Database
    control: httpx.AsyncClient
    http: httpx.AsyncClient
    kafka: str
    prefix: str
    callers: Callers
    connections: dict[str, Connection] = field(default_factory=dict)

    async def token(self, portal: int = US, role: Role = "finance") -> dict[str, str]:
        tenant = next(one.tenant_id for one in self.connections.values() if one.hubspot.external_id == str(portal))
        return {"Authorization": f"Bearer {await self.callers.issue_person_token(tenant, 'p1', 'Pat', role)}"}

    async def create(self, body: Mapping[str, Any], *, key: str | None = None, portal: int = US) -> httpx.Response:
        headers = await self.token(portal) | ({"Idempotency-Key": key} if key else {})
        return await self.http.post("/invoices", json=dict(body), headers=headers)

    async def command(self, kind: str, body: Mapping[str, Any], *, portal: int = US, key: str | None = None) -> str:
        """Publish a command and answer its CloudEvents id."""
        event_id = key or str(uuid.uuid4())
        envelope = Envelope(event_id, "test", f"ledgerbridge.invoice.{kind}.v1")
        content = json.dumps({"hubspot_account": str(portal), **body}).encode()
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka)
        await producer.start()
        try:
            topic = f"{self.prefix}invoice-commands"
            await producer.send_and_wait(topic, content, key=b"k", headers=envelope.to_headers())
        finally:
            await producer.stop()
        return event_id

    @asynccontextmanager
    async def hearing(self, topic: str) -> AsyncIterator[list[tuple[str, dict[str, Any]]]]:
        """All records of a topic as (type's fact, data), as they come."""
        heard: list[tuple[str, dict[str, Any]]] = []
        known: set[bytes | None] = set()
        consumer = AIOKafkaConsumer(
            f"{self.prefix}{topic}", bootstrap_servers=self.kafka, auto_offset_reset="earliest", group_id=None
        )
        await consumer.start()

        async def listen() -> None:
            async for record in consumer:
                headers = dict(record.headers)
                dead = topic.startswith("dead-letters")  # these are passed on as they came
                if not dead and headers["ce_id"] in known:  # a relay may publish a record twice: its id is the same
                    continue
                known.add(headers.get("ce_id"))
                kind = headers.get("ce_type", b"").decode().split(".")
                heard.append((".".join(kind[1:3]), {} if dead else json.loads(record.value or b"null")))

        task = asyncio.create_task(listen())
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await consumer.stop()

    async def results(
        self, command_id: str, *, count: int = 2, seconds: float = 25
    ) -> list[tuple[str, dict[str, Any]]]:
        """What was told of a command, once so much was told."""
        async with self.hearing("command-results") as heard:

            def told() -> list[tuple[str, dict[str, Any]]]:
                found = [(kind, data) for kind, data in heard if data["command_id"] == command_id]
                return found if len(found) >= count else []

            return await wait_until(told, seconds, f"{count} results of {command_id}")

    async def deal(
        self, lines: Sequence[Mapping[str, str]], *, portal: int = US, company: str | None = None, **properties: str
    ) -> str:
        """A salesperson makes a deal with line items, and perhaps a primary company."""
        fields = {"dealname": f"Deal {uuid.uuid4().hex[:6]}", "dealstage": "closedwon", **properties}
        deal_id = (await self._person("deals", {"properties": fields}, portal))["id"]
        for line in lines:
            to_deal = [{"to": {"id": deal_id}, "types": [_kind(20)]}]
            await self._person("line_items", {"properties": dict(line), "associations": to_deal}, portal)
        if company:
            path = f"/people/salesperson/{portal}/objects/deals/{deal_id}/associations/companies/{company}"
            (await self.control.put(path, json=[_kind(DEAL_TO_PRIMARY_COMPANY)])).raise_for_status()
        return str(deal_id)

    async def company(self, name: str, *, portal: int = US, **properties: str) -> str:
        """A salesperson makes a company."""
        return str((await self._person("companies", {"properties": {"name": name, **properties}}, portal))["id"])

    async def _person(self, kind: str, body: Mapping[str, Any], portal: int) -> Any:
        answer = await self.control.post(f"/people/salesperson/{portal}/objects/{kind}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def customer(self, realm: str, name: str, **fields: Any) -> str:
        """A bookkeeper makes a customer; the mirror learns of it as by a notice."""
        answer = await self.control.post(f"/people/bookkeeper/{realm}/customer", json={"DisplayName": name, **fields})
        assert answer.is_success, answer.text
        customer_id = str(answer.json()["Id"])
        await self.stale("customer", customer_id, realm)
        return customer_id

    async def stale(self, kind: Any, record_id: str, realm: str) -> None:
        connection = self.connections[realm]
        async with self.database.tenant(connection.tenant_id) as tx:
            await store_stale.mark_stale(tx, connection.tenant_id, connection.id, kind, {record_id: None})

    async def linked_company(self, realm: str = AUTOMATED, *, portal: int = US, **fields: Any) -> tuple[str, str]:
        """A HubSpot company and its customer, linked: (company id, customer id)."""
        name = f"Firm {uuid.uuid4().hex[:8]}"
        company, customer = await self.company(name, portal=portal), await self.customer(realm, name, **fields)
        connection = self.connections[realm]
        link = Link(
            connection.tenant_id, connection.id, "company", company, customer, "test", SystemBusinessClock().now()
        )
        async with self.database.tenant(connection.tenant_id) as tx:
            await links.join(tx, [link])
        return company, customer

    async def invoices_of(self, realm: str, customer_id: str) -> list[dict[str, Any]]:
        """What QuickBooks really holds for a customer."""
        held = (await self.control.get(f"/quickbooks/{realm}/invoice")).json()
        rows = held if isinstance(held, list) else next(iter(held.values()))
        return [row for row in rows if row.get("CustomerRef", {}).get("value") == customer_id]

    async def preferences(self, realm: str, **changes: Any) -> None:
        answer = await self.control.patch(f"/people/bookkeeper/{realm}/preferences", json=changes)
        assert answer.is_success, answer.text

    async def fault(self, **rule: Any) -> None:
        answer = await self.control.post("/faults", json=rule)
        assert answer.is_success, answer.text

    async def notice(self, kind: str, record_id: str, realm: str, verb: Any = "changed") -> None:
        """Publish a notice as the gateway does."""
        connection = self.connections[realm]
        told = RecordChanged(
            vendor="quickbooks", account=realm, object_type=kind, record_id=record_id, verb=verb, found_by="webhook"
        )
        event_id = str(uuid.uuid4())
        envelope = Envelope(event_id, "test", RecordChanged.type, tenant=connection.tenant_id, connection=connection.id)
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka)
        await producer.start()
        try:
            topic = self.prefix + QUICKBOOKS_CHANGES.name
            await producer.send_and_wait(topic, told.encode(), key=b"k", headers=envelope.to_headers())
        finally:
            await producer.stop()

    async def heard_all(self) -> None:
        """Wait until every notice of QuickBooks was taken in, and what it marked was looked at."""
        await wait_until(self._is_quiet, 20, "all notices are heard")

    async def _is_quiet(self) -> bool:
        place = TopicPartition(self.prefix + QUICKBOOKS_CHANGES.name, 0)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.kafka, group_id=self.prefix + "invoice-service", enable_auto_commit=False
        )
        await consumer.start()
        try:
            consumer.assign([place])
            if (await consumer.committed(place) or 0) < (await consumer.end_offsets([place]))[place]:
                return False
        finally:
            await consumer.stop()
        async with self.database.engine() as tx:
            return not await tx.fetchval("select exists (select from records where kind = 'unknown-invoice')")

    async def settings(self, realm: str, **choices: Any) -> None:
        """Change a connection's settings as an administrator does."""
        await self.service.state.accounts.change_settings(self.connections[realm].id, "test", choices)


def _kind(type_id: int) -> dict[str, Any]:
    return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened_house(kafka_server: str, postgres_server: str, sandbox: dict[str, str]) -> AsyncIterator[House]:
    """The service with the American account and both its companies, and the British one; catalogues filled."""
    topic_prefix = f"test-{uuid.uuid4().hex[:12]}."
    heard = (*SERVICE.topics, HUBSPOT_CHANGES, QUICKBOOKS_CHANGES)
    await topics.create(kafka_server, topic_prefix, heard, partitions=1)
    async with AsyncExitStack() as stack:
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=sandbox["control"], timeout=30))
        (await control.post("/reset", json={"to": "seed"})).raise_for_status()
        for vendor in ("hubspot", "quickbooks"):  # houses of other databases used the same companies a moment ago
            (await control.put(f"/limits/{vendor}", json={"on": False})).raise_for_status()
        database = await stack.enter_async_context(
            service_database(postgres_server, SERVICE.schema, SERVICE.migrations)
        )
        settings = _settings(database, kafka_server, topic_prefix, sandbox)
        pools = await database.connect()
        stack.push_async_callback(pools.close)
        connections = await _connect(pools, settings)
        service = await stack.enter_async_context(running(SERVICE, settings, compose, ROUTERS))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=service.url, timeout=60))
        found = House(
            service=service,
            database=pools,
            control=control,
            http=http,
            kafka=kafka_server,
            prefix=topic_prefix,
            callers=service.app.state.access.callers,
            connections=connections,
        )
        await wait_until(lambda: _onboarded(found), 30, "the catalogues are filled")
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def house(opened_house: House) -> House:
    """The module's house, with no fault in force and nothing in the journal."""
    for path in ("/faults", "/journal"):
        (await opened_house.control.delete(path)).raise_for_status()
    return opened_house


def _settings(database: ServiceDatabase, kafka: str, prefix: str, sandbox: Mapping[str, str]) -> Settings:
    return Settings(
        **settings_for(
            database,
            kafka,
            prefix,
            hubspot_api=sandbox["hubspot"],
            quickbooks_api=sandbox["quickbooks"],
            quickbooks_token=sandbox["quickbooks"] + "/oauth2/v1/tokens/bearer",
            quickbooks_app_id="sandbox-quickbooks-app",
            quickbooks_app_secret="sandbox-quickbooks-secret",
            sandbox_clock=sandbox["control"],
            create_wait="PT45S",
        )
    )


async def _connect(pools: Database, settings: Settings) -> dict[str, Connection]:
    clock, accounts = SystemBusinessClock(), Accounts(pools)
    sealer = Sealer.from_setting(SECRET_KEY)
    connections: dict[str, Connection] = {}
    async with AsyncExitStack() as stack:
        access = open_access(
            settings,
            database=pools,
            accounts=accounts,
            sealer=sealer,
            business=clock,
            machine=SystemMachineClock(),
            stack=stack,
        )
        connecting = open_connecting(
            settings,
            access,
            database=pools,
            accounts=accounts,
            sealer=sealer,
            business=clock,
            pages_base="http://pages.example",
        )
        for portal, realms in ((US, (AUTOMATED, LEGACY)), (UK, (BRITISH,))):
            hubspot = await connecting.connect_hubspot(GivenGrant(_STATIC[portal]), app="static")
            for realm in realms:
                number = _TOKENS[realm]
                grant = GivenGrant(f"sandbox-quickbooks-access-{number}", f"sandbox-quickbooks-refresh-{number}")
                connected = await connecting.connect_quickbooks(
                    hubspot.account, realm, grant, app="sandbox-quickbooks-app", actor="test"
                )
                assert connected.connection
                connections[realm] = connected.connection
    return connections


async def _onboarded(house: House) -> bool:
    for connection in house.connections.values():
        async with house.database.tenant(connection.tenant_id) as tx:
            if await store_company.onboarded(tx, connection.id) < connection.onboard_requested:
                return False
    return True
