"""Payments and their allocations in PostgreSQL, in bulk."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import asyncpg
from ledgerbridge.storage import Transaction

from invoice_service.invoices.payments import Allocation, PaymentFacts


async def save(
    tx: Transaction, tenant_id: int, connection_id: int, payments: Iterable[PaymentFacts], as_of: datetime
) -> None:
    """Insert or overwrite payments; their allocations are replaced as a whole, as QuickBooks replaces their lines."""
    kept = {payment.quickbooks_id: payment for payment in payments}
    common = {"tenant_id": tenant_id, "connection_id": connection_id}
    await tx.execute(
        """insert into payments (tenant_id, connection_id, quickbooks_id, sync_token, customer_id, payment_date,
             currency, total, unapplied, reference, credit_memo_ids, voided, deleted, as_of)
           select tenant_id, connection_id, quickbooks_id, sync_token, customer_id, payment_date, currency,
             total, unapplied, reference, credit_memo_ids, voided, deleted, as_of
           from jsonb_populate_recordset(null::payments, $1) order by quickbooks_id
           on conflict (tenant_id, connection_id, quickbooks_id) do update set
             sync_token = excluded.sync_token, customer_id = excluded.customer_id, payment_date = excluded.payment_date,
             currency = excluded.currency, total = excluded.total, unapplied = excluded.unapplied,
             reference = excluded.reference, credit_memo_ids = excluded.credit_memo_ids, voided = excluded.voided,
             deleted = excluded.deleted, as_of = excluded.as_of""",
        [{**common, **_row(payment), "as_of": as_of} for payment in kept.values()],
    )
    await tx.execute(
        "delete from allocations where connection_id = $1 and payment_id = any($2)", connection_id, [*kept]
    )
    await tx.execute(
        """insert into allocations (tenant_id, connection_id, payment_id, invoice_quickbooks_id, received, credited)
           select tenant_id, connection_id, payment_id, invoice_quickbooks_id, received, credited
           from jsonb_populate_recordset(null::allocations, $1)""",
        [
            {**common, "payment_id": payment_id, "invoice_quickbooks_id": each.invoice_id} | _amounts(each)
            for payment_id, payment in kept.items()
            for each in payment.allocations
        ],
    )


def _row(payment: PaymentFacts) -> dict[str, Any]:
    return {
        "quickbooks_id": payment.quickbooks_id,
        "sync_token": payment.sync_token,
        "customer_id": payment.customer_id,
        "payment_date": payment.payment_date,
        "currency": payment.currency,
        "total": payment.total,
        "unapplied": payment.unapplied,
        "reference": payment.reference,
        "credit_memo_ids": list(payment.credit_memo_ids),
        "voided": payment.voided,
        "deleted": payment.deleted,
    }


def _amounts(allocation: Allocation) -> dict[str, Any]:
    return {"received": allocation.received, "credited": allocation.credited}


async def by_ids(tx: Transaction, connection_id: int, payment_ids: Iterable[str]) -> dict[str, PaymentFacts]:
    """The payments of these QuickBooks ids, as last stored."""
    wanted = list(payment_ids)
    if not wanted:
        return {}
    rows = await tx.fetch(
        "select * from payments where connection_id = $1 and quickbooks_id = any($2)", connection_id, wanted
    )
    found = {row["quickbooks_id"]: row for row in rows}
    allocations = await _allocations(tx, connection_id, found)
    return {payment_id: _read(row, allocations.get(payment_id, [])) for payment_id, row in found.items()}


async def _allocations(tx: Transaction, connection_id: int, payment_ids: Iterable[str]) -> dict[str, list[Allocation]]:
    rows = await tx.fetch(
        """select * from allocations where connection_id = $1 and payment_id = any($2)
           order by payment_id, invoice_quickbooks_id""",
        connection_id,
        list(payment_ids),
    )
    found: dict[str, list[Allocation]] = {}
    for row in rows:
        allocation = Allocation(row["invoice_quickbooks_id"], row["received"], row["credited"])
        found.setdefault(row["payment_id"], []).append(allocation)
    return found


def _read(row: asyncpg.Record, allocations: list[Allocation]) -> PaymentFacts:
    return PaymentFacts(
        quickbooks_id=row["quickbooks_id"],
        sync_token=row["sync_token"],
        customer_id=row["customer_id"],
        payment_date=row["payment_date"],
        currency=row["currency"],
        total=row["total"],
        unapplied=row["unapplied"],
        reference=row["reference"],
        allocations=tuple(allocations),
        credit_memo_ids=tuple(row["credit_memo_ids"]),
        voided=row["voided"],
        deleted=row["deleted"],
    )


async def of_invoices(
    tx: Transaction, connection_id: int, invoice_quickbooks_ids: Iterable[str]
) -> dict[str, list[PaymentFacts]]:
    """The stored payments that touch each of these invoices; an invoice without any has an empty list."""
    wanted = list(dict.fromkeys(invoice_quickbooks_ids))
    rows = await tx.fetch(
        """select distinct payment_id from allocations where connection_id = $1 and invoice_quickbooks_id = any($2)""",
        connection_id,
        wanted,
    )
    payments = await by_ids(tx, connection_id, [row["payment_id"] for row in rows])
    return {
        invoice_id: [each for each in payments.values() if each.for_invoice(invoice_id).applied]
        for invoice_id in wanted
    }
