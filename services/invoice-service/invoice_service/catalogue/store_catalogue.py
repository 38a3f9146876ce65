"""The catalogue in PostgreSQL: written in bulk, searched by equality and prefix under row-level security."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

import asyncpg
import msgspec
from ledgerbridge.storage import Transaction

from invoice_service.catalogue.buyers import BuyerHints
from invoice_service.catalogue.customers import CatalogueCustomer, NameHolder, normalised
from invoice_service.catalogue.items import CatalogueItem
from invoice_service.catalogue.reading import CompanyFacts, read_company
from invoice_service.catalogue.taxes import CustomerTax, TaxCode
from invoice_service.catalogue.terms import Term
from invoice_service.quickbooks_values import Document

Stale = Literal["customer", "item", "term", "vendor", "employee"]

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


async def search_customers(
    tx: Transaction, connection_id: int, beginning: str, limit: int = 50
) -> list[CatalogueCustomer]:
    """Active customers whose name, company or address begins so, by name (S-18, S-22)."""
    start = normalised(beginning)
    rows = await tx.fetch(
        """select * from catalogue_customers where connection_id = $1 and active and name_key >= $2 and name_key < $3
           union select * from catalogue_customers
             where connection_id = $1 and active and company_key >= $2 and company_key < $3
           union select c.* from catalogue_customers c join catalogue_addresses a
               using (tenant_id, connection_id, quickbooks_id)
             where connection_id = $1 and c.active and a.address >= $2 and a.address < $3
           order by name_key, quickbooks_id limit $4""",
        connection_id,
        start,
        start + _LAST,
        limit,
    )
    return [_customer(row) for row in rows]


async def save_items(
    tx: Transaction, tenant_id: int, connection_id: int, items: Iterable[CatalogueItem], as_of: datetime
) -> None:
    """Insert or overwrite items; they are fresh then."""
    rows = [
        {
            **asdict(item),
            "tenant_id": tenant_id,
            "connection_id": connection_id,
            "name_key": normalised(item.name),
            "full_name_key": normalised(item.full_name),
            "sku_key": normalised(item.sku),
            "as_of": as_of,
            "stale": False,
        }
        for item in {item.quickbooks_id: item for item in items}.values()
    ]
    await tx.execute(
        """insert into catalogue_items select * from jsonb_populate_recordset(null::catalogue_items, $1)
           order by quickbooks_id
           on conflict (tenant_id, connection_id, quickbooks_id) do update set
             name = excluded.name, full_name = excluded.full_name, sku = excluded.sku, name_key = excluded.name_key,
             full_name_key = excluded.full_name_key, sku_key = excluded.sku_key, kind = excluded.kind,
             active = excluded.active, taxable = excluded.taxable, sales_tax_code = excluded.sales_tax_code,
             unit_price = excluded.unit_price, description = excluded.description, as_of = excluded.as_of,
             stale = false""",
        rows,
    )


def _item(row: asyncpg.Record) -> CatalogueItem:
    return CatalogueItem(
        quickbooks_id=row["quickbooks_id"],
        name=row["name"],
        full_name=row["full_name"],
        sku=row["sku"],
        kind=row["kind"],
        active=row["active"],
        taxable=row["taxable"],
        sales_tax_code=row["sales_tax_code"],
        unit_price=row["unit_price"],
        description=row["description"],
    )


async def items_by_ids(tx: Transaction, connection_id: int, ids: Iterable[str]) -> dict[str, CatalogueItem]:
    """The items of these QuickBooks ids, inactive ones too."""
    rows = await tx.fetch(
        "select * from catalogue_items where connection_id = $1 and quickbooks_id = any($2)", connection_id, list(ids)
    )
    return {row["quickbooks_id"]: _item(row) for row in rows}


async def items_for(
    tx: Transaction, connection_id: int, skus: Iterable[str], names: Iterable[str], linked_ids: Iterable[str]
) -> list[CatalogueItem]:
    """All items that `items.match_item` may look at: by link, by SKU, by exact name or full name."""
    rows = await tx.fetch(
        """select * from catalogue_items where connection_id = $1 and quickbooks_id in (
             select unnest($2::text[])
             union select quickbooks_id from catalogue_items where connection_id = $1 and sku_key = any($3)
             union select quickbooks_id from catalogue_items where connection_id = $1 and name_key = any($4)
             union select quickbooks_id from catalogue_items where connection_id = $1 and full_name_key = any($4))""",
        connection_id,
        list(linked_ids),
        sorted({normalised(sku) for sku in skus if sku.strip()}),
        sorted({normalised(name) for name in names if name.strip()}),
    )
    return [_item(row) for row in rows]


async def search_items(tx: Transaction, connection_id: int, beginning: str, limit: int = 50) -> list[CatalogueItem]:
    """Active items whose name, full name or SKU begins so, by name (S-25)."""
    start = normalised(beginning)
    rows = await tx.fetch(
        """select * from catalogue_items where connection_id = $1 and active and name_key >= $2 and name_key < $3
           union select * from catalogue_items
             where connection_id = $1 and active and full_name_key >= $2 and full_name_key < $3
           union select * from catalogue_items
             where connection_id = $1 and active and sku_key >= $2 and sku_key < $3
           order by full_name_key, quickbooks_id limit $4""",
        connection_id,
        start,
        start + _LAST,
        limit,
    )
    return [_item(row) for row in rows]


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


async def save_terms(
    tx: Transaction, tenant_id: int, connection_id: int, terms: Sequence[Term], as_of: datetime
) -> None:
    """Insert or overwrite terms."""
    common = {"tenant_id": tenant_id, "connection_id": connection_id, "as_of": as_of, "stale": False}
    await tx.execute(
        """insert into catalogue_terms select * from jsonb_populate_recordset(null::catalogue_terms, $1)
           on conflict (tenant_id, connection_id, quickbooks_id) do update set
             name = excluded.name, due_days = excluded.due_days, day_of_month = excluded.day_of_month,
             next_month_days = excluded.next_month_days, active = excluded.active, as_of = excluded.as_of,
             stale = false""",
        [{**asdict(term), **common} for term in terms],
    )


async def terms(tx: Transaction, connection_id: int) -> dict[str, Term]:
    """All terms of a company by id, in the order of their names."""
    rows = await tx.fetch("select * from catalogue_terms where connection_id = $1 order by name", connection_id)
    return {
        row["quickbooks_id"]: Term(
            row["quickbooks_id"],
            row["name"],
            row["due_days"],
            row["day_of_month"],
            row["next_month_days"],
            row["active"],
        )
        for row in rows
    }


async def save_tax_codes(
    tx: Transaction, tenant_id: int, connection_id: int, codes: Sequence[TaxCode], as_of: datetime
) -> None:
    """Replace all tax codes of a company: neither webhooks nor CDC tell of them (quickbooks.md 6).

    Two fillings may run at once (two processes that onboard): each row is written over, never twice.
    """
    common = {"tenant_id": tenant_id, "connection_id": connection_id, "as_of": as_of}
    await tx.execute(
        """insert into catalogue_tax_codes select * from jsonb_populate_recordset(null::catalogue_tax_codes, $1)
           on conflict (tenant_id, connection_id, quickbooks_id) do update set
             name = excluded.name, description = excluded.description, active = excluded.active,
             rates = excluded.rates, as_of = excluded.as_of""",
        [{**asdict(code), **common} for code in sorted(codes, key=lambda code: code.quickbooks_id)],
    )
    await tx.execute(
        "delete from catalogue_tax_codes where connection_id = $1 and quickbooks_id <> all($2)",
        connection_id,
        [code.quickbooks_id for code in codes],
    )


async def tax_codes(tx: Transaction, connection_id: int) -> dict[str, TaxCode]:
    """All tax codes of a company by id, in the order of their names (S-28)."""
    rows = await tx.fetch("select * from catalogue_tax_codes where connection_id = $1 order by name", connection_id)
    columns = ("quickbooks_id", "name", "description", "active", "rates")
    return {row["quickbooks_id"]: msgspec.convert({name: row[name] for name in columns}, TaxCode) for row in rows}


async def save_company(
    tx: Transaction, tenant_id: int, connection_id: int, company: Document, preferences: Document, read_at: datetime
) -> None:
    """Keep CompanyInfo and Preferences as QuickBooks gave them, and when (business time)."""
    await tx.execute(
        """insert into catalogue_companies (tenant_id, connection_id, company, preferences, read_at)
           values ($1, $2, $3, $4, $5) on conflict (tenant_id, connection_id) do update set
             company = excluded.company, preferences = excluded.preferences, read_at = excluded.read_at,
             stale = false""",
        tenant_id,
        connection_id,
        dict(company),
        dict(preferences),
        read_at,
    )


async def company(tx: Transaction, connection_id: int) -> tuple[CompanyFacts, datetime] | None:
    """What the company says about creating invoices, and when it was read; a stale one was never read."""
    row = await tx.fetchrow("select * from catalogue_companies where connection_id = $1 and not stale", connection_id)
    return (read_company(row["company"], row["preferences"]), row["read_at"]) if row else None


async def company_document(tx: Transaction, connection_id: int) -> dict[str, Any] | None:
    """CompanyInfo as it was last read, stale or not."""
    document: dict[str, Any] | None = await tx.fetchval(
        "select company from catalogue_companies where connection_id = $1", connection_id
    )
    return document


async def onboarded(tx: Transaction, connection_id: int) -> int:
    """Up to which request for onboarding the catalogue was filled; 0 where it never was."""
    return int(
        await tx.fetchval("select onboarded from catalogue_companies where connection_id = $1", connection_id) or 0
    )


async def note_onboarded(tx: Transaction, connection_id: int, request: int) -> None:
    """The catalogue is filled for this request."""
    await tx.execute("update catalogue_companies set onboarded = $2 where connection_id = $1", connection_id, request)


_MARK = {
    "customer": """insert into catalogue_customers
        select $1, $2, id, '', '', '', '', '', '', false, false, false, null, false, null, 'epoch', true
        from unnest($3::text[]) id order by id
        on conflict (tenant_id, connection_id, quickbooks_id) do update set stale = true""",
    "item": """insert into catalogue_items
        select $1, $2, id, '', '', '', '', '', '', '', false, false, null, null, '', 'epoch', true
        from unnest($3::text[]) id order by id
        on conflict (tenant_id, connection_id, quickbooks_id) do update set stale = true""",
    "term": """insert into catalogue_terms
        select $1, $2, id, '', null, null, 0, false, 'epoch', true from unnest($3::text[]) id order by id
        on conflict (tenant_id, connection_id, quickbooks_id) do update set stale = true""",
    "vendor": """insert into catalogue_name_holders
        select $1, $2, 'vendor', id, '', '', false, 'epoch', true from unnest($3::text[]) id order by id
        on conflict (tenant_id, connection_id, kind, quickbooks_id) do update set stale = true""",
    "employee": """insert into catalogue_name_holders
        select $1, $2, 'employee', id, '', '', false, 'epoch', true from unnest($3::text[]) id order by id
        on conflict (tenant_id, connection_id, kind, quickbooks_id) do update set stale = true""",
}


_HELD = {
    "customer": """select quickbooks_id, as_of from catalogue_customers
                   where connection_id = $1 and quickbooks_id = any($2)""",
    "item": "select quickbooks_id, as_of from catalogue_items where connection_id = $1 and quickbooks_id = any($2)",
    "term": "select quickbooks_id, as_of from catalogue_terms where connection_id = $1 and quickbooks_id = any($2)",
    "vendor": """select quickbooks_id, as_of from catalogue_name_holders
                 where connection_id = $1 and kind = 'vendor' and quickbooks_id = any($2)""",
    "employee": """select quickbooks_id, as_of from catalogue_name_holders
                   where connection_id = $1 and kind = 'employee' and quickbooks_id = any($2)""",
}


async def mark_stale(
    tx: Transaction, tenant_id: int, connection_id: int, kind: Stale, told: Mapping[str, datetime | None]
) -> None:
    """Notices told of changes, by id with QuickBooks' time (None: unknown); what is news is read when it is needed.

    What we hold from that time or later is no news: the echo of a customer that we created costs nothing. A record that
    nobody knows yet gets a row without name, inactive, so that it is read then as well.
    """
    rows = await tx.fetch(_HELD[kind], connection_id, list(told))
    held = {row["quickbooks_id"]: row["as_of"] for row in rows}
    news = [one for one, at in told.items() if at is None or one not in held or at > held[one]]
    if news:
        await tx.execute(_MARK[kind], tenant_id, connection_id, sorted(news))


async def mark_company_stale(tx: Transaction, connection_id: int) -> None:
    """A notice told that Preferences or CompanyInfo changed."""
    await tx.execute("update catalogue_companies set stale = true where connection_id = $1", connection_id)


_STALE = {
    "customer": "select quickbooks_id from catalogue_customers where connection_id = $1 and stale order by 1",
    "item": "select quickbooks_id from catalogue_items where connection_id = $1 and stale order by 1",
    "term": "select quickbooks_id from catalogue_terms where connection_id = $1 and stale order by 1",
    "vendor": """select quickbooks_id from catalogue_name_holders
                 where connection_id = $1 and kind = 'vendor' and stale order by 1""",
    "employee": """select quickbooks_id from catalogue_name_holders
                   where connection_id = $1 and kind = 'employee' and stale order by 1""",
}


async def stale_ids(tx: Transaction, connection_id: int, kind: Stale) -> list[str]:
    """The QuickBooks ids that must be read before a match or a search."""
    return [row["quickbooks_id"] for row in await tx.fetch(_STALE[kind], connection_id)]


_FORGET = {
    "customer": "delete from catalogue_customers where connection_id = $1 and quickbooks_id = any($2)",
    "item": "delete from catalogue_items where connection_id = $1 and quickbooks_id = any($2)",
    "term": "delete from catalogue_terms where connection_id = $1 and quickbooks_id = any($2)",
    "vendor": """delete from catalogue_name_holders
                 where connection_id = $1 and kind = 'vendor' and quickbooks_id = any($2)""",
    "employee": """delete from catalogue_name_holders
                   where connection_id = $1 and kind = 'employee' and quickbooks_id = any($2)""",
}


async def forget(tx: Transaction, connection_id: int, kind: Stale, ids: Iterable[str]) -> None:
    """Drop rows that QuickBooks no longer answers (merged away): a mirror keeps nothing of its own."""
    await tx.execute(_FORGET[kind], connection_id, sorted(set(ids)))
