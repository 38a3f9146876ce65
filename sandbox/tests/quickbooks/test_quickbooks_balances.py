"""What the properties of the books found, one example each (quickbooks.md 8 and 15)."""

from decimal import Decimal
from typing import Any


def settling(*shares: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"Amount": Decimal(share), "LinkedTxn": [{"TxnId": i, "TxnType": "Invoice"}]} for i, share in shares]


async def fingerprint(company: Any) -> Any:
    return (await company.control.get("/fingerprint")).json()


async def test_a_note_or_an_estimate_does_not_touch_the_customer(automated: Any) -> None:
    customer = (await automated.customer("Quiet"))["Id"]
    made = await automated.invoice(customer, "10")
    automated.world.clock.advance(60)
    before = await automated.read("Customer", customer)
    await automated.write("Invoice", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "a note"})
    line = await automated.line("5")
    await automated.write("Estimate", {"CustomerRef": {"value": customer}, "Line": [line]})
    assert await automated.read("Customer", customer) == before


async def test_what_is_owed_goes_with_a_customer_to_its_new_parent(automated: Any) -> None:
    first, second = await automated.customer("First"), await automated.customer("Second")
    job = await automated.customer("Job", ParentRef={"value": first["Id"]})
    await automated.invoice(job["Id"], "30")
    key = {"Id": job["Id"], "SyncToken": "0", "sparse": True}
    await automated.write("Customer", {**key, "ParentRef": {"value": second["Id"]}})
    found = [(await automated.read("Customer", each["Id"]))["BalanceWithJobs"] for each in (first, second, job)]
    assert found == [0, 30, 30]
    await automated.write("Customer", {**key, "SyncToken": "1", "ParentRef": None})
    assert (await automated.read("Customer", second["Id"]))["BalanceWithJobs"] == 0


async def test_two_lines_of_a_payment_settle_no_more_of_an_invoice_than_is_open(automated: Any) -> None:
    customer = (await automated.customer("Twice"))["Id"]
    made = (await automated.invoice(customer, "10"))["Id"]
    given = {"CustomerRef": {"value": customer}, "TotalAmt": 16, "Line": settling((made, "8"), (made, "8"))}
    paid = await automated.write("Payment", given)
    assert ([line["Amount"] for line in paid["Line"]], paid["UnappliedAmt"]) == ([8, 2], 6)
    assert (await automated.read("Invoice", made))["Balance"] == 0
    assert await automated.write("Payment", paid) == paid


async def test_what_is_refused_takes_no_number_and_adds_no_currency(uk: Any) -> None:
    await uk.customer("Taken")
    before = await fingerprint(uk)
    given = {"DisplayName": "Taken", "CurrencyRef": {"value": "CAD"}, "BillAddr": {"Line1": "1 Road"}}
    assert (await uk.refused("Customer", given))["code"] == "6240"
    wrong = {"CustomerRef": {"value": "1"}, "Line": [await uk.line("1")], "ShipAddr": {"Line1": "2 Road"}}
    assert (await uk.refused("Invoice", {**wrong, "ExchangeRate": -1}))["code"] == "6000"
    assert await fingerprint(uk) == before


async def test_a_sub_customer_has_the_currency_of_its_parent(uk: Any) -> None:
    parent = {"value": (await uk.customer("Pounds"))["Id"]}
    given = {"DisplayName": "Euros", "CurrencyRef": {"value": "EUR"}, "ParentRef": parent}
    assert "currency" in (await uk.refused("Customer", given))["Detail"]


async def test_a_payment_needs_an_exchange_rate(uk: Any) -> None:
    customer = (await uk.customer("Crowns", CurrencyRef={"value": "NOK"}))["Id"]
    given = {"CustomerRef": {"value": customer}, "TotalAmt": 1}
    assert "No exchange rate" in (await uk.refused("Payment", given))["Detail"]
    assert (await uk.write("Payment", {**given, "ExchangeRate": Decimal("0.075")}))["ExchangeRate"] == Decimal("0.075")


async def test_legacy_tax_keeps_its_code_while_nothing_is_taxed(legacy: Any) -> None:
    customer = (await legacy.customer("Later"))["Id"]
    detail = {"TxnTaxCodeRef": {"value": "2"}}
    given = {"CustomerRef": {"value": customer}, "TxnTaxDetail": detail}
    made = await legacy.write("Invoice", {**given, "Line": [await legacy.line("10", TaxCodeRef={"value": "NON"})]})
    assert made["TxnTaxDetail"] == {**detail, "TotalTax": 0}
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    changed = await legacy.write("Invoice", {**key, "Line": [await legacy.line("10", TaxCodeRef={"value": "TAX"})]})
    assert changed["TxnTaxDetail"]["TotalTax"] == Decimal("0.8")
