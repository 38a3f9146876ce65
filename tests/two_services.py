"""Both services on one database, one broker and the simulated vendors, in a thread of their own.

Everything is in this process, so that a test may look at every byte that comes out; every secret may be chosen.
"""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from invoice_service import app as invoices
from invoice_service.settings import Settings as InvoiceSettings
from ledgerbridge.accounts.callers import Callers
from ledgerbridge.accounts.grants import GivenGrant, Grants
from ledgerbridge.accounts.joining import join, store_account
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.messaging import topics
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.service.description import topics_of
from ledgerbridge.storage import Database, ServiceRoles, migrate, prepare
from ledgerbridge.storage.migrations import migrate_shared
from ledgerbridge.testing.databases import temporary_database
from ledgerbridge.testing.service_databases import ServiceDatabase
from ledgerbridge.testing.services import SECRET_KEY, RunningService, running, settings_for
from ledgerbridge_sandbox.app import Ports, opened
from webhook_gateway import app as gateway
from webhook_gateway.settings import Settings as GatewaySettings

PORTAL, REALM = "24000001", "9130350000000001"
SERVICES = (gateway, invoices)
SETTINGS: dict[str, type[Any]] = {"webhook-gateway": GatewaySettings, "invoice-service": InvoiceSettings}


@dataclass
class Secrets:
    """Every secret that an installation has; those of the vendors are the sandbox's."""

    secret_key: str = SECRET_KEY
    hubspot_token: str = "pat-na1-sandbox-1"
    access_token: str = "sandbox-quickbooks-access-1"
    refresh_token: str = "sandbox-quickbooks-refresh-1"
    hubspot_app_secret: str = "sandbox-hubspot-secret"
    quickbooks_app_secret: str = "sandbox-quickbooks-secret"
    quickbooks_verifier: str = "sandbox-verifier"
    passwords: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Office:
    """Where everything answers, and a client of the tenant."""

    urls: dict[str, str]
    sandbox: dict[str, str]
    admin_dsn: str
    roles: dict[str, ServiceRoles]
    connection_id: int
    client_id: str
    client_secret: str


@contextmanager
def open_office(
    postgres: str, kafka: str, prefix: str, secrets: Secrets | None = None, **settings: Any
) -> Iterator[Office]:
    """Both services, running until the end of the block."""
    told: queue.Queue[Office | BaseException] = queue.Queue()
    closing = threading.Event()

    async def keep_open() -> None:
        try:
            async with _opened(postgres, kafka, prefix, secrets or Secrets(), settings) as office:
                told.put(office)
                await asyncio.to_thread(closing.wait)
        except BaseException as error:
            told.put(error)
            raise

    thread = threading.Thread(target=lambda: asyncio.run(keep_open()), name="office", daemon=True)
    thread.start()
    found = told.get(timeout=90)
    if isinstance(found, BaseException):
        raise found
    try:
        yield found
    finally:
        closing.set()
        thread.join(timeout=40)


@asynccontextmanager
async def _opened(
    postgres: str, kafka: str, prefix: str, secrets: Secrets, settings: dict[str, Any]
) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(opened(Ports(0, 0, 0)))
        dsn = await stack.enter_async_context(temporary_database(postgres))
        roles = await _prepare(dsn, secrets)
        await topics.create(kafka, prefix, topics_of([one.SERVICE for one in SERVICES]), partitions=1)
        connection_id, client = await _connect(dsn, roles["invoice_service"], secrets)
        services: dict[str, RunningService] = {}
        for module in SERVICES:
            database = ServiceDatabase(dsn, roles[module.SERVICE.schema])
            given = settings_for(database, kafka, prefix, **_given(world.addresses, secrets), **settings)
            services[module.SERVICE.name] = await stack.enter_async_context(
                running(module.SERVICE, SETTINGS[module.SERVICE.name](**given), module.compose, module.ROUTERS)
            )
        urls = {name: service.url for name, service in services.items()}
        # HubSpot signs the address it calls: the gateway must know the one that it got.
        services["webhook-gateway"].state.settings.public_base = urls["webhook-gateway"]
        yield Office(urls, dict(world.addresses), dsn, roles, connection_id, *client)


async def _prepare(dsn: str, secrets: Secrets) -> dict[str, ServiceRoles]:
    prefix = "t" + urlsplit(dsn).path[-12:]
    schemas = [module.SERVICE.schema for module in SERVICES]
    roles = await prepare(dsn, schemas, prefix=prefix, passwords=secrets.passwords)
    await migrate_shared(dsn, prefix=prefix)
    for module in SERVICES:
        await migrate(dsn, module.SERVICE.schema, module.SERVICE.migrations, prefix=prefix)
    return roles


async def _connect(dsn: str, roles: ServiceRoles, secrets: Secrets) -> tuple[int, tuple[str, str]]:
    database = await Database.connect(roles.app_dsn, roles.engine_dsn, roles.schema)
    try:
        clock, sealer, accounts = SystemBusinessClock(), Sealer.from_setting(secrets.secret_key), Accounts(database)
        grants = Grants(database, sealer, clock)

        async def store(vendor: Any, external_id: str, app: str, grant: GivenGrant, **more: Any) -> Account:
            return await store_account(
                database,
                accounts,
                grants,
                vendor=vendor,
                external_id=external_id,
                app=app,
                grant=grant,
                now=clock.now(),
                **more,
            )

        facts = {"zone": "America/New_York", "currency": "USD"}
        hubspot = await store("hubspot", PORTAL, "static", GivenGrant(secrets.hubspot_token), facts=facts)
        grant = GivenGrant(secrets.access_token, secrets.refresh_token, expires_in=3600)
        facts = {"zone": "America/Los_Angeles", "country": "US", "home_currency": "USD"}
        company = await store(
            "quickbooks", REALM, "sandbox-quickbooks-app", grant, facts=facts, tenant_id=hubspot.tenant_id
        )
        connection = await join(database, accounts, hubspot, company, actor="test", now=clock.now())
        client = await Callers(database, sealer, business=clock).make_client(hubspot.tenant_id, "test", "administrator")
        return connection.id, (client.id, client.secret)
    finally:
        await database.close()


def _given(addresses: dict[str, str], secrets: Secrets) -> dict[str, Any]:
    quickbooks = addresses["quickbooks"]
    return {
        "secret_key": secrets.secret_key,
        "hubspot_api": addresses["hubspot"],
        "hubspot_app_id": "sandbox-hubspot-app",
        "hubspot_app_secret": secrets.hubspot_app_secret,
        "quickbooks_api": quickbooks,
        "quickbooks_token": f"{quickbooks}/oauth2/v1/tokens/bearer",
        "quickbooks_revoke": f"{quickbooks}/v2/oauth2/tokens/revoke",
        "quickbooks_app_id": "sandbox-quickbooks-app",
        "quickbooks_app_secret": secrets.quickbooks_app_secret,
        "quickbooks_verifier": secrets.quickbooks_verifier,
        "sandbox_clock": addresses["control"],
        "stop_timeout": "PT3S",
    }
