"""Reading HubSpot's documents: what cannot be understood is an answer that was not one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from ledgerbridge.errors import Transient, Uncertain
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.hubspot.models import Page, record_of

Read = TypeVar("Read")


def understand(reader: Callable[[Any], Read], document: Any, *, effect: bool = False) -> Read:
    """Read, or raise Transient (Uncertain after a write, which was probably done) ``VENDOR_ANSWER``."""
    try:
        return reader(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        kind = Uncertain if effect else Transient
        cause = f"{type(error).__name__} while reading it"
        raise kind("VENDOR_ANSWER", vendor="HubSpot", cause=cause) from None


def results_of(document: Document) -> list[Document]:
    """The results of a list, search or batch; raises where there are none."""
    results = document["results"]
    if not isinstance(results, list):
        raise TypeError("results is no list")
    return results


def next_of(document: Document) -> str | None:
    """Where the next page begins."""
    after = ((document.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)


def page_of(document: Document) -> Page:
    """A page of records."""
    records = tuple(record_of(one) for one in results_of(document))
    total = document.get("total")
    return Page(records, next_of(document), int(total) if total is not None else None)


def chunks(items: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    """The distinct items in lots of `size`, in order."""
    rest = iter(dict.fromkeys(items))
    while lot := list(islice(rest, size)):
        yield lot
