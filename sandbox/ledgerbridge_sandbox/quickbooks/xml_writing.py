"""Answers in XML: the JSON answer with its elements in the order of Intuit's schema (quickbooks.md 2, recordings)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ledgerbridge_sandbox.quickbooks.finance_types import NAMESPACE, TYPES, Element, Type
from ledgerbridge_sandbox.quickbooks.moments import envelope_time
from ledgerbridge_sandbox.quickbooks.money import Record, decode_record

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_AMOUNTS = (
    "Amount Balance BalanceWithJobs CurrentBalance CurrentBalanceWithSubAccounts HomeBalance HomeTotalAmt "
    "NetAmountTaxable RemainingCredit TaxAmount TotalAmt TotalTax UnappliedAmt"
)
_TO_THE_CENT = frozenset(_AMOUNTS.split())
"""Recorded with two decimals, but for a bare 0; prices, quantities and rates are not."""
_UNSPEAKABLE = {at: None for at in range(32) if chr(at) not in "\t\n\r"} | dict.fromkeys([0xFFFE, 0xFFFF])
"""Characters that XML cannot carry. Guess: they are left out of the answer."""
_NOWHERE = Element("s", many=True, place=10_000)


def as_xml(body: bytes) -> bytes:
    """The XML of a JSON answer: an envelope with the time, or the gateway's refusal."""
    answer = decode_record(body)
    if "fault" in answer:
        answer = _from_gateway(answer)
    content = "".join(_parts(answer, TYPES["IntuitResponse"]))
    attributes = f' xmlns="{NAMESPACE}"' + _attribute("time", answer.get("time"))
    return f"{_DECLARATION}<IntuitResponse{attributes}>{content}</IntuitResponse>".encode()


def _from_gateway(answer: Record) -> Record:
    """Its lower-case fault as the service writes one; a detail that is none is left out."""
    named = {"message": "Message", "detail": "Detail", "code": "code", "element": "element"}
    errors = [{named[name]: value for name, value in error.items()} for error in answer["fault"]["error"]]
    moment = datetime.fromtimestamp(answer["time"] / 1000, UTC)
    return {"Fault": {"Error": errors, "type": answer["fault"]["type"]}, "time": envelope_time(moment)}


def _parts(value: Mapping[str, Any], type_: Type | None) -> Iterator[str]:
    """The elements of an object in their order; those that the schema does not know come last."""
    known = [(name, (type_ and type_.element(name)) or _NOWHERE, part) for name, part in value.items()]
    for name, element, part in sorted(known, key=lambda row: row[1].place):
        if type_ is None or name not in type_.attributes:
            for each in part if isinstance(part, list) else [part]:
                yield _element(name, each, element)


def _element(name: str, value: Any, element: Element) -> str:
    if value is None:
        return ""
    if not isinstance(value, dict):
        return f"<{name}>{_text(name, value)}</{name}>"
    type_ = TYPES.get(element.type)
    if element.type == "IntuitAnyType":
        content = "".join(_extension(each) for each in value.get("any") or ())
    elif _is_reference(name, value, type_):
        content = _text(name, value.get("value", ""))
        type_ = TYPES["ReferenceType"] if type_ is None else type_
    else:
        content = "".join(_parts(value, type_))
    attributes = "".join(_attribute(key, value.get(key)) for key in (type_.attributes if type_ else ()))
    head = f"{name}{_told_type(element, value)}{attributes}"
    return f"<{head}>{content}</{name}>" if content else f"<{head}/>"


def _is_reference(name: str, value: Record, type_: Type | None) -> bool:
    return type_.content if type_ else name.endswith("Ref") and "value" in value


def _extension(value: Record) -> str:
    """What JAXB puts where the schema allows anything: mostly a pair of name and value (recorded)."""
    name = str(value.get("name", "")).rpartition("}")[2] or "NameValue"
    return _element(name, value.get("value"), Element("NameValue", many=True, place=0))


def _told_type(element: Element, value: Record) -> str:
    """The definitions of custom fields tell their type, which follows the fields that they hold (recorded)."""
    if element.type != "CustomFieldDefinition":
        return ""
    fields = value.get("CustomField") or [{}]
    kind = fields[0].get("Type", "StringType")
    return f' xmlns:xsi="{_INSTANCE}" xsi:type="{kind}CustomFieldDefinition"'


def _attribute(name: str, value: Any) -> str:
    return "" if value is None else f" {name}={quoteattr(_plain(value))}"


def _text(name: str, value: Any) -> str:
    if name in _TO_THE_CENT and isinstance(value, int | Decimal) and not isinstance(value, bool) and value:
        return f"{value:.2f}"
    return escape(_plain(value), {"\r": "&#13;"})


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).translate(_UNSPEAKABLE)
