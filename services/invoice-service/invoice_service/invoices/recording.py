"""Recording what is known of invoices: the one place that saves facts, writes history, tells events and marks deals.

Used by whoever learns of an invoice in a settling transaction: the follower, a create of ours, an attachment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.contracts.invoices import InvoiceEvent, InvoiceLinked, InvoiceState, InvoiceUnlinked, LinkedRecord
from ledgerbridge.errors import Refused
from ledgerbridge.messaging import outbox
from ledgerbridge.storage import Transaction
from ledgerbridge.sync.marks import Mark, derived, mark
from ledgerbridge.sync.outcomes import Outcome, in_sync
from ledgerbridge.sync.tracking import track

from invoice_service.invoices import lot_money, store, store_links
from invoice_service.invoices.changes import Cause, events_of_change
from invoice_service.invoices.facts import InvoiceFacts, facts_hash, handed_over
from invoice_service.invoices.lot_money import Money
from invoice_service.invoices.payments import payments_to_read, settlement
from invoice_service.invoices.stages import Standing, standing
from invoice_service.invoices.states import KnownInvoice, state_of
from invoice_service.invoices.store import StageEntry, StoredInvoice
from invoice_service.invoices.store_links import RecordLink
from invoice_service.telling import Teller

INVOICE = "invoice"
DEAL_PROPERTIES = "deal-properties"
PAYMENT = "payment"


def zone_of(connection: Connection) -> str:
    """The company's time zone. Raises Refused (ZONE_UNKNOWN): it is never UTC in silence."""
    if connection.zone is None:
        raise Refused(
            "ZONE_UNKNOWN", company=connection.quickbooks.facts.get("name", connection.quickbooks.external_id)
        )
    return connection.zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """An invoice as it is known now, and as it was stored before (None at the first reading).

    `seen` is QuickBooks' time of what we hold: notices of changes not later than it are no news. `leaves` is the deal
    from which it is moved away now, `joins` are records to which it is joined. `tells` makes events of its own of the
    state after the change, told before all others.
    """

    known: KnownInvoice
    facts_hash: bytes
    before: StoredInvoice | None
    seen: datetime
    order_id: UUID | None = None
    leaves: str | None = None
    joins: tuple[RecordLink, ...] = ()
    tells: Callable[[InvoiceState], Sequence[InvoiceEvent]] | None = None

    @property
    def standing(self) -> Standing:
        """Its stage, and when time alone changes it."""
        return self.known.standing

    @property
    def baseline(self) -> bool:
        """Whether this is the first reading of an invoice that we did not create: what it shows is not told."""
        return self.before is None and self.known.origin != "created"


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
    zone = zone_of(connection)
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
        seen=as_of,
    )


async def record(
    tx: Transaction,
    connection: Connection,
    found: Sequence[Fresh],
    teller: Teller,
    *,
    settled_by_worker: bool = False,
    more: Sequence[outbox.Event] = (),
) -> dict[str, KnownInvoice]:
    """Save, join, tell and mark; one statement of each kind for the whole lot, in the transaction of the cause.

    `settled_by_worker` says that the index's own worker settles these records now. `more` are events of the cause, told
    after the invoices'. Answers the invoices as they are known now, by our ids. Call it once in a transaction.
    """
    # Rows of the index are locked before invoices, by everybody: two writers never wait for each other in a circle.
    if not settled_by_worker:
        await _track(tx, connection, found)
    current = await _current(tx, found)
    await _track(tx, connection, [one for one, given in zip(current, found, strict=True) if _overtaken(one, given)])
    money = await lot_money.of_invoices(
        tx, connection, {one.known.invoice_id: one.known.facts.quickbooks_id for one in found}
    )
    settled = [_settled(one, money) for one in current]
    await store.save(tx, connection.tenant_id, [_stored(one) for one in settled])
    settled, joined = await _joined(tx, connection.tenant_id, settled)
    await store.add_history(tx, connection.tenant_id, [entry for one in settled for entry in _history(one, teller.now)])
    events = [event for one in settled for event in _events(teller, one, joined.get(one.known.invoice_id, []), money)]
    await lot_money.remember_told(tx, connection.tenant_id, money)
    follow = [] if settled_by_worker else _to_follow(connection, settled, money)
    await mark(tx, [*_marks(connection, settled, joined), *follow])
    await outbox.put(tx, [*events, *more])
    return {one.known.invoice_id: one.known for one in settled}


async def _track(tx: Transaction, connection: Connection, found: Sequence[Fresh]) -> None:
    await track(tx, connection.tenant_id, connection.id, INVOICE, [_tracked(one) for one in found])


async def _current(tx: Transaction, found: Sequence[Fresh]) -> list[Fresh]:
    """The lot against what is stored at this moment, locked: others may have written since it was read."""
    stored = await store.locked(tx, [one.known.invoice_id for one in found])
    return [_against(one, stored.get(one.known.invoice_id)) for one in found]


def _against(one: Fresh, stored: StoredInvoice | None) -> Fresh:
    """A reading older than the one that is stored meanwhile changes no fact."""
    if stored is None:
        return one
    if stored.known.as_of > one.known.as_of:
        return replace(one, known=stored.known, facts_hash=stored.facts_hash, before=stored)
    return replace(one, known=replace(one.known, links=stored.known.links), before=stored)


def _overtaken(current: Fresh, given: Fresh) -> bool:
    return current.known.as_of != given.known.as_of


async def _joined(
    tx: Transaction, tenant_id: int, found: Sequence[Fresh]
) -> tuple[list[Fresh], dict[str, list[RecordLink]]]:
    """Join what is to be joined; answers the invoices with their links, and the new joins by invoice."""
    wanted = [join for one in found for join in one.joins]
    if not wanted:
        return list(found), {}
    for one in found:
        if one.leaves is not None:
            await store_links.part(tx, [one.known.invoice_id], "deal", one.leaves)
    joined: dict[str, list[RecordLink]] = {}
    for join in await store_links.join(tx, tenant_id, wanted):
        joined.setdefault(join.invoice_id, []).append(join)
    links = await store_links.of_invoices(tx, [one.known.invoice_id for one in found])
    return [
        replace(one, known=replace(one.known, links=links.get(one.known.invoice_id, one.known.links))) for one in found
    ], joined


def _tracked(one: Fresh) -> Outcome:
    return in_sync(
        one.known.invoice_id,
        quickbooks_id=one.known.facts.quickbooks_id,
        due_at=one.standing.changes_at,
        hash_quickbooks=one.facts_hash,
        seen_quickbooks=one.seen,
    )


def _settled(one: Fresh, money: Money) -> Fresh:
    payments = money.touching[one.known.invoice_id]
    return replace(one, known=replace(one.known, settlement=settlement(one.known.facts, payments)))


def _stored(one: Fresh) -> StoredInvoice:
    before = one.before
    return StoredInvoice(
        known=one.known,
        facts_hash=one.facts_hash,
        marked_sent=bool(before and before.marked_sent),
        order_id=before.order_id if before else one.order_id,
        fact_changed_at=_changed_at(one.known) if before is None or _facts_moved(one) else before.fact_changed_at,
    )


def _changed_at(known: KnownInvoice) -> datetime | None:
    """QuickBooks' time of the change; of a deletion it tells none, so that of the answer without the invoice."""
    return known.as_of if known.facts.deleted else known.facts.updated_at


def _facts_moved(one: Fresh) -> bool:
    return one.before is None or one.before.facts_hash != one.facts_hash


def _cause(one: Fresh) -> Cause:
    """What moved the stage: a fact, or the calendar alone."""
    return "fact" if _facts_moved(one) else "calendar"


def _history(one: Fresh, now: datetime) -> list[StageEntry]:
    old, new = (one.before.known.standing.stage if one.before else None), one.standing.stage
    if old == new:
        return []
    cause: Literal["fact", "calendar", "baseline"] = "baseline" if one.baseline else _cause(one)
    return [StageEntry(one.known.invoice_id, old, new, cause, now)]


def _events(teller: Teller, one: Fresh, joined: Sequence[RecordLink], money: Money) -> list[outbox.Event]:
    before, after = (
        (state_of(one.before.known, teller.addresses) if one.before else None),
        state_of(one.known, teller.addresses),
    )
    events: list[InvoiceEvent] = [*(one.tells(after) if one.tells else ())]
    if one.leaves is not None:
        left = LinkedRecord(object_type="deal", record_id=one.leaves)
        events.append(InvoiceUnlinked(invoice=after, records=(left,), how="moved"))
    if joined:
        events.append(_linked(after, joined, baseline=one.baseline))
    told, now = money.told[one.known.invoice_id], money.with_gone(one.known.invoice_id)
    events += events_of_change(before, after, told, now, invoice_ids=money.ours, cause=_cause(one))
    if not events and before is not None:
        return []
    return [*[teller.event(event) for event in events], teller.state(after)]


def _linked(after: InvoiceState, joined: Sequence[RecordLink], *, baseline: bool) -> InvoiceLinked:
    records = tuple(LinkedRecord(object_type=one.object_type, record_id=one.record_id) for one in joined)
    return InvoiceLinked(invoice=after, records=records, how=joined[0].how, baseline=baseline)


def _marks(connection: Connection, found: Sequence[Fresh], joined: Mapping[str, Sequence[RecordLink]]) -> list[Mark]:
    """The deals whose properties may differ now."""
    deals = {
        one.known.links.deal_id
        for one in found
        if one.known.links.deal_id and (_moves_deal(one) or one.known.invoice_id in joined)
    }
    left = {one.leaves for one in found if one.leaves}
    return derived(DEAL_PROPERTIES, connection.tenant_id, sorted(deals | left))


def _to_follow(connection: Connection, found: Sequence[Fresh], money: Money) -> list[Mark]:
    """Invoices that name other payments than we know, as after a void of ours: the follower has those read."""
    return derived(
        INVOICE,
        connection.tenant_id,
        [
            one.known.invoice_id
            for one in found
            if payments_to_read(one.known.facts, money.touching[one.known.invoice_id])
        ],
        connection.id,
    )


def _moves_deal(one: Fresh) -> bool:
    """Whether a fact or the stage changed: a time stamp that moved alone writes no deal."""
    return one.before is None or _facts_moved(one) or one.before.known.standing != one.standing
