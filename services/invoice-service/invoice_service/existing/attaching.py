"""Adding existing invoices to HubSpot records (S-57 to S-64), and parting them again.

What the first reading of an added invoice shows is its baseline: its payments are read in the same round, and nothing
of what they did is told. An invoice belongs to at most one deal; moving it asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.contracts.invoices import InvoiceUnlinked, LinkedRecord
from ledgerbridge.errors import Refused
from ledgerbridge.messaging import outbox
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync.marks import derived, mark
from ledgerbridge.vendors.quickbooks.client import QuickBooks

from invoice_service.addresses import Addresses
from invoice_service.catalogue.filling import CatalogueFilling
from invoice_service.following.payment_following import read_payments
from invoice_service.invoices import recording, store, store_links, store_payments
from invoice_service.invoices.facts import InvoiceFacts, read_invoice, with_earlier
from invoice_service.invoices.payments import PaymentFacts, Settlement
from invoice_service.invoices.recording import DEAL_PROPERTIES, Fresh
from invoice_service.invoices.request_ids import has_marker, id_of_attached
from invoice_service.invoices.stages import Stage, Standing
from invoice_service.invoices.states import KnownInvoice, state_of
from invoice_service.invoices.store import StoredInvoice
from invoice_service.invoices.store_links import ObjectType, RecordLink
from invoice_service.orders import store_orders
from invoice_service.orders.order import Order
from invoice_service.quickbooks_values import READ_MARGIN
from invoice_service.telling import Teller

MOST_AT_ONCE = 100
DEAL: ObjectType = "deal"


@dataclass(frozen=True)
class Records:
    """The HubSpot records that invoices are added to. `move` takes an invoice from another deal."""

    deal_id: str | None = None
    contact_ids: tuple[str, ...] = ()
    company_ids: tuple[str, ...] = ()
    move: bool = False

    def pairs(self) -> list[tuple[ObjectType, str]]:
        """Each record as type and id."""
        deals: list[tuple[ObjectType, str]] = [(DEAL, self.deal_id)] if self.deal_id else []
        contacts: list[tuple[ObjectType, str]] = [("contact", one) for one in self.contact_ids]
        companies: list[tuple[ObjectType, str]] = [("company", one) for one in self.company_ids]
        return [*deals, *contacts, *companies]


@dataclass(frozen=True)
class _Read:
    """Invoices and their payments as QuickBooks told them together; `time` is the earlier of both answers.

    `home_currency` is the company's.
    """

    home_currency: str
    invoices: Mapping[str, InvoiceFacts]
    payments: Sequence[PaymentFacts]
    time: datetime


class Attaching:
    """Adds existing invoices, and parts invoices from records."""

    def __init__(
        self,
        database: Database,
        quickbooks: QuickBooks,
        catalogue: CatalogueFilling,
        clock: BusinessClock,
        addresses: Addresses,
    ) -> None:
        """Read through this client; the catalogue knows the company's currency."""
        self._database = database
        self._quickbooks = quickbooks
        self._catalogue = catalogue
        self._clock = clock
        self._addresses = addresses

    async def attach(
        self,
        connection: Connection,
        quickbooks_ids: Sequence[str],
        records: Records,
        *,
        actor: str,
        more: Sequence[outbox.Event] = (),
    ) -> dict[str, KnownInvoice]:
        """Add invoices to records in one transaction, all or none; answers them by our ids.

        Raises Refused: NOT_FOUND for an invoice that QuickBooks does not have, OTHER_DEAL for one of another deal,
        ORDER_RUNNING for one that an unsettled order of ours has just made.
        """
        ids = list(dict.fromkeys(quickbooks_ids))
        if not 0 < len(ids) <= MOST_AT_ONCE:
            raise Refused("INVALID", field="quickbooks_ids", problem=f"name 1 to {MOST_AT_ONCE} invoices")
        read = await self._read(connection, ids)
        async with self._database.tenant(connection.tenant_id) as tx:
            if records.deal_id:
                await store_orders.lock_deal(tx, connection.tenant_id, records.deal_id)
            made = await _made_by_running_order(tx, connection, read.invoices)
            if made is None:
                return await self._attach(tx, connection, read, records, actor, more)
            facts, order = made
            if order.state.in_doubt:  # the invoice settles it: the order looks at once
                await mark(tx, store_orders.told_of(connection.tenant_id, connection.id, [str(order.order_id)]))
        raise Refused("ORDER_RUNNING", number=facts.number or facts.quickbooks_id, order=order.order_id)

    async def _read(self, connection: Connection, ids: Sequence[str]) -> _Read:
        answered = await self._quickbooks.queries.by_ids(connection.quickbooks, "Invoice", ids)
        for quickbooks_id in ids:
            if quickbooks_id in answered.value.unreadable:
                raise answered.value.unreadable[quickbooks_id]
            if quickbooks_id not in answered.value.records:
                raise Refused("NOT_FOUND", what=f"Invoice {quickbooks_id} of {connection.quickbooks.external_id}")
        home = await self._catalogue.home_currency(connection)
        invoices = {one: read_invoice(document) for one, document in answered.value.records.items()}
        paying = sorted({payment_id for facts in invoices.values() for payment_id in facts.payment_ids})
        if not paying:
            return _Read(home, invoices, [], answered.time)
        payments, time = await read_payments(self._quickbooks, connection.quickbooks, paying)
        return _Read(home, invoices, payments, min(answered.time, time))

    async def _attach(
        self,
        tx: Transaction,
        connection: Connection,
        read: _Read,
        records: Records,
        actor: str,
        more: Sequence[outbox.Event],
    ) -> dict[str, KnownInvoice]:
        stored = await store.by_quickbooks_ids(tx, connection.quickbooks.external_id, read.invoices)
        _refuse_other_deals(stored.values(), records)
        await store_payments.save(tx, connection.tenant_id, connection.id, read.payments, read.time)
        fresh = [
            self._fresh(connection, facts, stored.get(quickbooks_id), records, read, actor)
            for quickbooks_id, facts in read.invoices.items()
        ]
        teller = Teller(connection.tenant_id, connection.id, self._clock.now(), self._addresses, actor)
        known = await recording.record(tx, connection, fresh, teller, more=more)
        _refuse_overtaken(known.values(), records)
        return known

    def _fresh(
        self,
        connection: Connection,
        facts: InvoiceFacts,
        stored: StoredInvoice | None,
        records: Records,
        read: _Read,
        actor: str,
    ) -> Fresh:
        known = stored.known if stored else _unknown(connection, facts, read)
        now, leaves = self._clock.now(), _other_deal(known, records)
        joins = tuple(
            RecordLink(known.invoice_id, kind, record, "moved" if leaves and kind == DEAL else "added", actor, now)
            for kind, record in records.pairs()
        )
        fresh = recording.fresh(connection, known, with_earlier(facts, known.facts), now, read.time, stored=stored)
        return replace(fresh, leaves=leaves, joins=joins, seen=read.time - READ_MARGIN)

    async def part(
        self, tenant_id: int, invoice_id: str, object_type: ObjectType, record_id: str, *, actor: str
    ) -> None:
        """Part an invoice from a record. Raises Refused (NOT_FOUND) where it is not joined to it."""
        async with self._database.tenant(tenant_id) as tx:
            if object_type == DEAL:  # first: who writes deals holds them before their links
                await mark(tx, derived(DEAL_PROPERTIES, tenant_id, [record_id]))
            if not await store_links.part(tx, [invoice_id], object_type, record_id):
                raise Refused("NOT_FOUND", what=f"Invoice {invoice_id} at {object_type} {record_id}")
            known = (await store.by_ids(tx, [invoice_id]))[invoice_id].known
            record = LinkedRecord(object_type=object_type, record_id=record_id)
            teller = Teller(tenant_id, known.connection, self._clock.now(), self._addresses, actor)
            state = state_of(known, self._addresses)
            event = InvoiceUnlinked(invoice=state, records=(record,), how="person")
            await outbox.put(tx, [teller.event(event), teller.state(state)])


def _other_deal(known: KnownInvoice, records: Records) -> str | None:
    """The deal that the invoice must leave to join the wanted one."""
    deal_id = known.links.deal_id
    return deal_id if records.deal_id and deal_id != records.deal_id else None


def _refuse_other_deals(stored: Iterable[StoredInvoice], records: Records) -> None:
    for one in stored:
        if (deal_id := _other_deal(one.known, records)) and not records.move:
            raise _of_other_deal(one.known, deal_id)


def _refuse_overtaken(known: Iterable[KnownInvoice], records: Records) -> None:
    """Somebody joined an invoice to another deal at the same moment: they were first."""
    for one in known:
        if deal_id := _other_deal(one, records):
            raise _of_other_deal(one, deal_id)


def _of_other_deal(known: KnownInvoice, deal_id: str) -> Refused:
    return Refused("OTHER_DEAL", field="move", number=known.facts.number or known.facts.quickbooks_id, deal=deal_id)


async def _made_by_running_order(
    tx: Transaction, connection: Connection, invoices: Mapping[str, InvoiceFacts]
) -> tuple[InvoiceFacts, Order] | None:
    """One of the invoices that bears the mark of an unsettled order, and that order."""
    orders = await store_orders.unsettled_of_company(tx, connection.quickbooks.external_id)
    for facts in invoices.values():
        for order in orders:
            if has_marker(facts.private_note, str(order.order_id)):
                return facts, order
    return None


def _unknown(connection: Connection, facts: InvoiceFacts, read: _Read) -> KnownInvoice:
    """An invoice that we see for the first time; its standing is derived by `recording.fresh`."""
    realm = connection.quickbooks.external_id
    return KnownInvoice(
        invoice_id=str(id_of_attached(realm, facts.quickbooks_id)),
        connection=connection.id,
        realm=realm,
        origin="added",
        facts=facts,
        standing=Standing(Stage.WAITING_TO_BE_SENT, None),
        handed_over=False,
        settlement=Settlement(),
        as_of=read.time,
        home_currency=read.home_currency,
    )
