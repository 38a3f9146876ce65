"""The HubSpot records of invoices: at most one deal, any number of contacts and companies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from ledgerbridge.contracts.invoices import InvoiceLinks
from ledgerbridge.storage import Transaction

ObjectType = Literal["deal", "contact", "company"]


@dataclass(frozen=True, slots=True)
class RecordLink:
    """One invoice joined to one HubSpot record; `how` and `linked_by` say by what and by whom."""

    invoice_id: str
    object_type: ObjectType
    record_id: str
    how: Literal["created", "added", "evidence", "synced", "merged", "moved"]
    linked_by: str
    linked_at: datetime


async def join(tx: Transaction, tenant_id: int, links: Iterable[RecordLink]) -> list[RecordLink]:
    """Join invoices to records and answer the joins that are new.

    An invoice that belongs to another deal already is left as it is (`deals_of` tells which): moving it is a `part`
    before the `join`.
    """
    by_key = {(link.invoice_id, link.object_type, link.record_id): link for link in links}
    rows = await tx.fetch(
        """insert into invoice_links (tenant_id, invoice_id, object_type, record_id, how, linked_by, linked_at)
           select $1, invoice_id, object_type, record_id, how, linked_by, linked_at
           from jsonb_populate_recordset(null::invoice_links, $2) order by invoice_id, object_type, record_id
           on conflict do nothing returning invoice_id, object_type, record_id""",
        tenant_id,
        list(by_key.values()),
    )
    return [by_key[str(row["invoice_id"]), row["object_type"], row["record_id"]] for row in rows]


async def part(tx: Transaction, invoice_ids: Iterable[str], object_type: ObjectType, record_id: str) -> list[str]:
    """Part invoices from one record and answer the ids of those that were joined to it."""
    rows = await tx.fetch(
        """delete from invoice_links where invoice_id = any($1) and object_type = $2 and record_id = $3
           returning invoice_id""",
        [UUID(invoice_id) for invoice_id in invoice_ids],
        object_type,
        record_id,
    )
    return [str(row["invoice_id"]) for row in rows]


async def move(tx: Transaction, object_type: ObjectType, losers: Iterable[str], survivor: str) -> list[str]:
    """After a merge in HubSpot: all joins of the losers follow the survivor; the ids of the invoices moved."""
    rows = await tx.fetch(
        """with moved as (delete from invoice_links where object_type = $1 and record_id = any($2) returning *)
           insert into invoice_links (tenant_id, invoice_id, object_type, record_id, how, linked_by, linked_at)
           select distinct on (invoice_id) tenant_id, invoice_id, object_type, $3, 'merged', linked_by, linked_at
           from moved order by invoice_id, linked_at
           on conflict (tenant_id, invoice_id, object_type, record_id) do nothing returning invoice_id""",
        object_type,
        [loser for loser in losers if loser != survivor],
        survivor,
    )
    return [str(row["invoice_id"]) for row in rows]


async def of_invoices(tx: Transaction, invoice_ids: Iterable[str]) -> dict[str, InvoiceLinks]:
    """The records of each invoice; an invoice without any is left out."""
    rows = await tx.fetch(
        """select invoice_id, object_type, record_id from invoice_links where invoice_id = any($1)
           order by invoice_id, object_type, record_id""",
        [UUID(invoice_id) for invoice_id in invoice_ids],
    )
    records: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        records.setdefault(str(row["invoice_id"]), {}).setdefault(row["object_type"], []).append(row["record_id"])
    return {invoice_id: _links(by_type) for invoice_id, by_type in records.items()}


def _links(by_type: dict[str, list[str]]) -> InvoiceLinks:
    return InvoiceLinks(
        deal_id=next(iter(by_type.get("deal", [])), None),
        contact_ids=tuple(by_type.get("contact", [])),
        company_ids=tuple(by_type.get("company", [])),
    )


async def of_record(tx: Transaction, object_type: ObjectType, record_id: str) -> list[str]:
    """The ids of the invoices joined to one record, newest join first (S-64)."""
    rows = await tx.fetch(
        """select invoice_id from invoice_links where object_type = $1 and record_id = $2
           order by linked_at desc, invoice_id""",
        object_type,
        record_id,
    )
    return [str(row["invoice_id"]) for row in rows]


async def deals_in_other_currencies(tx: Transaction, currency: str) -> list[str]:
    """The deals that hold an invoice in another currency than this one."""
    rows = await tx.fetch(
        """select distinct l.record_id from invoice_links l join invoices i using (tenant_id, invoice_id)
           where l.object_type = 'deal' and i.currency <> $1 order by l.record_id""",
        currency,
    )
    return [row["record_id"] for row in rows]
