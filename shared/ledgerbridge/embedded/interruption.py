"""SIGINT, SIGTERM and SIGHUP as an orderly end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(KeyboardInterrupt):
    """Somebody wants this process to end."""


class Interruption:
    """Raises StopRequested in the main thread upon a signal, but never while `held`."""

    def __init__(self) -> None:
        """Nothing is asked for yet."""
        self._held = 0
        self._requested = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals over, and give them back at the end."""
        # Who was started with nohup is not ended by a closed terminal.
        taken = [one for one in SIGNALS if one != signal.SIGHUP or signal.getsignal(one) != signal.SIG_IGN]
        before = {number: signal.signal(number, self._receive) for number in taken}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let a signal wait until the end of what must not be torn apart."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._requested and not self._held:
            raise StopRequested

    def hold_for_good(self) -> None:
        """From here on the end is under way, and signals ask for nothing more."""
        self._held += 1

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        first, self._requested = not self._requested, True
        if first and not self._held:
            raise StopRequested
