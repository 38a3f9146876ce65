"""How an object is read out: what it holds, and what only this answer adds to it."""

from collections.abc import Collection, Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import decode_record

_DRIFT = b',"SandboxUnknownField":{"Since":"2026-11"}}'
_LINK = "invoicelink"


def shown(company: Company, entity: str, body: bytes, include: Collection[str] = ()) -> bytes:
    """
    The object as answers carry it; `include` are the words of that parameter, in lower case.

    With `invoiceLink` an invoice bears its link (quickbooks.md 5), with the setting `schema_drift` every object a
    property that nobody knew (quickbooks.md 15.18).
    """
    if _LINK in include and entity == "Invoice":
        body = _linked(decode_record(body), body)
    return body[:-1] + _DRIFT if company.switches["schema_drift"] else body


def _linked(record: Mapping[str, Any], body: bytes) -> bytes:
    """Sandboxes of Intuit answer a `comingSoonview` address (quickbooks.md 16), of what can be paid online only."""
    if not record.get("BillEmail") or not record.get("AllowOnlineCreditCardPayment"):
        return body
    link = f"https://developer.intuit.com/comingSoonview/scs-v1-{record['Id']}"
    return body[:-1] + b',"InvoiceLink":"%s"}' % link.encode()
