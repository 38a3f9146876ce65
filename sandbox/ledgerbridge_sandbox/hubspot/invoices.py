"""The life of an invoice in HubSpot: draft, open, paid, voided; the mirror that bills nobody (hubspot.md 8)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot.calculations import cents, number
from ledgerbridge_sandbox.hubspot.errors import Problem, invalid, invalid_properties
from ledgerbridge_sandbox.hubspot.object_types import CONTACT, LINE_ITEM, PAYMENT
from ledgerbridge_sandbox.hubspot.values import milliseconds_text
from ledgerbridge_sandbox.hubspot.writing import Writing
from ledgerbridge_sandbox.records import Record
from ledgerbridge_sandbox.switches import Switches

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

_RECEIVED = frozenset({"succeeded", "partially_refunded"})
_DERIVED = ("hs_amount_billed",)
"""HubSpot derives these from the line items of a billable invoice; a mirror's are written (hubspot.md 8)."""


def billable(values: Mapping[str, str]) -> bool:
    """Whether HubSpot itself bills with it; a mirror of another system's invoice says `false` from the start."""
    return values.get("hs_invoice_billable") != "false"


def refuse(writing: Writing) -> None:
    """What cannot be written by the app. The words, and the refusal of `paid`, are guesses (hubspot.md 20.2)."""
    if not writing.new and writing.changes("hs_invoice_billable"):
        raise invalid("hs_invoice_billable can only be set when the invoice is created")
    if not writing.by_app or not billable(writing.values):
        return
    if written := [name for name in _DERIVED if writing.changes(name)]:
        problems = [
            Problem(name, "READ_ONLY_VALUE", f'"{name}" is a calculated property; its value cannot be set')
            for name in written
        ]
        raise invalid_properties(problems, writing.account.portal)
    if writing.changes("hs_invoice_status") and writing.values.get("hs_invoice_status") == "paid":
        raise invalid("Invoices cannot be set to paid. Payments are recorded in HubSpot.")


def calculated(writing: Writing) -> dict[str, str]:
    """
    What follows from the status and the amounts.

    Raises 400 for a status that the invoice cannot take: every change of it needs a line item
    (`INVOICE_TO_LINE_ITEM`), and opening a billable one a contact too.
    """
    values = dict(writing.values)
    values.setdefault("hs_invoice_status", "draft")
    found = {"hs_invoice_status": values["hs_invoice_status"]}
    if writing.new:
        found["hs_invoice_billable"] = "true" if billable(values) else "false"
        found["hs_invoice_date"] = values.get("hs_invoice_date") or milliseconds_text(writing.now)
        found["hs_due_date"] = values.get("hs_due_date") or found["hs_invoice_date"]
    if _moved(writing, values):
        _refuse_move(writing, values)
        found |= _opened(writing, values)
    return found | _balance(values)


def refuse_archive(settings: Switches, record: Record) -> None:
    """Only drafts are deleted, open ones where the account allows it (hubspot.md 8); the words are a guess."""
    status = record["p"].get("hs_invoice_status", "draft")
    if status == "draft" or (status == "open" and settings["delete_open_invoices"]):
        return
    raise invalid(f"Invoice with status {status} cannot be deleted")


def received(account: "Account", payment_ids: Iterable[str]) -> Decimal:
    """What the payments on an invoice brought, less what was paid back."""
    total = Decimal(0)
    for payment_id in payment_ids:
        values = (account.live[PAYMENT].get(payment_id) or {"p": {}})["p"]
        if values.get("hs_latest_status") in _RECEIVED:
            paid, back = number(values.get("hs_initial_amount")), number(values.get("hs_refunds_amount"))
            total += (paid or Decimal(0)) - (back or Decimal(0))
    return total


def settled(values: dict[str, str], billed: Decimal, paid: Decimal, now_text: str) -> dict[str, str]:
    """An open invoice whose payments cover it becomes paid by itself (guess)."""
    if values.get("hs_invoice_status") == "open" and billable(values) and 0 < billed <= paid:
        return {"hs_invoice_status": "paid", "hs_payment_date": now_text}
    return {}


def _moved(writing: Writing, values: dict[str, str]) -> bool:
    return bool(writing.before.get("hs_invoice_status", "draft") != values["hs_invoice_status"])


def _refuse_move(writing: Writing, values: dict[str, str]) -> None:
    before, after = writing.before.get("hs_invoice_status", "draft"), values["hs_invoice_status"]
    own = billable(values)
    missing = [] if writing.joined.get(LINE_ITEM) else ["INVOICE_TO_LINE_ITEM"]
    if own and after == "open" and not writing.joined.get(CONTACT):
        missing.append("INVOICE_TO_CONTACT")
    if not own and not writing.settings["mirror_invoices_need_line_items"]:
        missing = []
    if missing:
        raise invalid(f"Invoice is missing required associations: {', '.join(missing)}")
    if own and (before, after) not in {("draft", "open"), ("open", "paid"), ("open", "voided"), ("paid", "open")}:
        raise invalid(f"Invoice status cannot change from {before} to {after}")


def _opened(writing: Writing, values: dict[str, str]) -> dict[str, str]:
    """The number comes with the opening (guess: made from the record's id); a mirror has no document."""
    named = values.get("hs_number") or f"INV-{int(writing.record_id) % 1_000_000 + 1000}"
    if not billable(values) or values["hs_invoice_status"] != "open":
        return {"hs_number": named}
    link = f"https://app.hubspot.com/invoices/{writing.account.portal}/{writing.record_id}"
    return {"hs_number": named, "hs_invoice_link": link, "hs_pdf_download_link": f"{link}.pdf"}


def _balance(values: dict[str, str]) -> dict[str, str]:
    """A mirror that is said to be paid has no balance (guess): there is no payment that could tell."""
    billed = number(values.get("hs_amount_billed"))
    if billed is None:
        return {}
    paid = number(values.get("hs_amount_paid")) or Decimal(0)
    if values["hs_invoice_status"] == "paid" and not billable(values):
        paid = billed
    return {"hs_amount_paid": cents(paid), "hs_balance_due": cents(billed - paid)}
