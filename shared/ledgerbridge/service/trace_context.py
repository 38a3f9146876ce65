"""Where in a trace we are, for rooms that must not know how traces are made.

Off, which is the default, `span` costs a look at a variable. `ledgerbridge.service.tracing` switches it on.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Attributes = Mapping[str, str | int | float | bool]


class Tracer(Protocol):
    """What makes spans, while traces are on."""

    def span(
        self, name: str, kind: str, attributes: Attributes, parents: Iterable[str]
    ) -> AbstractContextManager[object]:
        """A span around what happens inside; of several parents (traceparents) it is linked to each."""

    def past_span(self, name: str, attributes: Attributes, began: float, ended: float, *, failed: bool) -> None:
        """A span of something that is over; moments are seconds since 1970."""

    def traceparent(self) -> str | None:
        """W3C's name of the current span."""


_tracer: Tracer | None = None


def switch(tracer: Tracer | None) -> None:
    """Make spans with this tracer from now on; None: make none."""
    global _tracer  # noqa: PLW0603 - a process has traces or it has none
    _tracer = tracer


def current() -> str | None:
    """The traceparent to put into an envelope; None while traces are off."""
    return None if _tracer is None else _tracer.traceparent()


def span(
    name: str, kind: str, attributes: Attributes, parents: Iterable[str | None] = ()
) -> AbstractContextManager[object]:
    """A span around what happens inside; `kind` is ``server``, ``consumer`` or ``internal``."""
    if _tracer is None:
        return nullcontext()
    return _tracer.span(name, kind, attributes, dict.fromkeys(one for one in parents if one))


def past_span(name: str, attributes: Attributes, began: float, ended: float, *, failed: bool) -> None:
    """A span of something that is over; moments are seconds since 1970."""
    if _tracer is not None:
        _tracer.past_span(name, attributes, began, ended, failed=failed)
