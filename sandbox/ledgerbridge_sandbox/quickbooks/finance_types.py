"""Types of QuickBooks' objects: the names, the order and the form of their elements, as Intuit's schema declares them.

The data (`finance_v3.txt`) are written from the published schema by `sandbox/tools/schema_data.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

TEXT, NUMBER, TRUTH = "s", "n", "b"
NAMESPACE = "http://schema.intuit.com/finance/v3"


@dataclass(frozen=True, slots=True)
class Element:
    """One element: TEXT, NUMBER, TRUTH or the name of its type, and its place among the others."""

    type: str
    many: bool
    place: int


@dataclass(frozen=True, slots=True)
class Type:
    """A type with all that it inherits; one with `content` is a text that bears attributes."""

    name: str
    elements: Mapping[str, Element]
    attributes: Mapping[str, str]
    content: bool

    def element(self, name: str) -> Element | None:
        """The element of that name, or an object of the service where any may stand; None for what is unknown."""
        found = self.elements.get(name)
        if found is None and "IntuitObject" in self.elements and name in TYPES:
            anywhere = self.elements["IntuitObject"]
            return Element(name, anywhere.many, anywhere.place)
        return found


def _read() -> Mapping[str, Type]:
    text = (resources.files(__package__) / "finance_v3.txt").read_text()
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    declared = {head.partition("<")[0]: (head.partition("<")[2], parts) for head, *parts in lines}
    return {name: _type(name, list(_inherited(declared, name))) for name in declared}


def _inherited(declared: Mapping[str, tuple[str, list[str]]], name: str) -> Iterator[str]:
    base, parts = declared[name]
    if base:
        yield from _inherited(declared, base)
    yield from parts


def _type(name: str, parts: list[str]) -> Type:
    named = [part.split(":") for part in parts]
    elements = {
        key.rstrip("*"): Element(type_, key.endswith("*"), place)
        for place, (key, type_) in enumerate(named)
        if key[0] not in "@$"
    }
    attributes = {key[1:]: type_ for key, type_ in named if key[0] == "@"}
    return Type(name, elements, attributes, any(key == "$" for key, _ in named))


TYPES: Mapping[str, Type] = _read()
