"""XML in and out at the door: within, the service speaks JSON only (quickbooks.md 2).

Which of both is answered: what `Accept` prefers; XML where a call has none. Guess: JSON where neither is named (a
PDF is asked for) and where anything is accepted (`*/*`), which `xml_when_anything_is_accepted` turns to XML.
"""

from collections.abc import Sequence
from dataclasses import replace

from ledgerbridge_sandbox.quickbooks.accepting import weights
from ledgerbridge_sandbox.quickbooks.calls import Answer
from ledgerbridge_sandbox.quickbooks.faults import Fault
from ledgerbridge_sandbox.quickbooks.money import encode
from ledgerbridge_sandbox.quickbooks.schema import kind_called
from ledgerbridge_sandbox.quickbooks.xml_reading import is_xml, read_object
from ledgerbridge_sandbox.quickbooks.xml_writing import as_xml

_TAX_SERVICE = "taxservice"
_AS_THEY_ARE = frozenset({"query", "upload", ""})
"""Bodies that are a statement, or parts of which each has a type of its own."""


def json_body(path: Sequence[str], content_type: str, body: bytes) -> bytes:
    """The body of a request in JSON. Raises 2010 for XML that cannot be read, 10000 for XML to the tax service."""
    resource = path[0].lower() if path else ""
    if not body or not is_xml(content_type) or resource in _AS_THEY_ARE:
        return body
    if resource == _TAX_SERVICE:
        raise _not_consumed()
    kind = kind_called(resource)
    name = "IntuitBatchRequest" if resource == "batch" else kind.name if kind else ""
    return encode(read_object(name, body)) if name else body


def _not_consumed() -> Fault:
    """The tax service takes JSON only; the detail is recorded (ruckus/quickbooks-ruby#257), the status is a guess."""
    message = "An application error has occurred while processing your request"
    return Fault("10000", message, "System Failure Error: Cannot consume content type", kind="SystemFault")


def in_accepted_form(answer: Answer, path: str, query: str, accept: str, *, any_is_xml: bool) -> Answer:
    """The answer in XML where that is accepted; text, files and the tax service's answers stay as they are.

    `format=json` in the address (node-quickbooks sends it; for its sake the service heeds it) goes before `accept`.
    """
    form, _, charset = answer.content_type.partition(";")
    asked = next((part[7:] for part in query.lower().split("&") if part.startswith("format=")), "")
    if form != "application/json" or f"/{_TAX_SERVICE}/" in path.lower() or asked == "json":
        return answer
    if asked != "xml" and not _wants_xml(accept, any_is_xml):
        return answer
    content_type = f"application/xml;{charset}" if charset else "application/xml"
    return replace(answer, body=as_xml(answer.body), content_type=content_type)


def _wants_xml(accept: str, any_is_xml: bool) -> bool:
    weighed = weights(accept)
    json = max(weighed.get("application/json", 0), weighed.get("text/json", 0))
    xml = max(weighed.get("application/xml", 0), weighed.get("text/xml", 0))
    if json or xml:
        return xml > json
    return not weighed or (any_is_xml and bool(weighed.keys() & {"*/*", "application/*"}))
