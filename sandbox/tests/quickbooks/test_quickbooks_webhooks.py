import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

import httpx
import pytest
import uvicorn


@pytest.fixture
async def received(world: Any, automated: Any) -> Any:
    """Everything that QuickBooks sends: (raw body, headers, events)."""
    import asyncio
    import json
    import socket

    arrays = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        arrays.append((body, headers, json.loads(body)))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
    server.capture_signals = lambda: __import__("contextlib").nullcontext()
    serving = asyncio.create_task(server.serve([sock]))
    url = f"http://127.0.0.1:{sock.getsockname()[1]}/quickbooks"
    await automated.control.put("/webhooks/quickbooks", json={"url": url})
    yield arrays
    server.should_exit = True
    await serving


async def events(company: Any, arrays: Any) -> Any:
    assert (await company.control.post("/webhooks/quickbooks/settle")).status_code == 200
    # Deliveries may overtake each other; the times tell the order.
    found = sorted((event for _, _, array in arrays for event in array), key=lambda event: event["time"])
    arrays.clear()
    return found


def told(found: Any) -> Any:
    return [(event["type"].removeprefix("qbo.").removesuffix(".v1"), event["intuitentityid"]) for event in found]


async def test_events_are_signed_cloudevents(automated: Any, received: Any) -> None:
    status, answer = await automated.call(
        "POST", "invoice", {"CustomerRef": {"value": "1"}, "Line": [await automated.line("1")]}
    )
    assert status == 200
    await automated.control.post("/webhooks/quickbooks/settle")
    body, headers, (event,) = received[0]
    expected = base64.b64encode(hmac.new(b"sandbox-verifier", body, hashlib.sha256).digest()).decode()
    assert headers["intuit-signature"] == expected
    made = answer["Invoice"]
    assert (event["specversion"], event["type"]) == ("1.0", "qbo.invoice.created.v1")
    assert (event["intuitentityid"], event["intuitaccountid"]) == (made["Id"], automated.realm)
    assert event["data"] == {}
    at = datetime.fromisoformat(event["time"][:26] + "+00:00")
    assert len(event["time"].split(".")[1]) == len("123456789Z")
    assert at.replace(microsecond=0) == datetime.fromisoformat(made["MetaData"]["LastUpdatedTime"])
    assert at <= datetime.fromisoformat(answer["time"])


async def test_each_verb(automated: Any, received: Any) -> None:
    customer = await automated.customer("Told")
    made = await automated.invoice(customer["Id"], "10")
    await automated.desk(f"invoice/{made['Id']}/edit", {"PrivateNote": "x"})
    await automated.desk(f"invoice/{made['Id']}/edit", {"PrivateNote": "x"})
    await automated.desk(f"invoice/{made['Id']}/send", {"to": "a@b.example"})
    await automated.desk(f"invoice/{made['Id']}/void")
    other = await automated.invoice(customer["Id"], "10")
    await automated.desk(f"invoice/{other['Id']}/delete")
    await automated.desk("preferences", {"CustomTxnNumbers": True}, "PATCH")
    assert told(await events(automated, received)) == [
        ("customer.created", customer["Id"]),
        ("invoice.created", made["Id"]),
        ("invoice.updated", made["Id"]),
        ("invoice.emailed", made["Id"]),
        ("invoice.void", made["Id"]),
        ("invoice.created", other["Id"]),
        ("invoice.deleted", other["Id"]),
        ("preferences.updated", "1"),
    ]


async def test_tax_agencies_are_told_but_codes_types_and_attachments_are_not(automated: Any, received: Any) -> None:
    agency = await automated.write("TaxAgency", {"DisplayName": "Harbour Board"})
    rate = {"TaxRateName": "Quay", "RateValue": "5", "TaxAgencyId": agency["Id"], "TaxApplicableOn": "Sales"}
    status, _ = await automated.call("POST", "taxservice/taxcode", {"TaxCode": "Quay", "TaxRateDetails": [rate]})
    assert status == 200
    note = await automated.write("Attachable", {"Note": "Nobody hears"})
    await automated.write("Attachable", {"Id": note["Id"]}, operation="delete")
    assert told(await events(automated, received)) == [("taxagency.created", agency["Id"])]


@pytest.mark.parametrize("indirect", [False, True])
async def test_a_payment_is_told_and_its_invoice_only_if_asked(automated: Any, received: Any, indirect: Any) -> None:
    await automated.control.put("/settings/quickbooks", json={"tell_indirect_changes": indirect})
    customer = await automated.customer("Payer")
    made = await automated.invoice(customer["Id"], "10")
    await events(automated, received)
    paid = await automated.desk(f"invoice/{made['Id']}/pay", {"amount": "4.00"})
    invoice = [("invoice.updated", made["Id"])] if indirect else []
    assert sorted(told(await events(automated, received))) == sorted([*invoice, ("payment.created", paid["Id"])])


async def test_a_merge_names_the_loser(automated: Any, received: Any) -> None:
    winner, loser = await automated.customer("Winner"), await automated.customer("Loser")
    await events(automated, received)
    await automated.desk("customer/merge", {"winner": winner["Id"], "loser": loser["Id"]})
    (event,) = await events(automated, received)
    assert (event["type"], event["intuitentityid"], event["data"]) == (
        "qbo.customer.merged.v1",
        winner["Id"],
        {"deletedid": loser["Id"]},
    )


async def test_what_quickbooks_holds_without_a_journal_entry(automated: Any, world: Any) -> None:
    made = await automated.invoice("1", "10")
    await automated.control.delete("/journal")
    path = f"/quickbooks/{automated.realm}/invoice"
    assert (await automated.control.get(f"{path}/{made['Id']}")).json()["Id"] == made["Id"]
    await automated.desk(f"invoice/{made['Id']}/delete")
    assert (await automated.control.get(f"{path}/{made['Id']}")).json()["status"] == "Deleted"
    stubs = [row for row in (await automated.control.get(path)).json() if row.get("status") == "Deleted"]
    assert made["Id"] in [row["Id"] for row in stubs]
    assert (await automated.control.get("/journal/count")).json() == {"count": 0}
    await automated.read("Customer", "1")
    (entry,) = (await automated.control.get("/journal")).json()
    assert (entry["account"], entry["who"], entry["status"]) == (automated.realm, "sandbox-quickbooks-app", 200)


async def test_a_reset_brings_everything_back(automated: Any, world: Any) -> None:
    before = (await automated.control.get(f"/quickbooks/{automated.realm}/customer")).content
    made = await automated.invoice("1", "10")
    await automated.desk("preferences", {"CustomTxnNumbers": True}, "PATCH")
    await automated.control.post("/people/administrator/quickbooks/9130350000000001/revoke")
    await automated.control.post("/reset", json={"to": "seed"})
    assert (await automated.control.get(f"/quickbooks/{automated.realm}/customer")).content == before
    again = await automated.invoice("1", "10")
    assert (again["Id"], again["DocNumber"]) == (made["Id"], made["DocNumber"])


async def test_a_bookkeeper_is_refused_in_the_same_words(automated: Any) -> None:
    answer = await automated.control.post("/people/bookkeeper/9130350000000001/customer", json={"CompanyName": "x"})
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (400, "2020")
    for path in ("/people/bookkeeper/77/customer", "/people/bookkeeper/9130350000000001/shoe"):
        assert (await automated.control.post(path, json={})).status_code == 404
    assert (await automated.control.post("/people/bookkeeper/9130350000000001/invoice/1/eat")).status_code == 404
    bad = await automated.control.patch("/people/bookkeeper/9130350000000001/preferences", json={"Colour": 1})
    assert bad.status_code == 400


async def test_printing_and_several_invoices_in_one_payment(automated: Any, uk: Any) -> None:
    made = await automated.invoice("1", "10")
    assert (await automated.desk(f"invoice/{made['Id']}/print"))["PrintStatus"] == "PrintComplete"
    euro = await uk.customer("Euro", CurrencyRef={"value": "EUR"})
    bills = [await uk.invoice(euro["Id"], "10", CurrencyRef={"value": "EUR"}) for _ in range(2)]
    paid = await uk.desk(
        "payment", {"invoices": {bills[0]["Id"]: "10.00", bills[1]["Id"]: "5.00"}, "date": "2026-05-01"}
    )
    assert (paid["TxnDate"], paid["CurrencyRef"]["value"], paid["TotalAmt"]) == ("2026-05-01", "EUR", 15)


async def test_schema_drift_adds_what_nobody_knew(automated: Any) -> None:
    await automated.control.put("/settings/quickbooks", json={"schema_drift": True})
    assert "SandboxUnknownField" in await automated.read("Customer", "1")
    assert "SandboxUnknownField" in (await automated.query("select * from Customer maxresults 1"))["Customer"][0]


async def test_a_lost_answer_is_replayed(automated: Any) -> None:
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("10")]}
    fault = {"vendor": "quickbooks", "method": "POST", "path": "/invoice", "times": 1, "lose_answer": True}
    await automated.control.post("/faults", json=fault)
    before = (await automated.query("select count(*) from Invoice"))["totalCount"]
    with pytest.raises(httpx.TransportError):
        await automated.write("Invoice", given, requestid="lost-1")
    made = await automated.write("Invoice", given, requestid="lost-1")
    assert (await automated.query("select count(*) from Invoice"))["totalCount"] == before + 1
    assert made["SyncToken"] == "0"
