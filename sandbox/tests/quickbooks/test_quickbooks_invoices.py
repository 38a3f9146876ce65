from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest


async def test_a_minimal_invoice_is_completed_as_recorded(automated: Any) -> None:
    made = await automated.write(
        "Invoice", {"CustomerRef": {"value": "1"}, "Line": [await automated.line("100.0")]}, minorversion="75"
    )
    assert made["SyncToken"] == "0"
    assert made["TotalAmt"] == made["Balance"] == 100
    assert made["EmailStatus"] == "NotSet"
    assert made["PrintStatus"] == "NeedToPrint"
    assert made["TxnTaxDetail"] == {"TotalTax": 0}
    assert made["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert made["LinkedTxn"] == []
    first, subtotal = made["Line"]
    assert (first["Id"], first["LineNum"], first["SalesItemLineDetail"]["TaxCodeRef"]) == ("1", 1, {"value": "NON"})
    assert first["SalesItemLineDetail"]["ItemRef"]["name"] == "Consulting"
    assert subtotal == {"Amount": 100, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    assert made["DocNumber"].isdigit()
    customer = await automated.read("Customer", "1")
    assert made["BillAddr"] == customer["BillAddr"]


async def test_invoices_and_credit_memos_share_one_sequence(automated: Any) -> None:
    first = await automated.invoice("1", "10")
    lines = [await automated.line("5")]
    memo = await automated.write("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": lines})
    own = await automated.invoice("1", "10", DocNumber="MINE-1")
    third = await automated.invoice("1", "10")
    assert int(memo["DocNumber"]) == int(first["DocNumber"]) + 1
    assert own["DocNumber"] == "MINE-1"
    assert int(third["DocNumber"]) == int(memo["DocNumber"]) + 1
    assert memo["RemainingCredit"] == memo["Balance"] == 5


async def test_custom_transaction_numbers_leave_the_number_to_the_caller(automated: Any) -> None:
    await automated.desk("preferences", {"CustomTxnNumbers": True}, "PATCH")
    assert "DocNumber" not in await automated.invoice("1", "10")
    await automated.invoice("1", "10", DocNumber="A-1")
    again = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("1")], "DocNumber": "A-1"}
    assert (await automated.write("Invoice", again))["DocNumber"] == "A-1"
    automated.world.settings["quickbooks"].turn({"warn_about_duplicate_numbers": True})
    assert (await automated.refused("Invoice", again))["code"] == "6140"
    await automated.write("Invoice", again, include="allowduplicatedocnum")


@pytest.mark.parametrize(("term", "days"), [("1", 0), ("2", 15), (None, 30), ("4", 60)])
async def test_due_dates_follow_the_terms(automated: Any, term: Any, days: Any) -> None:
    given = {"SalesTermRef": {"value": term}} if term else {}
    made = await automated.invoice("1", "10", TxnDate="2026-01-31", **given)
    expected = {0: "2026-01-31", 15: "2026-02-15", 30: "2026-03-02", 60: "2026-04-01"}
    assert made["DueDate"] == expected[days]
    assert ("SalesTermRef" in made) == (term is not None)


@pytest.mark.parametrize(("issued", "due"), [("2026-01-04", "2026-01-10"), ("2026-12-08", "2027-01-10")])
async def test_a_date_driven_term_moves_to_the_next_month_when_close(automated: Any, issued: Any, due: Any) -> None:
    made = await automated.invoice("1", "10", TxnDate=issued, SalesTermRef={"value": "5"})
    assert made["DueDate"] == due


async def test_quantity_times_price_must_be_the_amount(automated: Any) -> None:
    line = await automated.line("0.30", Qty=Decimal("0.125"), UnitPrice=Decimal("2.375"))
    assert (await automated.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]}))["TotalAmt"] == Decimal(
        "0.3"
    )
    wrong = await automated.line("0.29", Qty=Decimal("0.125"), UnitPrice=Decimal("2.375"))
    assert (await automated.refused("Invoice", {"CustomerRef": {"value": "1"}, "Line": [wrong]}))["code"] == "6070"


async def test_sparse_full_and_empty_updates(automated: Any) -> None:
    made = await automated.invoice("1", "10", PrivateNote="kept", CustomerMemo={"value": "hello"})
    key = {"Id": made["Id"], "SyncToken": "0"}
    same = await automated.write("Invoice", {**key, "sparse": True, "PrivateNote": "kept"})
    assert (same["SyncToken"], same["MetaData"]) == ("0", made["MetaData"])
    sparse = await automated.write("Invoice", {**key, "sparse": True, "PrivateNote": "new"})
    assert (sparse["SyncToken"], sparse["sparse"], sparse["CustomerMemo"]["value"]) == ("1", False, "hello")
    echoed = await automated.write("Invoice", sparse)
    assert echoed == sparse
    full = {"Id": made["Id"], "SyncToken": "1", "CustomerRef": made["CustomerRef"], "Line": made["Line"]}
    cleared = await automated.write("Invoice", full)
    assert "PrivateNote" not in cleared
    assert "CustomerMemo" not in cleared
    assert cleared["DocNumber"] == made["DocNumber"]
    stale = await automated.refused("Invoice", {**key, "sparse": True, "PrivateNote": "late"})
    assert (stale["code"], stale["element"]) == ("5010", "")


async def test_a_sent_line_array_replaces_all_lines(automated: Any) -> None:
    made = await automated.invoice("1", "10", "20")
    kept = {**made["Line"][1], "Amount": 25}
    update = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": [kept, await automated.line("7")]}
    changed = await automated.write("Invoice", update)
    assert [line.get("Id") for line in changed["Line"]] == ["2", "3", None]
    assert changed["TotalAmt"] == changed["Balance"] == 32


async def test_void_keeps_number_and_lines_and_marks_the_note(automated: Any) -> None:
    made = await automated.invoice("1", "10", PrivateNote="order 7")
    voided = await automated.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")
    assert voided["SyncToken"] == "1"
    assert voided["TotalAmt"] == voided["Balance"] == 0
    assert voided["PrivateNote"].startswith("Voided")
    assert voided["PrivateNote"].endswith("order 7")
    assert [line["Amount"] for line in voided["Line"]] == [0, 0]
    assert (voided["DocNumber"], voided["EmailStatus"]) == (made["DocNumber"], made["EmailStatus"])


async def test_delete_is_hard(automated: Any) -> None:
    made = await automated.invoice("1", "10")
    gone = await automated.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert gone == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    status, answer = await automated.call("GET", f"invoice/{made['Id']}")
    assert status == 400
    assert answer["Fault"]["Error"][0]["Detail"].endswith("Another user has deleted this transaction.")
    assert await automated.query(f"select * from Invoice where Id = '{made['Id']}'") == {}  # noqa: S608


async def test_send_moves_the_time_but_not_the_sync_token(automated: Any) -> None:
    made = await automated.invoice("1", "10")
    automated.world.clock.advance(60)
    status, answer = await automated.call("POST", f"invoice/{made['Id']}/send", sendTo="a@b.example")
    sent = answer["Invoice"]
    assert status == 200
    assert (sent["SyncToken"], sent["EmailStatus"], sent["BillEmail"]) == ("0", "EmailSent", {"Address": "a@b.example"})
    assert sent["DeliveryInfo"]["DeliveryType"] == "Email"
    assert (
        sent["DeliveryInfo"]["DeliveryTime"]
        == sent["MetaData"]["LastUpdatedTime"]
        > made["MetaData"]["LastUpdatedTime"]
    )


async def test_closed_books_refuse_create_update_void_and_delete(automated: Any) -> None:
    made = await automated.invoice("1", "10", TxnDate="2026-03-01")
    await automated.desk("preferences", {"BookCloseDate": "2026-03-31"}, "PATCH")
    key = {"Id": made["Id"], "SyncToken": "0"}
    line = await automated.line("1")
    create = {"CustomerRef": {"value": "1"}, "Line": [line], "TxnDate": "2026-03-31"}
    assert (await automated.refused("Invoice", create))["code"] == "6210"
    assert (await automated.refused("Invoice", {**key, "sparse": True, "PrivateNote": "x"}))["code"] == "6210"
    assert (await automated.refused("Invoice", key, operation="void"))["code"] == "6210"
    assert (await automated.refused("Invoice", key, operation="delete"))["code"] == "6210"
    assert (await automated.write("Invoice", {**create, "TxnDate": "2026-04-01"}))["TxnDate"] == "2026-04-01"


@pytest.mark.parametrize(
    ("change", "code", "element"),
    [
        ({"CustomerRef": None}, "2020", "CustomerRef"),
        ({"Line": []}, "2020", "Line"),
        ({"BadJson": True}, "2010", None),
        ({"CustomerRef": {"value": "99999"}}, "2500", None),
        ({"CustomerRef": "1"}, "2010", None),
        ({"DocNumber": "x" * 22}, "2050", "DocNumber"),
        ({"EmailStatus": "Maybe"}, "2170", None),
        ({"EmailStatus": "NeedToSend"}, "2020", "BillEmail"),
        ({"BillEmail": {"Address": "no address"}}, "2210", "BillEmail"),
        ({"TxnDate": "tomorrow"}, "2170", "TxnDate"),
        ({"Deposit": "much"}, "2080", "Deposit"),
        ({"Deposit": 11}, "6000", ""),
        ({"SalesTermRef": {"value": "77"}}, "2500", None),
        ({"Id": "1.5", "SyncToken": "0"}, "2030", "Id"),
        ({"Id": "99999", "SyncToken": "0"}, "610", ""),
        ({"CurrencyRef": {"value": "EUR"}}, "6000", ""),
    ],
)
async def test_refusals(automated: Any, change: Any, code: Any, element: Any) -> None:
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("10")], **change}
    before = (await automated.query("select count(*) from Invoice"))["totalCount"]
    error = await automated.refused("Invoice", given)
    assert (error["code"], error.get("element")) == (code, element)
    assert (await automated.query("select count(*) from Invoice"))["totalCount"] == before


async def test_a_wrong_line_is_refused(automated: Any) -> None:
    good = await automated.line("10")
    detail = good["SalesItemLineDetail"]
    wrong = {
        "2500": {**good, "SalesItemLineDetail": {**detail, "ItemRef": {"value": "999"}}},
        "2010": {**good, "Colour": "red"},
        "2170": {**good, "DetailType": "SomethingElse"},
        "2020": {name: value for name, value in good.items() if name != "Amount"},
        "2080": {**good, "Amount": "ten"},
    }
    for code, line in wrong.items():
        assert (await automated.refused("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]}))["code"] == code
    retired = (await automated.query("select * from Item where Active = false"))["Item"][0]
    assert retired["Name"] == "Retired Lamp (deleted)"
    line = {**good, "SalesItemLineDetail": {"ItemRef": {"value": retired["Id"]}}}
    assert (await automated.refused("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]}))["code"] == "610"
    assert (await automated.refused("Invoice", b"{not json"))["code"] == "2010"
    assert (await automated.refused("Invoice", b"[1]"))["code"] == "2010"


async def test_a_request_id_is_replayed_even_after_deletion(automated: Any) -> None:
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("10")]}
    first = await automated.write("Invoice", given, requestid="order-1-create-0")
    again = await automated.write("Invoice", given, requestid="order-1-create-0")
    assert again == first
    await automated.write("Invoice", {"Id": first["Id"], "SyncToken": "0"}, operation="delete")
    assert await automated.write("Invoice", given, requestid="order-1-create-0") == first
    assert (await automated.write("Invoice", given, requestid="order-1-create-1"))["Id"] != first["Id"]
    assert (await automated.refused("Invoice", given, requestid="x" * 51))["code"] == "2050"


async def test_deposit_lowers_the_balance(automated: Any) -> None:
    made = await automated.invoice("1", "10", Deposit=Decimal("2.50"))
    assert (made["TotalAmt"], made["Balance"]) == (10, Decimal("7.5"))


async def test_discounts(automated: Any) -> None:
    discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 5}}
    lines = [await automated.line("1005.00"), discount]
    made = await automated.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": lines})
    assert made["TotalAmt"] == Decimal("954.75")
    assert made["Line"][-1]["Amount"] == Decimal("50.25")
    assert made["Line"][-1]["DiscountLineDetail"]["DiscountAccountRef"]["name"] == "Discounts given"
    assert "Id" not in made["Line"][-1]
    await automated.desk("preferences", {"AllowDiscount": False}, "PATCH")
    assert (await automated.refused("Invoice", {"CustomerRef": {"value": "1"}, "Line": lines}))["code"] == "6000"


async def test_the_day_is_the_companys_own(automated: Any, uk: Any) -> None:
    # A night that is over: the tokens of an access live for an hour from now.
    now = automated.world.clock.now().replace(hour=3) - timedelta(days=1)
    automated.world.clock.move_to(now, frozen=True)
    assert (await automated.invoice("1", "1"))["TxnDate"] == (now - timedelta(days=1)).date().isoformat()
    assert (await uk.invoice("1", "1"))["TxnDate"] == now.date().isoformat()
