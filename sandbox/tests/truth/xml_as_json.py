"""QuickBooks' XML as the JSON that says the same: the published schema tells lists, numbers and truth values apart.

A few recorded documents close their elements wrongly; they are read as leniently as by the library that they test.
"""

import html
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

from published_schema import Part, Schema, published

_TOKEN = re.compile(r"<!--.*?-->|<\?.*?\?>|<(?P<end>/?)(?P<name>[\w:]+)(?P<attributes>[^>]*?)(?P<empty>/?)>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
NUMBERS = frozenset({"xs:decimal", "xs:int", "xs:long", "xs:positiveInteger"})
_TYPE = "xsi:type"


def read_xml(text: str) -> tuple[str, Any]:
    """The name of the outermost element and its content as JSON."""
    root = _tree(text)
    schema = published()
    kind = schema.objects.get(root.tag, root.tag)
    return root.tag, _value(schema, Part(root.tag, kind), root)


def _tree(text: str) -> Element:
    builder, open_now, at = TreeBuilder(), [], 0
    for token in _TOKEN.finditer(text):
        if open_now:
            builder.data(html.unescape(text[at : token.start()]))
        at = token.end()
        name = token["name"]
        if name is None:
            continue
        if not token["end"]:
            builder.start(name, {key: html.unescape(value) for key, value in _ATTRIBUTE.findall(token["attributes"])})
            open_now.append(name)
        if token["empty"]:
            builder.end(open_now.pop())
        elif token["end"]:
            last = len(open_now) - 1 - open_now[::-1].index(name) if name in open_now else len(open_now) - 1
            while len(open_now) > last:
                builder.end(open_now.pop())
    while open_now:
        builder.end(open_now.pop())
    return builder.close()


def _value(schema: Schema, part: Part, element: Element) -> Any:
    shape = schema.shapes.get(element.get(_TYPE, part.kind))
    text = (element.text or "").strip()
    if shape is None or shape.base is not None:
        return scalar(schema.scalar(part.kind), text) if not len(element) else _unknown(element)
    if shape.open:
        return {"any": [_bound(each) for each in element]}
    said = {name: value for name, value in element.attrib.items() if name in shape.parts}
    found: dict[str, Any] = {name: scalar(schema.scalar(shape.parts[name].kind), value) for name, value in said.items()}
    if shape.content is not None:
        return {"value": text, **found}
    for each in element:
        inner = shape.parts.get(each.tag, Part(each.tag, "xs:string"))
        value = _value(schema, inner, each)
        if inner.many:
            found.setdefault(each.tag, []).append(value)
        else:
            found[each.tag] = value
    return found


def scalar(kind: str, text: str) -> Any:
    """A text as the JSON value of a type of the XSD."""
    if kind == "xs:boolean":
        return text == "true"
    return Decimal(text) if kind in NUMBERS and text else text


def _unknown(element: Element) -> Mapping[str, Any]:
    return {each.tag: _unknown(each) if len(each) else (each.text or "").strip() for each in element}


def _bound(element: Element) -> Mapping[str, Any]:
    """An element where the schema allows any, as the service's binding (JAXB) writes it in JSON (recorded)."""
    kind = f"com.intuit.schema.finance.v3.{element.tag}"
    return {
        "name": f"{{http://schema.intuit.com/finance/v3}}{element.tag}",
        "declaredType": kind,
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": _unknown(element),
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }
