"""What a change of an account or of a connection's settings makes us look at again."""

import base64
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from invoice_service.app import SERVICE
from invoice_service.following.account_following import AccountFollowing
from invoice_service.invoices import store, store_links
from ledgerbridge.accounts.grants import GivenGrant, Grants
from ledgerbridge.accounts.joining import join, store_account
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.testing.service_databases import service_database
from stored_invoices import REALM, invoice, link

PORTAL = "24000001"


@pytest_asyncio.fixture
async def database(postgres_server: str) -> AsyncIterator[Database]:
    async with service_database(postgres_server, SERVICE.schema, SERVICE.migrations) as made:
        database = await made.connect(size=2)
        yield database
        await database.close()


@pytest_asyncio.fixture
async def connection(database: Database) -> int:
    """A pound account joined to a company that invoices in dollars: one such invoice is a deal's."""
    clock = SystemBusinessClock()
    accounts, now = Accounts(database), clock.now()
    grants = Grants(database, Sealer.from_setting("test:" + base64.b64encode(os.urandom(32)).decode()), clock)
    hubspot = await store_account(
        database, accounts, grants, vendor="hubspot", external_id=PORTAL, app="static",
        grant=GivenGrant("token", None), facts={"currency": "GBP"}, now=now,
    )  # fmt: skip
    company = await store_account(
        database, accounts, grants, vendor="quickbooks", external_id=REALM, app="app",
        grant=GivenGrant("token", "refresh", expires_in=3600), facts={}, now=now, tenant_id=hubspot.tenant_id,
    )  # fmt: skip
    joined = await join(database, accounts, hubspot, company, actor="test", now=now)
    stored = invoice("130")
    async with database.tenant(hubspot.tenant_id) as tx:
        await store.save(tx, hubspot.tenant_id, [stored])
        await store_links.join(tx, hubspot.tenant_id, [link(stored, "deal", "77")])
    return joined.id


async def marks_of_the_deal(database: Database) -> int:
    return int(await database.each.fetchval("select coalesce(max(marked), 0) from records where subject_id = '77'"))


@pytest.mark.statement("S-56", "rule")
async def test_a_rule_that_was_changed_and_put_back_between_two_looks_is_noticed(
    database: Database, connection: int
) -> None:
    accounts = Accounts(database)
    following = AccountFollowing(database, accounts)
    await following.look()
    before = await marks_of_the_deal(database)
    await following.look()
    assert await marks_of_the_deal(database) == before == 1
    for rule in ("convert", "skip"):
        await accounts.change_settings(connection, "test", {"currency_rule": rule})
    await following.look()
    assert await marks_of_the_deal(database) == before + 1
