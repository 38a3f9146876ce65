"""How HubSpot says no (hubspot.md 2, 6, 16), as errors of the catalogue."""

import re
from typing import Any

from ledgerbridge.errors import LedgerbridgeError, Paused, Permanent, Refused, Throttled, Transient
from ledgerbridge.vendors.documents import Document, read_document
from ledgerbridge.vendors.ports import AccountRef, Answer, Expected, Vendor
from ledgerbridge.vendors.refusals import retry_after, shorten
from ledgerbridge.vendors.seam import TokenRefused

LOCK_SECONDS = 2.0
"""HubSpot's lock on a record under heavy writes lasts this long (423)."""
MOVING_SECONDS = 3600.0
"""A moving account (477) says how long in Retry-After; this where it does not. A guess."""
_EXISTING = re.compile(r"Existing ID:\s*(\d+)")


class HubSpotDialect:
    """Reads HubSpot's answers for the seam."""

    vendor: Vendor = "hubspot"
    display_name = "HubSpot"

    def read(self, answer: Answer, expected: Expected, account: AccountRef) -> Any:
        """The document of any 2xx (success codes change without notice, hubspot.md 19); otherwise the error."""
        if not 200 <= answer.status < 300:  # noqa: PLR2004
            raise fault(answer, account)
        if expected != "json":
            return None
        try:
            document = read_document(answer.body)
        except ValueError:
            raise Transient("VENDOR_ANSWER", vendor="HubSpot", cause="not JSON") from None
        if not isinstance(document, dict):
            raise Transient("VENDOR_ANSWER", vendor="HubSpot", cause="not an object")
        return document

    def reference(self, answer: Answer) -> str | None:
        """HubSpot's correlation id."""
        return answer.headers.get("x-hubspot-correlation-id")


def fault(answer: Answer, account: AccountRef) -> LedgerbridgeError:
    """What an answer that is not 2xx means. Every field of its body is optional (hubspot.md 6)."""
    body = _body(answer)
    status = answer.status
    if status == 401:  # noqa: PLR2004
        cause = shorten(body.get("category") or "the token was not accepted")
        return TokenRefused("RECONNECT_NEEDED", vendor="HubSpot", account=account.external_id, cause=cause)
    if status in {423, 429, 477}:
        return _wait(answer, body, account)
    if status >= 500 or status == 408:  # noqa: PLR2004
        return Transient("VENDOR_UNAVAILABLE", vendor="HubSpot", cause=f"HTTP {status}")
    if status < 400:  # noqa: PLR2004
        return Transient("VENDOR_ANSWER", vendor="HubSpot", cause=f"HTTP {status}, which leads elsewhere")
    if status == 404 and "message" not in body:  # noqa: PLR2004
        # Not HubSpot's words: a wrong address or a proxy. It must never look as if a record were deleted.
        return Transient("VENDOR_ANSWER", vendor="HubSpot", cause="HTTP 404 without HubSpot's words")
    return refusal(body, status)


def refusal(body: Document, status: int) -> LedgerbridgeError:
    """A definite no, of a whole call or of one item of a batch."""
    category = str(body.get("category") or "")
    message = shorten(body.get("message") or f"HTTP {status}")
    details: dict[str, Any] = {"vendor": "HubSpot", "message": message, "status": status, "category": category}
    if category == "MISSING_SCOPES":
        return Paused("MISSING_SCOPE", scopes=", ".join(_scopes(body)) or "that the app asks for", vendor="HubSpot")
    if status == 404 or category == "OBJECT_NOT_FOUND":  # noqa: PLR2004
        return Permanent("GONE", what="The record", **details)
    if status == 409 or category == "CONFLICT":  # noqa: PLR2004
        found = _EXISTING.search(str(body.get("message") or ""))
        return Refused("ALREADY_THERE", existing_id=found[1] if found else None, **details)
    code, names = _problem(body)
    details["message"] = _words(body) or message
    if code == "PROPERTY_DOESNT_EXIST":
        return Permanent("UNKNOWN_PROPERTY", name=", ".join(names), object_type="this type", **details)
    return Refused("VENDOR_REFUSED", vendor_code=code or category or status, names=names, **details)


def _wait(answer: Answer, body: Document, account: AccountRef) -> LedgerbridgeError:
    if answer.status == 423:  # noqa: PLR2004
        return Throttled("VENDOR_LOCKED", retry_after=retry_after(answer.headers, LOCK_SECONDS), vendor="HubSpot")
    if answer.status == 477:  # noqa: PLR2004
        return Throttled("VENDOR_MOVING", retry_after=retry_after(answer.headers, MOVING_SECONDS), vendor="HubSpot")
    policy = str(body.get("policyName") or body.get("message") or "").upper()
    if "DAILY" in policy:
        owner = f"HubSpot account {account.external_id}"
        return Paused("BUDGET_USED", owner=owner, until="midnight in the account's time zone")
    # "TEN_SECONDLY" contains "SECONDLY": the longer name first.
    seconds = 10.0 if "TEN_SECONDLY" in policy else 1.0 if "SECONDLY" in policy else 10.0
    return Throttled("VENDOR_THROTTLED", retry_after=retry_after(answer.headers, seconds), vendor="HubSpot")


def _body(answer: Answer) -> Document:
    try:
        document = read_document(answer.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _entries(body: Document) -> list[Document]:
    errors = body.get("errors")
    return [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []


def _scopes(body: Document) -> list[str]:
    found: dict[str, None] = {}
    for entry in _entries(body):
        context = entry.get("context")
        scopes = context.get("requiredGranularScopes") if isinstance(context, dict) else None
        found.update({str(scope): None for scope in scopes or () if isinstance(scopes, list)})
    return list(found)


def _problem(body: Document) -> tuple[str, list[str]]:
    """The first machine code and the properties it is about, from `errors` or from the JSON inside the message."""
    code, names = "", list[str]()
    for entry in _entries(body) or _embedded(body):
        code = code or str(entry.get("code") or entry.get("error") or "")
        context = entry.get("context")
        told = context.get("propertyName") if isinstance(context, dict) else None
        names += [str(name) for name in (told if isinstance(told, list) else [entry.get("name")]) if name]
    return code, names


def _words(body: Document) -> str:
    """The sentences for a person inside a message that is mostly JSON."""
    return shorten("; ".join(str(entry["message"]) for entry in _embedded(body) if entry.get("message")))


def _embedded(body: Document) -> list[Document]:
    message = str(body.get("message") or "")
    try:
        entries = read_document(message[message.index("[") :].encode())
    except ValueError:
        return []
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
