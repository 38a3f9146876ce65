"""What the endpoints of orders take and answer."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ledgerbridge.contracts.model import Text
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from invoice_service.orders.order import Kind, Order, OrderState


class OrderShown(BaseModel):
    """An order as it stands; `code`, `reason` and `remedy` where it failed."""

    order_id: UUID
    kind: Kind
    state: OrderState
    invoice_id: UUID
    connection: int
    deal_id: str | None
    draft_id: UUID | None
    quickbooks_id: str | None
    code: str | None
    field: str | None
    reason: str | None
    remedy: str | None
    ordered_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, order: Order) -> "OrderShown":
        """The order for people and clients."""
        return cls(
            order_id=order.order_id,
            kind=order.kind,
            state=order.state,
            invoice_id=order.invoice_id,
            connection=order.connection_id,
            deal_id=order.deal_id,
            draft_id=order.draft_id,
            quickbooks_id=order.quickbooks_id,
            code=order.code,
            field=order.field,
            reason=order.reason,
            remedy=order.remedy,
            ordered_at=order.ordered_at,
            settled_at=order.settled_at,
        )


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DateConfirmed(_Asked):
    """A person confirms the date of a create that waited too long."""

    invoice_date: date


class Settled(_Asked):
    """A person says what became of an order in doubt: this QuickBooks invoice, or nothing."""

    quickbooks_id: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,50}$")] | None,
        Field(description="null: QuickBooks did nothing"),
    ]


class SendAsked(_Asked):
    """To whom QuickBooks shall mail it; else to the address on the invoice."""

    to: Annotated[Text | None, Field(min_length=3, max_length=100, pattern=r"^[^@\s]+@[^@\s]+$")] = None


class VoidAsked(_Asked):
    """Why it is voided."""

    reason: Annotated[Text | None, Field(max_length=1000)] = None
