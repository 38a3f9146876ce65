"""Following invoices: read what is due in bulk, derive what follows from it, tell what changed (design.md 4).

The worker of the kind `invoice`. A lot is one company's: one query reads all of it. What is written (facts, stage,
history, events, marks) is written in the transaction that settles the lot.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ledgerbridge.accounts.registry import Accounts, Connection
from ledgerbridge.errors import LedgerbridgeError, Paused, Permanent, ReconnectNeeded, Transient
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync import outcomes
from ledgerbridge.sync.claims import Claimed, Lot
from ledgerbridge.sync.marks import derived, mark
from ledgerbridge.sync.outcomes import Outcome
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.manner import calling
from ledgerbridge.vendors.quickbooks.answers import LONG_AGO, Answered, Found
from ledgerbridge.vendors.quickbooks.client import QuickBooks

from invoice_service.addresses import Addresses
from invoice_service.invoices import recording, store, store_payments
from invoice_service.invoices.facts import InvoiceFacts, as_deleted, read_invoice, with_earlier
from invoice_service.invoices.payments import PaymentFacts, payments_to_read
from invoice_service.invoices.recording import PAYMENT, Fresh
from invoice_service.invoices.store import StoredInvoice
from invoice_service.lanes import lane
from invoice_service.quickbooks_values import READ_MARGIN
from invoice_service.telling import Teller

CALENDAR_PATIENCE = timedelta(minutes=15)
"""How long a stage waits for the re-read at midnight before it follows the last known facts."""


_UNREAD = (Transient, ReconnectNeeded, Paused)
_Answered = Answered[Found]


@dataclass(frozen=True)
class _Read:
    """What one bulk read answered for a lot, by QuickBooks id."""

    documents: Mapping[str, Document]
    deleted: frozenset[str]
    failures: Mapping[str, LedgerbridgeError]
    time: datetime


class InvoiceFollowing:
    """Processes and finishes lots of invoices."""

    def __init__(
        self, database: Database, accounts: Accounts, quickbooks: QuickBooks, clock: BusinessClock, addresses: Addresses
    ) -> None:
        """`clock` says what day it is."""
        self._database = database
        self._accounts = accounts
        self._quickbooks = quickbooks
        self._clock = clock
        self._addresses = addresses

    async def process(self, lot: Lot) -> list[Outcome]:
        """Read the lot's invoices and answer an outcome for each."""
        connection = await self._accounts.connection(lot.connection_id)
        with calling(lane=lane(lot)):
            # Both at once: the index knows QuickBooks' ids, and a vendor's answer takes longer than ours.
            bulk, (stored, touching) = await asyncio.gather(self._ask(connection, lot), self._stored(connection, lot))
            try:
                read = await self._complete(connection, lot, stored, bulk)
            except _UNREAD as error:
                return [self._unread(connection, one, stored.get(one.subject_id), error) for one in lot.records]
        reached = [self._outcome(connection, record, stored.get(record.subject_id), read) for record in lot.records]
        await self._ask_for_payments(connection, [one.facts for one in reached if one.facts is not None], touching)
        return reached

    async def _ask_for_payments(
        self, connection: Connection, found: Sequence[Fresh], touching: Mapping[str, Sequence[PaymentFacts]]
    ) -> None:
        """Mark payments that the invoices name and we do not know, or know and they do not name any more.

        `touching` is what we knew before the invoices were read: a payment that came since is asked for once too often.
        In a transaction of its own, before the invoices are settled: a payment's worker holds the payment when it marks
        its invoices, so nobody who holds an invoice may wait for a payment. A mark too many costs a read, no more.
        """
        unsure = {
            payment_id
            for one in found
            for payment_id in payments_to_read(one.known.facts, touching[one.known.facts.quickbooks_id])
        }
        if unsure:
            async with self._database.tenant(connection.tenant_id) as tx:
                await mark(tx, derived(PAYMENT, connection.tenant_id, sorted(unsure), connection.id))

    async def finish(self, tx: Transaction, lot: Lot, held: Sequence[Outcome]) -> None:
        """Write and tell what the held outcomes found."""
        connection = await self._accounts.connection(lot.connection_id)
        fresh = [outcome.facts for outcome in held if outcome.facts is not None]
        if fresh:
            teller = Teller(connection.tenant_id, connection.id, self._clock.now(), self._addresses)
            await recording.record(tx, connection, fresh, teller, settled_by_worker=True)

    async def _stored(
        self, connection: Connection, lot: Lot
    ) -> tuple[dict[str, StoredInvoice], dict[str, list[PaymentFacts]]]:
        """The lot's invoices as they are stored, by our ids, and the payments that touch them."""
        async with self._database.tenant(lot.tenant_id) as tx:
            stored = await store.by_ids(tx, [record.subject_id for record in lot.records])
            theirs = [one.known.facts.quickbooks_id for one in stored.values()]
            return stored, await store_payments.of_invoices(tx, connection.id, theirs)

    async def _ask(self, connection: Connection, lot: Lot) -> _Answered | LedgerbridgeError:
        """One bulk read of the invoices, or why it did not come about."""
        ids = [record.quickbooks_id for record in lot.records if record.quickbooks_id]
        try:
            return await self._quickbooks.queries.by_ids(connection.quickbooks, "Invoice", ids)
        except _UNREAD as error:
            return error

    async def _complete(
        self, connection: Connection, lot: Lot, stored: Mapping[str, StoredInvoice], bulk: _Answered | LedgerbridgeError
    ) -> _Read:
        """What the bulk read leaves open is asked for one by one. Raises what `_ask` answered instead of records."""
        if isinstance(bulk, LedgerbridgeError):
            raise bulk
        account, found = connection.quickbooks, bulk.value
        documents, deleted, time = dict(found.records), set[str](), bulk.time
        told_deleted = {record.quickbooks_id for record in lot.records if "deleted" in record.hints}
        # What is deleted in QuickBooks never comes back.
        alive = {one.known.facts.quickbooks_id for one in stored.values() if not one.known.facts.deleted}
        for quickbooks_id in sorted(alive - documents.keys() - found.unreadable.keys()):
            # A record missing from a bulk read is deleted only if a verb or fault 610 says so.
            if quickbooks_id in told_deleted:
                deleted.add(quickbooks_id)
                continue
            try:
                alone = await self._quickbooks.read(account, "Invoice", quickbooks_id)
            except Permanent as error:
                if error.code != "GONE":
                    raise
                deleted.add(quickbooks_id)
            else:
                documents[quickbooks_id] = alone.value
                # Later than the bulk read, if there was one.
                time = alone.time if time == LONG_AGO else time
        return _Read(documents, frozenset(deleted), found.unreadable, time)

    def _outcome(self, connection: Connection, record: Claimed, stored: StoredInvoice | None, read: _Read) -> Outcome:
        if stored is None:
            return outcomes.gone(record.subject_id)
        facts = stored.known.facts
        if facts.quickbooks_id in read.failures:
            return self._unread(connection, record, stored, read.failures[facts.quickbooks_id])
        as_of = stored.known.as_of if facts.deleted else read.time
        fresh = self._fresh(connection, stored, _facts(record, stored, read), as_of)
        return outcomes.in_sync(
            record.subject_id,
            facts=fresh,
            due_at=fresh.standing.changes_at,
            hash_quickbooks=fresh.facts_hash,
            seen_quickbooks=as_of - READ_MARGIN,
        )

    def _fresh(self, connection: Connection, stored: StoredInvoice, facts: InvoiceFacts, as_of: datetime) -> Fresh:
        return recording.fresh(connection, stored.known, facts, self._clock.now(), as_of, stored=stored)

    def _unread(
        self, connection: Connection, record: Claimed, stored: StoredInvoice | None, error: LedgerbridgeError
    ) -> Outcome:
        """Tried again; once it waits since midnight for too long its stage follows the last known facts ("as of")."""
        # What cannot be read before something changes is not waited for.
        patience = timedelta(0) if isinstance(error, Permanent) else CALENDAR_PATIENCE
        facts = self._by_calendar(connection, stored, patience) if stored else None
        return outcomes.failed(record.subject_id, error, attempts=record.attempts, facts=facts)

    def _by_calendar(self, connection: Connection, stored: StoredInvoice, patience: timedelta) -> Fresh | None:
        known = stored.known
        changes_at = known.standing.changes_at
        if changes_at is None or changes_at + patience > self._clock.now():
            return None
        return self._fresh(connection, stored, known.facts, known.as_of)


def _facts(record: Claimed, stored: StoredInvoice, read: _Read) -> InvoiceFacts:
    before = stored.known.facts
    if before.quickbooks_id in read.deleted:
        return as_deleted(before)
    document = read.documents.get(before.quickbooks_id)
    facts = before if document is None else with_earlier(read_invoice(document), before)
    return replace(facts, voided_by_notice=True) if "void" in record.hints else facts
