"""The catalogue's searches use their indexes although a row-level security policy stands before them."""

import asyncpg
import pytest
from invoice_service.catalogue import store_customers, store_items
from invoice_service.catalogue.buyers import BuyerHints
from invoice_service.catalogue.pages import NamePlace
from ledgerbridge.storage import Database

TENANT, CONNECTION = 1, 7
MANY = 4000


class Explaining:
    """Answers the plan of a query instead of its rows."""

    def __init__(self, tx: object) -> None:
        self.tx = tx
        self.plan = ""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        rows = await self.tx.fetch("explain " + query, *args)  # type: ignore[attr-defined]
        self.plan = "\n".join(row[0] for row in rows)
        return []


@pytest.fixture
async def filled(database: Database, fresh_database: str) -> Database:
    """Two tenants with many customers and items each."""
    admin = await asyncpg.connect(fresh_database)
    await admin.execute("set search_path = invoices")
    await admin.execute(
        f"""insert into catalogue_customers
              select t, {CONNECTION}, n::text, 'Name ' || n, 'Firm ' || n, 'name ' || n, 'firm ' || n, '', 'USD', true,
                false, true, null, true, null, 'epoch', false
              from generate_series(1, {MANY}) n, generate_series(1, 2) t;
            insert into catalogue_addresses
              select tenant_id, connection_id, quickbooks_id, 'a' || quickbooks_id || '@b.c' from catalogue_customers;
            insert into catalogue_items
              select tenant_id, connection_id, quickbooks_id, 'n', 'f', 's', name_key, company_key,
                's' || quickbooks_id, 'Service', true, true, null, null, '', 'epoch', false from catalogue_customers;
            analyze"""  # noqa: S608 - constants
    )
    await admin.close()
    return database


async def test_no_search_reads_a_whole_table(filled: Database) -> None:
    after = NamePlace("name 3", "3")
    hints = BuyerHints(emails=("a17@b.c",), names=("Name 18",))
    async with filled.tenant(TENANT) as tx:
        explaining = Explaining(tx)
        plans = []
        for search in (
            store_customers.customers_for(explaining, CONNECTION, hints, ["19"]),  # type: ignore[arg-type]
            store_customers.search_customers(explaining, CONNECTION, "name 39"),  # type: ignore[arg-type]
            store_items.items_for(explaining, CONNECTION, ["s7"], ["name 8"], ["9"]),  # type: ignore[arg-type]
            store_items.search_items(explaining, CONNECTION, "name 39"),  # type: ignore[arg-type]
            store_customers.holders_of(explaining, CONNECTION, "name 8"),  # type: ignore[arg-type]
            store_customers.list_customers(explaining, CONNECTION, after, 51),  # type: ignore[arg-type]
            store_items.list_items(explaining, CONNECTION, after, 51),  # type: ignore[arg-type]
        ):
            await search
            plans.append(explaining.plan)
    for plan in plans:
        assert "Seq Scan on catalogue_customers" not in plan
        assert "Seq Scan on catalogue_items" not in plan
        assert "Seq Scan on catalogue_addresses" not in plan
    for plan in plans[-2:]:  # a page is read from the index, from where the last one ended, and nothing is sorted
        [line] = [line for line in plan.splitlines() if "Index Cond" in line]
        assert "ROW(" in line
        assert "Sort" not in plan
    for column in ("name_key >=", "company_key >=", "address >="):
        [line] = [line for line in plans[1].splitlines() if column in line]
        assert "Index Cond" in line
