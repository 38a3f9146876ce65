"""A house for tests: webhook-gateway and invoice-service in process, on a real broker, database and sandbox."""

import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from following_hands import CHICAGO, DOLLARS, POUNDS, UK, US, Bookkeeper, Salesperson, Sandbox
from invoice_service import app as invoices
from invoice_service.settings import Settings as InvoiceSettings
from ledgerbridge.accounts.grants import GivenGrant
from ledgerbridge.accounts.limits import STATIC_APP
from ledgerbridge.command_line.accounts import Desk, open_desk
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES, INVOICES, QUICKBOOKS_CHANGES, TOPICS
from ledgerbridge.messaging import topics
from ledgerbridge.service import ServiceSettings
from ledgerbridge.storage import migrate, prepare
from ledgerbridge.storage.migrations import migrate_shared
from ledgerbridge.testing.databases import temporary_database
from ledgerbridge.testing.service_databases import ServiceDatabase
from ledgerbridge.testing.services import RunningService, running, settings_for
from ledgerbridge.testing.waiting import wait_until
from webhook_gateway import app as gateway
from webhook_gateway.settings import Settings as GatewaySettings

Role = Literal["viewer", "sales", "finance", "administrator"]
PROPERTIES = {
    "amount": "ledgerbridge_invoiced_amount",
    "recipient": "ledgerbridge_invoice_recipient",
    "number": "ledgerbridge_invoice_number",
    "status": "ledgerbridge_invoice_status",
    "due": "ledgerbridge_invoice_due_date",
}
ROLE_PREFIX = "house"
RETRY_SECONDS = [1.0] * 300
"""The house stands still while its process runs tests without it; HubSpot's own gaps would last minutes after that."""

FILLING = """
select exists (
  select from shared.connections c left join invoice_service.catalogue_companies k on k.connection_id = c.id
  where coalesce(k.onboarded, 0) < c.onboard_requested)
"""
"""Whether the catalogue of a connected company is still being filled."""


@dataclass(frozen=True)
class Event:
    """One event of the topic `invoices`."""

    kind: str
    data: Mapping[str, Any]

    @property
    def invoice_id(self) -> str:
        return str(self.data["invoice"]["invoice_id"])


@dataclass
class House:
    """What tests work with."""

    sandbox: Sandbox
    service: RunningService
    gateway: RunningService
    desk: Desk
    admin_dsn: str
    kafka: str
    prefix: str
    http: httpx.AsyncClient
    connections: dict[str, int] = field(default_factory=dict)
    tenants: dict[str, int] = field(default_factory=dict)

    def bookkeeper(self, realm: str = US) -> Bookkeeper:
        return Bookkeeper(self.sandbox, realm)

    def salesperson(self, portal: str = DOLLARS) -> Salesperson:
        return Salesperson(self.sandbox, portal)

    async def ask(
        self, method: str, path: str, *, portal: str = DOLLARS, role: Role = "finance", **more: Any
    ) -> httpx.Response:
        """Call invoice-service as a person of a tenant."""
        callers = self.service.app.state.access.callers
        token = await callers.issue_person_token(self.tenants[portal], "7", "Ann", role)
        return await self.http.request(method, path, headers={"Authorization": f"Bearer {token}"}, **more)

    async def get(self, path: str, **more: Any) -> Any:
        answer = await self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def add(self, quickbooks_ids: list[str], *, realm: str = US, **records: Any) -> list[str]:
        """Add existing invoices to HubSpot records; our ids, in the order given."""
        content = {"connection_id": self.connections[realm], "quickbooks_ids": quickbooks_ids, **records}
        answer = await self.ask("POST", "/links", json=content)
        assert answer.status_code == 201, answer.text
        ours = {one["invoice"]["quickbooks_id"]: one["invoice"]["invoice_id"] for one in answer.json()}
        return [ours[one] for one in quickbooks_ids]

    async def followed(self, total: str = "100.00", *, realm: str = US, **fields: Any) -> tuple[str, str, str]:
        """An invoice of QuickBooks, added to a deal of its own, all at rest: (deal, QuickBooks' id, our id)."""
        deal = await self.salesperson().deal()
        theirs = await self.bookkeeper(realm).invoice(total, **fields)
        (ours,) = await self.add([theirs], realm=realm, deal_id=deal)
        await self.quiet()
        return deal, theirs, ours

    async def deal(self, deal_id: str, portal: str = DOLLARS) -> dict[str, str]:
        """The five properties as HubSpot really holds them, by short names; empty where cleared or never set."""
        found = await self.sandbox.ask("GET", f"/hubspot/{portal}/objects/deals/{deal_id}")
        held = found["properties"]
        return {short: held.get(name) or "" for short, name in PROPERTIES.items()}

    async def status(self, deal_id: str, wanted: str, seconds: float = 10) -> dict[str, str]:
        """Wait until the deal's invoice status is this one; the five properties then."""

        async def reached() -> dict[str, str] | None:
            held = await self.deal(deal_id)
            return held if held["status"] == wanted else None

        found: dict[str, str] = await wait_until(reached, seconds, f"deal {deal_id} is {wanted or 'cleared'}")
        return found

    async def stage(self, invoice_id: str, wanted: str, seconds: float = 10) -> dict[str, Any]:
        """Wait until the invoice's stage is this one; the invoice as it is shown then."""

        async def reached() -> dict[str, Any] | None:
            shown = await self.get(f"/invoices/{invoice_id}")
            return shown if shown["invoice"]["stage"] == wanted else None

        found: dict[str, Any] = await wait_until(reached, seconds, f"invoice {invoice_id} is {wanted}")
        return found

    async def events(self, invoice_id: str, kind: str | None = None) -> list[Event]:
        """The events of one invoice as Kafka holds them now, in order; call it when the house is quiet."""
        found = [one for one in await self._all_events() if one.invoice_id == invoice_id]
        return [one for one in found if kind in (None, one.kind)]

    async def _all_events(self) -> list[Event]:
        topic = TopicPartition(self.prefix + INVOICES.name, 0)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            consumer.assign([topic])
            await consumer.seek_to_beginning(topic)
            end = (await consumer.end_offsets([topic]))[topic]
            found: list[Event] = []
            while await consumer.position(topic) < end:
                for batch in (await consumer.getmany(timeout_ms=1000)).values():
                    found += [_event(record) for record in batch]
            return found
        finally:
            await consumer.stop()

    async def quiet(self, seconds: float = 45) -> None:
        """Wait until no webhook, notice, event or record that is due is on its way anywhere."""
        await wait_until(self._is_quiet, seconds, "the house is quiet")

    async def _is_quiet(self) -> bool:
        # The chain is looked at from its beginning to its end, and once more: an echo may have begun at its end.
        return await self._nothing_moves() and await self._nothing_moves()

    async def _nothing_moves(self) -> bool:
        for vendor in ("quickbooks", "hubspot"):
            if (await self.sandbox.ask("GET", f"/webhooks/{vendor}"))["waiting"]:
                return False
        if await self.value(
            "select exists (select from webhook_gateway.deliveries) "
            "or exists (select from webhook_gateway.outbox where published_at is null)"
        ):
            return False
        if not await self._all_heard() or await self.value(FILLING):
            return False
        due = "ready_at <= now() + interval '1 second' or lease is not null"
        if await self.value(f"select exists (select from invoice_service.records where {due})"):  # noqa: S608
            return False
        return not await self.value("select exists (select from invoice_service.outbox where published_at is null)")

    async def _all_heard(self) -> bool:
        group = self.prefix + "invoice-service"
        places = [TopicPartition(self.prefix + one.name, 0) for one in (QUICKBOOKS_CHANGES, HUBSPOT_CHANGES)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, group_id=group, enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            return all([(await consumer.committed(place) or 0) >= ends[place] for place in places])
        finally:
            await consumer.stop()

    async def value(self, query: str, *args: Any) -> Any:
        """One value of the database, as its administrator sees it."""
        connection = await asyncpg.connect(self.admin_dsn)
        try:
            return await connection.fetchval(query, *args)
        finally:
            await connection.close()

    async def calls_of(self, what: Any) -> list[str]:
        """The calls to both vendors that an act of people causes, until the house is quiet: method and path."""
        await self.quiet()
        await self.sandbox.ask("DELETE", "/journal")
        await what
        await self.quiet()
        return [f"{one['vendor']} {one['method']} {one['path']}" for one in await self.sandbox.calls()]


def _event(record: Any) -> Event:
    headers = dict(record.headers)
    return Event(
        headers["ce_type"].decode().removeprefix("ledgerbridge.").removesuffix(".v1"), json.loads(record.value)
    )


@asynccontextmanager
async def open_house(
    kafka: str, postgres: str, prefix: str, addresses: Mapping[str, str], **settings: Any
) -> AsyncIterator[House]:
    """The house with its accounts connected; two tenants: one of dollars with US and UK, one of pounds with Chicago."""
    async with AsyncExitStack() as stack:
        await topics.create(kafka, prefix, _all_topics(), partitions=1)
        dsn = await stack.enter_async_context(temporary_database(postgres))
        databases = await _databases(dsn)
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=addresses["control"], timeout=20))
        sandbox = Sandbox(addresses, control)
        await _forget_all(sandbox)
        port = _free_port()
        common = {
            "hubspot_api": addresses["hubspot"],
            "quickbooks_api": addresses["quickbooks"],
            "quickbooks_token": addresses["quickbooks"] + "/oauth2/v1/tokens/bearer",
            "quickbooks_app_id": "sandbox-quickbooks-app",
            "quickbooks_app_secret": "sandbox-quickbooks-secret",
            "hubspot_app_id": "sandbox-hubspot-app",
            "hubspot_app_secret": "sandbox-hubspot-secret",
            "sandbox_clock": addresses["control"],
            "public_base": f"http://127.0.0.1:{port}",
        }
        desk = await stack.enter_async_context(
            open_desk(
                ServiceSettings(**settings_for(databases["invoice_service"], kafka, prefix, **common)), "http://p"
            )
        )
        tenants, connections = await connect_all(desk)
        opened_gateway = await stack.enter_async_context(
            running(gateway.SERVICE, _gateway_settings(databases, kafka, prefix, common), gateway.compose,
                    gateway.ROUTERS, port=port)
        )  # fmt: skip
        mine = InvoiceSettings(**settings_for(databases["invoice_service"], kafka, prefix, **common, **settings))
        service = await stack.enter_async_context(running(invoices.SERVICE, mine, invoices.compose, invoices.ROUTERS))
        for vendor in ("quickbooks", "hubspot"):
            target = {"url": f"{opened_gateway.url}/webhooks/{vendor}", "retry_seconds": RETRY_SECONDS}
            await sandbox.ask("PUT", f"/webhooks/{vendor}", target)
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=service.url, timeout=20))
        house = House(sandbox, service, opened_gateway, desk, dsn, kafka, prefix, http, connections, tenants)
        await house.quiet(30)
        yield house
        await _forget_all(sandbox)


async def connect_all(desk: Desk) -> tuple[dict[str, int], dict[str, int]]:
    """Connect both HubSpot accounts and the three companies: (tenants by portal, connections by realm)."""
    tenants, connections = {}, {}
    for portal, token, realms in (
        (DOLLARS, "pat-na1-sandbox-1", (US, UK)),
        (POUNDS, "pat-eu1-sandbox-2", (CHICAGO,)),
    ):
        hubspot = (await desk.connecting.connect_hubspot(GivenGrant(token), app=STATIC_APP)).account
        tenants[portal] = hubspot.tenant_id
        for realm in realms:
            joined = await desk.connecting.connect_quickbooks(
                hubspot, realm, company_grant(realm), app="sandbox-quickbooks-app", actor="test"
            )
            assert joined.connection is not None
            connections[realm] = joined.connection.id
    return tenants, connections


def company_grant(realm: str) -> GivenGrant:
    """The tokens that the sandbox's company has from the start."""
    number = realm[-1]
    return GivenGrant(f"sandbox-quickbooks-access-{number}", f"sandbox-quickbooks-refresh-{number}")


def _all_topics() -> list[Any]:
    every = [*TOPICS, *invoices.SERVICE.topics, *gateway.SERVICE.topics]
    return list({one.name: one for one in every}.values())


def _gateway_settings(
    databases: Mapping[str, ServiceDatabase], kafka: str, prefix: str, common: Mapping[str, Any]
) -> GatewaySettings:
    # After the sweep at the start none comes: what these tests see, webhooks told.
    never = {"sweep_every": "P3650D", "sweep_every_without_webhooks": "P3650D"}
    own = settings_for(databases["webhook_gateway"], kafka, prefix, **common, **never)
    return GatewaySettings(**own, quickbooks_verifier="sandbox-verifier")


async def _databases(dsn: str) -> dict[str, ServiceDatabase]:
    """One database with the schemas of both services."""
    services = {one.schema: one.migrations for one in (gateway.SERVICE, invoices.SERVICE)}
    prefix = f"{ROLE_PREFIX}_{urlsplit(dsn).path[-10:]}"
    roles = await prepare(dsn, list(services), prefix=prefix)
    await migrate_shared(dsn, prefix=prefix)
    for schema, sets in services.items():
        await migrate(dsn, schema, sets, prefix=prefix)
    return {schema: ServiceDatabase(dsn, roles[schema]) for schema in services}


async def _forget_all(sandbox: Sandbox) -> None:
    for vendor in ("quickbooks", "hubspot"):
        await sandbox.ask("PUT", f"/webhooks/{vendor}", {"url": ""})
    await sandbox.ask("DELETE", "/faults")
    await sandbox.ask("POST", "/reset", {"to": "seed"})
    for vendor in ("hubspot", "quickbooks"):  # houses of other databases used the same companies a moment ago
        await sandbox.ask("PUT", f"/limits/{vendor}", {"on": False})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
