"""What a producer of commands hears: accepted, then succeeded or failed; or refused at once (`command-results`)."""

import uuid
from datetime import datetime
from typing import Any

from ledgerbridge.contracts.results import (
    CommandAccepted,
    CommandFailed,
    CommandRefused,
    CommandResult,
    CommandSucceeded,
)
from ledgerbridge.contracts.topics import COMMAND_RESULTS
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.messaging import outbox
from pydantic import BaseModel, ConfigDict

from invoice_service.invoices.states import KnownInvoice
from invoice_service.orders.order import Order
from invoice_service.telling import SOURCE


class Asker(BaseModel):
    """Whose command it was, as the results name it; kept with the order."""

    model_config = ConfigDict(frozen=True)

    command_id: str
    source: str
    type: str
    key: str
    correlation_id: str | None = None

    def named(self) -> dict[str, Any]:
        """The fields that every result carries."""
        return {
            "command_id": self.command_id,
            "command_source": self.source,
            "command_type": self.type,
            "idempotency_key": self.key,
        }


def asker_of(order: Order) -> Asker | None:
    """Who waits for the order's outcome on the bus; None for an order of the wizard or of HTTP."""
    told = order.content.get("asker")
    return Asker.model_validate(told) if told else None


def accepted(tenant_id: int, asker: Asker, order: Order, now: datetime) -> outbox.Event:
    """The command is stored and will be done."""
    invoice_id = None if order.kind == "attach" else str(order.invoice_id)
    message = CommandAccepted(**asker.named(), order_id=str(order.order_id), invoice_id=invoice_id)
    return _event(tenant_id, order.connection_id, asker, message, now)


def refused(
    tenant_id: int, connection_id: int | None, asker: Asker, error: LedgerbridgeError, now: datetime
) -> outbox.Event:
    """The command was not accepted."""
    message = CommandRefused(
        **asker.named(), code=error.code, reason=error.sentence, remedy=error.remedy, field=error.field
    )
    return _event(tenant_id, connection_id, asker, message, now)


def succeeded(
    tenant_id: int, asker: Asker, order: Order, known: KnownInvoice | None, url: str | None, now: datetime
) -> outbox.Event:
    """The command is done; `known` is the invoice as it is now."""
    message = CommandSucceeded(
        **asker.named(),
        order_id=str(order.order_id),
        invoice_id=known.invoice_id if known else str(order.invoice_id),
        quickbooks_id=order.quickbooks_id,
        number=(known.facts.number or None) if known else None,
        total=known.facts.total if known else None,
        currency=known.currency if known else None,
        url=url,
    )
    return _event(tenant_id, order.connection_id, asker, message, now)


def failed(tenant_id: int, asker: Asker, order: Order, now: datetime) -> outbox.Event:
    """The accepted command came to nothing."""
    message = CommandFailed(
        **asker.named(),
        order_id=str(order.order_id),
        invoice_id=None if order.kind == "attach" else str(order.invoice_id),
        code=order.code or "UNEXPECTED",
        reason=order.reason or "",
        remedy=order.remedy or "",
        field=order.field,
    )
    return _event(tenant_id, order.connection_id, asker, message, now)


def _event(
    tenant_id: int, connection_id: int | None, asker: Asker, message: CommandResult, now: datetime
) -> outbox.Event:
    return outbox.event(
        COMMAND_RESULTS,
        f"{tenant_id}:{asker.command_id}",
        message,
        id=str(uuid.uuid4()),
        source=SOURCE,
        subject=asker.command_id,
        time=now,
        tenant=tenant_id,
        connection=connection_id,
        causation_id=asker.command_id,
        correlation_id=asker.correlation_id,
    )
