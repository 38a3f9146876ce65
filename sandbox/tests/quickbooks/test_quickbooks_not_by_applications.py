"""What invoices go through without any application: charges, electronic states, Intuit's own changes."""

from decimal import Decimal
from typing import Any


async def test_a_charge_of_a_statement_has_no_line_that_sells(automated: Any) -> None:
    customer = (await automated.customer("On Account"))["Id"]
    made = await automated.desk("invoice/statementcharge", {"customer": customer, "amount": "75.00"})
    assert made["Line"] == [{"Amount": 75, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}]
    assert (made["TotalAmt"], made["Balance"], made["SyncToken"]) == (75, 75, "0")
    assert [link["TxnType"] for link in made["LinkedTxn"]] == ["StatementCharge"]
    assert (await automated.read("Customer", customer))["Balance"] == 75
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    noted = await automated.write("Invoice", {**key, "PrivateNote": "x"})
    assert (noted["Line"], noted["LinkedTxn"]) == (made["Line"], made["LinkedTxn"])
    paid = await automated.pay(customer, "75", **{f"i{made['Id']}": "75"})
    after = await automated.read("Invoice", made["Id"])
    assert [link["TxnType"] for link in after["LinkedTxn"]] == ["StatementCharge", "Payment"]
    assert (after["Balance"], paid["UnappliedAmt"]) == (0, 0)
    await automated.desk(f"invoice/{made['Id']}/void")
    assert (await automated.read("Customer", customer))["Balance"] == -75


async def test_an_electronic_invoice_has_a_state_that_nobody_writes(automated: Any) -> None:
    made = await automated.invoice("1", "1", EInvoiceStatus="Paid")
    assert "EInvoiceStatus" not in made
    automated.world.clock.advance(60)
    seen = await automated.desk(f"invoice/{made['Id']}/einvoice", {"status": "Viewed"})
    assert (seen["EInvoiceStatus"], seen["SyncToken"]) == ("Viewed", "0")
    assert seen["MetaData"]["LastUpdatedTime"] > made["MetaData"]["LastUpdatedTime"]
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"}
    assert (await automated.write("Invoice", key))["EInvoiceStatus"] == "Viewed"
    path = f"/people/bookkeeper/{automated.realm}/invoice/{made['Id']}/einvoice"
    assert (await automated.control.post(path, json={"status": "Eaten"})).status_code == 400


async def test_intuits_own_change_moves_every_invoice_and_no_token(automated: Any) -> None:
    before = (await automated.query("select * from Invoice maxresults 1000"))["Invoice"]
    automated.world.clock.advance(60)
    since = automated.world.clock.now().isoformat()
    answer = await automated.control.post(f"/people/intuit/{automated.realm}/backfill")
    assert answer.json() == {"changed": len(before)}
    _, captured = await automated.call("GET", "cdc", entities="Invoice", changedSince=since)
    after = {each["Id"]: each for each in captured["CDCResponse"][0]["QueryResponse"][0]["Invoice"]}
    assert len(after) == len(before)
    for old in before:
        new = after[old["Id"]]
        assert (new["SyncToken"], new["AllowOnlineAffirmPayment"]) == (old["SyncToken"], False)
        assert {name for name in new if new[name] != old.get(name)} == {"MetaData", "AllowOnlineAffirmPayment"}


async def test_the_day_of_shipping_is_a_day(automated: Any) -> None:
    line = await automated.line("1")
    given = {"CustomerRef": {"value": "1"}, "Line": [line]}
    assert (await automated.refused("Invoice", {**given, "ShipDate": "soon"}))["code"] == "2170"
    made = await automated.write("Invoice", {**given, "ShipDate": "2026-10-10T00:00:00Z"})
    assert (made["ShipDate"], made["TotalAmt"]) == ("2026-10-10", Decimal(1))
