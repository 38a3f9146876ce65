"""What each door may answer: never a 5xx, and a refusal in the words of the vendor who is asked."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
from fuzz.call import Call
from fuzz.wire import Answer

_GATEWAY = frozenset(
    "warnings intuitObject fault report queryResponse batchItemResponse attachableResponse syncErrorResponse "  # noqa: SIM905
    "requestId time status cdcresponse".split()
)
_V3 = "{http://schema.intuit.com/finance/v3}"
_PAGES = ("/connect/oauth2", "/oauth/authorize")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOT_HTTP = b"Invalid HTTP request received."
_UNCATEGORIZED = {405, 415}
_AT_THE_EDGE = 414
"""An address that is too long meets HubSpot's edge, which answers pages."""
_STARTED = 500


def problem_of(call: Call, answer: Answer) -> str | None:
    """What is wrong with an answer, None if nothing is."""
    if answer.body == _NOT_HTTP and not call.is_http:
        return None
    if answer.status >= _STARTED:
        return f"{answer.status}: {answer.body[:300]!r}"
    if "x-injected" in answer.headers:
        return "a header of the caller's"
    if call.method == "HEAD" or answer.status in {204, 304}:
        return None
    try:
        return _OF_DOOR[call.door](call, answer)
    except (msgspec.DecodeError, LookupError, TypeError, UnicodeDecodeError, ET.ParseError) as error:
        return f"{answer.status} in no known shape ({type(error).__name__}: {error}): {answer.body[:300]!r}"


def _json(answer: Answer) -> Any:
    kind = answer.headers.get("content-type", "")
    if not kind.startswith("application/json"):
        raise TypeError(f"content-type {kind!r}")
    return msgspec.json.decode(answer.body)


def _quickbooks(call: Call, answer: Answer) -> str | None:
    if "intuit_tid" not in answer.headers:
        return "no intuit_tid"
    if answer.status < 300:
        return _done_in_quickbooks(answer)
    if answer.status < 400 and call.path.startswith("/connect"):
        return None if "location" in answer.headers else "a redirect to nowhere"
    if _is_refused_beside_json(call, answer):
        return None
    if answer.headers.get("content-type", "").startswith("application/xml"):
        return _xml_fault(answer.body)
    return _refused_by_quickbooks(call, answer.status, _json(answer))


def _is_refused_beside_json(call: Call, answer: Answer) -> bool:
    """The consent page for people, the storage's XML, and the revocation that answers nothing."""
    kind = answer.headers.get("content-type", "")
    page = kind.startswith("text/html") and call.path.startswith(_PAGES)
    storage = kind == "application/xml" and call.path.startswith("/files") and answer.body.startswith(b"<Error>")
    return page or storage or (not answer.body and call.path.endswith("/revoke"))


def _done_in_quickbooks(answer: Answer) -> str | None:
    kind = answer.headers.get("content-type", "")
    if kind.startswith("application/xml"):
        _tree(answer.body)
        return None
    if not kind.startswith("application/json"):
        return None if kind.split(";")[0] in {"application/pdf", "text/plain", "text/html"} else f"200 as {kind}"
    found = _json(answer) if answer.body else {}
    for part in found.get("AttachableResponse", []) + found.get("BatchItemResponse", []):
        if "Fault" in part and (wrong := _fault(part["Fault"])):
            return wrong
    return None


def _tree(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 - our own sandbox's


def _xml_fault(body: bytes) -> str | None:
    """Of the service and of the gateway alike."""
    error = _tree(body).find(f"{_V3}Fault/{_V3}Error")
    if error is None or not error.get("code"):
        return f"no fault in XML: {body[:300]!r}"
    told = [error.findtext(_V3 + name) for name in ("Message", "Detail")]
    return None if told[0] else f"a fault without words: {body[:300]!r}"


def _refused_by_quickbooks(call: Call, status: int, found: dict[str, Any]) -> str | None:
    if "error" in found and not call.path.startswith("/v3/"):
        return None if isinstance(found["error"], str) else "no OAuth error"
    if status in {401, 403}:
        errors = found["fault"]["error"]
        whole = found.keys() == _GATEWAY and errors[0].keys() == {"message", "detail", "code", "element"}
        return None if whole else "no fault of the gateway"
    if status != 400:
        return f"a status {status}"
    return _fault(found["Fault"])


def _fault(fault: dict[str, Any]) -> str | None:
    [error] = fault["Error"]
    texts = all(isinstance(error[name], str) for name in ("Message", "Detail", "code"))
    known = not error.keys() - {"Message", "Detail", "code", "element"}
    whole = texts and known and error["code"].isdigit() and isinstance(fault["type"], str)
    return None if whole else f"no fault of the service: {fault}"


def _hubspot(call: Call, answer: Answer) -> str | None:
    if "x-hubspot-correlation-id" not in answer.headers:
        return "no correlation id"
    kind = answer.headers.get("content-type", "")
    if answer.status < 400 and call.path.startswith("/oauth"):
        return None
    if kind.startswith("text/html"):
        return None if "/oauth" in call.path or answer.status == _AT_THE_EDGE else "a page"
    found = _json(answer)
    if answer.status < 300:
        errors = found.get("errors", []) if isinstance(found, dict) else []
        return next((wrong for each in errors if (wrong := _refused_input(each))), None)
    if "error" in found:
        texts = all(isinstance(found[name], str) for name in ("error", "error_description", "status", "message"))
        return None if texts and "/oauth" in call.path else f"no OAuth error: {found}"
    fine = found["status"] == "error" and isinstance(found["message"], str) and _UUID.fullmatch(found["correlationId"])
    bare = answer.status in _UNCATEGORIZED or call.path.startswith("/oauth")
    categorized = bare or isinstance(found["category"], str)
    return None if fine and categorized else f"no error of HubSpot: {found}"


def _refused_input(entry: dict[str, Any]) -> str | None:
    fine = entry["status"] == "error" and isinstance(entry["message"], str) and isinstance(entry["category"], str)
    return None if fine and isinstance(entry["context"], dict) else f"no error entry: {entry}"


def _control(call: Call, answer: Answer) -> str | None:
    found = _json(answer)
    if answer.status < 400:
        return None
    if "Fault" in found:
        return _fault(found["Fault"])
    told = found.get("error") or found.get("message")
    return None if isinstance(told, str) else f"no sentence: {found}"


_OF_DOOR = {"quickbooks": _quickbooks, "hubspot": _hubspot, "control": _control}
