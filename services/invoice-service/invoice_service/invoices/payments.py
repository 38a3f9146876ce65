"""Payments by allocations: what a QuickBooks payment did for each invoice (quickbooks.md 7).

A payment's lines name what it touches. Lines of credit memos bring credit in, lines of invoices take money and credit
out; a payment of zero with both is a credit memo applied, never money received (product.md, Payments).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from invoice_service.invoices.facts import VOIDED_NOTE, InvoiceFacts
from invoice_service.quickbooks_values import ZERO, Document, amount, calendar_date, parts, reference, text


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one payment did for one invoice: money received and credit used, in the payment's currency."""

    invoice_id: str
    received: Decimal
    credited: Decimal

    @property
    def applied(self) -> Decimal:
        """Money and credit together: by this much the balance fell."""
        return self.received + self.credited


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """A payment as QuickBooks last told it. `total` is the money of the whole payment, over all its invoices."""

    quickbooks_id: str
    sync_token: str = ""
    customer_id: str = ""
    payment_date: date | None = None
    currency: str = ""
    total: Decimal = ZERO
    unapplied: Decimal = ZERO
    reference: str = ""
    allocations: tuple[Allocation, ...] = ()
    credit_memo_ids: tuple[str, ...] = ()
    voided: bool = False
    deleted: bool = False

    def for_invoice(self, invoice_id: str) -> Allocation:
        """What it did for this invoice; zeros where nothing (any more)."""
        found = (allocation for allocation in self.allocations if allocation.invoice_id == invoice_id)
        return next(found, Allocation(invoice_id, ZERO, ZERO))

    @property
    def alive(self) -> bool:
        """Whether it is neither voided nor deleted."""
        return not (self.voided or self.deleted)


def read_payment(document: Document) -> PaymentFacts:
    """Read a Payment object of QuickBooks. A void leaves a note beginning with "Voided" and amounts of zero."""
    total = amount(document, "TotalAmt")
    noted = text(document, "PrivateNote").startswith(VOIDED_NOTE)
    allocations = _allocations(document)
    return PaymentFacts(
        quickbooks_id=text(document, "Id"),
        sync_token=text(document, "SyncToken"),
        customer_id=reference(document, "CustomerRef"),
        payment_date=calendar_date(document, "TxnDate"),
        currency=reference(document, "CurrencyRef"),
        total=total,
        unapplied=amount(document, "UnappliedAmt"),
        reference=text(document, "PaymentRefNum"),
        allocations=allocations,
        credit_memo_ids=tuple(credit_id for credit_id, _applied in _lines(document, {"CreditMemo"})),
        voided=noted and not total and not any(allocation.applied for allocation in allocations),
        deleted=document.get("status") == "Deleted",
    )


def _allocations(document: Document) -> tuple[Allocation, ...]:
    # Guess: where one payment mixes money and credit, QuickBooks does not say which went where; the credit is
    # counted against the invoices in the order of their lines.
    credit = _sum_of_lines(document, {"CreditMemo"})
    allocations: dict[str, Allocation] = {}
    for invoice_id, applied in _lines(document, {"Invoice"}):
        credited = min(credit, applied)
        credit -= credited
        before = allocations.get(invoice_id, Allocation(invoice_id, ZERO, ZERO))
        allocations[invoice_id] = replace(
            before, received=before.received + applied - credited, credited=before.credited + credited
        )
    return tuple(allocations.values())


def _lines(document: Document, kinds: set[str]) -> list[tuple[str, Decimal]]:
    return [
        (text(link, "TxnId"), amount(line, "Amount"))
        for line in parts(document, "Line")
        for link in parts(line, "LinkedTxn")
        if text(link, "TxnType") in kinds
    ]


def _sum_of_lines(document: Document, kinds: set[str]) -> Decimal:
    return sum((applied for _id, applied in _lines(document, kinds)), ZERO)


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an invoice's balance came down: paid, credited, deposited, and what nothing known explains."""

    paid: Decimal = ZERO
    credited: Decimal = ZERO
    deposit: Decimal = ZERO
    unexplained: Decimal = ZERO


def settlement(facts: InvoiceFacts, payments: Iterable[PaymentFacts]) -> Settlement:
    """Split what an invoice no longer owes. `unexplained` is not zero while a payment is still to be read.

    A voided or deleted invoice has nothing paid: QuickBooks takes its payments off (quickbooks.md 5, Void).
    """
    if facts.voided or facts.deleted:
        return Settlement()
    allocations = [payment.for_invoice(facts.quickbooks_id) for payment in payments if payment.alive]
    paid = sum((allocation.received for allocation in allocations), ZERO)
    credited = sum((allocation.credited for allocation in allocations), ZERO)
    gone = facts.total - facts.balance
    return Settlement(paid, credited, facts.deposit, gone - paid - credited - facts.deposit)


def payments_to_read(facts: InvoiceFacts, touching: Sequence[PaymentFacts]) -> set[str]:
    """The payments that must be read because of what the invoice says: it names others than we know to touch it.

    QuickBooks may tell of a payment that a void, a deletion or an edit of its invoice released by no webhook of its own
    (quickbooks.md 5, Void).
    """
    named = set() if facts.voided or facts.deleted else set(facts.payment_ids)
    return named ^ {payment.quickbooks_id for payment in touching}
