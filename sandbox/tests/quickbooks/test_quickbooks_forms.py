"""Estimates, sales receipts and refund receipts."""

from decimal import Decimal
from typing import Any

import pytest

FORMS = ["Estimate", "SalesReceipt", "RefundReceipt"]


async def form(company: Any, entity: str, amount: str = "100", **fields: Any) -> Any:
    account = {"DepositToAccountRef": {"value": "4"}} if entity == "RefundReceipt" else {}
    line = await company.line(amount, TaxCodeRef={"value": "NON"})
    given = {"CustomerRef": {"value": "1"}, "Line": [line]} | account | fields
    return await company.write(entity, {name: value for name, value in given.items() if value is not None})


async def balance(company: Any) -> Any:
    return (await company.read("Customer", "1"))["Balance"]


@pytest.mark.parametrize("entity", FORMS)
async def test_nothing_of_them_is_owed(automated: Any, entity: str) -> None:
    before = await balance(automated)
    made = await form(automated, entity, CustomerMemo={"value": "Thanks"})
    assert (made["TotalAmt"], made["CustomerRef"]["value"], made["SyncToken"]) == (100, "1", "0")
    assert made.get("Balance") == (None if entity == "Estimate" else 0)
    assert await balance(automated) == before
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    changed = await automated.write(entity, {**key, "PrivateNote": "seen"})
    assert (changed["PrivateNote"], changed["TotalAmt"], changed["SyncToken"]) == ("seen", 100, "1")
    found = (await automated.query(f"select * from {entity} where DocNumber = '{made['DocNumber']}'"))[entity]  # noqa: S608
    assert [one["Id"] for one in found] == [made["Id"]]


@pytest.mark.parametrize("entity", FORMS)
async def test_they_are_sent_printed_and_deleted(automated: Any, entity: str) -> None:
    made = await form(automated, entity)
    status, sent = await automated.call("POST", f"{entity.lower()}/{made['Id']}/send", sendTo="amy@example.com")
    assert (status, sent[entity]["EmailStatus"], sent[entity]["SyncToken"]) == (200, "EmailSent", "0")
    pdf = await automated.api.get(f"/v3/company/{automated.realm}/{entity.lower()}/{made['Id']}/pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    title = {"Estimate": b"ESTIMATE", "SalesReceipt": b"SALES RECEIPT", "RefundReceipt": b"REFUND RECEIPT"}[entity]
    assert title in pdf.content
    assert (b"Balance due" in pdf.content) == (entity != "Estimate")
    gone = await automated.write(entity, {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert gone == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    status, answer = await automated.call("GET", f"{entity.lower()}/{made['Id']}")
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "610")
    asked = {"entities": entity, "changedSince": "2020-01-01T00:00:00Z"}
    _status, captured = await automated.call("GET", "cdc", **asked)
    (stub,) = captured["CDCResponse"][0]["QueryResponse"][0][entity]
    assert (stub["Id"], stub["status"]) == (made["Id"], "Deleted")


async def test_a_sales_receipt_answers_and_is_voided_as_recorded(automated: Any) -> None:
    made = await form(automated, "SalesReceipt", CustomerRef=None)
    assert made["DepositToAccountRef"] == {"value": "4", "name": "Undeposited Funds"}
    assert "CustomerRef" not in made
    assert "LinkedTxn" not in made
    assert (made["PrintStatus"], made["EmailStatus"], made["ApplyTaxAfterDiscount"]) == ("NeedToPrint", "NotSet", False)
    priced = await automated.line("50", Qty=Decimal(2), UnitPrice=Decimal(25))
    made = await form(automated, "SalesReceipt", Line=[priced])
    voided = await automated.write("SalesReceipt", {"Id": made["Id"], "SyncToken": "0"}, include="void")
    assert (voided["TotalAmt"], voided["Balance"], voided["PrivateNote"], voided["SyncToken"]) == (0, 0, "Voided", "1")
    assert (voided["Line"][0]["Amount"], voided["Line"][0]["SalesItemLineDetail"]["Qty"]) == (0, 0)
    assert voided["DocNumber"] == made["DocNumber"]


async def test_a_refund_says_where_the_money_comes_from(automated: Any) -> None:
    line = await automated.line("5", TaxCodeRef={"value": "NON"})
    error = await automated.refused("RefundReceipt", {"Line": [line]})
    assert (error["code"], error["element"]) == ("2020", "DepositToAccountRef")
    given = {"Line": [line], "DepositToAccountRef": {"value": "999"}}
    assert (await automated.refused("RefundReceipt", given))["code"] == "2500"


async def test_an_estimate_has_a_status_a_customer_and_dates_and_is_never_voided(automated: Any) -> None:
    made = await form(automated, "Estimate", ExpirationDate="2026-12-31")
    assert (made["TxnStatus"], made["ExpirationDate"]) == ("Pending", "2026-12-31")
    assert "DueDate" not in made
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    accepted = await automated.write("Estimate", {**key, "TxnStatus": "Accepted", "AcceptedBy": "Amy"})
    assert (accepted["TxnStatus"], accepted["AcceptedBy"]) == ("Accepted", "Amy")
    key["SyncToken"] = "1"
    assert (await automated.refused("Estimate", {**key, "TxnStatus": "Maybe"}))["code"] == "2170"
    assert (await automated.refused("Estimate", {**key, "ExpirationDate": "soon"}))["code"] == "2170"
    assert (await automated.refused("Estimate", key, operation="void"))["code"] == "500"
    assert (await automated.refused("Estimate", {"Line": made["Line"]}))["element"] == "CustomerRef"


async def test_a_foreign_estimate_has_no_balance_at_home_either(uk: Any) -> None:
    made = (await uk.query("select * from Customer where Active = true"))["Customer"]
    abroad = next(one["Id"] for one in made if one["CurrencyRef"]["value"] == "EUR")
    line = await uk.line("100", TaxCodeRef={"value": "5"})
    given = {"CustomerRef": {"value": abroad}, "CurrencyRef": {"value": "EUR"}, "Line": [line]}
    estimate = await uk.write("Estimate", given)
    assert estimate["HomeTotalAmt"] < estimate["TotalAmt"]
    assert "HomeBalance" not in estimate
    receipt = await uk.write("SalesReceipt", given)
    assert (receipt["HomeBalance"], receipt["Balance"]) == (0, 0)


async def test_a_customers_new_name_and_a_merge_reach_them(automated: Any) -> None:
    first, second = await automated.customer("First Name"), await automated.customer("Survivor")
    made = [(entity, await form(automated, entity, CustomerRef={"value": first["Id"]})) for entity in FORMS]
    key = {"Id": first["Id"], "SyncToken": "0", "sparse": True, "DisplayName": "Second Name"}
    await automated.write("Customer", key)
    for entity, one in made:
        assert (await automated.read(entity, one["Id"]))["CustomerRef"]["name"] == "Second Name"
    await automated.desk("customer/merge", {"winner": second["Id"], "loser": first["Id"]})
    for entity, one in made:
        assert (await automated.read(entity, one["Id"]))["CustomerRef"] == {"value": second["Id"], "name": "Survivor"}
