"""The service's events as outbox records: facts on `invoices`, whole states on `invoice-states`."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from ledgerbridge.contracts.invoices import InvoiceCreationFailed, InvoiceEvent, InvoiceState
from ledgerbridge.contracts.model import Message
from ledgerbridge.contracts.topics import INVOICE_STATES, INVOICES, Topic
from ledgerbridge.messaging import outbox

from invoice_service.addresses import Addresses

SERVICE = "invoice-service"
SOURCE = f"ledgerbridge/{SERVICE}"


@dataclass(frozen=True)
class Teller:
    """Whose facts are told, when (business time), and by whom or what they came about."""

    tenant_id: int
    connection_id: int
    now: datetime
    addresses: Addresses
    actor: str = "quickbooks"
    causation_id: str | None = None
    correlation_id: str | None = None

    def event(self, message: InvoiceEvent | InvoiceCreationFailed) -> outbox.Event:
        """One fact of an invoice."""
        invoice_id = message.invoice.invoice_id if isinstance(message, InvoiceEvent) else message.invoice_id
        return self._record(INVOICES, invoice_id, message)

    def state(self, state: InvoiceState) -> outbox.Event:
        """The whole state of an invoice after a change."""
        return self._record(INVOICE_STATES, state.invoice_id, state)

    def _record(self, topic: Topic, invoice_id: str, message: Message) -> outbox.Event:
        return outbox.event(
            topic,
            f"{self.tenant_id}:{invoice_id}",
            message,
            id=str(uuid.uuid4()),
            source=SOURCE,
            subject=invoice_id,
            time=self.now,
            tenant=self.tenant_id,
            connection=self.connection_id,
            actor=self.actor,
            causation_id=self.causation_id,
            correlation_id=self.correlation_id,
        )
