"""The executor of the kind `attach`: an existing invoice is added to HubSpot records by command (S-57 to S-64)."""

from ledgerbridge.contracts.commands import AttachInvoice
from ledgerbridge.errors import Refused
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.vendors.quickbooks.client import QuickBooks
from ledgerbridge.vendors.quickbooks.query import Query

from invoice_service.existing.attaching import Attaching, Records
from invoice_service.orders.runs import Finished, Run


class OrderAttaching:
    """Finds the invoice by id or number and adds it; adding it twice changes nothing."""

    def __init__(self, attaching: Attaching, quickbooks: QuickBooks, clock: BusinessClock) -> None:
        """`attaching` does the work, in a transaction of its own."""
        self._attaching = attaching
        self._quickbooks = quickbooks
        self._clock = clock

    async def execute(self, run: Run) -> Finished:
        """Add the invoice. Raises Refused NOT_FOUND, OTHER_DEAL, ORDER_RUNNING, INVALID."""
        command = AttachInvoice.model_validate(run.order.content["command"])
        quickbooks_id = command.quickbooks_id or await self._numbered(run, command.number or "")
        records = Records(command.deal_id, command.contact_ids, command.company_ids, command.move)
        added = await self._attaching.attach(run.connection, [quickbooks_id], records, actor=run.order.actor)
        (known,) = added.values()
        return Finished(order=run.order.done(quickbooks_id, self._clock.now()), known=known)

    async def _numbered(self, run: Run, number: str) -> str:
        query = Query("Invoice").where("DocNumber", "=", number)
        found = (await self._quickbooks.queries.rows(run.connection.quickbooks, query)).value
        if not found:
            raise Refused("NOT_FOUND", field="number", what=f"Invoice number {number}")
        if len(found) > 1:
            raise Refused("INVALID", field="number", problem=f"{len(found)} invoices have the number {number}")
        return str(found[0]["Id"])
