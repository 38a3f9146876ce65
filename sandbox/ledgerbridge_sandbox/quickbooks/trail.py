"""Who changed what in a company, as its audit log shows it: the last changes, whatever caused them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KEPT_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """One stored state of an object: its SyncToken and the moment; `verb` as in webhooks, None where none is told."""

    entity: str
    identifier: str
    token: str
    verb: str | None
    at: datetime


class Trail:
    """The last steps of a company, oldest first; earlier ones are forgotten."""

    def __init__(self, kept: int = KEPT_STEPS) -> None:
        self._steps: deque[Step] = deque(maxlen=kept)

    def note(self, step: Step) -> None:
        """A state was stored."""
        self._steps.append(step)

    def of(self, entity: str, identifier: str) -> Iterator[Step]:
        """The steps of one object, the latest first."""
        return (step for step in reversed(self._steps) if step.identifier == identifier and step.entity == entity)

    def snapshot(self) -> object:
        """The whole state as an object that no later change reaches."""
        return tuple(self._steps)

    def restore(self, state: Any) -> None:
        """Take the state of an earlier snapshot."""
        self._steps = deque(state, self._steps.maxlen)
