"""Reading QuickBooks' envelopes: what cannot be understood is an answer that was not one."""

from collections.abc import Callable
from typing import Any, TypeVar

from ledgerbridge.errors import Transient, Uncertain
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.quickbooks.answers import Answered, Changes, time_of

Read = TypeVar("Read")
MINOR_VERSION = ("minorversion", "75")


def understand(reader: Callable[[Any], Read], document: Any, *, effect: bool = False) -> Answered[Read]:
    """Read, or raise Transient (Uncertain after a write, which was probably done) ``VENDOR_ANSWER``."""
    try:
        return Answered(reader(document), time_of(document))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        kind = Uncertain if effect else Transient
        cause = f"{type(error).__name__} while reading it"
        raise kind("VENDOR_ANSWER", vendor="QuickBooks", cause=cause) from None


def path_of(entity: str) -> str:
    """An entity's name in a path: lower case."""
    return entity.lower()


def entity_of(document: Document, entity: str) -> Document:
    """The object of an envelope; raises KeyError or TypeError."""
    found = document[entity]
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


def rows_of(document: Document, entity: str) -> list[Document]:
    """The rows of a query's answer; no rows are an empty QueryResponse."""
    rows = document["QueryResponse"].get(entity, [])
    if not all(isinstance(row, dict) and isinstance(row.get("Id"), str) for row in rows):
        raise TypeError("a row without an Id")
    return list(rows)


def count_of(document: Document) -> int:
    """The answer of a COUNT."""
    return int(document["QueryResponse"]["totalCount"])


def changes_of(document: Document) -> Changes:
    """The blocks of CDC by entity: one QueryResponse element for each, ``[{}]`` where nothing changed."""
    found: dict[str, tuple[Document, ...]] = {}
    for block in document["CDCResponse"]:
        for response in block["QueryResponse"]:
            for entity, rows in response.items():
                if isinstance(rows, list):
                    found[entity] = found.get(entity, ()) + tuple(rows)
    return Changes(found)
