from decimal import Decimal
from typing import Any

import pytest

CALIFORNIA = {"Line1": "1 Main St", "City": "Oakland", "CountrySubDivisionCode": "CA", "PostalCode": "94612"}


async def taxed(company: Any, amount: Any, code: Any, **fields: Any) -> Any:
    line = await company.line(amount, TaxCodeRef={"value": code})
    return {"Line": [line], **fields}


async def test_automated_tax_comes_from_the_address_and_ignores_codes(automated: Any) -> None:
    known = await automated.customer("Somewhere", BillAddr=CALIFORNIA)
    form = await taxed(automated, "100", "TAX", TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}})
    made = await automated.write("Invoice", {"CustomerRef": {"value": known["Id"]}, **form})
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("8.63")
    assert "TxnTaxCodeRef" not in made["TxnTaxDetail"]
    assert made["TotalAmt"] == Decimal("108.63")
    nowhere = await automated.customer("Nowhere")
    made = await automated.write("Invoice", {"CustomerRef": {"value": nowhere["Id"]}, **form})
    assert (made["TxnTaxDetail"], made["TotalAmt"]) == ({"TotalTax": 0}, 100)
    exempt = await automated.customer("Exempt", BillAddr=CALIFORNIA, Taxable=False)
    made = await automated.write("Invoice", {"CustomerRef": {"value": exempt["Id"]}, **form})
    assert made["TotalAmt"] == 100


async def test_automated_tax_honours_a_given_total(automated: Any) -> None:
    known = await automated.customer("Somewhere", BillAddr=CALIFORNIA)
    form = await taxed(automated, "100", "TAX", TxnTaxDetail={"TotalTax": Decimal("5.55")})
    made = await automated.write("Invoice", {"CustomerRef": {"value": known["Id"]}, **form})
    assert made["TxnTaxDetail"]["TaxLine"][0]["Amount"] == made["TxnTaxDetail"]["TotalTax"] == Decimal("5.55")


async def test_legacy_tax_follows_the_transaction_code(legacy: Any) -> None:
    form = await taxed(legacy, "422", "TAX", TxnTaxDetail={"TxnTaxCodeRef": {"value": "3"}})
    made = await legacy.write("Invoice", {"CustomerRef": {"value": "1"}, **form})
    assert made["TxnTaxDetail"]["TxnTaxCodeRef"] == {"value": "3"}
    assert [line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]] == [Decimal("29.96"), Decimal("8.44")]
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("38.4")
    none = await taxed(legacy, "422", "TAX")
    assert (await legacy.write("Invoice", {"CustomerRef": {"value": "1"}, **none}))["TotalAmt"] == 422
    wrong = await taxed(legacy, "422", "TAX", TxnTaxDetail={"TxnTaxCodeRef": {"value": "99"}})
    assert (await legacy.refused("Invoice", {"CustomerRef": {"value": "1"}, **wrong}))["code"] == "2500"


async def test_outside_the_us_every_line_needs_a_code(uk: Any) -> None:
    bare = {"CustomerRef": {"value": "1"}, "Line": [await uk.line("10")]}
    error = await uk.refused("Invoice", bare)
    assert error["code"] == "6000"
    assert "VAT rate" in error["Detail"]
    unknown = {"CustomerRef": {"value": "1"}, **await taxed(uk, "10", "77")}
    assert (await uk.refused("Invoice", unknown))["code"] == "2500"
    made = await uk.write("Invoice", {"CustomerRef": {"value": "1"}, **await taxed(uk, "10", "3")})
    assert (made["TotalAmt"], made["GlobalTaxCalculation"]) == (12, "TaxExcluded")
    await uk.desk("preferences", {"UsingSalesTax": False}, "PATCH")
    assert (await uk.write("Invoice", bare))["TotalAmt"] == 10


async def test_tax_inside_the_amounts(uk: Any) -> None:
    form = await taxed(uk, "9.99", "3", GlobalTaxCalculation="TaxInclusive")
    made = await uk.write("Invoice", {"CustomerRef": {"value": "1"}, **form})
    assert made["TotalAmt"] == Decimal("9.99")
    assert made["Line"][0]["Amount"] == Decimal("8.33")
    assert made["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] == Decimal("9.99")
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("1.66")
    assert await uk.write("Invoice", made) == made


@pytest.mark.parametrize(("by_line", "three", "five"), [(False, "0.04", "0.13"), (True, "0.03", "0.15")])
async def test_both_roundings(uk: Any, by_line: Any, three: Any, five: Any) -> None:
    uk.world.settings["quickbooks"].turn({"round_tax_by_line": by_line})
    lines = [await uk.line("0.07", TaxCodeRef={"value": "3"}) for _ in range(3)]
    made = await uk.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": lines})
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal(three)
    halves = [await uk.line("0.13", TaxCodeRef={"value": "3"}) for _ in range(5)]
    made = await uk.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": halves})
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal(five)


async def test_half_a_cent_goes_up(uk: Any) -> None:
    made = await uk.write("Invoice", {"CustomerRef": {"value": "1"}, **await taxed(uk, "0.50", "4")})
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("0.03")


async def test_a_discount_lowers_the_tax_where_it_comes_first(automated: Any) -> None:
    known = await automated.customer("Somewhere", BillAddr=CALIFORNIA)
    discount = {"DetailType": "DiscountLineDetail", "Amount": 50, "DiscountLineDetail": {"PercentBased": False}}
    line = await automated.line("100", TaxCodeRef={"value": "TAX"})
    form = {"CustomerRef": {"value": known["Id"]}, "Line": [line, discount]}
    before = await automated.write("Invoice", form)
    after = await automated.write("Invoice", {**form, "ApplyTaxAfterDiscount": True})
    assert (before["TxnTaxDetail"]["TotalTax"], after["TxnTaxDetail"]["TotalTax"]) == (Decimal("8.63"), Decimal("4.31"))


async def test_foreign_customers_carry_a_rate_and_home_amounts(uk: Any) -> None:
    euro = await uk.customer("Weingut Test", CurrencyRef={"value": "EUR"})
    form = await taxed(uk, "100", "5")
    assert (await uk.refused("Invoice", {"CustomerRef": {"value": euro["Id"]}, **form}))["code"] == "6000"
    given = {"CustomerRef": {"value": euro["Id"]}, "CurrencyRef": {"value": "EUR"}, **form}
    made = await uk.write("Invoice", given)
    status, answer = await uk.call("GET", "exchangerate", sourcecurrencycode="EUR", asofdate=made["TxnDate"])
    assert status == 200
    assert made["ExchangeRate"] == answer["ExchangeRate"]["Rate"]
    assert made["HomeTotalAmt"] == made["HomeBalance"] == round(100 * made["ExchangeRate"], 2)
    own = await uk.write("Invoice", {**given, "ExchangeRate": Decimal("0.9")})
    assert own["HomeTotalAmt"] == 90
    changed = {"Id": euro["Id"], "SyncToken": "0", "sparse": True, "CurrencyRef": {"value": "GBP"}}
    assert (await uk.refused("Customer", changed))["code"] == "6000"


@pytest.mark.parametrize(
    ("on", "base", "tax"),
    [("TaxOnAmount", "100", "2"), ("TaxOnAmountPlusTax", "107.1", "2.14"), ("TaxOnTax", "7.1", "0.14")],
)
async def test_a_rate_may_be_charged_on_the_taxes_before_it(legacy: Any, on: str, base: str, tax: str) -> None:
    second = {"TaxRateRef": {"value": "2"}, "TaxTypeApplicable": on}
    group = {"Name": "Compound", "TaxRateDetail": [{"TaxRateRef": {"value": "1"}}, second]}
    code = await legacy.desk("taxcode/group", group)
    form = await taxed(legacy, "100", "TAX", TxnTaxDetail={"TxnTaxCodeRef": {"value": code["Id"]}})
    made = await legacy.write("Invoice", {"CustomerRef": {"value": "1"}, **form})
    first, upon = made["TxnTaxDetail"]["TaxLine"]
    assert (first["Amount"], first["TaxLineDetail"]["NetAmountTaxable"]) == (Decimal("7.1"), 100)
    assert (upon["Amount"], upon["TaxLineDetail"]["NetAmountTaxable"]) == (Decimal(tax), Decimal(base))
    assert made["TotalAmt"] == Decimal("107.1") + Decimal(tax)


async def test_compound_tax_inside_an_amount(uk: Any) -> None:
    rates = [{"TaxRateRef": {"value": "7"}}, {"TaxRateRef": {"value": "5"}, "TaxTypeApplicable": "TaxOnAmountPlusTax"}]
    code = await uk.desk("taxcode/group", {"Name": "Both", "TaxRateDetail": rates})
    line = await uk.line("126", TaxCodeRef={"value": code["Id"]})
    form = {"CustomerRef": {"value": "1"}, "Line": [line], "GlobalTaxCalculation": "TaxInclusive"}
    made = await uk.write("Invoice", form)
    assert (made["Line"][0]["Amount"], made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"]) == (100, 26, 126)


async def test_refused_tax_groups(legacy: Any) -> None:
    one = {"TaxRateRef": {"value": "1"}}
    for given, code in (
        ({"Name": "None"}, "2020"),
        ({"TaxRateDetail": [one]}, "2020"),
        ({"Name": "X", "TaxRateDetail": [{**one, "TaxTypeApplicable": "TaxOnLuck"}]}, "2170"),
        ({"Name": "X", "TaxRateDetail": [{"TaxRateRef": {"value": "99"}}]}, "2500"),
    ):
        path = f"/people/bookkeeper/{legacy.realm}/taxcode/group"
        answer = await legacy.control.post(path, json=given)
        assert answer.json()["Fault"]["Error"][0]["code"] == code


@pytest.mark.parametrize(("even", "tax"), [(False, "0.13"), (True, "0.12")])
async def test_half_a_cent_goes_up_or_to_the_even_cent(uk: Any, even: bool, tax: str) -> None:
    await uk.control.put("/settings/quickbooks", json={"round_half_to_even": even})
    made = await uk.write("Invoice", {"CustomerRef": {"value": "1"}, **await taxed(uk, "2.50", "4")})
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal(tax)
    product = await uk.line(tax, TaxCodeRef={"value": "5"}, Qty=Decimal("0.125"), UnitPrice=1)
    assert (await uk.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [product]}))["TotalAmt"] == Decimal(tax)
    wrong = {**product, "Amount": Decimal("0.25") - Decimal(tax)}
    assert (await uk.refused("Invoice", {"CustomerRef": {"value": "1"}, "Line": [wrong]}))["code"] == "6070"
    discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 5}}
    line = await uk.line("2.50", TaxCodeRef={"value": "5"})
    reduced = await uk.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line, discount]})
    assert reduced["Line"][-1]["Amount"] == Decimal(tax)


async def test_without_tax_no_code_is_needed(uk: Any) -> None:
    line = await uk.line("10")
    given = {"CustomerRef": {"value": "1"}, "Line": [line], "GlobalTaxCalculation": "NotApplicable"}
    made = await uk.write("Invoice", given)
    assert (made["TotalAmt"], made["TxnTaxDetail"]) == (10, {"TotalTax": 0})
    assert made["GlobalTaxCalculation"] == "NotApplicable"


async def test_an_exempt_customer_pays_no_tax(automated: Any) -> None:
    for exempt in ({"Taxable": False}, {"TaxExemptionReasonId": "3"}):
        known = await automated.customer(f"Exempt {exempt}".replace(":", ""), BillAddr=CALIFORNIA, **exempt)
        form = await taxed(automated, "100", "TAX")
        made = await automated.write("Invoice", {"CustomerRef": {"value": known["Id"]}, **form})
        assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"]) == (0, 100)
