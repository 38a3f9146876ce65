"""Accepting orders: one transaction stores the order, its key and its work row (design.md 4, Orders).

Draft, HTTP request and Kafka command end here. Nothing is asked of a vendor: the worker of the kind `order` does it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledgerbridge.accounts.registry import Accounts, Connection
from ledgerbridge.contracts.commands import Addressed, AttachInvoice, CreateInvoice, OfInvoice, SendInvoice, VoidInvoice
from ledgerbridge.errors import Refused
from ledgerbridge.messaging import outbox
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync.marks import Mark, mark
from ledgerbridge.sync.records import Priority

from invoice_service.drafts.draft import Draft
from invoice_service.invoices import store
from invoice_service.invoices.stages import Stage
from invoice_service.invoices.store import StoredInvoice
from invoice_service.orders import results as command_results
from invoice_service.orders import store_orders
from invoice_service.orders.already_invoiced import DRAFT_COUNTS_FOR, check_first, obstacles
from invoice_service.orders.bell import OrderBell
from invoice_service.orders.order import Kind, Order
from invoice_service.orders.results import Asker
from invoice_service.orders.store_orders import KIND, CommandKey

__all__ = ["KIND", "Asking", "Ordering"]

KINDS: dict[type[Addressed], Kind] = {
    CreateInvoice: "create",
    AttachInvoice: "attach",
    SendInvoice: "send",
    VoidInvoice: "void",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, under which key. `asker` is set where the outcome is told on the bus, not answered over HTTP."""

    tenant_id: int
    actor: str
    source: str
    key: str
    command_id: str
    priority: Priority = Priority.PERSON
    asker: Asker | None = None


class Ordering:
    """Stores orders, and waits for what becomes of them."""

    def __init__(self, database: Database, accounts: Accounts, clock: BusinessClock, bell: OrderBell) -> None:
        """`bell` rings when an order is settled."""
        self._database = database
        self._accounts = accounts
        self._clock = clock
        self._bell = bell

    async def order(self, asking: Asking, command: Addressed) -> Order:
        """Store an order for a command and answer it; the same key and content answer the earlier order.

        Raises Refused: IDEMPOTENCY_CONFLICT, ALREADY_INVOICED, NOT_FOUND, INVOICE_STATE, INVALID.
        """
        connection = await self.connection(asking.tenant_id, command)
        async with self._database.tenant(asking.tenant_id) as tx:
            return await self.order_in(tx, asking, command, connection)

    async def order_in(
        self, tx: Transaction, asking: Asking, command: Addressed, connection: Connection | None
    ) -> Order:
        """The same inside a transaction of the caller; where it raises, the transaction must be given up."""
        now = self._clock.now()
        if isinstance(command, OfInvoice):
            stored = await _invoice_of(tx, command, connection)
            connection = await self._accounts.connection(stored.known.connection)
            order = self._new(asking, connection, command, uuid.UUID(stored.known.invoice_id), now)
        else:
            stored = None
            if connection is None:
                raise Refused("INVALID", field="connection", problem="name a connection or a QuickBooks company")
            order = self._new(asking, connection, command, uuid.uuid4(), now)
        if order.deal_id:
            await store_orders.lock_deal(tx, asking.tenant_id, order.deal_id)
        earlier = await store_orders.take_key(tx, asking.tenant_id, _key(asking, command, order), now)
        if earlier is not None:
            return await self._earlier(tx, asking, earlier, now)
        if stored is not None:
            _check_stage(stored, order.kind)
        if isinstance(command, CreateInvoice) and order.deal_id:
            reason = command.reason if command.another else None
            await self.check_first(tx, order.deal_id, another_reason=reason, now=now)
        events = [command_results.accepted(asking.tenant_id, asking.asker, order, now)] if asking.asker else []
        await self._store(tx, asking.tenant_id, order, asking.priority, events)
        return order

    async def order_draft(self, tenant_id: int, draft_id: uuid.UUID, actor: str, another_reason: str | None) -> Order:
        """Order what a draft says; a second create of the draft returns its running order.

        Raises Refused: NOT_FOUND, ALREADY_INVOICED, INVALID. The draft is locked until the order is settled.
        """
        now = self._clock.now()
        async with self._database.tenant(tenant_id) as tx:
            await store_orders.lock_deal(tx, tenant_id, f"draft {draft_id}")
            running = await store_orders.unsettled_of_draft(tx, draft_id)
            if running is not None:
                return running
            draft = await store_orders.draft(tx, draft_id)
            if draft is None:
                raise Refused("NOT_FOUND", what=f"Draft {draft_id}")
            order = await self._new_of_draft(draft, actor, now)
            if draft.deal_id:
                await store_orders.lock_deal(tx, tenant_id, draft.deal_id)
                reason = another_reason or draft.another_reason
                await self.check_first(tx, draft.deal_id, another_reason=reason, now=now, own_draft_id=draft.draft_id)
            locked = draft.locked(str(order.order_id))
            await store_orders.save_draft(tx, tenant_id, locked, actor, now, read_version=draft.version)
            await self._store(tx, tenant_id, order, Priority.PERSON, [])
        return order

    async def check_first(
        self,
        tx: Transaction,
        deal_id: str,
        *,
        another_reason: str | None,
        now: datetime,
        own_draft_id: str | None = None,
        own_order_id: uuid.UUID | None = None,
    ) -> None:
        """Refuse another invoice for the deal (ALREADY_INVOICED). Call it under `store_orders.lock_deal`."""
        invoices = (await store.of_deals(tx, [deal_id]))[deal_id]
        orders = [one for one in await store_orders.unsettled_of_deal(tx, deal_id) if one.order_id != own_order_id]
        drafts = await store_orders.drafts_of_deal(tx, deal_id, now - DRAFT_COUNTS_FOR)
        check_first(obstacles(invoices, orders, drafts, own_draft_id=own_draft_id), another_reason=another_reason)

    async def connection(self, tenant_id: int, command: Addressed) -> Connection | None:
        """The company that a command means: the named one, else the only one; None where an invoice will tell.

        Raises Refused NOT_FOUND, INVALID.
        """
        known = await self._accounts.connections(tenant_id)
        if command.connection is not None:
            known = [one for one in known if one.id == command.connection]
            if not known:
                raise Refused("NOT_FOUND", field="connection", what=f"Connection {command.connection}")
        if command.quickbooks_company is not None:
            known = [one for one in known if one.quickbooks.external_id == command.quickbooks_company]
            if not known:
                what = f"QuickBooks company {command.quickbooks_company}"
                raise Refused("NOT_FOUND", field="quickbooks_company", what=what)
        return known[0] if len(known) == 1 else None

    async def outcome(self, tenant_id: int, order_id: uuid.UUID, seconds: float) -> Order:
        """The order as soon as nothing more happens to it by itself, or as it is after `seconds`."""
        with self._bell.waiting(order_id) as rung:
            order = await self.read(tenant_id, order_id)
            if not order.rests:
                await rung(seconds)
                order = await self.read(tenant_id, order_id)
        return order

    async def read(self, tenant_id: int, order_id: uuid.UUID) -> Order:
        """An order of the tenant. Raises Refused NOT_FOUND."""
        async with self._database.tenant(tenant_id) as tx:
            found = (await store_orders.by_ids(tx, [order_id])).get(order_id)
        if found is None:
            raise Refused("NOT_FOUND", what=f"Order {order_id}")
        return found

    async def save_and_mark(self, tx: Transaction, tenant_id: int, order: Order) -> None:
        """Store an order that a person moved on, and let the worker take it up."""
        await self._store(tx, tenant_id, order, Priority.PERSON, [])

    async def _store(
        self, tx: Transaction, tenant_id: int, order: Order, priority: Priority, events: list[outbox.Event]
    ) -> None:
        await store_orders.save(tx, tenant_id, [order])
        subject = str(order.order_id)
        await mark(tx, [Mark(tenant_id, order.connection_id, KIND, subject, priority=priority, make=True)])
        await outbox.put(tx, events)

    async def _earlier(self, tx: Transaction, asking: Asking, earlier: CommandKey, now: datetime) -> Order:
        """The order of the same key and content; who asks again on the bus is told again where it stands."""
        assert earlier.order_id is not None  # the key is taken in the transaction that stores its order
        order = (await store_orders.by_ids(tx, [earlier.order_id]))[earlier.order_id]
        if asking.asker and asking.command_id != earlier.command_id:
            await outbox.put(tx, _told_again(asking.tenant_id, asking.asker, order, now))
        return order

    def _new(
        self, asking: Asking, connection: Connection, command: Addressed, invoice_id: uuid.UUID, now: datetime
    ) -> Order:
        content: dict[str, Any] = {"command": command.model_dump(mode="json")}
        if asking.asker:
            content["asker"] = asking.asker.model_dump(mode="json")
        return Order(
            order_id=uuid.uuid4(),
            connection_id=connection.id,
            realm=connection.quickbooks.external_id,
            kind=KINDS[type(command)],
            invoice_id=invoice_id,
            actor=asking.actor,
            content=content,
            ordered_at=now,
            deal_id=command.deal_id if isinstance(command, CreateInvoice) else None,
            command_source=asking.source,
            command_key=asking.key,
        )

    async def _new_of_draft(self, draft: Draft, actor: str, now: datetime) -> Order:
        if draft.connection_id is None:
            raise Refused("INVALID", field="connection_id", problem="choose a QuickBooks company")
        connection = await self._accounts.connection(draft.connection_id)
        return Order(
            order_id=uuid.uuid4(),
            connection_id=connection.id,
            realm=connection.quickbooks.external_id,
            kind="create",
            invoice_id=uuid.uuid4(),
            actor=actor,
            content={"draft": draft.to_document()},
            ordered_at=now,
            draft_id=uuid.UUID(draft.draft_id),
            deal_id=draft.deal_id,
        )


def _key(asking: Asking, command: Addressed, order: Order) -> CommandKey:
    return CommandKey(
        source=asking.source,
        key=asking.key,
        command_id=asking.command_id,
        type=command.type,
        content_hash=store_orders.content_hash(command.encode()),
        order_id=order.order_id,
    )


def _told_again(tenant_id: int, asker: Asker, order: Order, now: datetime) -> list[outbox.Event]:
    events = [command_results.accepted(tenant_id, asker, order, now)]
    if order.state.settled:
        failed = order.code is not None
        events.append(
            command_results.failed(tenant_id, asker, order, now)
            if failed
            else command_results.succeeded(tenant_id, asker, order, None, None, now)
        )
    return events


async def _invoice_of(tx: Transaction, command: OfInvoice, connection: Connection | None) -> StoredInvoice:
    found: StoredInvoice | None = None
    if command.invoice_id is not None:
        try:
            found = (await store.by_ids(tx, [command.invoice_id])).get(str(uuid.UUID(command.invoice_id)))
        except ValueError:
            found = None
    elif command.quickbooks_id is not None:
        if connection is None:
            raise Refused("INVALID", field="connection", problem="name a connection or a QuickBooks company")
        realm = connection.quickbooks.external_id
        found = (await store.by_quickbooks_ids(tx, realm, [command.quickbooks_id])).get(command.quickbooks_id)
    if found is None:
        raise Refused("NOT_FOUND", field="invoice_id", what=f"Invoice {command.invoice_id or command.quickbooks_id}")
    return found


def _check_stage(stored: StoredInvoice, kind: Kind) -> None:
    """Refuse to send or void what is void or deleted (INVOICE_STATE)."""
    stage = stored.known.standing.stage
    if stage in (Stage.VOIDED, Stage.DELETED):
        number = stored.known.facts.number or stored.known.facts.quickbooks_id
        verb = "sent" if kind == "send" else "voided"
        raise Refused("INVOICE_STATE", field="invoice_id", number=number, stage=stage.value, verb=verb)
