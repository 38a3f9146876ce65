"""What a bookkeeper does with money: payments on invoices, and credits applied to them (sandbox/control-door.md)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import existing, submit
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.schema import KINDS


def pay_one(company: Company, kind: Kind, identifier: str, given: Mapping[str, Any]) -> Record:
    """Money for one invoice: `amount`, else what is open."""
    share = given.get("amount") or existing(company, kind, identifier)["Balance"]
    return pay(company, {identifier: share}, given)


def pay(company: Company, shares: Mapping[str, Any], given: Mapping[str, Any]) -> Record:
    """One payment for several invoices: `shares` are amounts by id; more may be received as `total`."""
    invoices = [existing(company, KINDS["Invoice"], identifier) for identifier in shares]
    customer = given.get("customer") or invoices[0]["CustomerRef"]["value"]
    payment: Record = {
        "CustomerRef": {"value": str(customer)},
        "CurrencyRef": invoices[0]["CurrencyRef"],
        "TotalAmt": given.get("total") or _sum(shares),
        "Line": [_settling("Invoice", identifier, share) for identifier, share in shares.items()],
    }
    if given.get("date"):
        payment["TxnDate"] = given["date"]
    return submit(company, KINDS["Payment"], payment)


def _sum(shares: Mapping[str, Any]) -> str:
    return str(sum(Decimal(str(share)) for share in shares.values()))


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
    lines = [_settling("Invoice", invoice_id, share), _settling("CreditMemo", made["Id"], share)]
    applying = {"CustomerRef": invoice["CustomerRef"], "CurrencyRef": invoice["CurrencyRef"], "TotalAmt": 0}
    submit(company, KINDS["Payment"], {**applying, "Line": lines})
    return existing(company, KINDS["CreditMemo"], made["Id"])
