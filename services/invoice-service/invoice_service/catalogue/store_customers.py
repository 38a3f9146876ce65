"""Customers, and the names of vendors and employees, in PostgreSQL: searched by equality and prefix."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import asyncpg
from ledgerbridge.storage import Transaction

from invoice_service.catalogue.buyers import BuyerHints
from invoice_service.catalogue.customers import CatalogueCustomer, NameHolder, normalised
from invoice_service.catalogue.pages import BEGINNING, NamePlace
from invoice_service.catalogue.taxes import CustomerTax

_LAST = "\U0010ffff"  # sorts behind every text with the same beginning


async def save_customers(
    tx: Transaction, tenant_id: int, connection_id: int, customers: Iterable[CatalogueCustomer], as_of: datetime
) -> None:
    """Insert or overwrite customers with their addresses; they are fresh then."""
    kept = {customer.quickbooks_id: customer for customer in customers}
    common = {"tenant_id": tenant_id, "connection_id": connection_id}
    await tx.execute(
        """insert into catalogue_customers select * from jsonb_populate_recordset(null::catalogue_customers, $1)
           order by quickbooks_id
           on conflict (tenant_id, connection_id, quickbooks_id) do update set
             display_name = excluded.display_name, company_name = excluded.company_name, name_key = excluded.name_key,
             company_key = excluded.company_key, email = excluded.email, currency = excluded.currency,
             active = excluded.active, nested = excluded.nested, taxable = excluded.taxable,
             default_tax_code = excluded.default_tax_code, has_address = excluded.has_address,
             term_id = excluded.term_id, as_of = excluded.as_of, stale = false""",
        [{**common, **_customer_row(customer), "as_of": as_of, "stale": False} for customer in kept.values()],
    )
    await tx.execute(
        "delete from catalogue_addresses where connection_id = $1 and quickbooks_id = any($2)", connection_id, [*kept]
    )
    await tx.execute(
        "insert into catalogue_addresses select * from jsonb_populate_recordset(null::catalogue_addresses, $1)",
        [
            {**common, "quickbooks_id": customer_id, "address": address}
            for customer_id, customer in kept.items()
            for address in customer.emails
        ],
    )


def _customer_row(customer: CatalogueCustomer) -> dict[str, Any]:
    return {
        "quickbooks_id": customer.quickbooks_id,
        "display_name": customer.display_name,
        "company_name": customer.company_name,
        "name_key": normalised(customer.display_name),
        "company_key": normalised(customer.company_name),
        "email": customer.email,
        "currency": customer.currency,
        "active": customer.active,
        "nested": customer.nested,
        "taxable": customer.tax.taxable,
        "default_tax_code": customer.tax.default_tax_code,
        "has_address": customer.tax.has_address,
        "term_id": customer.term_id,
    }


def _customer(row: asyncpg.Record) -> CatalogueCustomer:
    return CatalogueCustomer(
        quickbooks_id=row["quickbooks_id"],
        display_name=row["display_name"],
        company_name=row["company_name"],
        email=row["email"],
        currency=row["currency"],
        active=row["active"],
        nested=row["nested"],
        tax=CustomerTax(row["taxable"], row["default_tax_code"], row["has_address"]),
        term_id=row["term_id"],
    )


async def customers_by_ids(tx: Transaction, connection_id: int, ids: Iterable[str]) -> dict[str, CatalogueCustomer]:
    """The customers of these QuickBooks ids, inactive ones too."""
    rows = await tx.fetch(
        "select * from catalogue_customers where connection_id = $1 and quickbooks_id = any($2)",
        connection_id,
        list(ids),
    )
    return {row["quickbooks_id"]: _customer(row) for row in rows}


async def customers_for(
    tx: Transaction, connection_id: int, hints: BuyerHints, linked_ids: Iterable[str]
) -> list[CatalogueCustomer]:
    """All customers that `buyers.match_buyer` may look at: by link, by address, by exact name."""
    rows = await tx.fetch(
        """select * from catalogue_customers where connection_id = $1 and quickbooks_id in (
             select unnest($2::text[])
             union select quickbooks_id from catalogue_addresses where connection_id = $1 and address = any($3)
             union select quickbooks_id from catalogue_customers where connection_id = $1 and name_key = any($4)
             union select quickbooks_id from catalogue_customers where connection_id = $1 and company_key = any($4))""",
        connection_id,
        list(linked_ids),
        sorted(hints.addresses),
        sorted({normalised(name) for name in hints.names if name.strip()}),
    )
    return [_customer(row) for row in rows]


async def list_customers(
    tx: Transaction, connection_id: int, after: NamePlace = BEGINNING, limit: int = 50
) -> list[CatalogueCustomer]:
    """Active customers by name."""
    rows = await tx.fetch(
        """select * from catalogue_customers
           where connection_id = $1 and active and (name_key, quickbooks_id) > ($2, $3)
           order by name_key, quickbooks_id limit $4""",
        connection_id,
        after.name_key,
        after.quickbooks_id,
        limit,
    )
    return [_customer(row) for row in rows]


async def search_customers(
    tx: Transaction, connection_id: int, beginning: str, after: NamePlace = BEGINNING, limit: int = 50
) -> list[CatalogueCustomer]:
    """Active customers whose name, company or address begins so, by name (S-18, S-22)."""
    start = normalised(beginning)
    if not start:
        return await list_customers(tx, connection_id, after, limit)
    rows = await tx.fetch(
        """select * from catalogue_customers
             where connection_id = $1 and active and name_key >= $2 and name_key < $3
               and (name_key, quickbooks_id) > ($4, $5)
           union select * from catalogue_customers
             where connection_id = $1 and active and company_key >= $2 and company_key < $3
               and (name_key, quickbooks_id) > ($4, $5)
           union select c.* from catalogue_customers c join catalogue_addresses a
               using (tenant_id, connection_id, quickbooks_id)
             where connection_id = $1 and c.active and a.address >= $2 and a.address < $3
               and (c.name_key, c.quickbooks_id) > ($4, $5)
           order by name_key, quickbooks_id limit $6""",
        connection_id,
        start,
        start + _LAST,
        after.name_key,
        after.quickbooks_id,
        limit,
    )
    return [_customer(row) for row in rows]


def place_of(customer: CatalogueCustomer) -> NamePlace:
    """Where a page that ends with this customer ends."""
    return NamePlace(normalised(customer.display_name), customer.quickbooks_id)


async def save_name_holders(
    tx: Transaction, tenant_id: int, connection_id: int, holders: Iterable[NameHolder], as_of: datetime
) -> None:
    """Insert or overwrite names of vendors and employees."""
    rows = [
        {
            **asdict(holder),
            "tenant_id": tenant_id,
            "connection_id": connection_id,
            "name_key": normalised(holder.name),
            "as_of": as_of,
            "stale": False,
        }
        for holder in {(holder.kind, holder.quickbooks_id): holder for holder in holders}.values()
    ]
    await tx.execute(
        """insert into catalogue_name_holders
           select * from jsonb_populate_recordset(null::catalogue_name_holders, $1) order by kind, quickbooks_id
           on conflict (tenant_id, connection_id, kind, quickbooks_id) do update set
             name = excluded.name, name_key = excluded.name_key, active = excluded.active, as_of = excluded.as_of,
             stale = false""",
        rows,
    )


async def holders_of(tx: Transaction, connection_id: int, name: str) -> list[NameHolder]:
    """Customers, vendors and employees of this name, inactive ones (whose names end " (deleted)") too."""
    key = normalised(name)
    rows = await tx.fetch(
        """select kind, quickbooks_id, name, active from catalogue_name_holders
             where connection_id = $1 and name_key = any($2)
           union all select 'customer', quickbooks_id, display_name, active from catalogue_customers
             where connection_id = $1 and name_key = any($2)
           order by kind, quickbooks_id""",
        connection_id,
        [key, f"{key} (deleted)"],
    )
    return [NameHolder(row["kind"], row["quickbooks_id"], row["name"], row["active"]) for row in rows]
