"""What is to be called: a route with braces, its values, and whether it may be done twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from ledgerbridge.errors import Permanent
from ledgerbridge.vendors.documents import write_document
from ledgerbridge.vendors.ports import CallKind, Expected


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `fill` goes into the route's braces, quoted.

    `effect`: it changes something at the vendor. `repeatable`: an effect that may be repeated without being doubled
    (a request id, or absolute values); whatever has no effect always may.
    """

    method: str
    route: str
    fill: Mapping[str, str] | None = None
    query: Sequence[tuple[str, str]] = ()
    document: Any = None
    content: bytes | None = None
    content_type: str = "application/json"
    accept: str = "application/json"
    kind: CallKind = "read"
    expected: Expected = "json"
    effect: bool = False
    repeatable: bool = False

    def target(self) -> str:
        """Path and query. A value can neither leave its segment nor add one."""
        segments = {name: _segment(value) for name, value in (self.fill or {}).items()}
        path = self.route.format_map(segments)
        return f"{path}?{urlencode(self.query, quote_via=quote)}" if self.query else path

    def payload(self) -> bytes | None:
        """The body's bytes."""
        return write_document(self.document) if self.document is not None else self.content


def _segment(value: str) -> str:
    if value in {"", ".", ".."}:
        raise Permanent("INVALID", field="id", problem="an id of a vendor cannot be empty or a dot")
    return quote(value, safe="")
