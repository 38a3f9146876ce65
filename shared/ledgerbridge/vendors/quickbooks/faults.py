"""How QuickBooks says no (quickbooks.md 13), as errors of the catalogue.

Two JSON shapes (``Fault`` of the service, ``fault`` of the gateway), now and then XML or HTML, and a Fault may come
under HTTP 200.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledgerbridge.errors import LedgerbridgeError, Paused, Permanent, ReconnectNeeded, Refused, Throttled, Transient
from ledgerbridge.vendors.documents import Document, read_document
from ledgerbridge.vendors.ports import AccountRef, Answer, Expected, Vendor
from ledgerbridge.vendors.refusals import retry_after, shorten
from ledgerbridge.vendors.seam import Disconnected, TokenRefused

THROTTLE_SECONDS = 60.0
"""QuickBooks documents no Retry-After: wait for its minute to be over."""
_XML_CODE = re.compile(rb'<Error[^>]*\bcode="(\d+)"')
_SAID_CODE = re.compile(r"errorCode=0*(\d+)")

_REFUSED = {
    "2500": "DANGLING_REFERENCE",
    "6140": "DUPLICATE_NUMBER",
    "6200": "BOOKS_CLOSED",
    "6210": "BOOKS_CLOSED",
    "6240": "NAME_TAKEN",
}
_PERMANENT = {"610": "GONE", "5010": "STALE", "4002": "POISONED_ROW"}


@dataclass(frozen=True, slots=True)
class Fault:
    """The first error of a Fault."""

    code: str
    message: str
    element: str | None = None
    kind: str = ""


class QuickBooksDialect:
    """Reads QuickBooks' answers for the seam."""

    vendor: Vendor = "quickbooks"
    display_name = "QuickBooks"

    def read(self, answer: Answer, expected: Expected, account: AccountRef) -> Any:
        """The document, unless a Fault is in it, whatever the status says."""
        fine = 200 <= answer.status < 300  # noqa: PLR2004
        if fine and expected == "bytes" and not _is_json(answer):
            return None
        document = _document(answer)
        found = fault_in(document) or (None if fine else _fault_in_xml(answer))
        if found is not None:
            raise meaning(found, answer, account)
        if not fine:
            raise _without_fault(answer, account)
        if document is None:
            raise Transient("VENDOR_ANSWER", vendor="QuickBooks", cause="not JSON")
        return document

    def reference(self, answer: Answer) -> str | None:
        """Intuit's id of the exchange."""
        return answer.headers.get("intuit_tid")


def fault_in(document: Document | None) -> Fault | None:
    """The Fault of an answer, of a CDC block or of one item of a batch; None where there is none."""
    if document is None:
        return None
    fault = document.get("Fault") or document.get("fault")
    if not isinstance(fault, dict):
        blocks = document.get("CDCResponse")
        inner = [one for one in blocks if isinstance(one, dict)] if isinstance(blocks, list) else []
        return next((found for one in inner if (found := fault_in(one))), None)
    errors = fault.get("Error") or fault.get("error") or ()
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return _fault_of(first, str(fault.get("type") or ""))


def _fault_of(error: Mapping[str, Any], kind: str) -> Fault:
    message = str(error.get("Message") or error.get("message") or "")
    detail = str(error.get("Detail") or error.get("detail") or "")
    code = str(error.get("code") or "").lstrip("0")
    if not code and (said := _SAID_CODE.search(message)):
        code = said[1]
    words = detail if detail.startswith(message) else f"{message}: {detail}" if detail else message
    return Fault(code, shorten(words or kind or "no reason given"), error.get("element") or None, kind)


def meaning(fault: Fault, answer: Answer, account: AccountRef) -> LedgerbridgeError:
    """The error of the catalogue that a Fault is."""
    code, status = fault.code, answer.status
    if code == "3001" or status == 429:  # noqa: PLR2004
        return _throttled(answer)
    if code in {"120", "130", "3100", "7001"}:
        return _reconnect(account, fault.message, Disconnected if code == "3100" else ReconnectNeeded)
    if code in {"3200", "3201"} or status == 401:  # noqa: PLR2004
        return TokenRefused(
            "RECONNECT_NEEDED", vendor="QuickBooks", account=account.external_id, cause="the token was not accepted"
        )
    if code == "6190":
        return Paused("SUBSCRIPTION_LAPSED", account=account.external_id, status=fault.message)
    if code == "10000" or status >= 500 or (fault.kind.lower() == "systemfault" and code not in _KNOWN):  # noqa: PLR2004
        return Transient("VENDOR_UNAVAILABLE", vendor="QuickBooks", cause=f"{code or status}: {fault.message}")
    return _refusal(fault, account)


def _refusal(fault: Fault, account: AccountRef) -> LedgerbridgeError:
    details: dict[str, Any] = {"vendor": "QuickBooks", "vendor_code": fault.code, "message": fault.message}
    details |= {"element": fault.element, "what": "The record", "company": account.external_id}
    details |= {"name": "given", "holder": "another customer, vendor or employee", "date": "the closing date"}
    if fault.code in _PERMANENT:
        return Permanent(_PERMANENT[fault.code], **details)
    return Refused(_REFUSED.get(fault.code, "VENDOR_REFUSED"), **details)


def _throttled(answer: Answer) -> Throttled:
    wait = retry_after(answer.headers, THROTTLE_SECONDS)
    return Throttled("VENDOR_THROTTLED", retry_after=wait, vendor="QuickBooks")


def _reconnect(account: AccountRef, cause: str, kind: type[ReconnectNeeded] = ReconnectNeeded) -> ReconnectNeeded:
    return kind("RECONNECT_NEEDED", vendor="QuickBooks", account=account.external_id, cause=cause)


def _without_fault(answer: Answer, account: AccountRef) -> LedgerbridgeError:
    """Gateways answer in HTML, or with nothing."""
    status = answer.status
    if status == 429:  # noqa: PLR2004
        return _throttled(answer)
    if status == 401:  # noqa: PLR2004
        return TokenRefused("RECONNECT_NEEDED", vendor="QuickBooks", account=account.external_id, cause="HTTP 401")
    if status == 403:  # noqa: PLR2004
        return _reconnect(account, "HTTP 403")
    if status >= 500 or status == 408:  # noqa: PLR2004
        return Transient("VENDOR_UNAVAILABLE", vendor="QuickBooks", cause=f"HTTP {status}")
    if status < 400:  # noqa: PLR2004
        return Transient("VENDOR_ANSWER", vendor="QuickBooks", cause=f"HTTP {status}, which leads elsewhere")
    return Permanent("VENDOR_REFUSED", vendor="QuickBooks", message=f"HTTP {status}", vendor_code=status)


def _document(answer: Answer) -> Document | None:
    try:
        document = read_document(answer.body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _is_json(answer: Answer) -> bool:
    return "json" in answer.headers.get("content-type", "")


def _fault_in_xml(answer: Answer) -> Fault | None:
    found = _XML_CODE.search(answer.body[:20_000])
    return Fault(found[1].decode().lstrip("0"), f"code {found[1].decode()}") if found else None


_KNOWN = frozenset(_REFUSED) | frozenset(_PERMANENT)
