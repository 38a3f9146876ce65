"""Whom a form is mailed to, and what mailing changes (quickbooks.md 5)."""

from typing import Any

import pytest

TO = {"Address": "pay@client.example"}


async def test_copies_go_where_the_preferences_say(automated: Any) -> None:
    own = {"Id": "1", "SyncToken": "0", "sparse": True}
    copies = {"SalesEmailCc": {"Address": "cc@us.example"}, "SalesEmailBcc": {"Address": "bcc@us.example"}}
    await automated.write("Preferences", {**own, "SalesFormsPrefs": copies})
    made = await automated.invoice("1", "1", BillEmailBcc={"Address": "other@us.example"})
    assert (made["BillEmailCc"]["Address"], made["BillEmailBcc"]["Address"]) == ("cc@us.example", "other@us.example")
    assert "BillEmail" not in made, "the customer's own address is not taken over (recorded)"
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "BillEmailCc": None}
    assert "BillEmailCc" not in await automated.write("Invoice", key)


async def test_copies_to_no_address_are_dropped_but_the_addressee_is_checked(automated: Any) -> None:
    made = await automated.invoice("1", "1", BillEmailCc={"Address": "nobody"}, BillEmailBcc={"Address": "x" * 101})
    assert {"BillEmailCc", "BillEmailBcc"}.isdisjoint(made)
    line = await automated.line("1")
    for address, code in (("nobody", "2210"), (f"a@{'x' * 100}.example", "2050")):
        given = {"CustomerRef": {"value": "1"}, "Line": [line], "BillEmail": {"Address": address}}
        assert (await automated.refused("Invoice", given))["code"] == code


@pytest.mark.parametrize("entity", ["Invoice", "CreditMemo", "Estimate", "SalesReceipt", "RefundReceipt"])
async def test_every_form_is_mailed(automated: Any, entity: str) -> None:
    account = {"DepositToAccountRef": {"value": "35"}} if entity == "RefundReceipt" else {}
    line = await automated.line("1", TaxCodeRef={"value": "NON"})
    given = {"CustomerRef": {"value": "1"}, "Line": [line], "EmailStatus": "NeedToSend", "BillEmail": TO, **account}
    made = await automated.write(entity, given)
    assert (made["EmailStatus"], made["DeliveryInfo"]) == ("NeedToSend", {"DeliveryType": "Email"})
    automated.world.clock.advance(60)
    path = f"{entity.lower()}/{made['Id']}/send"
    headers = {"content-type": "application/octet-stream"}
    answer = await automated.api.post(f"/v3/company/{automated.realm}/{path}", headers=headers)
    sent = answer.json()[entity]
    assert (sent["EmailStatus"], sent["SyncToken"], sent["BillEmail"]) == ("EmailSent", "0", TO)
    assert sent["DeliveryInfo"]["DeliveryTime"] == sent["MetaData"]["LastUpdatedTime"]
    assert sent["MetaData"]["LastUpdatedTime"] > made["MetaData"]["LastUpdatedTime"]
    _, other = await automated.call("POST", path, sendTo="second@client.example")
    assert other[entity]["BillEmail"] == {"Address": "second@client.example"}


async def test_nothing_is_mailed_to_nobody(automated: Any) -> None:
    made = await automated.invoice("1", "1")
    for parameters, code in (({}, "2020"), ({"sendTo": "nobody"}, "2210")):
        status, answer = await automated.call("POST", f"invoice/{made['Id']}/send", **parameters)
        assert (status, answer["Fault"]["Error"][0]["code"]) == (400, code)
    line = await automated.line("1")
    waiting = {"CustomerRef": {"value": "1"}, "Line": [line], "EmailStatus": "NeedToSend"}
    assert (await automated.refused("Invoice", waiting))["element"] == "BillEmail"


async def test_delivery_facts_that_are_sent_back_are_passed_over(automated: Any) -> None:
    made = await automated.invoice("1", "1", BillEmail=TO)
    _, answer = await automated.call("POST", f"invoice/{made['Id']}/send")
    again = {**answer["Invoice"], "sparse": True, "DeliveryInfo": {"DeliveryType": "Tradeshift"}}
    assert (await automated.write("Invoice", again))["DeliveryInfo"] == answer["Invoice"]["DeliveryInfo"]
