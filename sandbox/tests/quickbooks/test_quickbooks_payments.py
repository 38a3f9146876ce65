from decimal import Decimal
from typing import Any

import pytest


def settling(entity: Any, identifier: Any, share: Any) -> Any:
    return {"Amount": Decimal(share), "LinkedTxn": [{"TxnId": identifier, "TxnType": entity}]}


async def two(company: Any) -> Any:
    customer = (await company.customer("Payer"))["Id"]
    return customer, await company.invoice(customer, "10"), await company.invoice(customer, "20")


async def balances(company: Any, customer: Any, *invoices: Any) -> Any:
    found = [(await company.read("Invoice", each["Id"]))["Balance"] for each in invoices]
    return [(await company.read("Customer", customer))["Balance"], *found]


async def test_one_payment_for_two_invoices_and_what_it_touches(automated: Any) -> None:
    customer, first, second = await two(automated)
    before = await automated.read("Customer", customer)
    automated.world.clock.advance(60)
    paid = await automated.pay(customer, "25", **{f"i{first['Id']}": "10", f"i{second['Id']}": "12.5"})
    assert (paid["TotalAmt"], paid["UnappliedAmt"]) == (25, Decimal("2.5"))
    names = {each["value"]["Name"]: each["value"]["Value"] for each in paid["Line"][0]["LineEx"]["any"]}
    assert names == {"txnId": first["Id"], "txnOpenBalance": "10.00", "txnReferenceNumber": first["DocNumber"]}
    assert await balances(automated, customer, first, second) == [5, 0, Decimal("7.5")]
    touched = await automated.read("Invoice", second["Id"])
    assert touched["SyncToken"] == "1"
    assert touched["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert touched["MetaData"]["LastUpdatedTime"] > second["MetaData"]["LastUpdatedTime"]
    after = await automated.read("Customer", customer)
    assert after["SyncToken"] == before["SyncToken"] == "0"
    assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]


@pytest.mark.parametrize("undo", ["delete", "void", "unapply"])
async def test_undoing_a_payment_restores_the_invoice(automated: Any, undo: Any) -> None:
    customer, first, second = await two(automated)
    paid = await automated.desk("payment", {"invoices": {first["Id"]: "10.00", second["Id"]: "5.00"}})
    assert await balances(automated, customer, first, second) == [15, 0, 15]
    done = await automated.desk(f"payment/{paid['Id']}/{undo}")
    assert await balances(automated, customer, first, second) == [30 if undo != "unapply" else 15, 10, 20]
    assert (await automated.read("Invoice", first["Id"]))["LinkedTxn"] == []
    if undo == "void":
        assert (done["TotalAmt"], done["PrivateNote"], done["SyncToken"]) == (0, "Voided", "1")
    if undo == "unapply":
        assert (done["UnappliedAmt"], done["Line"]) == (15, [])


async def test_the_api_voids_payments_by_include(automated: Any) -> None:
    customer, first, _ = await two(automated)
    paid = await automated.pay(customer, "10", **{f"i{first['Id']}": "10"})
    key = {"Id": paid["Id"], "SyncToken": "0", "sparse": True}
    voided = await automated.write("Payment", key, operation="update", include="void")
    assert voided["TotalAmt"] == 0


@pytest.mark.parametrize("end", ["void", "delete"])
async def test_the_end_of_an_invoice_gives_the_money_back(automated: Any, end: Any) -> None:
    customer, first, second = await two(automated)
    paid = await automated.desk("payment", {"invoices": {first["Id"]: "10.00", second["Id"]: "5.00"}})
    await automated.desk(f"invoice/{first['Id']}/{end}")
    payment = await automated.read("Payment", paid["Id"])
    assert (payment["TotalAmt"], payment["UnappliedAmt"], len(payment["Line"])) == (15, 10, 1)
    assert (await automated.read("Customer", customer))["Balance"] == 5


async def test_an_invoice_that_shrinks_below_what_is_paid_releases_the_rest(automated: Any) -> None:
    customer, first, _ = await two(automated)
    paid = await automated.desk(f"invoice/{first['Id']}/pay")
    lines = {"Line": [await automated.line("4")]}
    shrunk = await automated.desk(f"invoice/{first['Id']}/edit", lines)
    assert (shrunk["TotalAmt"], shrunk["Balance"]) == (4, 0)
    assert (await automated.read("Payment", paid["Id"]))["UnappliedAmt"] == 6
    assert (await automated.read("Customer", customer))["Balance"] == 14


async def test_more_than_is_open_stays_unapplied(automated: Any) -> None:
    customer, first, _ = await two(automated)
    paid = await automated.pay(customer, "15", **{f"i{first['Id']}": "15"})
    assert (paid["UnappliedAmt"], paid["Line"][0]["Amount"]) == (5, 10)


async def test_a_credit_memo_is_applied_by_a_payment_of_zero(automated: Any) -> None:
    customer, first, _ = await two(automated)
    memo = await automated.desk("creditmemo", {"invoice": first["Id"], "amount": "4.00"})
    assert (memo["RemainingCredit"], memo["TotalAmt"]) == (0, 4)
    invoice = await automated.read("Invoice", first["Id"])
    assert (invoice["Balance"], invoice["SyncToken"]) == (6, "1")
    payment = await automated.read("Payment", invoice["LinkedTxn"][0]["TxnId"])
    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (0, 0)
    assert sorted(line["LinkedTxn"][0]["TxnType"] for line in payment["Line"]) == ["CreditMemo", "Invoice"]
    assert (await automated.read("Customer", customer))["Balance"] == 26
    await automated.desk(f"invoice/{first['Id']}/void")
    restored = await automated.read("CreditMemo", memo["Id"])
    assert restored["RemainingCredit"] == 4
    assert (await automated.read("Customer", customer))["Balance"] == 16


async def test_a_uk_credit_reaches_the_gross_amount(uk: Any) -> None:
    customer = (await uk.customer("Payer"))["Id"]
    made = await uk.write(
        "Invoice", {"CustomerRef": {"value": customer}, "Line": [await uk.line("10", TaxCodeRef={"value": "3"})]}
    )
    memo = await uk.desk("creditmemo", {"invoice": made["Id"], "amount": "5.00"})
    assert memo["TotalAmt"] == 5
    assert (await uk.read("Invoice", made["Id"]))["Balance"] == 7


async def test_refused_payments(automated: Any) -> None:
    customer, first, _ = await two(automated)
    stranger = (await automated.customer("Stranger"))["Id"]
    good = {"CustomerRef": {"value": customer}, "TotalAmt": 5, "Line": [settling("Invoice", first["Id"], "5")]}
    cases = [
        ({**good, "CustomerRef": None}, "2020", "CustomerRef"),
        ({**good, "TotalAmt": None}, "6000", "You must set a transaction amount."),
        ({**good, "TotalAmt": 4}, "6000", "more than the amount of the payment"),
        ({**good, "CustomerRef": {"value": stranger}}, "6000", "TxnID Cannot Be Linked"),
        ({**good, "Line": [settling("Invoice", "9999", "5")]}, "2500", "9999"),
        ({**good, "Line": [settling("JournalEntry", "1", "5")]}, "6000", "JournalEntry"),
        ({**good, "PaymentRefNum": "x" * 22}, "2050", "21"),
    ]
    for given, code, words in cases:
        error = await automated.refused("Payment", given)
        assert error["code"] == code
        assert words in error["Detail"]
    await automated.desk(f"invoice/{first['Id']}/delete")
    error = await automated.refused("Payment", good)
    assert error["Detail"].endswith("Another user has deleted this transaction.")
    assert await balances(automated, customer) == [20]


async def test_a_parent_carries_its_jobs_balance(automated: Any) -> None:
    parent = await automated.customer("Big Client")
    job = await automated.customer("Kitchen", ParentRef={"value": parent["Id"]}, Job=True)
    assert (job["FullyQualifiedName"], job["Level"], job["Job"]) == ("Big Client:Kitchen", 1, True)
    made = await automated.invoice(job["Id"], "30")
    above = await automated.read("Customer", parent["Id"])
    assert (above["Balance"], above["BalanceWithJobs"]) == (0, 30)
    paid = await automated.pay(parent["Id"], "30", **{f"i{made['Id']}": "30"})
    assert paid["UnappliedAmt"] == 0
    assert (await automated.read("Customer", parent["Id"]))["BalanceWithJobs"] == 0


async def test_a_payments_note_alone_can_change(automated: Any) -> None:
    customer, first, _ = await two(automated)
    paid = await automated.pay(customer, "10", **{f"i{first['Id']}": "10"})
    changed = await automated.write(
        "Payment", {"Id": paid["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "cheque"}
    )
    assert (changed["PrivateNote"], changed["Line"], changed["SyncToken"]) == ("cheque", paid["Line"], "1")
    assert (await automated.read("Invoice", first["Id"]))["SyncToken"] == "1"
