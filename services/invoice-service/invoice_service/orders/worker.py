"""The worker of the kind `order`: runs each order's steps, and settles order, invoice and result together.

Steps store what they are about to do in short transactions of their own; no vendor call happens inside one. What an
order came to is written in the transaction that settles its row, so a lost lease writes nothing.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog
from ledgerbridge.accounts.registry import Accounts, Connection
from ledgerbridge.contracts.invoices import InvoiceCreationFailed, InvoiceLinks
from ledgerbridge.errors import LedgerbridgeError, Permanent
from ledgerbridge.messaging import outbox
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync import outcomes
from ledgerbridge.sync.claims import Claimed, Lot
from ledgerbridge.sync.outcomes import Outcome
from ledgerbridge.vendors.manner import calling

from invoice_service.addresses import Addresses
from invoice_service.invoices import recording
from invoice_service.invoices.states import KnownInvoice
from invoice_service.lanes import lane
from invoice_service.orders import bell as order_bell
from invoice_service.orders import results as command_results
from invoice_service.orders import store_orders
from invoice_service.orders.order import Kind, Order, OrderState
from invoice_service.orders.runs import Executor, Finished, PersonNeeded, Run
from invoice_service.telling import Teller

log = structlog.get_logger(__name__)


class OrderWork:
    """Processes and finishes lots of orders; `executors` carry out each kind."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        executors: Mapping[Kind, Executor],
        clock: BusinessClock,
        addresses: Addresses,
    ) -> None:
        """`addresses` say where people open invoices."""
        self._database = database
        self._accounts = accounts
        self._executors = executors
        self._clock = clock
        self._addresses = addresses

    async def process(self, lot: Lot) -> list[Outcome]:
        """Carry out the lot's orders side by side."""
        connection = await self._accounts.connection(lot.connection_id)
        async with self._database.tenant(lot.tenant_id) as tx:
            orders = await store_orders.by_ids(tx, [UUID(record.subject_id) for record in lot.records])
        with calling(lane=lane(lot), seconds=max(lot.deadline - time.monotonic(), 0.0)):
            found = [orders.get(UUID(record.subject_id)) for record in lot.records]
            pairs = zip(lot.records, found, strict=True)
            return await asyncio.gather(*(self._one(connection, record, order) for record, order in pairs))

    async def _one(self, connection: Connection, record: Claimed, order: Order | None) -> Outcome:
        if order is None or order.state is OrderState.DONE:
            return outcomes.gone(record.subject_id)
        if order.state is OrderState.FAILED:
            order = order.again(self._clock.now())
        run = Run(connection, order, told="touched" in record.hints)
        try:
            finished = await self._executors[order.kind](run)
        except PersonNeeded as needed:
            finished = Finished(order=run.order, error=needed.error)
        except Permanent as error:
            finished = Finished(order=run.order.failed(error, self._clock.now()), error=error)
        except LedgerbridgeError as error:
            return outcomes.failed(record.subject_id, error, attempts=record.attempts)
        except Exception as error:
            log.exception("order.failed_unexpectedly", order=record.subject_id)
            return outcomes.failed(record.subject_id, error, attempts=record.attempts)
        return _outcome(record, finished)

    async def finish(self, tx: Transaction, lot: Lot, held: Sequence[Outcome]) -> None:
        """Write what the held orders came to; in the order of deals, as all who lock several do."""
        connection = await self._accounts.connection(lot.connection_id)
        finished = [outcome.facts for outcome in held if isinstance(outcome.facts, Finished)]
        for one in sorted(finished, key=lambda each: (each.order.deal_id or "", str(each.order.order_id))):
            await self._write(tx, connection, one)

    async def _write(self, tx: Transaction, connection: Connection, finished: Finished) -> None:
        order, tenant_id = finished.order, connection.tenant_id
        await store_orders.save(tx, tenant_id, [order])
        if finished.attempt is not None:
            await store_orders.settle_attempt(tx, finished.attempt)
        if order.draft_id is not None and order.state.settled:
            await self._settle_draft(tx, tenant_id, order.draft_id, done=order.state is OrderState.DONE)
        teller = Teller(tenant_id, connection.id, self._clock.now(), self._addresses, order.actor, _command_id(order))
        if finished.fresh is None:
            await outbox.put(tx, self._results(teller, order, finished.known))
        else:
            known = finished.fresh.known
            await recording.record(tx, connection, [finished.fresh], teller, more=self._results(teller, order, known))
        await order_bell.ring(tx, order.order_id)

    def _results(self, teller: Teller, order: Order, known: KnownInvoice | None) -> list[outbox.Event]:
        """What is told of a settled order. A person's new try of a failed one has no second result of the command."""
        if not order.state.settled:
            return []
        failed = order.state is OrderState.FAILED
        events = [teller.event(_creation_failed(order))] if failed and order.kind == "create" else []
        asker = command_results.asker_of(order)
        if asker is not None and not order.content.get("answered"):
            if failed:
                events.append(command_results.failed(teller.tenant_id, asker, order, teller.now))
            else:
                url = self._addresses.in_quickbooks(order.quickbooks_id)
                events.append(command_results.succeeded(teller.tenant_id, asker, order, known, url, teller.now))
        return events

    async def _settle_draft(self, tx: Transaction, tenant_id: int, draft_id: UUID, *, done: bool) -> None:
        """A draft whose invoice exists is put away; one whose order failed is open again."""
        draft = await store_orders.draft(tx, draft_id)
        if draft is None:
            return
        if done:
            await store_orders.discard_draft(tx, draft_id)
            return
        now = self._clock.now()
        await store_orders.save_draft(tx, tenant_id, draft.unlocked(), "", now, read_version=draft.version)


def _outcome(record: Claimed, finished: Finished) -> Outcome:
    """A settled order needs no row; a failed or resting one keeps it, to be seen and tried again.

    A failed order of the wizard is tried again there, as a new order of its draft.
    """
    wizard = finished.order.draft_id is not None and finished.order.state is OrderState.FAILED
    if finished.error is None or wizard:
        return outcomes.gone(record.subject_id, facts=finished)
    return outcomes.failed(record.subject_id, finished.error, facts=finished)


def _command_id(order: Order) -> str | None:
    asker = command_results.asker_of(order)
    return asker.command_id if asker else None


def _creation_failed(order: Order) -> InvoiceCreationFailed:
    return InvoiceCreationFailed(
        invoice_id=str(order.invoice_id),
        order_id=str(order.order_id),
        connection=order.connection_id,
        quickbooks_company=order.realm,
        command_id=_command_id(order),
        links=InvoiceLinks(deal_id=order.deal_id),
        code=order.code or "UNEXPECTED",
        reason=order.reason or "",
        remedy=order.remedy or "",
        field=order.field,
    )
