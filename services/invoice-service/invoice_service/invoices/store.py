"""Invoices in PostgreSQL: written and read in bulk, one statement for a whole lot.

Every function runs inside a tenant-bound transaction (`database.tenant(...)`); row-level security sees to the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import asyncpg
from ledgerbridge.storage import Transaction

from invoice_service.invoices import store_links
from invoice_service.invoices.facts import InvoiceFacts, from_document, to_document
from invoice_service.invoices.linked import LinkedInvoice
from invoice_service.invoices.payments import Settlement
from invoice_service.invoices.stages import Stage, Standing
from invoice_service.invoices.states import KnownInvoice


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInvoice:
    """A known invoice with what only the store keeps: the hash of its facts, a person's mark, its order."""

    known: KnownInvoice
    facts_hash: bytes
    marked_sent: bool = False
    order_id: UUID | None = None
    fact_changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StageEntry:
    """One change of a stage, for the history; `old` is None at the baseline."""

    invoice_id: str
    old: Stage | None
    new: Stage
    cause: Literal["fact", "calendar", "baseline"]
    changed_at: datetime


async def save(tx: Transaction, tenant_id: int, invoices: Iterable[StoredInvoice]) -> None:
    """Insert or overwrite invoices (not their links), sorted by id so that two writers never deadlock."""
    rows = [_row(tenant_id, invoice) for invoice in invoices]
    await tx.execute(
        """insert into invoices (tenant_id, invoice_id, connection_id, realm, origin, order_id, quickbooks_id, facts,
             facts_hash, number, customer_id, customer_name, invoice_date, due_date, currency, total, balance,
             home_currency, home_total, paid, credited, stage, stage_changes_at, handed_over, marked_sent,
             tax_variance, warnings, terms, language, quickbooks_created_at, fact_changed_at, as_of)
           select tenant_id, invoice_id, connection_id, realm, origin, order_id, quickbooks_id, facts,
             facts_hash, number, customer_id, customer_name, invoice_date, due_date, currency, total, balance,
             home_currency, home_total, paid, credited, stage, stage_changes_at, handed_over, marked_sent,
             tax_variance, warnings, terms, language, quickbooks_created_at, fact_changed_at, as_of
           from jsonb_populate_recordset(null::invoices, $1) order by invoice_id
           on conflict (tenant_id, invoice_id) do update set
             connection_id = excluded.connection_id, origin = excluded.origin, order_id = excluded.order_id,
             quickbooks_id = excluded.quickbooks_id, facts = excluded.facts, facts_hash = excluded.facts_hash,
             number = excluded.number, customer_id = excluded.customer_id, customer_name = excluded.customer_name,
             invoice_date = excluded.invoice_date, due_date = excluded.due_date, currency = excluded.currency,
             total = excluded.total, balance = excluded.balance, home_currency = excluded.home_currency,
             home_total = excluded.home_total, paid = excluded.paid, credited = excluded.credited,
             stage = excluded.stage, stage_changes_at = excluded.stage_changes_at,
             handed_over = excluded.handed_over, marked_sent = excluded.marked_sent,
             tax_variance = excluded.tax_variance, warnings = excluded.warnings, terms = excluded.terms,
             language = excluded.language, quickbooks_created_at = excluded.quickbooks_created_at,
             fact_changed_at = excluded.fact_changed_at, as_of = excluded.as_of""",
        rows,
    )


def _row(tenant_id: int, stored: StoredInvoice) -> dict[str, Any]:
    known = stored.known
    facts, standing, settlement = known.facts, known.standing, known.settlement
    return {
        "tenant_id": tenant_id,
        "invoice_id": known.invoice_id,
        "connection_id": known.connection,
        "realm": known.realm,
        "origin": known.origin,
        "order_id": stored.order_id,
        "quickbooks_id": facts.quickbooks_id or None,
        "facts": to_document(facts),
        "facts_hash": f"\\x{stored.facts_hash.hex()}",
        "number": facts.number,
        "customer_id": facts.customer_id,
        "customer_name": facts.customer_name,
        "invoice_date": facts.invoice_date,
        "due_date": facts.due_date,
        "currency": known.currency,
        "total": facts.total,
        "balance": facts.balance,
        "home_currency": known.home_currency,
        "home_total": facts.home_total,
        "paid": settlement.paid,
        "credited": settlement.credited,
        "stage": standing.stage,
        "stage_changes_at": standing.changes_at,
        "handed_over": known.handed_over,
        "marked_sent": stored.marked_sent,
        "tax_variance": known.tax_variance,
        "warnings": list(known.warnings),
        "terms": known.terms,
        "language": known.language,
        "quickbooks_created_at": facts.created_at,
        "fact_changed_at": stored.fact_changed_at,
        "as_of": known.as_of,
    }


async def by_ids(tx: Transaction, invoice_ids: Iterable[str]) -> dict[str, StoredInvoice]:
    """The invoices of these ids of ours, with their links; unknown ones are left out."""
    wanted = [UUID(invoice_id) for invoice_id in invoice_ids]
    rows = await tx.fetch("select * from invoices where invoice_id = any($1)", wanted)
    return await _stored(tx, rows)


async def locked(tx: Transaction, invoice_ids: Iterable[str]) -> dict[str, StoredInvoice]:
    """The same, and nobody else writes them before the transaction ends."""
    wanted = [UUID(invoice_id) for invoice_id in invoice_ids]
    rows = await tx.fetch(
        "select * from invoices where invoice_id = any($1) order by tenant_id, invoice_id for update", wanted
    )
    return await _stored(tx, rows)


async def our_ids(tx: Transaction, realm: str, quickbooks_ids: Sequence[str]) -> dict[str, str]:
    """Our ids of these invoices of one company, by QuickBooks id; unknown ones are left out."""
    if not quickbooks_ids:
        return {}
    rows = await tx.fetch(
        "select quickbooks_id, invoice_id from invoices where realm = $1 and quickbooks_id = any($2)",
        realm,
        quickbooks_ids,
    )
    return {row["quickbooks_id"]: str(row["invoice_id"]) for row in rows}


async def by_quickbooks_ids(tx: Transaction, realm: str, quickbooks_ids: Iterable[str]) -> dict[str, StoredInvoice]:
    """The invoices of these QuickBooks ids of one company, by QuickBooks id."""
    rows = await tx.fetch(
        "select * from invoices where realm = $1 and quickbooks_id = any($2)", realm, list(quickbooks_ids)
    )
    stored = await _stored(tx, rows)
    return {each.known.facts.quickbooks_id: each for each in stored.values()}


async def _stored(tx: Transaction, rows: Sequence[asyncpg.Record]) -> dict[str, StoredInvoice]:
    stored = {str(row["invoice_id"]): _read(row) for row in rows}
    links = await store_links.of_invoices(tx, stored)
    return {
        invoice_id: replace(each, known=replace(each.known, links=links[invoice_id])) if invoice_id in links else each
        for invoice_id, each in stored.items()
    }


def _read(row: asyncpg.Record) -> StoredInvoice:
    facts = from_document(row["facts"])
    known = KnownInvoice(
        invoice_id=str(row["invoice_id"]),
        connection=row["connection_id"],
        realm=row["realm"],
        origin=row["origin"],
        facts=facts,
        standing=Standing(Stage(row["stage"]), row["stage_changes_at"]),
        handed_over=row["handed_over"],
        settlement=_settlement(facts, row["paid"], row["credited"]),
        as_of=row["as_of"],
        home_currency=row["home_currency"],
        terms=row["terms"],
        language=row["language"],
        tax_variance=row["tax_variance"],
        warnings=tuple(row["warnings"]),
    )
    return StoredInvoice(
        known=known,
        facts_hash=row["facts_hash"],
        marked_sent=row["marked_sent"],
        order_id=row["order_id"],
        fact_changed_at=row["fact_changed_at"],
    )


def _settlement(facts: InvoiceFacts, paid: Decimal, credited: Decimal) -> Settlement:
    if facts.voided or facts.deleted:
        return Settlement()
    return Settlement(paid, credited, facts.deposit, facts.total - facts.balance - paid - credited - facts.deposit)


async def of_deals(tx: Transaction, deal_ids: Iterable[str]) -> dict[str, list[LinkedInvoice]]:
    """All invoices linked to each of these deals, as the deal properties need them; a deal without any is empty."""
    wanted = list(dict.fromkeys(deal_ids))
    found: dict[str, list[LinkedInvoice]] = {deal_id: [] for deal_id in wanted}
    rows = await tx.fetch(
        """select l.record_id, i.invoice_id, i.stage, i.currency, i.total, i.customer_name, i.number, i.due_date,
             i.invoice_date, i.fact_changed_at, i.quickbooks_created_at, i.home_currency, i.home_total,
             (i.facts ->> 'exchange_rate')::numeric as home_rate
           from invoice_links l join invoices i using (tenant_id, invoice_id)
           where l.object_type = 'deal' and l.record_id = any($1)""",
        wanted,
    )
    for row in rows:
        found[row["record_id"]].append(_linked(row))
    return found


def _linked(row: asyncpg.Record) -> LinkedInvoice:
    return LinkedInvoice(
        invoice_id=str(row["invoice_id"]),
        stage=Stage(row["stage"]),
        currency=row["currency"],
        total=row["total"],
        recipient=row["customer_name"],
        number=row["number"],
        due_date=row["due_date"],
        invoice_date=row["invoice_date"],
        changed_at=row["fact_changed_at"],
        created_at=row["quickbooks_created_at"],
        home_currency=row["home_currency"],
        home_total=row["home_total"],
        home_rate=row["home_rate"],
    )


async def add_history(tx: Transaction, tenant_id: int, entries: Iterable[StageEntry]) -> None:
    """Write down changes of stages."""
    rows = [
        {
            "invoice_id": entry.invoice_id,
            "old_stage": entry.old,
            "new_stage": entry.new,
            "cause": entry.cause,
            "changed_at": entry.changed_at,
        }
        for entry in entries
    ]
    if not rows:
        return
    await tx.execute(
        """insert into stage_history (tenant_id, invoice_id, old_stage, new_stage, cause, changed_at)
           select $1, invoice_id, old_stage, new_stage, cause, changed_at
           from jsonb_populate_recordset(null::stage_history, $2)""",
        tenant_id,
        rows,
    )


async def history(tx: Transaction, invoice_id: str) -> list[StageEntry]:
    """The stages of one invoice, oldest first."""
    rows = await tx.fetch("select * from stage_history where invoice_id = $1 order by entry", UUID(invoice_id))
    return [
        StageEntry(
            invoice_id,
            Stage(row["old_stage"]) if row["old_stage"] else None,
            Stage(row["new_stage"]),
            row["cause"],
            row["changed_at"],
        )
        for row in rows
    ]
