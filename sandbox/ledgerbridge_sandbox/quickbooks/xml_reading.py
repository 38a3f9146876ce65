"""Requests in XML: as the JSON that says the same, so that the service knows one form only.

No document type is read and so no entity but XML's own five: one that has any is refused like what cannot be parsed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from ledgerbridge_sandbox.quickbooks.faults import malformed
from ledgerbridge_sandbox.quickbooks.finance_types import NAMESPACE, NUMBER, TEXT, TRUTH, TYPES
from ledgerbridge_sandbox.quickbooks.money import Record

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_DEEPEST = 100
_WHOLE = re.compile(r"[+-]?\d{1,30}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(slots=True)
class _Node:
    namespace: str
    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: "list[_Node]" = field(default_factory=list)


def is_xml(content_type: str) -> bool:
    """Whether a body of that type is XML."""
    return content_type.partition(";")[0].strip().lower() in {"application/xml", "text/xml"}


def read_object(name: str, body: bytes) -> Record:
    """The object of that name as JSON has it.

    Raises 2010 (guess) for what is no XML, has a document type, or is another object; an element that the schema does
    not know is left in, for the engine to refuse.
    """
    root = _parsed(body)
    if (root.namespace, root.name) != (NAMESPACE, name):
        raise malformed(f'unexpected element (uri:"{root.namespace}", local:"{root.name}")')
    value = _value(root, name)
    return value if isinstance(value, dict) else {}


class _Tree:
    """Builds the tree of nodes that expat tells."""

    def __init__(self) -> None:
        self.root: _Node | None = None
        self._open: list[_Node] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        node = _Node(*_split(name), attributes)
        if len(self._open) >= _DEEPEST:
            raise malformed("elements too deep")
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].text += text


def _split(name: str) -> tuple[str, str]:
    namespace, _, local = name.rpartition(" ")
    return namespace, local


def _refuse_doctype(*_: Any) -> None:
    raise malformed("DOCTYPE")


def _parsed(body: bytes) -> _Node:
    tree = _Tree()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    parser.CharacterDataHandler = tree.data
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise malformed(str(error)) from error
    if tree.root is None:  # expat itself refuses a document without an element
        raise malformed("no element found")
    return tree.root


def _value(node: _Node, type_name: str) -> Any:
    """A node as JSON has it: scalars by the schema's type, and objects."""
    if node.attributes.get(f"{_INSTANCE} nil") in {"true", "1"}:
        return None
    if type_name == "IntuitAnyType":
        return {"any": [_extension(child) for child in node.children]}
    type_ = TYPES.get(_told_type(node) or type_name)
    if type_ is None:
        return _object(node, "") if node.children else _scalar(node.text, type_name)
    if type_.content:
        attributes = {name: text for name, text in node.attributes.items() if name in type_.attributes}
        return {"value": node.text.strip(), **attributes}
    return _object(node, type_.name)


def _told_type(node: _Node) -> str:
    return node.attributes.get(f"{_INSTANCE} type", "").rpartition(":")[2]


def _object(node: _Node, type_name: str) -> Record:
    type_ = TYPES.get(type_name)
    attributes = type_.attributes if type_ else {}
    told = {name: text for name, text in node.attributes.items() if name in attributes}
    found: Record = {name: _scalar(text, attributes[name]) for name, text in told.items()}
    for child in node.children:
        element = type_.element(child.name) if type_ else None
        value = _value(child, element.type if element else TEXT)
        if element and element.many:
            found.setdefault(child.name, []).append(value)
        else:
            found[child.name] = value
    return found


def _extension(node: _Node) -> Record:
    """As Jackson writes what JAXB found where anything is allowed (recorded in answers)."""
    return {
        "name": f"{{{node.namespace}}}{node.name}",
        "declaredType": f"com.intuit.schema.finance.v3.{node.name}",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": _object(node, node.name),
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }


def _scalar(text: str, type_name: str) -> Any:
    """What does not have the form of its type stays a text, for the engine to refuse."""
    bare = text.strip()
    if type_name == NUMBER and _NUMBER.fullmatch(bare):
        return int(bare) if _WHOLE.fullmatch(bare) else Decimal(bare)
    if type_name == TRUTH:
        return _TRUTHS.get(bare, bare)
    return text
