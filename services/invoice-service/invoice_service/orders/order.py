"""An order: what somebody asked QuickBooks to do, and the rules for going on after each outcome.

One path for every create (design.md 4): draft and command make the same order. Before each call the attempt stores its
exact bytes and its request id. While the outcome is unknown only these bytes go out again under this id; after a
definite refusal, or after the created invoice was deleted, the generation rises.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from ledgerbridge.errors import LedgerbridgeError

from invoice_service.invoices.request_ids import Step, for_order

LOOK_FIRST_AFTER = timedelta(hours=24)
"""An attempt unresolved for so long is looked up in QuickBooks before it is repeated (product.md)."""

Kind = Literal["create", "attach", "send", "void"]


class OrderState(StrEnum):
    """Where an order stands; all but done and failed are unsettled."""

    ORDERED = "ordered"
    RUNNING = "running"
    UNCERTAIN = "uncertain"
    CONFIRM = "confirm"
    DOUBTFUL = "doubtful"
    DONE = "done"
    FAILED = "failed"

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self in (OrderState.DONE, OrderState.FAILED)

    @property
    def in_doubt(self) -> bool:
        """Whether QuickBooks may have done it and its answer is not on its way."""
        return self in (OrderState.UNCERTAIN, OrderState.DOUBTFUL, OrderState.CONFIRM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order. `content` is the draft's document, or what an attach, send or void needs. Times are business time."""

    order_id: UUID
    connection_id: int
    realm: str
    kind: Kind
    invoice_id: UUID
    actor: str
    content: dict[str, Any]
    ordered_at: datetime
    draft_id: UUID | None = None
    deal_id: str | None = None
    command_source: str | None = None
    command_key: str | None = None
    state: OrderState = OrderState.ORDERED
    step: str = "buyer"
    generation: int = 1
    customer_id: str | None = None
    quickbooks_id: str | None = None
    code: str | None = None
    field: str | None = None
    reason: str | None = None
    remedy: str | None = None
    settled_at: datetime | None = None

    @property
    def rests(self) -> bool:
        """Whether nothing more happens to it until a person does something."""
        return self.state.settled or self.state in (OrderState.CONFIRM, OrderState.DOUBTFUL)

    def at(self, step: str, state: OrderState = OrderState.RUNNING, *, customer_id: str | None = None) -> Self:
        """On this step; the customer is kept once it is known."""
        return replace(self, step=step, state=state, customer_id=customer_id or self.customer_id)

    def done(self, quickbooks_id: str, at: datetime) -> Self:
        """Settled: the invoice exists."""
        return replace(self, state=OrderState.DONE, quickbooks_id=quickbooks_id, settled_at=at)

    def failed(self, error: LedgerbridgeError, at: datetime) -> Self:
        """Settled: it came to nothing, for this reason; another try of it would be a new generation."""
        return replace(
            self,
            state=OrderState.FAILED,
            code=error.code,
            field=error.field,
            reason=error.sentence,
            remedy=error.remedy,
            settled_at=at,
        )

    def again(self, at: datetime) -> Self:
        """Ordered once more after a definite refusal or a deletion: the next generation."""
        return replace(
            self,
            state=OrderState.ORDERED,
            content={**self.content, "answered": True} if self.state.settled else self.content,
            generation=self.generation + 1,
            ordered_at=at,
            quickbooks_id=None,
            code=None,
            field=None,
            reason=None,
            remedy=None,
            settled_at=None,
        )

    def must_confirm_date(self, now: datetime, zone: str) -> bool:
        """Whether it waited more than 24 hours, or past the end of a month of the company's: a person confirms."""
        local = ZoneInfo(zone)
        first, last = self.ordered_at.astimezone(local), now.astimezone(local)
        return now - self.ordered_at > timedelta(hours=24) or (first.year, first.month) != (last.year, last.month)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call of an order: the bytes and the id under which they go out, stored before they do."""

    order_id: UUID
    step: Step | Literal["customer"]
    generation: int
    request_id: str
    payload: bytes
    started_at: datetime
    expected_total: Decimal | None = None
    expected_tax: Decimal | None = None
    answered_at: datetime | None = None
    outcome: Literal["done", "refused", "deleted"] | None = None
    code: str | None = None
    reason: str | None = None

    @property
    def unknown(self) -> bool:
        """Whether nobody knows if QuickBooks did it."""
        return self.outcome is None

    def must_look_first(self, now: datetime) -> bool:
        """Whether it is unresolved for so long that QuickBooks' memory of the id cannot be trusted."""
        return self.unknown and now - self.started_at >= LOOK_FIRST_AFTER


def attempt_of(
    order: Order,
    step: Step,
    payload: bytes,
    now: datetime,
    *,
    expected_total: Decimal | None = None,
    expected_tax: Decimal | None = None,
) -> Attempt:
    """The attempt for a step of an order in its generation; `expected_...` are the review's, for the variance."""
    return Attempt(
        order_id=order.order_id,
        step=step,
        generation=order.generation,
        request_id=for_order(order.realm, str(order.order_id), step, order.generation),
        payload=payload,
        started_at=now,
        expected_total=expected_total,
        expected_tax=expected_tax,
    )
