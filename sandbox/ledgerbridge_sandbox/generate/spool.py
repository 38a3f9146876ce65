"""Records that are made in another order than that in which they are written, kept in a file meanwhile."""

from array import array
from collections.abc import Iterator
from tempfile import TemporaryFile


class Spool:
    """Bodies by number. Read them when all are there."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="ledgerbridge-sandbox-")  # noqa: SIM115 - closed when nobody needs it
        self._numbers = array("q")
        self._changed = array("q")
        self._starts = array("q", [0])

    def add(self, number: int, body: bytes, changed: int) -> None:
        """Keep one."""
        self._file.write(body)
        self._numbers.append(number)
        self._changed.append(changed)
        self._starts.append(self._starts[-1] + len(body))

    def read(self) -> Iterator[tuple[str, bytes, int]]:
        """Each as (number as text, body, changed), by number."""
        self._file.flush()
        for at in sorted(range(len(self._numbers)), key=self._numbers.__getitem__):
            self._file.seek(self._starts[at])
            yield str(self._numbers[at]), self._file.read(self._starts[at + 1] - self._starts[at]), self._changed[at]
