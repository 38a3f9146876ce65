"""What happened to an invoice, told as events: the state before, the state after, and the payments of both.

An added or backfilled invoice begins with a baseline: nothing that its first reading shows is told. An invoice of our
own order starts from nothing and tells all (product.md, Adding existing invoices).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from ledgerbridge.contracts.invoices import (
    Allocation,
    Change,
    CreditApplied,
    InvoiceEvent,
    InvoiceState,
    InvoiceStatusChanged,
    InvoiceUpdated,
    PaymentReceived,
    PaymentReversed,
)

from invoice_service.invoices.payments import PaymentFacts
from invoice_service.invoices.stages import Stage

Cause = Literal["fact", "calendar"]
Why = Literal["deleted", "voided", "unapplied", "invoice_voided", "invoice_deleted"]

_NOT_FACTS = frozenset({"as_of", "updated_at", "stage_changes_at", "links", "urls", "warnings"})
_DERIVED = frozenset({"stage"})


def changed_fields(before: InvoiceState, after: InvoiceState) -> dict[str, Change]:
    """The facts that differ, by name, with old and new as JSON values; a time stamp that moved alone is none."""
    names = InvoiceState.model_fields.keys() - _NOT_FACTS
    differing = {name for name in names if getattr(before, name) != getattr(after, name)}  # 100 and 100.00 are equal
    old, new = (state.model_dump(mode="json", include=differing) for state in (before, after))
    return {name: Change(old=old[name], new=new[name]) for name in new}


def events_of_change(
    before: InvoiceState | None,
    after: InvoiceState,
    payments_before: Sequence[PaymentFacts] = (),
    payments_after: Sequence[PaymentFacts] = (),
    *,
    invoice_ids: Mapping[str, str] | None = None,
    cause: Cause = "fact",
) -> list[InvoiceEvent]:
    """The events of one change, in the order in which they are told: facts, payments, stage.

    `before` is None at the first reading. `payments_before` are the payments as last stored, those of a baseline
    included; both lists hold the payments that touch the invoice. `invoice_ids` leads from QuickBooks ids to ours.
    """
    if before is None and after.origin != "created":
        return []
    changes = changed_fields(before, after) if before else {}
    events: list[InvoiceEvent] = []
    if changes.keys() - _DERIVED:
        events.append(InvoiceUpdated(invoice=after, changes=changes))
    events += payment_events(after, payments_before, payments_after, invoice_ids or {})
    old_stage = before.stage if before else Stage.WAITING_TO_BE_SENT
    if old_stage != after.stage:
        events.append(_status_changed(old_stage, after, cause))
    return events


def _status_changed(old: Stage, after: InvoiceState, cause: Cause) -> InvoiceStatusChanged:
    changes = {"stage": Change(old=old.value, new=after.stage.value)}
    return InvoiceStatusChanged(invoice=after, changes=changes, old_stage=old, new_stage=after.stage, cause=cause)


def payment_events(
    after: InvoiceState,
    payments_before: Iterable[PaymentFacts],
    payments_after: Iterable[PaymentFacts],
    invoice_ids: Mapping[str, str],
) -> list[InvoiceEvent]:
    """Money received, money gone, credit applied. A changed amount of a payment already told is an update alone."""
    earlier = {payment.quickbooks_id: payment for payment in payments_before}
    later = {payment.quickbooks_id: payment for payment in payments_after}
    events: list[InvoiceEvent] = []
    for payment_id in sorted(earlier.keys() | later.keys()):
        was, now = earlier.get(payment_id), later.get(payment_id)
        events += _events_of_payment(after, was, now, invoice_ids)
    return events


def _events_of_payment(
    after: InvoiceState, was: PaymentFacts | None, now: PaymentFacts | None, invoice_ids: Mapping[str, str]
) -> list[InvoiceEvent]:
    old, new = _effect(was, after), _effect(now, after)
    events: list[InvoiceEvent] = []
    if was is not None and old[0] and not new[0]:
        events.append(_reversed(after, was, _why(now, after)))
    if now is not None and new[0] and not old[0]:
        events.append(_received(after, now, invoice_ids))
    if now is not None and new[1] and not old[1]:
        events.append(_credited(after, now))
    return events


def _effect(payment: PaymentFacts | None, invoice: InvoiceState) -> tuple[bool, bool]:
    """Whether the payment brings money to the invoice, and whether it brings credit."""
    if payment is None or not payment.alive:
        return False, False
    allocation = payment.for_invoice(invoice.quickbooks_id or "")
    return bool(allocation.received), bool(allocation.credited)


def _why(now: PaymentFacts | None, after: InvoiceState) -> Why:
    if now is not None and now.deleted:
        return "deleted"
    if now is not None and now.voided:
        return "voided"
    invoice_gone: dict[Stage, Why] = {Stage.VOIDED: "invoice_voided", Stage.DELETED: "invoice_deleted"}
    return invoice_gone.get(after.stage, "unapplied")


def _received(after: InvoiceState, payment: PaymentFacts, invoice_ids: Mapping[str, str]) -> PaymentReceived:
    others = [allocation for allocation in payment.allocations if allocation.invoice_id != after.quickbooks_id]
    return PaymentReceived(
        invoice=after,
        payment_id=payment.quickbooks_id,
        payment_total=payment.total,
        applied=payment.for_invoice(after.quickbooks_id or "").received,
        currency=payment.currency or after.currency,
        paid_on=payment.payment_date,
        other_invoices=tuple(
            Allocation(
                invoice_id=invoice_ids.get(other.invoice_id), quickbooks_id=other.invoice_id, applied=other.applied
            )
            for other in others
        ),
    )


def _reversed(after: InvoiceState, was: PaymentFacts, why: Why) -> PaymentReversed:
    return PaymentReversed(
        invoice=after,
        payment_id=was.quickbooks_id,
        payment_total=was.total,
        applied=was.for_invoice(after.quickbooks_id or "").received,
        currency=was.currency or after.currency,
        why=why,
    )


def _credited(after: InvoiceState, payment: PaymentFacts) -> CreditApplied:
    credits_used = payment.credit_memo_ids
    return CreditApplied(
        invoice=after,
        payment_id=payment.quickbooks_id,
        credit_memo_id=credits_used[0] if len(credits_used) == 1 else None,
        applied=payment.for_invoice(after.quickbooks_id or "").credited,
        currency=payment.currency or after.currency,
    )
