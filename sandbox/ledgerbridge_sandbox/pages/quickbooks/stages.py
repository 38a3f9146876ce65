"""The stage of an invoice as a list shows it: computed for the page, of what QuickBooks holds and the company's day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledgerbridge_sandbox.quickbooks.money import Record, number_in


@dataclass(frozen=True)
class Stage:
    """How a state is shown: its words, the chip's style and its icon."""

    key: str
    words: str
    style: str
    icon: str


STAGES: Mapping[str, Stage] = {
    stage.key: stage
    for stage in (
        Stage("waiting", "Waiting to be sent", "waiting", "waiting"),
        Stage("sent", "Sent", "sent", "send"),
        Stage("partial", "Partial payment", "partial", "half"),
        Stage("paid", "Paid", "paid", "check"),
        Stage("overdue", "Overdue", "overdue", "late"),
        Stage("voided", "Voided", "voided", "ban"),
    )
}


def stage_of(invoice: Mapping[str, Any], today: date) -> Stage:
    """Of several that hold, the first: voided, paid, overdue (the day after the due date began), partly paid, sent."""
    balance = number_in(invoice, "Balance")
    if not invoice["TotalAmt"] and str(invoice.get("PrivateNote") or "").startswith("Voided"):
        return STAGES["voided"]
    if not balance:
        return STAGES["paid"]
    if invoice.get("DueDate") and date.fromisoformat(invoice["DueDate"]) < today:
        return STAGES["overdue"]
    if balance < number_in(invoice, "TotalAmt"):
        return STAGES["partial"]
    return STAGES["sent" if invoice.get("EmailStatus") == "EmailSent" else "waiting"]


def fact_of(invoice: Record, stage: Stage) -> str:
    """What stands beside the stage in a list."""
    settled = number_in(invoice, "TotalAmt") - number_in(invoice, "Balance")
    if stage.key in {"partial", "overdue"} and settled:
        return f"{settled:,.2f} settled"
    if stage.key == "overdue" and invoice.get("EmailStatus") != "EmailSent":
        return "not sent"
    return ""
