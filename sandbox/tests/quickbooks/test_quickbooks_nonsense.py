from decimal import Decimal
from typing import Any

import pytest
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.shapes import NESTED

ODD = (
    {"value": {"a": 1}},
    {"x": 1},
    [],
    [1],
    [{}],
    -1,
    7,
    Decimal("1E+30"),
    Decimal("99999999999999.999"),
    "no",
    "",
    True,
    None,
)


@pytest.mark.parametrize(
    "entity", ["Invoice", "Payment", "Customer", "Item", "Term", "Account", "Vendor", "CompanyCurrency"]
)
async def test_nonsense_in_any_property_is_refused_and_never_breaks(automated: Any, entity: Any) -> None:
    good: dict[str, Any] = {
        "Invoice": {"CustomerRef": {"value": "1"}, "Line": [await automated.line("1")]},
        "Payment": {"CustomerRef": {"value": "1"}, "TotalAmt": 1},
        "Customer": {"DisplayName": "Some One"},
        "Item": {"Name": "Some Thing", "IncomeAccountRef": {"value": "1"}},
        "Term": {"Name": "Some Term", "DueDays": 1},
        "Account": {"Name": "Some Account", "AccountType": "Income"},
        "Vendor": {"DisplayName": "Some Vendor"},
        "CompanyCurrency": {"Code": "CAD"},
    }
    for field in KINDS[entity].properties:
        for value in ODD:
            status, answer = await automated.call("POST", entity.lower(), {**good[entity], field: value})
            assert status in {200, 400}, (field, value, answer)


async def test_nonsense_in_a_line_is_refused_and_never_breaks(uk: Any) -> None:
    good = await uk.line("1", TaxCodeRef={"value": "3"}, Qty=1, UnitPrice=1)
    sales = good["SalesItemLineDetail"]
    for way in ("TaxExcluded", "TaxInclusive"):
        form = {"CustomerRef": {"value": "1"}, "GlobalTaxCalculation": way}
        for value in ODD:
            lines = [{**good, field: value} for field in NESTED["Line"]]
            lines += [
                {**good, "SalesItemLineDetail": {**sales, field: value}} for field in NESTED["SalesItemLineDetail"]
            ]
            for line in lines:
                status, answer = await uk.call("POST", "invoice", {**form, "Line": [line]})
                assert status in {200, 400}, (line, answer)
    wrong = {"CustomerRef": {"value": "1"}, "Line": [good], "TxnDate": "9999-12-31"}
    assert (await uk.refused("Invoice", wrong))["code"] == "2170"
    big = {
        **good,
        "SalesItemLineDetail": {**sales, "Qty": Decimal(99999999999999), "UnitPrice": Decimal(99999999999999)},
    }
    assert (await uk.refused("Invoice", {**wrong, "TxnDate": None, "Line": [big]}))["code"] == "2080"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "invoice/x",
        "invoice/1/2/3",
        "customer/1/send",
        "customer/1/pdf",
        "exchangerate",
        "companyinfo",
        "cdc",
        "invoice",
    ],
)
async def test_odd_addresses_are_refused(automated: Any, path: Any) -> None:
    status, answer = await automated.call("GET", path)
    assert status == 400
    assert answer["Fault"]["Error"][0]["code"] in {"500", "2020", "2030"}
    raw = await automated.api.get(f"/v3/company/{automated.realm}/query?query=%ff")
    assert raw.status_code == 400
