"""What a void leaves of a sales form (quickbooks.md 5)."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks.bundle_lines import every_line
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record
from ledgerbridge_sandbox.quickbooks.sales_forms import set_balance
from ledgerbridge_sandbox.quickbooks.schema import PAID_AT_ONCE


def void_form(company: Company, kind: Kind, record: Record) -> None:
    """Every amount becomes 0, the note begins with Voided; number, lines and e-mail state stay (quickbooks.md 5)."""
    for line in every_line(record["Line"]):
        if "Amount" in line:
            line["Amount"] = 0
    if "TxnTaxDetail" in record:
        record["TxnTaxDetail"] = {"TotalTax": 0}
    record["TotalAmt"] = 0
    record.pop("Deposit", None)
    record["PrivateNote"] = voided_note(record.get("PrivateNote"))
    if kind.name in PAID_AT_ONCE:
        _void_quantities(record)
    else:
        record["LinkedTxn"] = []
    set_balance(company, kind, record, ZERO)


def is_void(record: Mapping[str, Any]) -> bool:
    """As an application must conclude it too: nothing is left of the total, and the note says so."""
    return not record["TotalAmt"] and str(record.get("PrivateNote") or "").startswith("Voided")


def _void_quantities(record: Record) -> None:
    """Of a receipt the quantities become 0 too (recorded)."""
    for line in every_line(record["Line"]):
        if "Qty" in line.get("SalesItemLineDetail", {}):
            line["SalesItemLineDetail"]["Qty"] = 0


def voided_note(note: str | None) -> str:
    """The private note with the mark in front. Guess: a blank between the mark and the old text."""
    return f"Voided {note}" if note else "Voided"
