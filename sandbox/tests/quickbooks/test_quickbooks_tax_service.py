"""Tax agencies and the making of tax codes (quickbooks.md 6)."""

from typing import Any

import pytest


async def make(company: Any, given: Any) -> tuple[int, Any]:
    status, answer = await company.call("POST", "taxservice/taxcode", given)
    return status, answer if status == 200 else answer["Fault"]["Error"][0]


def rate(**changed: Any) -> dict[str, Any]:
    return {"TaxRateName": "Vienna 5", "RateValue": "5.25", "TaxAgencyId": "1", "TaxApplicableOn": "Sales"} | changed


async def test_a_code_is_made_of_new_and_old_rates_and_taxes_an_invoice(legacy: Any) -> None:
    given = {"TaxCode": "Vienna", "TaxRateDetails": [rate(), {"TaxRateId": "4", "TaxApplicableOn": "Sales"}]}
    status, made = await make(legacy, given)
    assert (status, made["TaxCode"]) == (200, "Vienna")
    new, old = made["TaxRateDetails"]
    assert (new["TaxRateName"], float(new["RateValue"]), new["TaxAgencyId"]) == ("Vienna 5", 5.25, "1")
    assert old["TaxRateId"] == "4"
    assert "time" in made
    code = await legacy.read("TaxCode", made["TaxCodeId"])
    named = [one["TaxRateRef"]["value"] for one in code["SalesTaxRateList"]["TaxRateDetail"]]
    assert (code["Name"], named) == ("Vienna", [new["TaxRateId"], "4"])
    assert (await legacy.read("TaxRate", new["TaxRateId"]))["AgencyRef"] == {"value": "1"}
    line = await legacy.line("100", TaxCodeRef={"value": "TAX"})
    taxed = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": made["TaxCodeId"]}}, "DocNumber": "T-1"}
    invoice = await legacy.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line], **taxed})
    assert float(invoice["TxnTaxDetail"]["TotalTax"]) == 15.5


@pytest.mark.parametrize(
    ("given", "code", "word"),
    [
        ({}, "2020", "TaxCode"),
        ({"TaxCode": "x" * 101}, "2050", "TaxCode"),
        ({"TaxCode": "Vienna"}, "2020", "TaxRateDetails"),
        ({"TaxCode": "Chicago", "TaxRateDetails": [rate()]}, "6240", "already exists"),
        ({"TaxCode": "Vienna", "Rates": []}, "2010", "Rates"),
        ({"TaxCode": "Vienna", "TaxRateDetails": ["Vienna 5"]}, "2010", "TaxRateDetails"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(Percent=1)]}, "2010", "Percent"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(TaxRateName="")]}, "2020", "TaxRateName"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(RateValue=None)]}, "2020", "RateValue"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(RateValue="101")]}, "2080", "RateValue"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(TaxAgencyId=None)]}, "2020", "TaxAgencyId"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(TaxAgencyId="9")]}, "2500", "TaxAgencies"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(TaxApplicableOn="Both")]}, "2170", "Both"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [{"TaxRateId": "99"}]}, "2500", "TaxRates"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(), rate()]}, "6240", "tax rate"),
        ({"TaxCode": "Vienna", "TaxRateDetails": [rate(), rate(TaxRateName="california")]}, "6240", "tax rate"),
    ],
)
async def test_a_refused_code_makes_nothing(legacy: Any, given: Any, code: str, word: str) -> None:
    async def counted() -> list[int]:
        return [(await legacy.query(f"select count(*) from {kind}"))["totalCount"] for kind in ("TaxCode", "TaxRate")]  # noqa: S608

    before = await counted()
    status, error = await make(legacy, given)
    assert (status, error["code"]) == (400, code)
    assert word in error["Detail"] + str(error.get("element"))
    assert await counted() == before


async def test_agencies_are_listed_and_made_but_not_changed(uk: Any) -> None:
    (known,) = (await uk.query("select * from TaxAgency"))["TaxAgency"]
    assert (known["Id"], known["TaxTrackedOnSales"], known["TaxTrackedOnPurchases"]) == ("1", True, False)
    made = await uk.write("TaxAgency", {"DisplayName": "Revenue of Man"})
    assert (made["DisplayName"], made["SyncToken"]) == ("Revenue of Man", "0")
    assert (await uk.refused("TaxAgency", {"DisplayName": "revenue of man"}))["code"] == "6240"
    missing = await uk.refused("TaxAgency", {})
    assert (missing["code"], missing["element"]) == ("2020", "DisplayName")
    change = {"Id": made["Id"], "SyncToken": "0", "DisplayName": "Other"}
    assert (await uk.refused("TaxAgency", change))["code"] == "500"


async def test_no_code_is_made_where_the_subscription_has_ended(legacy: Any) -> None:
    await legacy.desk("subscription", {"status": "SUSPENDED"}, method="PATCH")
    status, error = await make(legacy, {"TaxCode": "Vienna", "TaxRateDetails": [rate()]})
    assert (status, error["code"]) == (400, "6190")
