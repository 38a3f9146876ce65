"""What a bookkeeper does with money: payments on invoices, and credits applied to them (sandbox/control-door.md)."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import existing, submit
from ledgerbridge_sandbox.quickbooks.faults import required
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, number, number_in
from ledgerbridge_sandbox.quickbooks.schema import KINDS


def pay_one(company: Company, kind: Kind, identifier: str, given: Mapping[str, Any]) -> Record:
    """Money for one invoice: `amount`, else what is open."""
    share = given.get("amount") or existing(company, kind, identifier)["Balance"]
    return pay(company, {identifier: share}, given)


def pay(company: Company, shares: Mapping[str, Any], given: Mapping[str, Any]) -> Record:
    """One payment for several invoices: `shares` are amounts by id; more may be received as `total`."""
    if not isinstance(shares, Mapping) or not shares:
        raise required("invoices")
    invoices = [existing(company, KINDS["Invoice"], identifier) for identifier in shares]
    customer = given.get("customer") or invoices[0]["CustomerRef"]["value"]
    payment: Record = {
        "CustomerRef": {"value": str(customer)},
        "CurrencyRef": invoices[0]["CurrencyRef"],
        "TotalAmt": given.get("total") or _sum(shares),
        "Line": [_settling("Invoice", identifier, share) for identifier, share in shares.items()],
    }
    for name, field in (("date", "TxnDate"), ("number", "PaymentRefNum")):
        if given.get(name):
            payment[field] = given[name]
    return submit(company, KINDS["Payment"], payment)


def _sum(shares: Mapping[str, Any]) -> str:
    return str(sum((number(share, "Amount") for share in shares.values()), ZERO))


def _settling(entity: str, identifier: str, share: Any) -> Record:
    return {"Amount": str(share), "LinkedTxn": [{"TxnId": identifier, "TxnType": entity}]}


def credit(company: Company, invoice_id: str, wanted: Any) -> Record:
    """Answers the credit memo; the payment of zero that applies it is in its LinkedTxn."""
    invoice = existing(company, KINDS["Invoice"], invoice_id)
    share = wanted or invoice["Balance"]
    line = next(line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail")
    detail = {"ItemRef": line["SalesItemLineDetail"]["ItemRef"]}
    if "TaxCodeRef" in line["SalesItemLineDetail"]:
        us = line["SalesItemLineDetail"]["TaxCodeRef"]["value"] in {"TAX", "NON"}
        detail["TaxCodeRef"] = {"value": "NON"} if us else line["SalesItemLineDetail"]["TaxCodeRef"]
    memo: Record = {
        "CustomerRef": invoice["CustomerRef"],
        "CurrencyRef": invoice["CurrencyRef"],
        "Line": [{"Amount": str(share), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}],
    }
    if "GlobalTaxCalculation" in invoice:
        memo["GlobalTaxCalculation"] = "TaxInclusive"
    made = submit(company, KINDS["CreditMemo"], memo)
    return apply_credit(company, made["Id"], invoice_id, share)


def apply_credit(company: Company, memo_id: str, invoice_id: str, share: Any) -> Record:
    """A payment of zero applies so much of a credit memo to an invoice; answers the memo."""
    memo = existing(company, KINDS["CreditMemo"], memo_id)
    lines = [_settling("Invoice", invoice_id, share), _settling("CreditMemo", memo_id, share)]
    applying = {"CustomerRef": memo["CustomerRef"], "CurrencyRef": memo["CurrencyRef"], "TotalAmt": 0}
    submit(company, KINDS["Payment"], {**applying, "Line": lines})
    return existing(company, KINDS["CreditMemo"], memo_id)


def apply_payment(company: Company, payment_id: str, invoice_id: str, share: Any) -> Record:
    """So much of what a payment holds unapplied goes to an invoice."""
    payment = existing(company, KINDS["Payment"], payment_id)
    existing(company, KINDS["Invoice"], invoice_id)
    before = [line for line in payment["Line"] if not _settles(line, invoice_id)]
    paid = sum((number_in(line, "Amount") for line in payment["Line"] if _settles(line, invoice_id)), ZERO)
    lines = [*before, _settling("Invoice", invoice_id, paid + number(share, "Amount"))]
    return _with_lines(company, payment, lines)


def undo_payment(company: Company, kind: Kind, identifier: str, given: Mapping[str, Any]) -> Record:
    """Take a payment off one `invoice`; one that pays nothing else is deleted, as is a payment of zero."""
    payment = existing(company, kind, identifier)
    lines = [line for line in payment["Line"] if not _settles(line, str(given.get("invoice")))]
    if payment["TotalAmt"] and lines:
        return _with_lines(company, payment, lines)
    return submit(company, kind, {"Id": identifier, "SyncToken": payment["SyncToken"]}, "delete")


def _settles(line: Mapping[str, Any], invoice_id: str) -> bool:
    return {"TxnId": invoice_id, "TxnType": "Invoice"} in line["LinkedTxn"]


def _with_lines(company: Company, payment: Record, lines: list[Record]) -> Record:
    versioned = {"Id": payment["Id"], "SyncToken": payment["SyncToken"], "sparse": True}
    return submit(company, KINDS["Payment"], {**versioned, "Line": lines})
