"""The stage of an invoice as a list shows it: computed for the page, of what QuickBooks holds and the company's day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ledgerbridge_sandbox.pages.chips import Chip
from ledgerbridge_sandbox.quickbooks.money import Record, number_in

STAGES: Mapping[str, Chip] = {
    stage.key: stage
    for stage in (
        Chip("waiting", "Waiting to be sent", "waiting", "waiting"),
        Chip("sent", "Sent", "sent", "send"),
        Chip("partial", "Partial payment", "partial", "half"),
        Chip("paid", "Paid", "paid", "check"),
        Chip("overdue", "Overdue", "overdue", "late"),
        Chip("voided", "Voided", "voided", "ban"),
    )
}


def stage_of(invoice: Mapping[str, Any], today: date) -> Chip:
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


def fact_of(invoice: Record, stage: Chip) -> str:
    """What stands beside the stage in a list."""
    settled = number_in(invoice, "TotalAmt") - number_in(invoice, "Balance")
    if stage.key in {"partial", "overdue"} and settled:
        return f"{settled:,.2f} settled"
    if stage.key == "overdue" and invoice.get("EmailStatus") != "EmailSent":
        return "not sent"
    return ""
