"""Estimates that become invoices (quickbooks.md 7)."""

from typing import Any

import pytest


async def estimate(company: Any, **fields: Any) -> Any:
    line = await company.line("100", TaxCodeRef={"value": "NON"})
    return await company.write("Estimate", {"CustomerRef": {"value": "1"}, "Line": [line], **fields})


async def invoiced(company: Any, made: Any) -> Any:
    return await company.invoice("1", "100", LinkedTxn=[{"TxnId": made["Id"], "TxnType": "Estimate"}])


async def now(company: Any, made: Any) -> tuple[str, list[Any], str]:
    found = await company.read("Estimate", made["Id"])
    return found["TxnStatus"], found.get("LinkedTxn", []), found["SyncToken"]


async def test_an_invoice_closes_the_estimate_that_it_names(automated: Any) -> None:
    made = await estimate(automated)
    invoice = await invoiced(automated, made)
    assert invoice["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "Estimate"}]
    assert await now(automated, made) == ("Closed", [{"TxnId": invoice["Id"], "TxnType": "Invoice"}], "1")
    key = {"Id": invoice["Id"], "SyncToken": "0", "sparse": True}
    assert (await automated.write("Invoice", {**key, "PrivateNote": "x"}))["LinkedTxn"] == invoice["LinkedTxn"]
    assert (await now(automated, made))[2] == "1"


@pytest.mark.parametrize("accepted", [{}, {"TxnStatus": "Accepted", "AcceptedBy": "Amy"}])
@pytest.mark.parametrize("end", ["void", "delete", "unlink"])
async def test_without_its_invoice_it_is_open_again(automated: Any, accepted: Any, end: str) -> None:
    made = await estimate(automated, **accepted)
    invoice = await invoiced(automated, made)
    key = {"Id": invoice["Id"], "SyncToken": "0"}
    if end == "unlink":
        assert (await automated.write("Invoice", {**key, "sparse": True, "LinkedTxn": []}))["LinkedTxn"] == []
    else:
        await automated.write("Invoice", key, operation=end)
    assert await now(automated, made) == ("Accepted" if accepted else "Pending", [], "2")
    again = await invoiced(automated, made)
    assert (await now(automated, made))[:2] == ("Closed", [{"TxnId": again["Id"], "TxnType": "Invoice"}])


async def test_the_link_stays_beside_payments_and_is_the_invoices_own(automated: Any) -> None:
    made = await estimate(automated)
    invoice = await invoiced(automated, made)
    await automated.pay("1", "100", **{f"i{invoice['Id']}": "100"})
    kinds = [link["TxnType"] for link in (await automated.read("Invoice", invoice["Id"]))["LinkedTxn"]]
    assert sorted(kinds) == ["Estimate", "Payment"]
    key = {"Id": made["Id"], "SyncToken": "1", "sparse": True}
    assert (await automated.write("Estimate", {**key, "LinkedTxn": [], "PrivateNote": "x"}))["LinkedTxn"]
    await automated.write("Estimate", {"Id": made["Id"], "SyncToken": "2"}, operation="delete")
    kinds = [link["TxnType"] for link in (await automated.read("Invoice", invoice["Id"]))["LinkedTxn"]]
    assert kinds == ["Payment"]


async def test_what_cannot_be_linked_is_refused(automated: Any) -> None:
    made, other = await estimate(automated), await estimate(automated)
    theirs = await estimate(automated, CustomerRef={"value": "2"})
    await invoiced(automated, made)
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("100")]}
    for linked, code in (([made], "6000"), ([theirs], "6000"), ([other, made], "6000"), ([{"Id": "99999"}], "2500")):
        links = [{"TxnId": each["Id"], "TxnType": "Estimate"} for each in linked]
        assert (await automated.refused("Invoice", {**given, "LinkedTxn": links}))["code"] == code
    odd = [{"TxnId": {}, "TxnType": {}}, {"TxnId": [], "TxnType": []}, {}]
    assert (await automated.write("Invoice", {**given, "LinkedTxn": odd}))["LinkedTxn"] == []
    await automated.write("Estimate", {"Id": other["Id"], "SyncToken": "0"}, operation="delete")
    links = [{"TxnId": other["Id"], "TxnType": "Estimate"}]
    assert (await automated.refused("Invoice", {**given, "LinkedTxn": links}))["code"] == "610"


async def test_estimates_are_numbered_apart_from_all_other_forms(automated: Any) -> None:
    first = await estimate(automated)
    invoice = await automated.invoice("1", "1")
    line = await automated.line("1", TaxCodeRef={"value": "NON"})
    memo = await automated.write("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [line]})
    receipt = await automated.write("SalesReceipt", {"Line": [line]})
    given = await automated.invoice("1", "1", DocNumber="7")
    following = await automated.invoice("1", "1")
    second = await estimate(automated)
    numbers = [int(each["DocNumber"]) for each in (invoice, memo, receipt, following)]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert given["DocNumber"] == "7"
    assert (first["DocNumber"], second["DocNumber"]) == ("1001", "1002")


async def part_of(company: Any, made: Any, amount: str) -> Any:
    return await company.invoice("1", amount, LinkedTxn=[{"TxnId": made["Id"], "TxnType": "Estimate"}])


async def test_progress_invoicing_invoices_an_estimate_in_parts(automated: Any) -> None:
    await automated.desk("preferences", {"UsingProgressInvoicing": True}, "PATCH")
    made = await estimate(automated, TxnStatus="Accepted", AcceptedBy="Amy")
    parts = [await part_of(automated, made, "40"), await part_of(automated, made, "60")]
    links = [{"TxnId": part["Id"], "TxnType": "Invoice"} for part in parts]
    assert await now(automated, made) == ("Closed", links, "2")
    given = {"CustomerRef": {"value": "1"}, "Line": parts[0]["Line"], "LinkedTxn": parts[0]["LinkedTxn"]}
    assert (await automated.refused("Invoice", given))["code"] == "6000", "nothing of it is left"
    less = await automated.line("30", TaxCodeRef={"value": "NON"})
    key = {"Id": parts[0]["Id"], "SyncToken": "0", "sparse": True}
    await automated.write("Invoice", {**key, "Line": [less]})
    assert await now(automated, made) == ("Accepted", links, "3"), "a part shrank"
    await automated.desk(f"invoice/{parts[1]['Id']}/delete")
    assert await now(automated, made) == ("Accepted", links[:1], "4")


async def test_a_part_of_an_estimate_leaves_it_open(automated: Any) -> None:
    await automated.desk("preferences", {"UsingProgressInvoicing": True}, "PATCH")
    made = await estimate(automated)
    await part_of(automated, made, "99.99")
    assert (await now(automated, made))[0] == "Pending"
    assert (await automated.query("select * from Preferences"))["Preferences"][0]["SalesFormsPrefs"][
        "UsingProgressInvoicing"
    ] is True
