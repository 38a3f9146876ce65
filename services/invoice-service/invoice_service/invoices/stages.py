"""An invoice's stage: one pure function of QuickBooks facts and today's date in the company's zone.

QuickBooks has no status field (quickbooks.md 5, Status derivation). The result and the instant at which it next changes
are stored beside the facts and written by nothing else (product.md, Stages).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from ledgerbridge.contracts.invoices import Stage

__all__ = ["Stage", "StageFacts", "Standing", "is_live", "overdue_from", "standing"]


def is_live(stage: Stage) -> bool:
    """Whether the invoice is neither voided nor deleted."""
    return stage not in (Stage.VOIDED, Stage.DELETED)


class StageFacts(Protocol):
    """What the stage is derived from."""

    @property
    def deleted(self) -> bool:
        """Whether QuickBooks said that the invoice is deleted."""

    @property
    def voided(self) -> bool:
        """Whether it is voided, as `facts.is_voided` says."""

    @property
    def total(self) -> Decimal:
        """The amount with tax, in the invoice's currency."""

    @property
    def balance(self) -> Decimal:
        """What is still open, in the invoice's currency."""

    @property
    def due_date(self) -> date | None:
        """The calendar date by which it is to be paid, if any."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A stage, and the instant (UTC) at which it changes by the passing of time alone; None if it never does."""

    stage: Stage
    changes_at: datetime | None


def standing(facts: StageFacts, *, handed_over: bool, today: date, zone: str) -> Standing:
    """The stage on a calendar date of the company's zone, and when time alone will change it.

    `zone` is an IANA name such as ``America/Los_Angeles``. Raises ZoneInfoNotFoundError for an unknown one.
    """
    stage = _stage(facts, handed_over, today)
    waits = stage in (Stage.WAITING_TO_BE_SENT, Stage.SENT_TO_CUSTOMER, Stage.PARTIAL_PAYMENT)
    return Standing(stage, overdue_from(facts.due_date, zone) if waits and facts.due_date else None)


def _stage(facts: StageFacts, handed_over: bool, today: date) -> Stage:
    # The order is the precedence of product.md.
    if facts.deleted:
        return Stage.DELETED
    if facts.voided:
        return Stage.VOIDED
    if facts.balance <= 0:  # below zero is not known to occur; it would mean nothing is owed
        return Stage.PAID_IN_FULL
    if facts.due_date is not None and facts.due_date < today:
        return Stage.OVERDUE
    if facts.balance < facts.total:
        return Stage.PARTIAL_PAYMENT
    return Stage.SENT_TO_CUSTOMER if handed_over else Stage.WAITING_TO_BE_SENT


def overdue_from(due_date: date, zone: str) -> datetime | None:
    """The instant (UTC) at which the day after the due date begins in the zone; None beyond the calendar's end.

    Where a change of clocks leaves no midnight, a day begins at the change: an unreal time is read with the offset
    before the gap, which is that very instant. Where midnight comes twice, the first one counts.
    """
    if due_date == date.max:
        return None
    return datetime.combine(due_date + timedelta(days=1), time.min, ZoneInfo(zone)).astimezone(UTC)
