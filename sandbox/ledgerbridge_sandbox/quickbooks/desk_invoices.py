"""Invoices as no application makes or changes them: a statement's charge, electronic states, Intuit's own changes."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import existing, submit
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.schema import KINDS

_E_INVOICE_STATUSES = {
    "Sent",
    "Viewed",
    "Paid",
    "Delivery Error",
    "Updated",
    "Error",
    "Accepted",
    "Rejected",
    "Sent With ICN Error",
    "Delivered",
    "Disputed",
}
"""Published schema, ETransactionStatusEnum."""
_SUBTOTAL = "SubTotalLineDetail"


def charge_on_statement(company: Company, given: Mapping[str, Any]) -> Record:
    """An invoice of a delayed charge: it has a total and a subtotal but no line that sells (recorded)."""
    sold: Record = {"Amount": given.get("amount"), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
    form = {
        "CustomerRef": {"value": str(given.get("customer"))},
        "Line": [sold],
        "GlobalTaxCalculation": "NotApplicable",
    }
    made = submit(company, KINDS["Invoice"], form)
    made["Line"] = [line for line in made["Line"] if line["DetailType"] == _SUBTOTAL]
    made["LinkedTxn"] = [{"TxnId": company.following("Txn"), "TxnType": "StatementCharge"}]
    return company.keep(KINDS["Invoice"], made, None, bump=False)


def set_e_invoice_status(company: Company, kind: Kind, identifier: str, given: Mapping[str, Any]) -> Record:
    """`{"status": "Viewed"}`. Guess: time moves, SyncToken does not, nobody is told. Raises 2170."""
    status = given.get("status")
    if kind.name != "Invoice" or not isinstance(status, str) or status not in _E_INVOICE_STATUSES:
        raise faults.enumeration_invalid(status)
    record = {**existing(company, kind, identifier), "EInvoiceStatus": status}
    return company.keep(kind, record, None, bump=False)


def fill_back(company: Company) -> Record:
    """What happened on 2026-07-22: Intuit added a property to every invoice (quickbooks.md 2); answers how many.

    Guess: SyncTokens stayed and nobody was told.
    """
    shelf = company.shelves["Invoice"]
    identifiers = list(shelf.ids())
    for identifier in identifiers:
        record = shelf.get(identifier) or {}
        company.keep(KINDS["Invoice"], {**record, "AllowOnlineAffirmPayment": False}, None, bump=False)
    return {"changed": len(identifiers)}
