"""Recording what is known of invoices: the one place that saves facts, writes history, tells events and marks deals.

Used by whoever learns of an invoice in a settling transaction: the follower, a create of ours, an attachment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.contracts.invoices import InvoiceEvent
from ledgerbridge.messaging import outbox
from ledgerbridge.storage import Transaction
from ledgerbridge.sync.marks import Mark, derived, mark

from invoice_service import store, store_payments, store_told
from invoice_service.changes import Cause, events_of_change
from invoice_service.facts import InvoiceFacts, facts_hash, handed_over
from invoice_service.payments import PaymentFacts, settlement, unread_payment_ids
from invoice_service.stages import Standing, standing
from invoice_service.states import KnownInvoice, state_of
from invoice_service.store import StageEntry, StoredInvoice
from invoice_service.telling import Teller

DEAL_PROPERTIES = "deal-properties"
PAYMENT = "payment"


class ZoneUnknownError(Exception):
    """A company without a zone cannot have stages; connecting asks for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """An invoice as it is known now, and as it was stored before (None at the first reading)."""

    known: KnownInvoice
    facts_hash: bytes
    before: StoredInvoice | None
    first_events: tuple[InvoiceEvent, ...] = ()

    @property
    def standing(self) -> Standing:
        """Its stage, and when time alone changes it."""
        return self.known.standing


def fresh(
    connection: Connection,
    known: KnownInvoice,
    facts: InvoiceFacts,
    now: datetime,
    as_of: datetime,
    *,
    stored: StoredInvoice | None,
) -> Fresh:
    """What follows from facts of QuickBooks at this moment; `as_of` is QuickBooks' time of them."""
    zone = connection.zone
    if zone is None:
        raise ZoneUnknownError(f"connection {connection.id} has no time zone")
    over = handed_over(
        facts,
        printed_counts=connection.settings.printed_counts_as_handed_over,
        marked_by_person=bool(stored and stored.marked_sent),
    )
    stands = standing(facts, handed_over=over, today=now.astimezone(ZoneInfo(zone)).date(), zone=zone)
    return Fresh(
        known=replace(known, facts=facts, handed_over=over, standing=stands, as_of=as_of),
        facts_hash=facts_hash(facts),
        before=stored,
    )


async def record(
    tx: Transaction, connection: Connection, found: Sequence[Fresh], now: datetime, *, actor: str = "quickbooks"
) -> None:
    """Save, tell and mark; one statement of each kind for the whole lot. Runs in the settling transaction."""
    if not found:
        return
    ids = {one.known.invoice_id: one.known.facts.quickbooks_id for one in found}
    payments = await store_payments.of_invoices(tx, connection.id, ids.values())
    told = await store_told.of_invoices(tx, ids)
    settled = [_settled(one, payments.get(one.known.facts.quickbooks_id, [])) for one in found]
    await store.save(tx, connection.tenant_id, [_stored(one) for one in settled])
    await store.add_history(tx, connection.tenant_id, [entry for one in settled for entry in _history(one, now)])
    teller = Teller(connection.tenant_id, connection.id, now, actor)
    events = [
        event
        for one in settled
        for event in _events(teller, one, told[one.known.invoice_id], payments.get(one.known.facts.quickbooks_id, []))
    ]
    await store_told.save(tx, connection.tenant_id, ids, {our: payments.get(theirs, []) for our, theirs in ids.items()})
    await mark(tx, _marks(connection, settled, payments))
    await outbox.put(tx, events)


def _settled(one: Fresh, payments: Sequence[PaymentFacts]) -> Fresh:
    return replace(one, known=replace(one.known, settlement=settlement(one.known.facts, payments)))


def _stored(one: Fresh) -> StoredInvoice:
    before = one.before
    facts_moved = before is None or before.facts_hash != one.facts_hash
    return StoredInvoice(
        known=one.known,
        facts_hash=one.facts_hash,
        marked_sent=bool(before and before.marked_sent),
        order_id=before.order_id if before else None,
        fact_changed_at=one.known.facts.updated_at if facts_moved or before is None else before.fact_changed_at,
    )


def _cause(one: Fresh) -> Cause:
    """What moved the stage: a fact, or the calendar alone."""
    return "calendar" if one.before is not None and one.before.facts_hash == one.facts_hash else "fact"


def _history(one: Fresh, now: datetime) -> list[StageEntry]:
    old, new = (one.before.known.standing.stage if one.before else None), one.standing.stage
    if old == new:
        return []
    cause: Literal["fact", "calendar", "baseline"] = _cause(one)
    if one.before is None and one.known.origin != "created":
        cause = "baseline"
    return [StageEntry(one.known.invoice_id, old, new, cause, now)]


def _events(
    teller: Teller, one: Fresh, told: Sequence[PaymentFacts], payments: Sequence[PaymentFacts]
) -> list[outbox.Event]:
    before = state_of(one.before.known) if one.before else None
    after = state_of(one.known)
    changes = [
        *one.first_events,
        *events_of_change(before, after, told, payments, cause=_cause(one)),
    ]
    if not changes and before is not None:
        return []
    return [*[teller.event(event) for event in changes], teller.state(after)]


def _marks(
    connection: Connection, found: Sequence[Fresh], payments: Mapping[str, Sequence[PaymentFacts]]
) -> list[Mark]:
    """The deals whose properties may differ now, and the payments that an invoice names and nobody has read."""
    deals = {one.known.links.deal_id for one in found if one.known.links.deal_id and _moves_deal(one)}
    unread = {
        payment_id
        for one in found
        for payment_id in unread_payment_ids(one.known.facts, payments.get(one.known.facts.quickbooks_id, ()))
    }
    return [
        *derived(DEAL_PROPERTIES, connection.tenant_id, sorted(deals)),
        *(
            Mark(connection.tenant_id, connection.id, PAYMENT, payment_id, quickbooks_id=payment_id, make=True)
            for payment_id in sorted(unread)
        ),
    ]


def _moves_deal(one: Fresh) -> bool:
    """Whether a fact or the stage changed: a time stamp that moved alone writes no deal."""
    before = one.before
    return before is None or before.facts_hash != one.facts_hash or before.known.standing != one.standing
