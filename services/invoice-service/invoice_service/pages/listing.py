"""Reading invoices for people: pages, one with its history, those of a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ledgerbridge.storage import Transaction

from invoice_service.invoices import store
from invoice_service.invoices.stages import Stage
from invoice_service.invoices.store import StoredInvoice
from invoice_service.invoices.store_links import ObjectType

PAGE = 50


@dataclass(frozen=True)
class Filter:
    """Which invoices are wanted; None means any. `search` is the beginning of a number."""

    record: tuple[ObjectType, str] | None = None
    stage: Stage | None = None
    connection_id: int | None = None
    search: str | None = None


async def page(tx: Transaction, wanted: Filter, after: tuple[datetime, UUID] | None) -> list[StoredInvoice]:
    """One page, the most recently changed first; `after` is the place of the last one before."""
    moment, last = after or (None, None)
    rows = await tx.fetch(
        """select i.invoice_id from invoices i
           where ($1::text is null or exists (select from invoice_links l where l.tenant_id = i.tenant_id
                    and l.invoice_id = i.invoice_id and l.object_type = $1 and l.record_id = $2))
             and ($3::text is null or i.stage = $3) and ($4::bigint is null or i.connection_id = $4)
             and ($5::text is null or starts_with(i.number, $5))
             and ($6::timestamptz is null or (i.as_of, i.invoice_id) < ($6, $7))
           order by i.as_of desc, i.invoice_id desc limit $8""",
        wanted.record[0] if wanted.record else None,
        wanted.record[1] if wanted.record else None,
        wanted.stage,
        wanted.connection_id,
        wanted.search,
        moment,
        last,
        PAGE,
    )
    ids = [str(row["invoice_id"]) for row in rows]
    found = await store.by_ids(tx, ids)
    return [found[invoice_id] for invoice_id in ids]


def place_of(invoices: Sequence[StoredInvoice]) -> str | None:
    """Where the next page begins; None after the last one."""
    if len(invoices) < PAGE:
        return None
    last = invoices[-1].known
    return f"{last.as_of.isoformat()}~{last.invoice_id}"


def read_place(text: str) -> tuple[datetime, UUID]:
    """The place that `place_of` wrote. Raises ValueError."""
    moment, _tilde, invoice_id = text.partition("~")
    parsed = datetime.fromisoformat(moment)
    if parsed.tzinfo is None:
        raise ValueError("no offset")
    return parsed, UUID(invoice_id)
