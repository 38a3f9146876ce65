"""Stored drafts with what only the store keeps: who began one, when it was changed, what became of its order."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

import asyncpg
from ledgerbridge.storage import Transaction

from invoice_service.drafts.draft import Draft
from invoice_service.orders import store_orders
from invoice_service.orders.order import Order

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """A draft as it was read. `invoice_id` is the invoice that its order made; such a draft is finished."""

    draft: Draft
    owner: str
    created_at: datetime
    changed_at: datetime
    order_state: str | None = None
    invoice_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of drafts goes on: behind the draft changed then, of this id."""

    changed_at: datetime
    draft_id: UUID

    def written(self) -> str:
        """As one word: microseconds since 1970, and the id."""
        return f"{(self.changed_at - _EPOCH) // timedelta(microseconds=1)}-{self.draft_id.hex}"

    @classmethod
    def read(cls, word: str) -> Self:
        """What `written` wrote."""
        microseconds, _dash, draft_id = word.partition("-")
        return cls(_EPOCH + timedelta(microseconds=int(microseconds)), UUID(draft_id))


async def find(tx: Transaction, draft_id: UUID) -> StoredDraft | None:
    """A draft that was not discarded, or that made its invoice."""
    row = await tx.fetchrow(
        """select d.document, d.owner, d.created_at, d.changed_at, o.state, o.invoice_id
           from drafts d left join orders o on o.order_id = (d.document ->> 'order_id')::uuid
           where d.draft_id = $1 and (not d.discarded or o.state = 'done')""",
        draft_id,
    )
    return _stored(row) if row else None


async def order_of(tx: Transaction, draft_id: UUID) -> Order | None:
    """The order of a draft that runs or made the invoice; a failed one is none."""
    order_id = await tx.fetchval(
        """select order_id from orders where draft_id = $1 and state <> 'failed'
           order by settled_at desc nulls first, order_id limit 1""",
        draft_id,
    )
    return (await store_orders.by_ids(tx, [order_id]))[order_id] if order_id else None


async def unfinished(tx: Transaction, deal_id: str, owner: str) -> StoredDraft | None:
    """The newest draft of a person for a deal from which no invoice was made yet (to be resumed)."""
    row = await tx.fetchrow(
        """select d.document, d.owner, d.created_at, d.changed_at, o.state, o.invoice_id
           from drafts d left join orders o on o.order_id = (d.document ->> 'order_id')::uuid
           where d.deal_id = $1 and d.owner = $2 and not d.discarded and o.state is distinct from 'done'
           order by d.changed_at desc, d.draft_id limit 1""",
        deal_id,
        owner,
    )
    return _stored(row) if row else None


async def page(
    tx: Transaction, *, deal_id: str | None, owner: str | None, after: Place | None, limit: int
) -> list[StoredDraft]:
    """Unfinished drafts of the tenant, the last changed first; of one deal or one person where named."""
    rows = await tx.fetch(
        """select d.document, d.owner, d.created_at, d.changed_at, o.state, o.invoice_id
           from drafts d left join orders o on o.order_id = (d.document ->> 'order_id')::uuid
           where not d.discarded and o.state is distinct from 'done'
             and ($1::text is null or d.deal_id = $1) and ($2::text is null or d.owner = $2)
             and ($3::timestamptz is null or (d.changed_at, d.draft_id) < ($3, $4::uuid))
           order by d.changed_at desc, d.draft_id desc limit $5""",
        deal_id,
        owner,
        after.changed_at if after else None,
        after.draft_id if after else None,
        limit,
    )
    return [_stored(row) for row in rows]


async def discard(tx: Transaction, draft_id: UUID, read_version: int) -> bool:
    """Put a draft away; False where somebody changed it since it was read."""
    status = await tx.execute(
        "update drafts set discarded = true where draft_id = $1 and version = $2 and not discarded",
        draft_id,
        read_version,
    )
    return status == "UPDATE 1"


def _stored(row: asyncpg.Record) -> StoredDraft:
    done = row["state"] == "done"
    return StoredDraft(
        draft=Draft.from_document(row["document"]),
        owner=row["owner"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        order_state=row["state"],
        invoice_id=row["invoice_id"] if done else None,
    )
