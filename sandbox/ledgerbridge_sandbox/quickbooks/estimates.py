"""Estimates that become invoices (quickbooks.md 7): the link is written on the invoice and shown on both.

An estimate that was made an invoice is Closed (as guides to QuickBooks' pages say; Intuit's reference does not). Guess:
when that invoice is voided, deleted or loses the link, the estimate is open again, Accepted if it was accepted, else
Pending.
"""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, number_in
from ledgerbridge_sandbox.quickbooks.posting import Posting
from ledgerbridge_sandbox.quickbooks.references import identifier_of


def _estimates_of(invoice: Mapping[str, Any] | None) -> list[str]:
    links = (invoice or {}).get("LinkedTxn") or ()
    return [str(link.get("TxnId")) for link in links if link.get("TxnType") == "Estimate"]


def _links(estimate: Mapping[str, Any]) -> list[Record]:
    return list(estimate.get("LinkedTxn") or ())


def _link(estimate: Record, links: list[Record]) -> None:
    """An estimate without links has no list of them (recorded), unlike an invoice."""
    estimate.pop("LinkedTxn", None)
    if links:
        estimate["LinkedTxn"] = links


def check_estimate(company: Company, invoice: Record) -> None:
    """Raises what refuses the estimate that the invoice names.

    6000 for more than one (documented), another's, or one that is an invoice already, whole or in all its parts; 2500
    or 610 for one that is not there (codes and words are guesses, after those of payments).
    """
    linked = _estimates_of(invoice)
    if len(linked) > 1:
        raise faults.business("Only one estimate can be linked to an invoice.")
    for identifier in linked:
        estimate = company.get("Estimate", identifier)
        if estimate is None:
            gone = ("Estimate", identifier) in company.deleted
            raise faults.deleted_transaction() if gone else faults.dangling("Txns", identifier)
        own = any(link["TxnId"] == invoice.get("Id") for link in _links(estimate))
        used_up = bool(_links(estimate)) and (estimate["TxnStatus"] == "Closed" or not _in_parts(company))
        theirs = identifier_of(estimate["CustomerRef"]) != identifier_of(invoice["CustomerRef"])
        if theirs or (used_up and not own):
            raise faults.business("TxnID Cannot Be Linked")


def _in_parts(company: Company) -> bool:
    """Whether the company invoices estimates in parts (progress invoicing, which people switch on)."""
    return bool(company.preferences("SalesFormsPrefs").get("UsingProgressInvoicing"))


def follow_invoice(company: Company, posting: Posting, invoice: Record | None, old: Record | None) -> None:
    """Move links and states of the estimates that an invoice names now or named before. None: there is no invoice."""
    after = _estimates_of(invoice)
    owner = invoice or old or {}
    for identifier in dict.fromkeys([*_estimates_of(old), *after]):
        estimate = posting.get("Estimate", identifier)
        if estimate is None:
            continue
        before = _links(estimate), estimate["TxnStatus"]
        own = {"TxnId": owner["Id"], "TxnType": "Invoice"}
        if identifier not in after:
            _link(estimate, [link for link in _links(estimate) if link != own])
        elif own not in _links(estimate):
            _link(estimate, [*_links(estimate), own])
        estimate["TxnStatus"] = _status(company, posting, estimate)
        if before != (_links(estimate), estimate["TxnStatus"]):
            posting.touch("Estimate", identifier)


def _status(company: Company, posting: Posting, estimate: Record) -> str:
    """Closed once it is invoiced: with its only invoice, or when the parts reach its total (guess)."""
    parts = [posting.get("Invoice", link["TxnId"]) or {} for link in _links(estimate)]
    invoiced = sum((number_in(part, "TotalAmt") for part in parts), ZERO)
    if parts and (not _in_parts(company) or invoiced >= number_in(estimate, "TotalAmt")):
        return "Closed"
    if estimate["TxnStatus"] != "Closed":
        return str(estimate["TxnStatus"])
    return "Accepted" if estimate.get("AcceptedBy") or estimate.get("AcceptedDate") else "Pending"


def forget_estimate(posting: Posting, estimate: Record) -> None:
    """An estimate is deleted: its invoice stays, without the link (guess)."""
    for link in _links(estimate):
        invoice = posting.get("Invoice", link["TxnId"])
        if invoice is not None:
            gone = {"TxnId": estimate["Id"], "TxnType": "Estimate"}
            invoice["LinkedTxn"] = [each for each in invoice["LinkedTxn"] if each != gone]
            posting.touch("Invoice", invoice["Id"])
