from decimal import Decimal
from typing import Any

import pytest


async def test_a_price_written_as_text_is_answered_as_a_number(automated: Any) -> None:
    account = (await automated.query("select * from Account where AccountType = 'Income'"))["Account"][0]["Id"]
    given = {"Name": "Typed", "Type": "Service", "IncomeAccountRef": {"value": account}, "UnitPrice": "12.50"}
    made = await automated.write("Item", given)
    assert (made["UnitPrice"], (await automated.read("Item", made["Id"]))["UnitPrice"]) == (Decimal("12.5"),) * 2


async def test_numbers_in_lines_are_typed_too(automated: Any) -> None:
    line = await automated.line("10.50", Qty="2", UnitPrice="5.25", TaxCodeRef={"value": "NON"})
    line["Amount"] = "10.50"
    made = await automated.write("Invoice", {"CustomerRef": {"value": 1}, "Line": [line], "DocNumber": 1001})
    detail = made["Line"][0]["SalesItemLineDetail"]
    assert (made["Line"][0]["Amount"], detail["Qty"], detail["UnitPrice"]) == (Decimal("10.5"), 2, Decimal("5.25"))
    assert (made["DocNumber"], made["CustomerRef"]["value"], made["TotalAmt"]) == ("1001", "1", Decimal("10.5"))


@pytest.mark.parametrize("price", ["a lot", "1,000", "NaN"])
async def test_a_text_that_is_no_number_is_refused(automated: Any, price: str) -> None:
    assert (await automated.refused("Item", {"Name": "Typed", "Type": "Service", "UnitPrice": price}))["code"] == "2080"


@pytest.mark.parametrize("name", ["Taxable", "Job", "BillWithParent", "TDSEnabled"])
async def test_a_text_is_no_truth_value(automated: Any, name: str) -> None:
    assert (await automated.refused("Customer", {"DisplayName": "Typed", name: "perhaps"}))["code"] == "2010"
