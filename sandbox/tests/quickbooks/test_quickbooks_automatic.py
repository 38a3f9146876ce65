"""What QuickBooks applies by itself (quickbooks.md 7: AutoApplyCredit, AutoApplyPayments)."""

from decimal import Decimal
from typing import Any

import pytest

NOTE = "Created by QB Online to link credits to charges."


def settling(entity: Any, identifier: Any, share: Any) -> Any:
    return {"Amount": Decimal(share), "LinkedTxn": [{"TxnId": identifier, "TxnType": entity}]}


async def memo_of(company: Any, customer: str, total: str, **fields: Any) -> Any:
    line = await company.line(total, TaxCodeRef={"value": "NON"})
    return await company.write("CreditMemo", {"CustomerRef": {"value": customer}, "Line": [line], **fields})


async def wish(company: Any, **switches: bool) -> str:
    await company.desk("preferences", switches, "PATCH")
    return str((await company.customer("Automatic"))["Id"])


async def payments_of(company: Any, customer: str) -> Any:
    return (await company.query(f"select * from Payment where CustomerRef = '{customer}'")).get("Payment", [])  # noqa: S608


async def test_a_new_invoice_is_paid_by_open_credit_with_a_payment_of_zero(automated: Any) -> None:
    customer = await wish(automated, AutoApplyCredit=True)
    first, second = await memo_of(automated, customer, "4"), await memo_of(automated, customer, "10")
    invoice = await automated.invoice(customer, "9")
    assert (invoice["Balance"], invoice["SyncToken"]) == (0, "2")
    paid = await payments_of(automated, customer)
    assert [(each["TotalAmt"], each["PrivateNote"]) for each in paid] == [(0, NOTE), (0, NOTE)]
    assert sorted(link["TxnId"] for link in invoice["LinkedTxn"]) == sorted(each["Id"] for each in paid)
    lines = next(each for each in paid if settled(each, "CreditMemo") == {first["Id"]: 4})["Line"]
    assert {line["Amount"] for line in lines} == {4}
    assert (await automated.read("CreditMemo", second["Id"]))["RemainingCredit"] == 5
    assert (await automated.read("Customer", customer))["Balance"] == -5


def settled(payment: Any, entity: str) -> dict[str, Any]:
    links = [(line["LinkedTxn"][0], line["Amount"]) for line in payment["Line"]]
    return {link["TxnId"]: share for link, share in links if link["TxnType"] == entity}


async def test_a_new_credit_pays_the_oldest_invoices_first(automated: Any) -> None:
    customer = await wish(automated, AutoApplyCredit=True)
    young = await automated.invoice(customer, "5", TxnDate="2026-10-02")
    old = await automated.invoice(customer, "5", TxnDate="2026-10-01")
    memo = await memo_of(automated, customer, "7")
    assert memo["RemainingCredit"] == 0
    left = {each["Id"]: (await automated.read("Invoice", each["Id"]))["Balance"] for each in (old, young)}
    assert left == {old["Id"]: 0, young["Id"]: 3}


async def test_money_without_an_invoice_goes_to_the_open_ones(automated: Any) -> None:
    customer = await wish(automated, AutoApplyPayments=True)
    invoices = [await automated.invoice(customer, "5") for _ in range(2)]
    given = {"CustomerRef": {"value": customer}, "TotalAmt": 12, "Line": [settling("Invoice", invoices[1]["Id"], "2")]}
    payment = await automated.write("Payment", given)
    assert payment["UnappliedAmt"] == 2, "what was named for one spills over to the others"
    assert settled(payment, "Invoice") == {invoices[0]["Id"]: 5, invoices[1]["Id"]: 5}
    assert (await automated.invoice(customer, "9"))["Balance"] == 7
    (only,) = await payments_of(automated, customer)
    assert only["UnappliedAmt"] == 0


@pytest.mark.parametrize("switch", ["AutoApplyCredit", "AutoApplyPayments"])
async def test_nothing_is_applied_where_it_is_not_wished(automated: Any, switch: str) -> None:
    customer = await wish(automated, **{switch: False})
    await memo_of(automated, customer, "4")
    await automated.pay(customer, "4")
    assert (await automated.invoice(customer, "9"))["Balance"] == 9
    shown = (await automated.query("select * from Preferences"))["Preferences"][0]["SalesFormsPrefs"]
    assert shown[switch] is False
