"""The ids under which QuickBooks does a piece of work once (`requestid`, at most 50 characters; quickbooks.md 2).

QuickBooks replays an id even after its invoice was deleted and does not compare bodies, so the generation rises after
a definite refusal or a deletion (product.md, Creating is idempotent). The connection is no part of it: reconnecting
must not create again.
"""

import hashlib
import uuid
from typing import Literal

Step = Literal["invoice", "online", "send", "void"]

INVOICES = uuid.UUID("6f1f3f1c-6d0e-5a52-9a44-3a7a3d1f1b55")
"""The namespace of the ids that attached invoices get."""


def for_order(realm: str, order_id: str, step: Step, generation: int) -> str:
    """The id of one step of an order."""
    return _hashed("order", realm, order_id, step, str(generation))


def for_customer(realm: str, record_type: str, record_id: str, generation: int) -> str:
    """The id under which a HubSpot record (``contact`` or ``company``) becomes a customer, whoever creates it."""
    return _hashed("customer", realm, record_type, record_id, str(generation))


def _hashed(*parts: str) -> str:
    # The length before each part keeps ("1", "23") and ("12", "3") apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return "lb-" + hashlib.sha256(text.encode()).hexdigest()[:40]


def id_of_attached(realm: str, quickbooks_id: str) -> uuid.UUID:
    """Our id of an invoice that was not ordered by us: the same for ever, whoever finds it first."""
    return uuid.uuid5(INVOICES, f"{realm}:{quickbooks_id}")


def marker_of(order_id: str) -> str:
    """The mark that an invoice of ours bears in its private note, by which a lost answer is found again."""
    return f"[ledgerbridge:{order_id}]"


def has_marker(private_note: str, order_id: str) -> bool:
    """Whether the note bears the order's mark; copies made in QuickBooks bear it too, so it is a hint only."""
    return marker_of(order_id) in private_note
