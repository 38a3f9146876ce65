"""What became of one claimed record, in one shape: in sync, failed, waiting, excluded or gone."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ledgerbridge.errors import LedgerbridgeError, Paused, Permanent, ReconnectNeeded, Throttled

Verdict = Literal["in_sync", "failed", "waiting", "excluded", "gone"]

FIRST_RETRY_SECONDS = 2.0
LAST_RETRY_SECONDS = 300.0
WAITING_SECONDS = 60.0
"""How long a record waits for its account before it looks again by itself; `marks.resume` is faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Made by the functions below. `facts` is the caller's own: it is handed on to the finishing transaction.

    `done` outcomes settle the record: it is looked at again after the next mark. The others leave it pending and are
    tried again after `again_seconds` of machine time. What is None leaves the row's value, but `due_at` is always set.
    """

    subject_id: str
    verdict: Verdict
    done: bool = True
    again_seconds: float | None = None
    reason_code: str | None = None
    reason: str | None = None
    remedy: str | None = None
    due_at: datetime | None = None
    quickbooks_id: str | None = None
    hubspot_id: str | None = None
    hash_quickbooks: bytes | None = None
    hash_hubspot: bytes | None = None
    seen_quickbooks: datetime | None = None
    seen_hubspot: datetime | None = None
    facts: Any = None

    def columns(self) -> tuple[Any, ...]:
        """As the settling statement takes them."""
        return (
            self.subject_id,
            # A row marked during the work outlives "gone", with the verdict it had.
            None if self.verdict == "gone" else self.verdict,
            self.done,
            self.again_seconds,
            self.reason_code,
            self.reason,
            self.remedy,
            self.due_at,
            self.quickbooks_id,
            self.hubspot_id,
            self.hash_quickbooks,
            self.hash_hubspot,
            self.seen_quickbooks,
            self.seen_hubspot,
        )


def in_sync(
    subject_id: str,
    *,
    facts: Any = None,
    due_at: datetime | None = None,
    quickbooks_id: str | None = None,
    hubspot_id: str | None = None,
    hash_quickbooks: bytes | None = None,
    hash_hubspot: bytes | None = None,
    seen_quickbooks: datetime | None = None,
    seen_hubspot: datetime | None = None,
) -> Outcome:
    """Both sides agree. `due_at` (business time) is when it must be looked at again without a notice; None: never.

    `seen_quickbooks` is the envelope's time of our last write's answer, or of our last read less two seconds;
    `seen_hubspot` is the record's updatedAt (design.md 4).
    """
    return Outcome(
        subject_id=subject_id,
        verdict="in_sync",
        facts=facts,
        due_at=due_at,
        quickbooks_id=quickbooks_id,
        hubspot_id=hubspot_id,
        hash_quickbooks=hash_quickbooks,
        hash_hubspot=hash_hubspot,
        seen_quickbooks=seen_quickbooks,
        seen_hubspot=seen_hubspot,
    )


def excluded(subject_id: str, *, rule: str, reason: str, remedy: str, facts: Any = None) -> Outcome:
    """A rule keeps the record out of sync: `rule` is its short name, `reason` a sentence for a person."""
    return Outcome(
        subject_id=subject_id, verdict="excluded", reason_code=rule, reason=reason, remedy=remedy, facts=facts
    )


def gone(subject_id: str, *, facts: Any = None) -> Outcome:
    """Nobody tracks the record any more: its row is removed, unless a mark came during the work."""
    return Outcome(subject_id=subject_id, verdict="gone", facts=facts)


def failed(subject_id: str, error: Exception, *, attempts: int = 0, facts: Any = None) -> Outcome:
    """The outcome that an error means for a record which has failed `attempts` times in a row before.

    Permanent errors wait for the next mark or a person; a lost grant, a lapsed subscription and a used budget wait for
    the account and count as no attempt; everything else is tried again with growing gaps.
    """
    known = error if isinstance(error, LedgerbridgeError) else unexpected(type(error).__name__)
    waits = isinstance(known, (Paused, ReconnectNeeded))
    done = isinstance(known, Permanent)
    return Outcome(
        subject_id=subject_id,
        verdict="waiting" if waits else "failed",
        done=done,
        again_seconds=None if done else WAITING_SECONDS if waits else _pause(known, attempts),
        reason_code=known.code,
        reason=known.sentence,
        remedy=known.remedy,
        facts=facts,
    )


def unexpected(cause: str) -> LedgerbridgeError:
    """What is told of an error that nobody foresaw: its kind, never its text, which may hold a secret."""
    return LedgerbridgeError("UNEXPECTED", cause=cause)


def _pause(error: LedgerbridgeError, attempts: int) -> float:
    """Seconds until the next try: doubling, with a quarter at random so that records do not come back together."""
    growing = min(FIRST_RETRY_SECONDS * 2.0 ** min(attempts, 30), LAST_RETRY_SECONDS)
    spread = growing * random.uniform(0.75, 1.0)  # noqa: S311 - no secret depends on it
    return max(spread, error.retry_after) if isinstance(error, Throttled) else spread
