"""webhook-gateway on a real broker and a real database."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest_asyncio
from gateway_hands import PORTAL, PUBLIC, REALM, Control, Gateway, Sweeping
from ledgerbridge.accounts.grants import GivenGrant, Grants
from ledgerbridge.accounts.joining import join, store_account
from ledgerbridge.accounts.opening import open_access
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.messaging import topics
from ledgerbridge.service.clocks import SystemBusinessClock, SystemMachineClock
from ledgerbridge.testing.proxies import Proxy, proxied
from ledgerbridge.testing.service_databases import ServiceDatabase, service_database
from ledgerbridge.testing.services import SECRET_KEY, running, settings_for
from ledgerbridge_sandbox.app import Ports, opened
from ledgerbridge_sandbox.world import World
from webhook_gateway.app import ROUTERS, SERVICE, compose
from webhook_gateway.settings import Settings
from webhook_gateway.sweeper import Sweeper
from webhook_gateway.sweeps import Sweeps

VERIFIERS = ("old-verifier", "new-verifier")
APP_SECRETS = ("old-secret", "new-secret")


@pytest_asyncio.fixture
async def gateway(kafka_server: str, postgres_server: str, topic_prefix: str) -> AsyncIterator[Gateway]:
    """A gateway with one HubSpot account joined to one company; nobody answers at the vendors' addresses."""
    await topics.create(kafka_server, topic_prefix, SERVICE.topics, partitions=1)
    async with open_gateway(kafka_server, postgres_server, topic_prefix) as opened:
        yield opened


@pytest_asyncio.fixture
async def gateway_without_broker(postgres_server: str, topic_prefix: str) -> AsyncIterator[Gateway]:
    """The same, and nobody answers at the broker's address."""
    async with open_gateway("127.0.0.1:9", postgres_server, topic_prefix) as opened:
        yield opened


@pytest_asyncio.fixture
async def gateway_behind_proxy(postgres_server: str, topic_prefix: str) -> AsyncIterator[tuple[Gateway, Proxy]]:
    """A gateway whose way to the database can be cut."""
    async with (
        proxied(postgres_server) as (proxy, dsn),
        open_gateway("127.0.0.1:9", dsn, topic_prefix) as opened_gateway,
    ):
        yield opened_gateway, proxy
        await proxy.let_through()


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    """Both vendors as seeded, on free ports, without limits on calls."""
    async with opened(Ports(0, 0, 0)) as sandbox, httpx.AsyncClient(base_url=sandbox.addresses["control"]) as control:
        for vendor in ("hubspot", "quickbooks"):
            assert (await control.put(f"/limits/{vendor}", json={"on": False})).is_success
        yield sandbox


@pytest_asyncio.fixture
async def control(world: World) -> AsyncIterator[Control]:
    """The sandbox's control door."""
    async with httpx.AsyncClient(base_url=world.addresses["control"], timeout=15) as http:
        yield Control(http)


@pytest_asyncio.fixture
async def gateway_at_sandbox(
    kafka_server: str, postgres_server: str, topic_prefix: str, world: World
) -> AsyncIterator[Gateway]:
    """A gateway that calls the simulated vendors and lives in their time; no webhook comes by itself."""
    await topics.create(kafka_server, topic_prefix, SERVICE.topics, partitions=1)
    async with open_gateway(kafka_server, postgres_server, topic_prefix, **sandbox_settings(world)) as opened_gateway:
        yield opened_gateway


@pytest_asyncio.fixture
async def sweeping(postgres_server: str, world: World) -> AsyncIterator[Sweeping]:
    """Sweepers in the sandbox's time on a database of their own, each look of them called by the test."""
    async with (
        service_database(postgres_server, SERVICE.schema, SERVICE.migrations) as made,
        AsyncExitStack() as stack,
    ):
        await connect_accounts(made)
        database = await made.connect()
        stack.push_async_callback(database.close)
        accounts = Accounts(database, business=world.clock)
        settings = Settings(
            **settings_for(made, "127.0.0.1:9", "none.", **{**sandbox_settings(world), "sandbox_clock": None})
        )
        access = open_access(
            settings,
            database=database,
            accounts=accounts,
            sealer=Sealer.from_setting(SECRET_KEY),
            business=world.clock,
            machine=SystemMachineClock(),
            stack=stack,
        )
        sweeps = Sweeps(access.hubspot, access.quickbooks)
        yield Sweeping(database, lambda: Sweeper(database, accounts, sweeps, world.clock, settings))


def sandbox_settings(world: World) -> dict[str, Any]:
    """The settings of a service that calls the simulated vendors."""
    quickbooks = world.addresses["quickbooks"]
    return {
        "hubspot_api": world.addresses["hubspot"],
        "hubspot_app_id": "sandbox-hubspot-app",
        "hubspot_app_secret": "sandbox-hubspot-secret",
        "quickbooks_api": quickbooks,
        "quickbooks_token": f"{quickbooks}/oauth2/v1/tokens/bearer",
        "quickbooks_revoke": f"{quickbooks}/v2/oauth2/tokens/revoke",
        "quickbooks_app_id": "sandbox-quickbooks-app",
        "quickbooks_app_secret": "sandbox-quickbooks-secret",
        "quickbooks_verifier": "sandbox-verifier",
        "sandbox_clock": world.addresses["control"],
    }


@asynccontextmanager
async def open_gateway(
    kafka_server: str, postgres_server: str, topic_prefix: str, **more: Any
) -> AsyncIterator[Gateway]:
    """A running gateway with a database of its own."""
    given: dict[str, Any] = {
        "public_base": PUBLIC,
        "quickbooks_verifier": ",".join(VERIFIERS),
        "hubspot_app_secret": ",".join(APP_SECRETS),
        "hubspot_api": "http://127.0.0.1:9",
        "quickbooks_api": "http://127.0.0.1:9",
        "webhook_body_limit": 100_000,
        **more,
    }
    async with service_database(postgres_server, SERVICE.schema, SERVICE.migrations) as database:
        await connect_accounts(database)
        settings = Settings(**settings_for(database, kafka_server, topic_prefix, **given))
        async with (
            running(SERVICE, settings, compose, ROUTERS) as service,
            httpx.AsyncClient(base_url=service.url, timeout=10) as http,
        ):
            yield Gateway(service, database, kafka_server, topic_prefix, http)


async def connect_accounts(database: ServiceDatabase) -> None:
    """One HubSpot account joined to one company, with the tokens that the sandbox knows."""
    pools = await database.connect()
    try:
        clock = SystemBusinessClock()
        accounts = Accounts(pools)
        grants = Grants(pools, Sealer.from_setting(SECRET_KEY), clock)
        now = clock.now()
        hubspot = await store_account(
            pools,
            accounts,
            grants,
            vendor="hubspot",
            external_id=PORTAL,
            app="static",
            grant=GivenGrant("pat-na1-sandbox-1", None),
            facts={},
            now=now,
        )
        company = await store_account(
            pools,
            accounts,
            grants,
            vendor="quickbooks",
            external_id=REALM,
            app="sandbox-quickbooks-app",
            grant=GivenGrant("sandbox-quickbooks-access-1", "sandbox-quickbooks-refresh-1", expires_in=3600),
            facts={},
            now=now,
            tenant_id=hubspot.tenant_id,
        )
        await join(pools, accounts, hubspot, company, actor="test", now=now)
    finally:
        await pools.close()
