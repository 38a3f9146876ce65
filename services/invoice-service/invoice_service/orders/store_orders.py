"""Orders, attempts, drafts and the keys of commands in PostgreSQL."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from ledgerbridge.errors import Refused
from ledgerbridge.storage import Transaction
from ledgerbridge.sync.marks import Mark
from ledgerbridge.sync.records import Priority

from invoice_service.drafts.draft import Draft
from invoice_service.orders.order import Attempt, Order, OrderState

KIND = "order"
"""The kind of orders in the record index."""
_ORDER_COLUMNS = tuple(Order.__dataclass_fields__)
_ATTEMPT_COLUMNS = tuple(Attempt.__dataclass_fields__)


async def lock_deal(tx: Transaction, tenant_id: int, deal_id: str) -> None:
    """Let nobody else check and order for this deal until the transaction ends (product.md, One deal, one invoice)."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('deal ' || $1 || ' ' || $2, 0))", str(tenant_id), deal_id
    )


async def save(tx: Transaction, tenant_id: int, orders: Iterable[Order]) -> None:
    """Insert or overwrite orders. Raises asyncpg.UniqueViolationError for a second unsettled order of a draft."""
    await tx.execute(
        """insert into orders select * from jsonb_populate_recordset(null::orders, $1) order by order_id
           on conflict (tenant_id, order_id) do update set
             content = excluded.content, deal_id = excluded.deal_id, state = excluded.state, step = excluded.step,
             generation = excluded.generation, customer_id = excluded.customer_id,
             quickbooks_id = excluded.quickbooks_id, code = excluded.code, field = excluded.field,
             reason = excluded.reason, remedy = excluded.remedy, ordered_at = excluded.ordered_at,
             settled_at = excluded.settled_at""",
        [{"tenant_id": tenant_id, **asdict(order)} for order in orders],
    )


async def by_ids(tx: Transaction, order_ids: Iterable[UUID]) -> dict[UUID, Order]:
    """The orders of these ids."""
    rows = await tx.fetch("select * from orders where order_id = any($1)", list(order_ids))
    return {row["order_id"]: _order(row) for row in rows}


async def unsettled_of_draft(tx: Transaction, draft_id: UUID) -> Order | None:
    """The running order of a draft: a second create of the draft returns it."""
    row = await tx.fetchrow("select * from orders where draft_id = $1 and settled_at is null", draft_id)
    return _order(row) if row else None


async def unsettled_of_deal(tx: Transaction, deal_id: str) -> list[Order]:
    """The running orders of a deal, oldest first."""
    rows = await tx.fetch(
        "select * from orders where deal_id = $1 and settled_at is null order by ordered_at, order_id", deal_id
    )
    return [_order(row) for row in rows]


async def unsettled_of_company(tx: Transaction, realm: str) -> list[Order]:
    """The running orders of a company: an unknown invoice that bears the marker of one settles it."""
    rows = await tx.fetch("select * from orders where realm = $1 and settled_at is null order by order_id", realm)
    return [_order(row) for row in rows]


async def in_doubt(tx: Transaction, connection_id: int) -> list[Order]:
    """The creates of a company that are in doubt: one that is being called just now is not among them."""
    rows = await tx.fetch(
        """select * from orders where connection_id = $1 and settled_at is null and kind = 'create' and state = any($2)
           order by order_id""",
        connection_id,
        [state for state in OrderState if state.in_doubt],
    )
    return [_order(row) for row in rows]


async def void_of(tx: Transaction, invoice_id: UUID) -> Order | None:
    """The order of ours that voided an invoice; None where somebody did it in QuickBooks."""
    row = await tx.fetchrow(
        """select * from orders where invoice_id = $1 and kind = 'void' and state = 'done'
           order by settled_at limit 1""",
        invoice_id,
    )
    return _order(row) if row else None


def told_of(tenant_id: int, connection_id: int, order_ids: Iterable[str]) -> list[Mark]:
    """Marks that have orders look in QuickBooks before anything else: an invoice that bears their mark was seen."""
    return [
        Mark(tenant_id, connection_id, KIND, one, verb="touched", priority=Priority.PERSON, make=True)
        for one in order_ids
    ]


def _order(row: asyncpg.Record) -> Order:
    return Order(**{name: row[name] for name in _ORDER_COLUMNS} | {"state": OrderState(row["state"])})


async def save_attempt(tx: Transaction, tenant_id: int, attempt: Attempt) -> Attempt:
    """Store an attempt before its call and answer the one that counts.

    An attempt of the same step and generation keeps its bytes: only they may go out again under its id.
    """
    row = await tx.fetchrow(
        """insert into attempts (tenant_id, order_id, step, generation, request_id, payload, expected_total,
             expected_tax, started_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (tenant_id, order_id, step, generation) do update set request_id = attempts.request_id
           returning *""",
        tenant_id,
        attempt.order_id,
        attempt.step,
        attempt.generation,
        attempt.request_id,
        attempt.payload,
        attempt.expected_total,
        attempt.expected_tax,
        attempt.started_at,
    )
    assert row is not None  # returning always answers a row
    return _attempt(row)


async def settle_attempt(tx: Transaction, attempt: Attempt) -> None:
    """Write down what became of an attempt."""
    await tx.execute(
        """update attempts set outcome = $4, answered_at = $5, code = $6, reason = $7
           where order_id = $1 and step = $2 and generation = $3""",
        attempt.order_id,
        attempt.step,
        attempt.generation,
        attempt.outcome,
        attempt.answered_at,
        attempt.code,
        attempt.reason,
    )


async def attempts_of(tx: Transaction, order_id: UUID) -> list[Attempt]:
    """All attempts of an order, oldest first."""
    rows = await tx.fetch("select * from attempts where order_id = $1 order by started_at, step, generation", order_id)
    return [_attempt(row) for row in rows]


async def settled_request_ids(tx: Transaction, request_ids: Iterable[str]) -> set[str]:
    """Those of these ids under which an attempt was made whose outcome is known."""
    rows = await tx.fetch(
        "select request_id from attempts where request_id = any($1) and outcome is not null", list(request_ids)
    )
    return {row["request_id"] for row in rows}


def _attempt(row: asyncpg.Record) -> Attempt:
    return Attempt(**{name: row[name] for name in _ATTEMPT_COLUMNS})


async def save_draft(
    tx: Transaction, tenant_id: int, draft: Draft, owner: str, now: datetime, *, read_version: int = 0
) -> None:
    """Insert a draft, or overwrite the version that was read. Raises Refused STALE where somebody else was faster."""
    status = await tx.execute(
        """insert into drafts (tenant_id, draft_id, connection_id, deal_id, quote_id, document, version, owner,
             created_at, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
           on conflict (tenant_id, draft_id) do update set
             connection_id = excluded.connection_id, deal_id = excluded.deal_id, quote_id = excluded.quote_id,
             document = excluded.document, version = excluded.version, changed_at = excluded.changed_at
           where drafts.version = $10""",
        tenant_id,
        UUID(draft.draft_id),
        draft.connection_id,
        draft.deal_id,
        draft.source.quote_id if draft.source else None,
        draft.to_document(),
        draft.version,
        owner,
        now,
        read_version,
    )
    if status == "INSERT 0 0":
        raise Refused("STALE", field="version", what="The draft")


async def draft(tx: Transaction, draft_id: UUID) -> Draft | None:
    """A draft that was not discarded."""
    row = await tx.fetchrow("select document from drafts where draft_id = $1 and not discarded", draft_id)
    return Draft.from_document(row["document"]) if row else None


async def drafts_of_deal(tx: Transaction, deal_id: str, changed_since: datetime) -> list[Draft]:
    """The drafts of a deal changed since a moment, newest first."""
    rows = await tx.fetch(
        """select document from drafts where deal_id = $1 and changed_at >= $2 and not discarded
           order by changed_at desc, draft_id""",
        deal_id,
        changed_since,
    )
    return [Draft.from_document(row["document"]) for row in rows]


async def discard_draft(tx: Transaction, draft_id: UUID) -> None:
    """Put a draft away."""
    await tx.execute("update drafts set discarded = true where draft_id = $1", draft_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandKey:
    """The key of a command and a hash of what it says."""

    source: str
    key: str
    command_id: str
    type: str
    content_hash: bytes
    order_id: UUID | None = None


def content_hash(content: bytes) -> bytes:
    """The hash by which the same key with other content is found out."""
    return hashlib.sha256(content).digest()


async def take_key(tx: Transaction, tenant_id: int, command: CommandKey, now: datetime) -> CommandKey | None:
    """Take the key of a command: None where it was free, else the earlier command of the same content.

    Raises Refused IDEMPOTENCY_CONFLICT where the key was used for another content.
    """
    values: list[Any] = [tenant_id, command.source, command.key, command.command_id, command.type]
    row = await tx.fetchrow(
        """insert into commands (tenant_id, source, key, command_id, type, content_hash, order_id, received_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, source, key) do nothing returning key""",
        *values,
        command.content_hash,
        command.order_id,
        now,
    )
    if row is not None:
        return None
    known = await tx.fetchrow("select * from commands where source = $1 and key = $2", command.source, command.key)
    assert known is not None  # the conflict was with this row, and only the engine removes old ones
    if known["content_hash"] != command.content_hash or known["type"] != command.type:
        raise Refused("IDEMPOTENCY_CONFLICT", field="idempotency_key", key=command.key)
    return CommandKey(**{name: known[name] for name in CommandKey.__dataclass_fields__})


async def forget_commands(tx: Transaction, before: datetime) -> int:
    """Remove the keys received before a moment, of all tenants (engine's transaction); how many."""
    status = await tx.execute("delete from commands where received_at < $1", before)
    return int(status.rpartition(" ")[2])
