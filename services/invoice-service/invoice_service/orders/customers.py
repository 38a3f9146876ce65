"""Making the missing customer for an order: once for each HubSpot record, whoever asks (request_ids.for_customer)."""

from dataclasses import replace

from ledgerbridge.errors import Permanent
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync import links as twins
from ledgerbridge.sync.links import Link
from ledgerbridge.vendors.documents import Document, read_document
from ledgerbridge.vendors.quickbooks.answers import Answered
from ledgerbridge.vendors.quickbooks.client import QuickBooks

from invoice_service.catalogue import store_customers
from invoice_service.catalogue.customers import NewCustomer, read_customer
from invoice_service.drafts.payloads import customer_bytes
from invoice_service.invoices.request_ids import for_customer
from invoice_service.orders import store_orders
from invoice_service.orders.order import Attempt
from invoice_service.orders.runs import Run
from invoice_service.telling import SERVICE

MOST_GENERATIONS = 100


class OrderCustomers:
    """The customer's step of an order."""

    def __init__(self, database: Database, quickbooks: QuickBooks, clock: BusinessClock) -> None:
        """Create through this client."""
        self._database = database
        self._quickbooks = quickbooks
        self._clock = clock

    async def make(self, run: Run, new: NewCustomer, *, multicurrency: bool) -> str:
        """Create the customer, link it with its HubSpot record, and answer its id. Raises Refused NAME_TAKEN, …."""
        record = (new.record_type, new.record_id) if new.record_id else ("order", str(run.order.order_id))
        payload = customer_bytes(new, multicurrency=multicurrency)
        async with self._database.tenant(run.tenant_id) as tx:
            generation = await self._generation(tx, run, record)
            attempt = Attempt(
                order_id=run.order.order_id,
                step="customer",
                generation=generation,
                request_id=for_customer(run.order.realm, *record, generation),
                payload=payload,
                started_at=self._clock.now(),
            )
            # Whose customer it will be stands with the order, since a lost answer is repeated from here.
            content = {**run.order.content, "customer_of": list(record)}
            run.order = replace(run.order.at("customer"), content=content)
            await store_orders.save(tx, run.tenant_id, [run.order])
            attempt = await store_orders.save_attempt(tx, run.tenant_id, attempt)
        return await self.repeat(run, attempt)

    async def repeat(self, run: Run, attempt: Attempt) -> str:
        """Send the stored bytes (once more) and answer the customer's id."""
        try:
            answered = await self._quickbooks.writes.create(
                run.connection.quickbooks, "Customer", read_document(attempt.payload), attempt.request_id
            )
        except Permanent as error:
            refused = replace(
                attempt,
                outcome="refused",
                answered_at=self._clock.now(),
                code=error.code,
                reason=error.sentence,
            )
            async with self._database.tenant(run.tenant_id) as tx:
                await store_orders.settle_attempt(tx, refused)
            raise
        await self._keep(run, attempt, answered)
        assert run.order.customer_id is not None  # `_keep` has just set it
        return run.order.customer_id

    async def _keep(self, run: Run, attempt: Attempt, answered: Answered[Document]) -> None:
        """The customer exists: attempt, order, link and catalogue in one transaction."""
        customer, now = read_customer(answered.value), self._clock.now()
        kind, record_id = run.order.content["customer_of"]
        connection = run.connection
        run.order = run.order.at("customer", customer_id=customer.quickbooks_id)
        async with self._database.tenant(run.tenant_id) as tx:
            await store_orders.settle_attempt(tx, replace(attempt, outcome="done", answered_at=now))
            await store_orders.save(tx, run.tenant_id, [run.order])
            await store_customers.save_customers(tx, run.tenant_id, connection.id, [customer], answered.time)
            if kind != "order":
                link = Link(run.tenant_id, connection.id, kind, record_id, customer.quickbooks_id, SERVICE, now)
                await twins.join(tx, [link])

    async def _generation(self, tx: Transaction, run: Run, record: tuple[str, str]) -> int:
        """The first generation of which no outcome is known: a refused or used-up id is not used again."""
        ids = {for_customer(run.order.realm, *record, one): one for one in range(1, MOST_GENERATIONS + 1)}
        used = await store_orders.settled_request_ids(tx, ids)
        return min(number for request_id, number in ids.items() if request_id not in used)
