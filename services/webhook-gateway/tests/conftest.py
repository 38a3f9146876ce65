"""webhook-gateway on a real broker and a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest_asyncio
from gateway_hands import PORTAL, PUBLIC, REALM, Gateway
from ledgerbridge.accounts.grants import GivenGrant, Grants
from ledgerbridge.accounts.joining import join, store_account
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.messaging import topics
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.testing.service_databases import ServiceDatabase, service_database
from ledgerbridge.testing.services import SECRET_KEY, running, settings_for
from webhook_gateway.app import ROUTERS, SERVICE, compose
from webhook_gateway.settings import Settings

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


@asynccontextmanager
async def open_gateway(kafka_server: str, postgres_server: str, topic_prefix: str) -> AsyncIterator[Gateway]:
    """A running gateway with a database of its own."""
    async with service_database(postgres_server, SERVICE.schema, SERVICE.migrations) as database:
        await _connect_accounts(database)
        settings = Settings(
            **settings_for(
                database,
                kafka_server,
                topic_prefix,
                public_base=PUBLIC,
                quickbooks_verifier=",".join(VERIFIERS),
                hubspot_app_secret=",".join(APP_SECRETS),
                hubspot_api="http://127.0.0.1:9",
                quickbooks_api="http://127.0.0.1:9",
                webhook_body_limit=100_000,
            )
        )
        async with (
            running(SERVICE, settings, compose, ROUTERS) as service,
            httpx.AsyncClient(base_url=service.url, timeout=10) as http,
        ):
            yield Gateway(service, database, kafka_server, topic_prefix, http)


async def _connect_accounts(database: ServiceDatabase) -> None:
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
            grant=GivenGrant("token", None),
            facts={},
            now=now,
        )
        company = await store_account(
            pools,
            accounts,
            grants,
            vendor="quickbooks",
            external_id=REALM,
            app="app",
            grant=GivenGrant("token", "refresh", expires_in=3600),
            facts={},
            now=now,
            tenant_id=hubspot.tenant_id,
        )
        await join(pools, accounts, hubspot, company, actor="test", now=now)
    finally:
        await pools.close()
