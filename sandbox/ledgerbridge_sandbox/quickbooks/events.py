"""Webhooks as QuickBooks sends them since 2026-07: arrays of CloudEvents with `intuit-signature` (quickbooks.md 11)."""

import base64
import hashlib
import hmac
import random
import uuid
from datetime import datetime

import msgspec

from ledgerbridge_sandbox.quickbooks.company import Change, Company
from ledgerbridge_sandbox.quickbooks.moments import event_time
from ledgerbridge_sandbox.webhooks import Event

VERIFIER = "sandbox-verifier"
_LIST = "created updated"
_FORM = "created updated deleted void emailed"
_TOLD = {
    "Customer": f"{_LIST} deleted merged",
    "Vendor": f"{_LIST} deleted merged",
    "Employee": f"{_LIST} deleted merged",
    "Invoice": _FORM,
    "Payment": _FORM,
    "CreditMemo": _FORM,
    "SalesReceipt": _FORM,
    "RefundReceipt": _FORM,
    "Estimate": f"{_LIST} deleted emailed",
    "Deposit": f"{_LIST} deleted",
    "Item": f"{_LIST} deleted merged",
    "Class": f"{_LIST} deleted merged",
    "Department": f"{_LIST} merged",
    "Term": _LIST,
    "PaymentMethod": f"{_LIST} merged",
    "Account": f"{_LIST} deleted merged",
    "CompanyCurrency": f"{_LIST} deleted",
    "Preferences": "updated",
    "TaxAgency": _LIST,
}
"""What is told of each kind (quickbooks.md 11; vendors and employees are a guess). Of all others nothing."""


STYLE = {
    "timeout_seconds": 3.0,
    "retry_seconds": [10.0, 20.0, 30.0, 300.0, 1200.0, 7200.0, 14_400.0, 21_600.0],
    "retry_without_end": True,
    "withhold": True,
}
"""Intuit's schedule: the last delay is repeated for ever; meanwhile later events are withheld (quickbooks.md 11)."""


def cloud_event(company: Company, change: Change, chance: random.Random) -> Event | None:
    """The event of a change, None where QuickBooks tells nobody or the app did not subscribe to it."""
    if change.verb not in _TOLD.get(change.entity, "").split() or not _subscribed(company, change):
        return None
    verb = "voided" if change.verb == "void" and company.switches["webhook_verb_voided"] else change.verb
    opaque = base64.b64encode(hashlib.sha256(company.realm.encode()).digest()).decode()
    return {
        "specversion": "1.0",
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "source": f"intuit.{opaque}",
        "type": f"qbo.{change.entity.lower()}.{verb}.v1",
        "datacontenttype": "application/json",
        "time": event_time(change.at),
        "intuitentityid": change.identifier,
        "intuitaccountid": company.realm,
        "data": {"deletedid": change.deletedid} if change.deletedid else {},
    }


def _subscribed(company: Company, change: Change) -> bool:
    """What is chosen in Intuit's portal: all, or words like `invoice` (all its verbs) and `customer.merged`."""
    chosen = str(company.switches["webhook_events"]).lower().split()
    entity = change.entity.lower()
    return not chosen or entity in chosen or f"{entity}.{change.verb}" in chosen


def signature(body: bytes) -> str:
    """What the header `intuit-signature` carries for these raw bytes."""
    return base64.b64encode(hmac.new(VERIFIER.encode(), body, hashlib.sha256).digest()).decode()


def signed_request(_url: str, events: list[Event], _attempt: int, _now: datetime) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one delivery."""
    body = msgspec.json.encode(events)
    return body, {"content-type": "application/cloudevents+json", "intuit-signature": signature(body)}
