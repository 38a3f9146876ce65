"""Several currencies: those in use, their rates, and what they do to forms (quickbooks.md 8 and 9)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

EURO = {"CurrencyRef": {"value": "EUR"}}


async def codes(company: Any, condition: str = "") -> Any:
    found = await company.query(f"select * from CompanyCurrency{condition}")  # noqa: S608
    return {each["Code"]: each for each in found.get("CompanyCurrency", [])}


async def rate(company: Any, **asked: str) -> tuple[int, Any]:
    status, answer = await company.call("GET", "exchangerate", **asked)
    return status, answer.get("ExchangeRate", {}).get("Rate")


async def form(company: Any, customer: Any, **fields: Any) -> Any:
    line = await company.line("100", TaxCodeRef={"value": "5"})
    return {"CustomerRef": {"value": customer["Id"]}, "Line": [line], **fields}


async def test_currencies_are_added_and_retired(uk: Any) -> None:
    made = await uk.write("CompanyCurrency", {"Code": "nok"})
    assert (made["Code"], made["Name"], made["Active"], made["SyncToken"]) == ("NOK", "Norwegian Krone", True, "0")
    for wrong, code in (
        ({"Code": "NOK"}, "6240"),
        ({"Code": "XXX"}, "2170"),
        ({"Name": "Nothing"}, "2020"),
        ({"Id": made["Id"], "SyncToken": "0", "sparse": True, "Code": "PLN"}, "2170"),
    ):
        assert (await uk.refused("CompanyCurrency", wrong))["code"] == code
    retired = await uk.write("CompanyCurrency", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    assert (retired["Active"], retired["Name"]) == (False, "Norwegian Krone")
    assert set(await codes(uk)) == {"EUR"}
    assert set(await codes(uk, " where Active in (true,false)")) == {"EUR", "NOK"}


async def test_no_currency_is_added_where_there_is_one_only(automated: Any) -> None:
    assert (await automated.refused("CompanyCurrency", {"Code": "EUR"}))["code"] == "6000"
    assert (await automated.call("GET", "exchangerate", sourcecurrencycode="EUR"))[0] == 400
    assert (await automated.refused("Customer", {"DisplayName": "Abroad", **EURO}))["code"] == "6000"
    made = await automated.invoice("1", "5")
    assert made["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert {"ExchangeRate", "HomeTotalAmt", "HomeBalance"}.isdisjoint(made)


async def test_a_new_customers_currency_comes_into_use(uk: Any) -> None:
    made = await uk.customer("Hansen", CurrencyRef={"value": "NOK"})
    assert made["CurrencyRef"] == {"value": "NOK", "name": "Norwegian Krone"}
    krone = (await codes(uk))["NOK"]
    await uk.write("CompanyCurrency", {"Id": krone["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    await uk.customer("Olsen", CurrencyRef={"value": "NOK"})
    assert (await codes(uk))["NOK"]["SyncToken"] == "2"
    assert (await uk.refused("Customer", {"DisplayName": "Nobody", "CurrencyRef": {"value": "1"}}))["code"] == "2170"


async def test_a_rate_is_asked_for_by_day_and_put(uk: Any) -> None:
    today = (await uk.invoice("1", "1"))["TxnDate"]
    status, seeded = await rate(uk, sourcecurrencycode="eur")
    assert (status, seeded) == (200, (await rate(uk, sourcecurrencycode="EUR", asofdate=today))[1])
    put = await uk.write("ExchangeRate", {"SourceCurrencyCode": "EUR", "AsOfDate": "2026-03-03", "Rate": "0.9125"})
    assert (put["Rate"], put["AsOfDate"], put["TargetCurrencyCode"]) == (Decimal("0.9125"), "2026-03-03", "GBP")
    assert (await rate(uk, sourcecurrencycode="EUR", asofdate="2026-03-03"))[1] == Decimal("0.9125")
    assert (await rate(uk, sourcecurrencycode="EUR", asofdate="2026-03-02"))[1] != Decimal("0.9125")
    await uk.write("ExchangeRate", {"SourceCurrencyCode": "EUR", "AsOfDate": "2026-03-03", "Rate": 1})
    assert (await rate(uk, sourcecurrencycode="EUR", asofdate="2026-03-03"))[1] == 1
    await uk.write("ExchangeRate", {"SourceCurrencyCode": "EUR", "Rate": 2})
    assert (await rate(uk, sourcecurrencycode="EUR"))[1] == 2
    assert (await rate(uk, sourcecurrencycode="GBP"))[1] == 1
    asked = "select * from ExchangeRate where SourceCurrencyCode in ('EUR') and AsOfDate = '2026-03-03'"
    assert [each["Rate"] for each in (await uk.query(asked))["ExchangeRate"]] == [1]


async def test_rates_of_currencies_out_of_use_or_of_long_ago_are_not_found(uk: Any) -> None:
    now = uk.world.clock.now()
    assert (await rate(uk, sourcecurrencycode="EUR", asofdate=f"{now - timedelta(days=3 * 365 - 5):%Y-%m-%d}"))[
        0
    ] == 200
    old = f"{now - timedelta(days=3 * 366 + 5):%Y-%m-%d}"
    for asked in ({"asofdate": old}, {"sourcecurrencycode": "NOK"}):
        status, answer = await uk.call("GET", "exchangerate", **{"sourcecurrencycode": "EUR", **asked})
        assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "610")
    status, answer = await uk.call("GET", "exchangerate", asofdate="2026-01-01")
    assert (status, answer["Fault"]["Error"][0]["element"]) == (400, "sourcecurrencycode")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Rate": 1}, "2020"),
        ({"SourceCurrencyCode": "EUR"}, "2020"),
        ({"SourceCurrencyCode": "EUR", "Rate": 0}, "2080"),
        ({"SourceCurrencyCode": "EUR", "Rate": "much"}, "2080"),
        ({"SourceCurrencyCode": "EUR", "Rate": 1, "AsOfDate": "soon"}, "2170"),
        ({"SourceCurrencyCode": "GBP", "Rate": 1}, "6000"),
        ({"SourceCurrencyCode": "NOK", "Rate": 1}, "6000"),
        ({"SourceCurrencyCode": "EUR", "Rate": 1, "Price": 1}, "2010"),
    ],
)
async def test_refused_rates(uk: Any, given: Any, code: str) -> None:
    assert (await uk.refused("ExchangeRate", given))["code"] == code


async def test_a_form_takes_the_rate_of_its_day_and_keeps_it(uk: Any) -> None:
    customer = await uk.customer("Weingut", **EURO)
    for day, value in (("2026-03-03", "0.9"), ("2026-04-04", "0.8")):
        await uk.write("ExchangeRate", {"SourceCurrencyCode": "EUR", "AsOfDate": day, "Rate": value})
    made = await uk.write("Invoice", await form(uk, customer, **EURO, TxnDate="2026-03-03"))
    assert (made["ExchangeRate"], made["HomeTotalAmt"], made["HomeBalance"]) == (Decimal("0.9"), 90, 90)
    await uk.write("ExchangeRate", {"SourceCurrencyCode": "EUR", "AsOfDate": "2026-03-03", "Rate": "0.5"})
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    moved = await uk.write("Invoice", {**key, "TxnDate": "2026-04-04"})
    assert moved["ExchangeRate"] == Decimal("0.9"), "a rate that was taken is kept"
    own = await uk.write("Invoice", {**key, "SyncToken": "1", "ExchangeRate": 2})
    assert (own["HomeTotalAmt"], own["TotalAmt"]) == (200, 100)
    line = {"Amount": 40, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Invoice"}]}
    given = {"CustomerRef": made["CustomerRef"], "TotalAmt": 40, "Line": [line], **EURO, "TxnDate": "2026-04-04"}
    paid = await uk.write("Payment", given)
    assert paid["ExchangeRate"] == Decimal("0.8"), "its own day's, whatever the invoice's"
    left = await uk.read("Invoice", made["Id"])
    assert (left["Balance"], left["HomeBalance"]) == (60, 120)
    assert (await uk.read("Customer", customer["Id"]))["Balance"] == 60


@pytest.mark.parametrize("entity", ["Invoice", "Payment"])
async def test_a_transaction_speaks_its_customers_currency(uk: Any, entity: str) -> None:
    customer = await uk.customer("Weingut", **EURO)
    given = {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 1}
    given = given if entity == "Payment" else await form(uk, customer)
    error = await uk.refused(entity, {**given, "CurrencyRef": {"value": "GBP"}})
    assert (error["code"], "currency" in error["Detail"]) == ("6000", True)
    zero = await uk.refused("Invoice", await form(uk, customer, **EURO, ExchangeRate=0))
    assert zero["code"] == "6000"
