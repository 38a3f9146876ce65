"""Items in PostgreSQL: written in bulk, searched by equality and prefix under row-level security."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import asyncpg
from ledgerbridge.storage import Transaction

from invoice_service.catalogue.customers import normalised
from invoice_service.catalogue.items import SELLABLE, CatalogueItem
from invoice_service.catalogue.pages import BEGINNING, NamePlace

_LAST = "\U0010ffff"  # sorts behind every text with the same beginning


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


async def list_items(
    tx: Transaction, connection_id: int, after: NamePlace = BEGINNING, limit: int = 50
) -> list[CatalogueItem]:
    """Active items to sell by full name."""
    rows = await tx.fetch(
        """select * from catalogue_items
           where connection_id = $1 and active and kind = any($5) and (full_name_key, quickbooks_id) > ($2, $3)
           order by full_name_key, quickbooks_id limit $4""",
        connection_id,
        after.name_key,
        after.quickbooks_id,
        limit,
        sorted(SELLABLE),
    )
    return [_item(row) for row in rows]


async def search_items(
    tx: Transaction, connection_id: int, beginning: str, after: NamePlace = BEGINNING, limit: int = 50
) -> list[CatalogueItem]:
    """Active items to sell whose name, full name or SKU begins so, by full name (S-25)."""
    start = normalised(beginning)
    if not start:
        return await list_items(tx, connection_id, after, limit)
    rows = await tx.fetch(
        """select * from catalogue_items
             where connection_id = $1 and active and kind = any($7) and name_key >= $2 and name_key < $3
               and (full_name_key, quickbooks_id) > ($4, $5)
           union select * from catalogue_items
             where connection_id = $1 and active and kind = any($7) and full_name_key >= $2 and full_name_key < $3
               and (full_name_key, quickbooks_id) > ($4, $5)
           union select * from catalogue_items
             where connection_id = $1 and active and kind = any($7) and sku_key >= $2 and sku_key < $3
               and (full_name_key, quickbooks_id) > ($4, $5)
           order by full_name_key, quickbooks_id limit $6""",
        connection_id,
        start,
        start + _LAST,
        after.name_key,
        after.quickbooks_id,
        limit,
        sorted(SELLABLE),
    )
    return [_item(row) for row in rows]


def place_of(item: CatalogueItem) -> NamePlace:
    """Where a page that ends with this item ends."""
    return NamePlace(normalised(item.full_name), item.quickbooks_id)
