"""Money that went to the bank is fixed (quickbooks.md 7: 6540)."""

from decimal import Decimal
from typing import Any

BANK = {"value": "35"}


def taking(*money: tuple[str, str]) -> dict[str, Any]:
    lines = [{"LinkedTxn": [{"TxnId": identifier, "TxnType": entity}]} for entity, identifier in money]
    return {"DepositToAccountRef": BANK, "Line": lines}


def settling(entity: Any, identifier: Any, share: Any) -> Any:
    return {"Amount": Decimal(share), "LinkedTxn": [{"TxnId": identifier, "TxnType": entity}]}


async def paid(company: Any) -> tuple[Any, Any]:
    customer = (await company.customer("Depositor"))["Id"]
    invoice = await company.invoice(customer, "20")
    return invoice, await company.pay(customer, "20", **{f"i{invoice['Id']}": "20"})


async def test_a_deposit_takes_in_payments_and_receipts(automated: Any) -> None:
    _, payment = await paid(automated)
    receipt = await automated.write("SalesReceipt", {"Line": [await automated.line("5", TaxCodeRef={"value": "NON"})]})
    money = ("Payment", payment["Id"]), ("SalesReceipt", receipt["Id"])
    made = await automated.write("Deposit", taking(*money))
    assert (made["TotalAmt"], made["DepositToAccountRef"]) == (25, {"value": "35", "name": "Checking"})
    assert [line["Amount"] for line in made["Line"]] == [20, 5]
    assert made["Line"][0]["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}]
    for entity, identifier in money:
        found = await automated.read(entity, identifier)
        assert {"TxnId": made["Id"], "TxnType": "Deposit"} in found["LinkedTxn"]
    assert (await automated.query(f"select * from Deposit where Id = '{made['Id']}'"))["Deposit"] == [made]  # noqa: S608


async def test_deposited_money_cannot_be_changed_voided_or_deleted(automated: Any) -> None:
    invoice, payment = await paid(automated)
    deposit = await automated.write("Deposit", taking(("Payment", payment["Id"])))
    key = {"Id": payment["Id"], "SyncToken": "1", "sparse": True}
    assert (await automated.write("Payment", key))["SyncToken"] == "1", "a change of nothing is none"
    for given, parameters in (
        ({**key, "TotalAmt": 30}, {}),
        ({**key, "Line": []}, {}),
        (key, {"operation": "update", "include": "void"}),
        (key, {"operation": "delete"}),
    ):
        error = await automated.refused("Payment", given, **parameters)
        assert (error["code"], error["Message"]) == ("6540", "Deposited Transaction cannot be changed")
        assert error["Detail"].startswith("This transaction has been deposited. If you want to change or delete it,")
    await automated.write("Deposit", {"Id": deposit["Id"], "SyncToken": "0"}, operation="delete")
    freed = await automated.read("Payment", payment["Id"])
    assert freed["LinkedTxn"] == []
    await automated.write("Payment", {"Id": freed["Id"], "SyncToken": freed["SyncToken"]}, operation="delete")
    assert (await automated.read("Invoice", invoice["Id"]))["Balance"] == 20


async def test_the_end_of_an_invoice_frees_deposited_money_all_the_same(automated: Any) -> None:
    invoice, payment = await paid(automated)
    deposit = await automated.write("Deposit", taking(("Payment", payment["Id"])))
    await automated.desk(f"invoice/{invoice['Id']}/void")
    left = await automated.read("Payment", payment["Id"])
    assert (left["UnappliedAmt"], left["LinkedTxn"]) == (20, [{"TxnId": deposit["Id"], "TxnType": "Deposit"}])


async def test_what_else_a_deposit_holds_and_how_it_changes(automated: Any) -> None:
    _, payment = await paid(automated)
    plain = {"Amount": 7, "DetailType": "DepositLineDetail", "DepositLineDetail": {"AccountRef": {"value": "1"}}}
    taken = taking(("Payment", payment["Id"]))
    made = await automated.write("Deposit", {**taken, "Line": [*taken["Line"], plain], "TxnDate": "2026-10-01"})
    assert (made["TotalAmt"], made["Line"][1]["DepositLineDetail"]["AccountRef"]["name"]) == (27, "Services")
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "DepositToAccountRef": BANK}
    bare = {name: value for name, value in key.items() if name != "DepositToAccountRef"}
    assert (await automated.refused("Deposit", {**bare, "PrivateNote": "x"}))["element"] == "DepositToAccountRef"
    changed = await automated.write("Deposit", {**key, "Line": [plain]})
    assert (changed["TotalAmt"], changed["SyncToken"], changed["TxnDate"]) == (7, "1", "2026-10-01")
    assert (await automated.read("Payment", payment["Id"]))["LinkedTxn"] == []


async def test_refused_deposits(automated: Any) -> None:
    _, payment = await paid(automated)
    banked = await automated.write(
        "Payment", {"CustomerRef": payment["CustomerRef"], "TotalAmt": 3, "DepositToAccountRef": BANK}
    )
    taken = taking(("Payment", payment["Id"]))
    detail = {"DetailType": "DepositLineDetail", "DepositLineDetail": {"AccountRef": {"value": "1"}}}
    for given, code in (
        ({**taken, "DepositToAccountRef": None}, "2020"),
        ({**taken, "DepositToAccountRef": {"value": "999"}}, "2500"),
        ({**taken, "Line": []}, "2020"),
        ({**taken, "Line": [detail]}, "2020"),
        ({**taken, "Line": [{"Amount": 1, "DetailType": "DepositLineDetail"}]}, "2020"),
        (taking(("Payment", "99999")), "2500"),
        (taking(("Invoice", "1")), "2500"),
        (taking(("Payment", banked["Id"])), "6000"),
    ):
        assert (await automated.refused("Deposit", given))["code"] == code, given
    made = await automated.write("Deposit", taken)
    assert (await automated.refused("Deposit", taken))["code"] == "6000", "money goes to the bank once"
    assert (await automated.refused("Deposit", {"Id": made["Id"], "SyncToken": "0"}, operation="void"))["code"] == "500"


async def test_a_credit_memo_is_no_money_to_deposit_but_payments_of_zero_are_left_alone(automated: Any) -> None:
    invoice, _ = await paid(automated)
    customer = invoice["CustomerRef"]
    memo = await automated.write("CreditMemo", {"CustomerRef": customer, "Line": [await automated.line("4")]})
    second = await automated.invoice(customer["value"], "4")
    lines = [settling("Invoice", second["Id"], "4"), settling("CreditMemo", memo["Id"], "4")]
    zero = await automated.write("Payment", {"CustomerRef": customer, "TotalAmt": 0, "Line": lines})
    assert (await automated.refused("Deposit", taking(("CreditMemo", memo["Id"]))))["code"] == "2500"
    assert (await automated.read("Payment", zero["Id"]))["LinkedTxn"] == []
