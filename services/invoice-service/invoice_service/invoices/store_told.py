"""Which payments were told of each invoice."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from ledgerbridge.storage import Transaction

from invoice_service.invoices.payments import Allocation, PaymentFacts


async def of_invoices(tx: Transaction, quickbooks_ids: Mapping[str, str]) -> dict[str, list[PaymentFacts]]:
    """The payments told of each invoice, as facts that hold this invoice's part alone.

    `quickbooks_ids` leads from our invoice ids to QuickBooks'.
    """
    rows = await tx.fetch(
        "select * from told_payments where invoice_id = any($1) order by invoice_id, payment_id",
        [UUID(invoice_id) for invoice_id in quickbooks_ids],
    )
    told: dict[str, list[PaymentFacts]] = {invoice_id: [] for invoice_id in quickbooks_ids}
    for row in rows:
        invoice_id = str(row["invoice_id"])
        allocation = Allocation(quickbooks_ids[invoice_id], row["received"], row["credited"])
        payment = PaymentFacts(
            quickbooks_id=row["payment_id"], total=row["total"], currency=row["currency"], allocations=(allocation,)
        )
        told[invoice_id].append(payment)
    return told


async def save(
    tx: Transaction,
    tenant_id: int,
    quickbooks_ids: Mapping[str, str],
    payments: Mapping[str, Sequence[PaymentFacts]],
) -> None:
    """Remember what is told now, by our invoice ids, in place of what was."""
    await tx.execute("delete from told_payments where invoice_id = any($1)", [UUID(one) for one in quickbooks_ids])
    rows = [
        _row(tenant_id, invoice_id, quickbooks_id, payment)
        for invoice_id, quickbooks_id in quickbooks_ids.items()
        for payment in _effective(payments.get(invoice_id, ()), quickbooks_id)
    ]
    if rows:
        await tx.execute(
            "insert into told_payments select * from jsonb_populate_recordset(null::told_payments, $1)", rows
        )


def _effective(payments: Iterable[PaymentFacts], quickbooks_id: str) -> list[PaymentFacts]:
    return [one for one in payments if one.alive and one.for_invoice(quickbooks_id).applied]


def _row(tenant_id: int, invoice_id: str, quickbooks_id: str, payment: PaymentFacts) -> dict[str, Any]:
    allocation = payment.for_invoice(quickbooks_id)
    return {
        "tenant_id": tenant_id,
        "invoice_id": invoice_id,
        "payment_id": payment.quickbooks_id,
        "total": payment.total,
        "received": allocation.received,
        "credited": allocation.credited,
        "currency": payment.currency,
    }
