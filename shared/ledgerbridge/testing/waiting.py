"""Waiting for a condition with a deadline: tests never sleep and hope."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any, TypeVar

POLL_SECONDS = 0.02

Answer = TypeVar("Answer")


async def wait_until(condition: Callable[[], Any], seconds: float = 10, what: str | None = None) -> Any:
    """Ask `condition`, plain or async, until its answer is true, and return that answer.

    AssertionError with `what` (default: the condition's name) and the last answer after `seconds` of machine time.
    """
    deadline = time.monotonic() + seconds
    while True:
        asked = condition()
        answer: Any = await asked if inspect.isawaitable(asked) else asked
        if answer:
            return answer
        _refuse_at(deadline, seconds, what or _name(condition), answer)
        await asyncio.sleep(POLL_SECONDS)


def wait_until_sync(condition: Callable[[], Answer], seconds: float = 10, what: str | None = None) -> Answer:
    """`wait_until` for tests without an event loop."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        _refuse_at(deadline, seconds, what or _name(condition), answer)
        time.sleep(POLL_SECONDS)
    return answer


def _refuse_at(deadline: float, seconds: float, what: str, answer: object) -> None:
    if time.monotonic() > deadline:
        raise AssertionError(f"not within {seconds:g} s: {what}; the last answer was {answer!r}")


def _name(condition: Callable[..., object]) -> str:
    return getattr(condition, "__qualname__", repr(condition))
