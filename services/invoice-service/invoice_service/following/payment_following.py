"""Following payments: what a payment did for each invoice is stored, and those invoices are looked at again.

The worker of the kind `payment`. Of a payment that touches no invoice we know nothing is kept but its row in the index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ledgerbridge.accounts.registry import Accounts, Connection
from ledgerbridge.errors import Permanent
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync import outcomes
from ledgerbridge.sync.claims import Claimed, Lot
from ledgerbridge.sync.marks import Mark, mark
from ledgerbridge.sync.outcomes import Outcome
from ledgerbridge.vendors.manner import calling
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.quickbooks.client import QuickBooks

from invoice_service.invoices import store, store_payments
from invoice_service.invoices.payments import PaymentFacts, read_payment
from invoice_service.invoices.recording import INVOICE
from invoice_service.invoices.recording import PAYMENT as KIND
from invoice_service.lanes import lane
from invoice_service.quickbooks_values import READ_MARGIN

__all__ = ["KIND", "PaymentFollowing", "read_payments"]


@dataclass(frozen=True)
class _Found:
    """A payment as it is now, with QuickBooks' time of the answer."""

    payment: PaymentFacts
    time: datetime


class PaymentFollowing:
    """Processes and finishes lots of payments."""

    def __init__(self, database: Database, accounts: Accounts, quickbooks: QuickBooks) -> None:
        """Read through this client."""
        self._database = database
        self._accounts = accounts
        self._quickbooks = quickbooks

    async def process(self, lot: Lot) -> list[Outcome]:
        """Read the lot's payments in one query."""
        connection = await self._accounts.connection(lot.connection_id)
        with calling(lane=lane(lot)):
            answered = await self._quickbooks.queries.by_ids(
                connection.quickbooks, "Payment", [record.subject_id for record in lot.records]
            )
            found = answered.value
            reached = []
            for record in lot.records:
                if record.subject_id in found.unreadable:
                    error = found.unreadable[record.subject_id]
                    reached.append(outcomes.failed(record.subject_id, error, attempts=record.attempts))
                    continue
                document = found.records.get(record.subject_id)
                payment = read_payment(document) if document else await self._missing(connection.quickbooks, record)
                reached.append(_outcome(record, payment, answered.time))
        return reached

    async def _missing(self, account: AccountRef, record: Claimed) -> PaymentFacts:
        """A payment missing from a bulk read is deleted only if a verb or fault 610 says so."""
        if "deleted" not in record.hints:
            try:
                return read_payment((await self._quickbooks.read(account, "Payment", record.subject_id)).value)
            except Permanent as error:
                if error.code != "GONE":
                    raise
        return PaymentFacts(quickbooks_id=record.subject_id, deleted=True)

    async def finish(self, tx: Transaction, lot: Lot, held: Sequence[Outcome]) -> None:
        """Store the payments that touch a known invoice and mark those invoices."""
        connection = await self._accounts.connection(lot.connection_id)
        found = [outcome.facts for outcome in held if isinstance(outcome.facts, _Found)]
        if found:
            time = min(one.time for one in found)
            touched = await keep(tx, connection, [one.payment for one in found], time)
            await mark(tx, [_mark(connection, quickbooks_id) for quickbooks_id in sorted(touched)])


async def keep(tx: Transaction, connection: Connection, payments: Sequence[PaymentFacts], time: datetime) -> set[str]:
    """Store payments that touch an invoice we know, before or now.

    Answers the QuickBooks ids of the known invoices for which one of them changed anything.
    """
    before = await store_payments.by_ids(tx, connection.id, [one.quickbooks_id for one in payments])
    now = {one.quickbooks_id: _kept(one, before.get(one.quickbooks_id)) for one in payments}
    touching = {payment_id: _invoices_of(one) | _invoices_of(before.get(payment_id)) for payment_id, one in now.items()}
    known = set(await store.our_ids(tx, connection.quickbooks.external_id, sorted(set().union(*touching.values()))))
    relevant = {payment_id: one for payment_id, one in now.items() if touching[payment_id] & known}
    await store_payments.save(tx, connection.tenant_id, connection.id, relevant.values(), time)
    changed = [payment_id for payment_id, one in relevant.items() if not _same(one, before.get(payment_id))]
    return known & set[str]().union(*(touching[payment_id] for payment_id in changed))


def _same(now: PaymentFacts, before: PaymentFacts | None) -> bool:
    """Whether nothing but the version differs: then no invoice is looked at because of it."""
    return before is not None and replace(now, sync_token="") == replace(before, sync_token="")


def _invoices_of(payment: PaymentFacts | None) -> set[str]:
    return {allocation.invoice_id for allocation in payment.allocations} if payment else set()


def _kept(now: PaymentFacts, before: PaymentFacts | None) -> PaymentFacts:
    """A deleted payment is not readable any more: what it was stays with it, without its allocations."""
    if now.deleted and before is not None:
        return replace(before, deleted=True, allocations=())
    return now


def _outcome(record: Claimed, payment: PaymentFacts, time: datetime) -> Outcome:
    return outcomes.in_sync(record.subject_id, facts=_Found(payment, time), seen_quickbooks=time - READ_MARGIN)


def _mark(connection: Connection, quickbooks_id: str) -> Mark:
    return Mark(connection.tenant_id, connection.id, INVOICE, quickbooks_id=quickbooks_id)


async def read_payments(
    quickbooks: QuickBooks, account: AccountRef, payment_ids: Sequence[str]
) -> tuple[list[PaymentFacts], datetime]:
    """Payments of these ids in one query, with QuickBooks' time; what is not there any more is left out."""
    answered = await quickbooks.queries.by_ids(account, "Payment", payment_ids)
    return [read_payment(document) for document in answered.value.records.values()], answered.time
