"""The money of a lot of invoices: the payments that touch each now, and those that were told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.storage import Transaction

from invoice_service.invoices import store, store_payments, store_told
from invoice_service.invoices.payments import PaymentFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Payments by our invoice ids. `invoices` and `ours` lead from our ids to QuickBooks' and back.

    `ours` knows every invoice that these payments pay, `latest` every payment that was told, as it is now.
    """

    invoices: Mapping[str, str]
    touching: Mapping[str, Sequence[PaymentFacts]]
    told: Mapping[str, Sequence[PaymentFacts]]
    latest: Mapping[str, PaymentFacts]
    ours: Mapping[str, str]

    def with_gone(self, invoice_id: str) -> list[PaymentFacts]:
        """The payments that touch the invoice, and those told of it that touch it no more: they say why."""
        touching = self.touching[invoice_id]
        present = {one.quickbooks_id for one in touching}
        gone = {one.quickbooks_id for one in self.told[invoice_id]} - present
        return [*touching, *(self.latest[one] for one in sorted(gone & self.latest.keys()))]


async def of_invoices(tx: Transaction, connection: Connection, invoices: Mapping[str, str]) -> Money:
    """The money of these invoices; `invoices` leads from our ids to QuickBooks'."""
    by_theirs = await store_payments.of_invoices(tx, connection.id, invoices.values())
    told = await store_told.of_invoices(tx, invoices)
    ever_told = {payment.quickbooks_id for payments in told.values() for payment in payments}
    paid = {part.invoice_id for payments in by_theirs.values() for one in payments for part in one.allocations}
    return Money(
        invoices=invoices,
        touching={ours: by_theirs.get(theirs, []) for ours, theirs in invoices.items()},
        told=told,
        latest=await store_payments.by_ids(tx, connection.id, sorted(ever_told)),
        ours=await store.our_ids(tx, connection.quickbooks.external_id, sorted(paid)),
    )


async def remember_told(tx: Transaction, tenant_id: int, money: Money) -> None:
    """What touches the invoices now is told now."""
    if any(money.touching.values()) or any(money.told.values()):
        await store_told.save(tx, tenant_id, money.invoices, money.touching)
