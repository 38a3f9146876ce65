"""Intuit's published schema of the Accounting API, read from its XSD files: types, enumerations, lengths.

The XSD has no facet of length; it says lengths in its documentation ("ValidRange: QBO: max=21", "Max. length: 500
characters" in a paragraph for QBO or ALL), from where they are taken.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from specs_folder import SCHEMAS

FILES = ("IntuitBaseTypes.xsd", "IntuitNamesTypes.xsd", "Finance.xsd", "IntuitRestServiceDef.xsd", "SalesTax.xsd")
_XS = "{http://www.w3.org/2001/XMLSchema}"
_OBJECT = "IntuitObject"
_RANGE = re.compile(r"ValidRange: QBO: *max=(\d+)", re.IGNORECASE)
_LENGTH = re.compile(r"max(?:\.|imum)? length:?(?: is)? (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One element or attribute of a type. `kind` names its type; `most` is its greatest length, None without one."""

    name: str
    kind: str
    many: bool = False
    most: int | None = None


@dataclass
class Shape:
    """One type. A simple one has `base` (and perhaps `values`), one with text inside has `content` beside its parts."""

    name: str
    parts: dict[str, Part] = field(default_factory=dict)
    base: str | None = None
    content: str | None = None
    values: frozenset[str] = frozenset()
    open: bool = False
    """Whether anything may stand inside (xs:any)."""


@dataclass(frozen=True)
class Schema:
    """All types by name, and the kinds of objects by the name of their element."""

    shapes: Mapping[str, Shape]
    objects: Mapping[str, str]

    def scalar(self, kind: str) -> str:
        """The XSD's own type behind a simple one, as `xs:string`."""
        while kind in self.shapes and (base := self.shapes[kind].base):
            kind = base
        return kind

    def values(self, kind: str) -> frozenset[str]:
        """What an enumeration allows; empty for what is none."""
        return self.shapes[kind].values if kind in self.shapes else frozenset()


@cache
def published(folder: Path = SCHEMAS) -> Schema:
    """The schema in that folder."""
    roots = [ET.parse(folder / name).getroot() for name in FILES]  # noqa: S314 - files of a known origin
    groups = {each.get("name", ""): each for root in roots for each in root.findall(f"{_XS}group")}
    objects = {
        each.get("name", ""): each.get("type", "")
        for root in roots
        for each in root.findall(f"{_XS}element")
        if each.get("substitutionGroup") == _OBJECT
    }
    shapes: dict[str, Shape] = {}
    for root in roots:
        for each in root.findall(f"{_XS}simpleType"):
            shapes[each.get("name", "")] = _simple(each)
    complexes = {each.get("name", ""): each for root in roots for each in root.findall(f"{_XS}complexType")}
    for name in complexes:
        shapes[name] = _complex(name, complexes, groups, objects)
    return Schema(shapes, objects)


def _simple(element: ET.Element) -> Shape:
    restriction = element.find(f"{_XS}restriction")
    assert restriction is not None, element.get("name")
    values = frozenset(each.get("value", "") for each in restriction.findall(f"{_XS}enumeration"))
    return Shape(element.get("name", ""), base=restriction.get("base"), values=values)


def _complex(
    name: str,
    complexes: Mapping[str, ET.Element],
    groups: Mapping[str, ET.Element],
    objects: Mapping[str, str],
) -> Shape:
    """The type with what it takes from those it extends."""
    shape = Shape(name)
    element: ET.Element | None = complexes[name]
    while element is not None:
        for part in _parts(element, groups, objects):
            shape.parts.setdefault(part.name, part)
        shape.open = shape.open or element.find(f".//{_XS}any") is not None
        extension = element.find(f"{_XS}complexContent/{_XS}extension")
        simple = element.find(f"{_XS}simpleContent/{_XS}extension")
        if simple is not None:
            shape.content = simple.get("base")
        element = None if extension is None else complexes.get(extension.get("base", ""))
    return shape


def _parts(
    element: ET.Element,
    groups: Mapping[str, ET.Element],
    objects: Mapping[str, str],
    *,
    many: bool = False,
) -> Iterator[Part]:
    for each in element:
        repeated = many or each.get("maxOccurs", "1") != "1"
        tag = each.tag.removeprefix(_XS)
        if tag == "element" and each.get("ref") == _OBJECT:
            yield from (Part(name, kind, repeated) for name, kind in objects.items())
        elif tag == "element":
            yield Part(each.get("name", ""), each.get("type") or _inline(each), repeated, _most(each))
        elif tag == "attribute":
            yield Part(each.get("name", ""), each.get("type", "xs:string"))
        elif tag == "group":
            yield from _parts(groups[each.get("ref", "")], groups, objects, many=repeated)
        elif tag in {"sequence", "choice", "complexContent", "simpleContent", "extension"}:
            yield from _parts(each, groups, objects, many=repeated)


def _inline(element: ET.Element) -> str:
    """An element that bears its own type: its base will do."""
    restriction = element.find(f".//{_XS}restriction")
    return "xs:string" if restriction is None else restriction.get("base", "xs:string")


def _most(element: ET.Element) -> int | None:
    text = "".join(element.itertext()) if element.find(f"{_XS}annotation") is not None else ""
    text = " ".join(text.split())
    found = [int(number) for number in _RANGE.findall(text)]
    for paragraph in text.split("Product: ")[1:]:
        if paragraph.startswith(("QBO", "ALL")):
            found += [int(number) for number in _LENGTH.findall(paragraph)]
    return max(found, default=None)
