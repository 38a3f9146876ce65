"""Filling the catalogue when a connection is made, and reading again what is stale (product.md, Reference data).

Nothing is written to HubSpot by it. A notice only marks a row stale; the stale rows of a kind are read in one bulk
call when a match or a search needs them.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.errors import Paused
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.manner import current_manner
from ledgerbridge.vendors.quickbooks.answers import LONG_AGO
from ledgerbridge.vendors.quickbooks.client import QuickBooks
from ledgerbridge.vendors.quickbooks.query import Query

from invoice_service.catalogue import store_company, store_customers, store_items, store_stale
from invoice_service.catalogue.customers import read_customer
from invoice_service.catalogue.reading import (
    CompanyFacts,
    read_account,
    read_company,
    read_item,
    read_name_holder,
    read_tax_codes,
    read_term,
)
from invoice_service.catalogue.store_stale import Stale
from invoice_service.quickbooks_values import READ_MARGIN

PREFERENCES_FRESH = timedelta(seconds=60)
"""At a create, Preferences older than this (business time) are read again (product.md, Custom transaction numbers)."""
FILLING_PATIENCE_SECONDS = 10.0
FILLING_LOOK_SECONDS = 0.2
ENTITIES: dict[Stale, str] = {
    "customer": "Customer",
    "item": "Item",
    "term": "Term",
    "account": "Account",
    "vendor": "Vendor",
    "employee": "Employee",
}


async def _save(
    tx: Transaction, connection: Connection, kind: Stale, rows: Sequence[Document], as_of: datetime
) -> None:
    """Keep rows of one kind as QuickBooks answered them."""
    key = (connection.tenant_id, connection.id)
    match kind:
        case "customer":
            await store_customers.save_customers(tx, *key, [read_customer(row) for row in rows], as_of)
        case "item":
            await store_items.save_items(tx, *key, [read_item(row) for row in rows], as_of)
        case "term":
            await store_company.save_terms(tx, *key, [read_term(row) for row in rows], as_of)
        case "account":
            await store_company.save_accounts(tx, *key, [read_account(row) for row in rows], as_of)
        case "vendor" | "employee":
            holders = [read_name_holder(kind, row) for row in rows]
            await store_customers.save_name_holders(tx, *key, holders, as_of)


class CatalogueFilling:
    """Keeps the catalogue of every company as fresh as it is needed."""

    def __init__(self, database: Database, quickbooks: QuickBooks, clock: BusinessClock) -> None:
        """`clock` tells how old Preferences are."""
        self._database = database
        self._quickbooks = quickbooks
        self._clock = clock

    async def fill(self, connection: Connection) -> None:
        """Read all of it: company, names, items, terms, accounts, tax codes, in bulk pages."""
        await self._read_company(connection, None)
        for kind in ENTITIES:
            await self._fill_kind(connection, kind)
        await self._fill_tax_codes(connection)

    async def refresh(self, connection: Connection, kinds: Iterable[Stale]) -> None:
        """Read again what is stale of these kinds: one bulk call a kind, none where nothing is stale.

        Raises Paused (CATALOGUE_FILLING) before the first filling is over: a customer or item that is not found in half
        a catalogue may well be in QuickBooks. A person's request waits a while for it. Where the company cannot be read
        at all it raises why (`Account.obstacle`).
        """
        await self._wait_until_filled(connection)
        async with self._database.tenant(connection.tenant_id) as tx:
            stale = {kind: await store_stale.stale_ids(tx, connection.id, kind) for kind in kinds}
        for kind, ids in stale.items():
            if ids:
                await self._refresh_kind(connection, kind, ids)

    async def _wait_until_filled(self, connection: Connection) -> None:
        patience = FILLING_PATIENCE_SECONDS if current_manner().lane == "person" else 0.0
        while not await self._filled(connection):
            if connection.quickbooks.obstacle:
                raise connection.quickbooks.obstacle
            if patience <= 0:
                raise Paused("CATALOGUE_FILLING", company=connection.quickbooks.external_id)
            await asyncio.sleep(FILLING_LOOK_SECONDS)
            patience -= FILLING_LOOK_SECONDS

    async def _filled(self, connection: Connection) -> bool:
        async with self._database.tenant(connection.tenant_id) as tx:
            return bool(await store_company.onboarded(tx, connection.id))

    async def company(self, connection: Connection, fresh_for: timedelta = PREFERENCES_FRESH) -> CompanyFacts:
        """What the company says about creating, its Preferences not older than `fresh_for`."""
        async with self._database.tenant(connection.tenant_id) as tx:
            known = await store_company.company(tx, connection.id)
            document = await store_company.company_document(tx, connection.id) if known else None
        if known and abs(self._clock.now() - known[1]) < fresh_for:
            return known[0]
        return await self._read_company(connection, document)

    async def home_currency(self, connection: Connection) -> str:
        """The company's currency: as told when it was connected, else from its Preferences."""
        told = connection.quickbooks.facts.get("currency")
        return str(told) if told else (await self.company(connection)).home_currency

    async def _read_company(self, connection: Connection, company: Document | None) -> CompanyFacts:
        """Read Preferences, and CompanyInfo where it is not known or stale."""
        account, now = connection.quickbooks, self._clock.now()
        if company is None:
            company = (await self._quickbooks.company_info(account)).value.document
        preferences = (await self._quickbooks.preferences(account)).value.document
        async with self._database.tenant(connection.tenant_id) as tx:
            await store_company.save_company(tx, connection.tenant_id, connection.id, company, preferences, now)
        return read_company(company, preferences)

    async def _fill_kind(self, connection: Connection, kind: Stale) -> None:
        query = Query(ENTITIES[kind]).whether_active_or_not()
        async for page in self._quickbooks.queries.pages(connection.quickbooks, query):
            async with self._database.tenant(connection.tenant_id) as tx:
                await _save(tx, connection, kind, page.value, _held_from(page.time))

    async def _fill_tax_codes(self, connection: Connection) -> None:
        account, now = connection.quickbooks, self._clock.now()
        codes = await self._all(connection, Query("TaxCode").whether_active_or_not())
        rates = (await self._quickbooks.queries.rows(account, Query("TaxRate"))).value
        async with self._database.tenant(connection.tenant_id) as tx:
            await store_company.save_tax_codes(
                tx, connection.tenant_id, connection.id, read_tax_codes(codes, rates), now
            )

    async def _all(self, connection: Connection, query: Query) -> list[Document]:
        return (await self._quickbooks.queries.rows(connection.quickbooks, query)).value

    async def _refresh_kind(self, connection: Connection, kind: Stale, ids: Sequence[str]) -> None:
        answered = await self._quickbooks.queries.by_ids(connection.quickbooks, ENTITIES[kind], ids)
        found = answered.value
        async with self._database.tenant(connection.tenant_id) as tx:
            await _save(tx, connection, kind, list(found.records.values()), _held_from(answered.time))
            await store_stale.forget(tx, connection.id, kind, found.missing)


def _held_from(read_at: datetime) -> datetime:
    """From when on a change is news against what was read (design.md 4: our last read less two seconds)."""
    return read_at - READ_MARGIN if read_at > LONG_AGO else read_at
