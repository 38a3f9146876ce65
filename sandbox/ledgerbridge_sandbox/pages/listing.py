"""A page of a long list, without reading more of it than the page needs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from starlette.requests import Request

from ledgerbridge_sandbox.records import Record

ROWS = 50
REACH = 20_000
"""How many records one page looks at for those that fit; a search that needs more says so."""
_DIGITS = 7

Read = Callable[[str], Record | None]
Fits = Callable[[Record], bool]


@dataclass(frozen=True)
class Leaf:
    """One page of a list, with the addresses before and after it. `stopped`: there was more than one page looks at."""

    rows: list[Record]
    newer: str | None
    older: str | None
    stopped: bool


def leaf_of(request: Request, identifiers: Iterable[str], read: Read, fits: Fits | None = None) -> Leaf:
    """The page asked for, of the records in that order; `fits` None takes them all."""
    page = _page(request)
    start = (page - 1) * ROWS
    looking = _Looking(read, fits)
    if fits is None:
        found = list(looking.through(islice(identifiers, start, start + ROWS + 1)))
    else:
        found = list(islice(looking.through(islice(identifiers, REACH)), start, start + ROWS + 1))
    more = len(found) > ROWS
    return Leaf(
        found[:ROWS],
        address(request, page=str(page - 1)) if page > 1 else None,
        address(request, page=str(page + 1)) if more else None,
        looking.looked >= REACH and not more,
    )


def address(request: Request, **changes: str) -> str:
    """The address of the same list with other filters or another page; "" takes a filter away."""
    query = {**request.query_params, **changes}
    kept = {name: value for name, value in query.items() if value and name != "done"}
    return request.url.path + ("?" + urlencode(kept) if kept else "")


def holds(text: str, *values: object) -> bool:
    """Whether one of the values contains the text, in any case of letters."""
    wanted = text.casefold()
    return any(wanted in str(value).casefold() for value in values if value)


def _page(request: Request) -> int:
    asked = request.query_params.get("page", "")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS else 1


class _Looking:
    """Reads one record after the other, and counts them."""

    def __init__(self, read: Read, fits: Fits | None) -> None:
        self._read = read
        self._fits = fits
        self.looked = 0

    def through(self, identifiers: Iterable[str]) -> Iterator[Record]:
        for identifier in identifiers:
            self.looked += 1
            record = self._read(identifier)
            if record is not None and (self._fits is None or self._fits(record)):
                yield record
