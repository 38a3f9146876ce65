"""Write `quickbooks/finance_v3.txt` anew from Intuit's published schema.

    python sandbox/tools/schema_data.py FOLDER

FOLDER holds the XSD files of `src/XSD` in intuit/QuickBooks-V3-PHP-SDK (Apache-2.0). The data say of each type that an
object of the service can hold what it extends, and the names, types and order of its elements and attributes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

TARGET = Path(__file__).parents[1] / "ledgerbridge_sandbox" / "quickbooks" / "finance_v3.txt"
HEAD = """\
# Elements of QuickBooks' objects in the order of Intuit's published schema: intuit/QuickBooks-V3-PHP-SDK, src/XSD
# (commit 5bb480b, 2026-07-17, Apache-2.0). Written by sandbox/tools/schema_data.py; do not edit.
# A line is a type, what it extends, and its elements: s text, n number, b truth value, * many, @ attribute, $ content.
# IntuitObject stands for any object by its own name; what IntuitAnyType holds is a NameValue.
"""
_XS = "{http://www.w3.org/2001/XMLSchema}"
_SCALARS = {"boolean": "b", "decimal": "n", "int": "n", "long": "n", "positiveInteger": "n"}
_ENVELOPES = ("IntuitResponse", "IntuitBatchRequest")


class Schema:
    """The types, groups and objects that the files of a folder declare."""

    def __init__(self, folder: Path) -> None:
        self.types: dict[str, ET.Element] = {}
        self.groups: dict[str, ET.Element] = {}
        self.objects: list[str] = []
        for file in sorted(folder.glob("*.xsd")):
            for node in ET.parse(file).getroot():  # noqa: S314 (a file of one's own choice)
                self._take(node)

    def _take(self, node: ET.Element) -> None:
        name = node.get("name", "")
        if node.tag == f"{_XS}complexType":
            self.types[name] = node
        elif node.tag == f"{_XS}group":
            self.groups[name] = node
        elif node.tag == f"{_XS}element" and node.get("substitutionGroup") == "IntuitObject":
            self.objects.append(node.get("type", ""))

    def described(self) -> Iterator[str]:
        """A line for each type that an object or an envelope can hold, by name."""
        seen: set[str] = set()
        waiting = [*self.objects, *_ENVELOPES]
        while waiting:
            kind = waiting.pop()
            if kind in self.types and kind not in seen:
                seen.add(kind)
                waiting += [self._base(kind), *self._heirs(kind), *(used for *_, used in self._members(kind))]
        for kind in sorted(seen):
            base = self._base(kind)
            parts = [f"{name}:{self._code(used)}" for name, used in self._members(kind)]
            yield " ".join([f"{kind}<{base}" if base in self.types else kind, *parts])

    def _base(self, kind: str) -> str:
        extension = self.types[kind].find(f".//{_XS}extension")
        return "" if extension is None else extension.get("base", "")

    def _heirs(self, kind: str) -> list[str]:
        """Types that may stand where an abstract one is declared."""
        if kind == "IntuitEntity" or self.types[kind].get("abstract") != "true":
            return []
        return [other for other in self.types if self._base(other) == kind]

    def _members(self, kind: str) -> Iterator[tuple[str, str]]:
        if self.types[kind].find(f"{_XS}simpleContent") is not None:
            yield "$", self._base(kind)
        yield from self._within(self.types[kind])

    def _within(self, node: ET.Element) -> Iterator[tuple[str, str]]:
        for part in node:
            if part.tag == f"{_XS}element":
                many = "*" if part.get("maxOccurs", "1") != "1" else ""
                yield (part.get("name") or part.get("ref") or "") + many, part.get("type") or _inline(part)
            elif part.tag == f"{_XS}attribute":
                yield "@" + part.get("name", ""), part.get("type", "")
            elif part.tag == f"{_XS}any":
                yield "NameValue*", "NameValue"
            elif part.tag == f"{_XS}group" and part.get("ref"):
                yield from self._within(self.groups[part.get("ref", "")])
            elif part.tag != f"{_XS}annotation":
                yield from self._within(part)

    def _code(self, used: str) -> str:
        return used if used in self.types else _SCALARS.get(used.removeprefix("xs:"), "s")


def _inline(element: ET.Element) -> str:
    """The base of a simple type that is declared in its place."""
    restriction = element.find(f".//{_XS}restriction")
    return "" if restriction is None else restriction.get("base", "")


def main() -> None:
    """Write the data."""
    schema = Schema(Path(sys.argv[1]))
    TARGET.write_text(HEAD + "".join(f"{line}\n" for line in schema.described()))


if __name__ == "__main__":
    main()
