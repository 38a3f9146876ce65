"""Which rows of the catalogue are stale: marked by notices, read again when a match or a search needs them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from ledgerbridge.storage import Transaction

Stale = Literal["customer", "item", "term", "account", "vendor", "employee"]


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
    "account": """insert into catalogue_accounts
        select $1, $2, id, '', '', '', false, 'epoch', true from unnest($3::text[]) id order by id
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
    "account": """select quickbooks_id, as_of from catalogue_accounts
                  where connection_id = $1 and quickbooks_id = any($2)""",
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


_STALE = {
    "customer": "select quickbooks_id from catalogue_customers where connection_id = $1 and stale order by 1",
    "item": "select quickbooks_id from catalogue_items where connection_id = $1 and stale order by 1",
    "term": "select quickbooks_id from catalogue_terms where connection_id = $1 and stale order by 1",
    "account": "select quickbooks_id from catalogue_accounts where connection_id = $1 and stale order by 1",
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
    "account": "delete from catalogue_accounts where connection_id = $1 and quickbooks_id = any($2)",
    "vendor": """delete from catalogue_name_holders
                 where connection_id = $1 and kind = 'vendor' and quickbooks_id = any($2)""",
    "employee": """delete from catalogue_name_holders
                   where connection_id = $1 and kind = 'employee' and quickbooks_id = any($2)""",
}


async def forget(tx: Transaction, connection_id: int, kind: Stale, ids: Iterable[str]) -> None:
    """Drop rows that QuickBooks no longer answers (merged away): a mirror keeps nothing of its own."""
    await tx.execute(_FORGET[kind], connection_id, sorted(set(ids)))
