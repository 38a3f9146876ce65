"""Estimates that become invoices (quickbooks.md 7): the link is written on the invoice and shown on both.

An estimate that was made an invoice is Closed (as guides to QuickBooks' pages say; Intuit's reference does not). Guess:
when that invoice is voided, deleted or loses the link, the estimate is open again, Accepted if it was accepted, else
Pending.
"""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.posting import Posting
from ledgerbridge_sandbox.quickbooks.references import identifier_of


def _estimates_of(invoice: Mapping[str, Any] | None) -> list[str]:
    links = (invoice or {}).get("LinkedTxn") or ()
    return [str(link.get("TxnId")) for link in links if link.get("TxnType") == "Estimate"]


def check_estimate(company: Company, invoice: Record) -> None:
    """Raises what refuses the estimate that the invoice names.

    6000 for more than one (documented), another's, or one that is an invoice already; 2500 or 610 for one that is not
    there (codes and words are guesses, after those of payments).
    """
    linked = _estimates_of(invoice)
    if len(linked) > 1:
        raise faults.business("Only one estimate can be linked to an invoice.")
    for identifier in linked:
        estimate = company.get("Estimate", identifier)
        if estimate is None:
            gone = ("Estimate", identifier) in company.deleted
            raise faults.deleted_transaction() if gone else faults.dangling("Txns", identifier)
        others = [link for link in estimate["LinkedTxn"] if link["TxnId"] != invoice.get("Id")]
        if others or identifier_of(estimate["CustomerRef"]) != identifier_of(invoice["CustomerRef"]):
            raise faults.business("TxnID Cannot Be Linked")


def follow_invoice(posting: Posting, invoice: Record | None, old: Record | None) -> None:
    """Close the estimate that an invoice names now, open the one that it named before. None: there is no invoice."""
    before, after = _estimates_of(old), _estimates_of(invoice)
    for identifier in before:
        if identifier not in after and old is not None:
            _open(posting, identifier, old["Id"])
    for identifier in after:
        if identifier not in before and invoice is not None:
            _close(posting, identifier, invoice["Id"])


def _close(posting: Posting, identifier: str, invoice: str) -> None:
    estimate = posting.get("Estimate", identifier)
    if estimate is not None:
        estimate["LinkedTxn"] = [{"TxnId": invoice, "TxnType": "Invoice"}]
        estimate["TxnStatus"] = "Closed"
        posting.touch("Estimate", identifier)


def _open(posting: Posting, identifier: str, invoice: str) -> None:
    estimate = posting.get("Estimate", identifier)
    if estimate is not None:
        estimate["LinkedTxn"] = [link for link in estimate["LinkedTxn"] if link["TxnId"] != invoice]
        if estimate["TxnStatus"] == "Closed":
            accepted = estimate.get("AcceptedBy") or estimate.get("AcceptedDate")
            estimate["TxnStatus"] = "Accepted" if accepted else "Pending"
        posting.touch("Estimate", identifier)


def forget_estimate(posting: Posting, estimate: Record) -> None:
    """An estimate is deleted: its invoice stays, without the link (guess)."""
    for link in estimate.get("LinkedTxn") or ():
        invoice = posting.get("Invoice", link["TxnId"])
        if invoice is not None:
            gone = {"TxnId": estimate["Id"], "TxnType": "Estimate"}
            invoice["LinkedTxn"] = [each for each in invoice["LinkedTxn"] if each != gone]
            posting.touch("Invoice", invoice["Id"])
