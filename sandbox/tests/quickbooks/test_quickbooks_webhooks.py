import asyncio
import base64
import hashlib
import hmac
import json
import socket
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest
import uvicorn


class Received(list[Any]):
    """Everything that QuickBooks sends: (raw body, headers, events). `answers` are given in turn, then 200."""

    def __init__(self) -> None:
        self.answers: list[int] = []


@pytest.fixture
async def received(world: Any, automated: Any) -> Any:
    arrays = Received()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        arrays.append((body, headers, json.loads(body)))
        status = arrays.answers.pop(0) if arrays.answers else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
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


async def style(company: Any, **changes: Any) -> Any:
    answer = await company.control.put("/webhooks/quickbooks", json=changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def until(company: Any, **counts: int) -> None:
    async with asyncio.timeout(10):
        while True:
            shown = (await company.control.get("/webhooks/quickbooks")).json()
            if all(shown[name] == count for name, count in counts.items()):
                return


async def test_retries_follow_intuits_schedule_on_and_on(automated: Any, received: Any) -> None:
    await automated.control.put("/clock", json={"now": "2026-11-23T10:00:00Z", "frozen": True})
    received.answers = [500, 302, 404, 401, 503, 500, 500, 500, 500, 500]
    await automated.customer("Patience")
    delays = [10, 20, 30, 300, 1200, 7200, 14400, 21600, 21600, 21600]
    for count, delay in enumerate(delays, start=1):
        await until(automated, retried=count)
        await automated.control.post("/clock/advance", json={"seconds": delay})
    await until(automated, sent=1)
    log = (await automated.control.get("/webhooks/quickbooks/deliveries")).json()
    at = [datetime.fromisoformat(entry["at"]) for entry in log]
    assert [(later - before).total_seconds() for before, later in pairwise(at)] == delays
    assert len({entry["events"][0]["id"] for entry in log}) == 1
    assert [entry["attempt"] for entry in log] == list(range(11))


@pytest.mark.parametrize("withhold", [True, False])
async def test_later_events_are_withheld_while_one_is_unacknowledged(
    automated: Any, received: Any, withhold: bool
) -> None:
    assert (await style(automated))["withhold"] is True
    await style(automated, withhold=withhold)
    received.answers = [500]
    first = (await automated.customer("First"))["Id"]
    await until(automated, retried=1)
    second = (await automated.customer("Second"))["Id"]
    await until(automated, sent=0 if withhold else 1)
    await automated.control.post("/clock/advance", json={"seconds": 11})
    await until(automated, sent=2, waiting=0)
    order = [event["intuitentityid"] for _, _, array in received for event in array]
    assert order == ([first, first, second] if withhold else [first, second, first])


async def test_a_reset_ends_the_withholding(automated: Any, received: Any) -> None:
    received.answers = [500]
    await automated.customer("First")
    await until(automated, retried=1)
    await automated.control.post("/reset", json={})
    second = (await automated.customer("Second"))["Id"]
    await until(automated, sent=1)
    assert received[-1][2][0]["intuitentityid"] == second


async def test_arrays_mix_companies_and_hold_a_hundred_events(automated: Any, uk: Any, received: Any) -> None:
    await style(automated, paused=True)
    items = [{"bId": str(at), "operation": "create", "Term": {"Name": f"T{at}", "DueDays": at}} for at in range(30)]
    assert (await uk.call("POST", "batch", {"BatchItemRequest": items}))[0] == 200
    for lot in range(3):
        some = [{**item, "Term": {**item["Term"], "Name": f"{lot}-{item['bId']}"}} for item in items]
        assert (await automated.call("POST", "batch", {"BatchItemRequest": some}))[0] == 200
    await style(automated, paused=False)
    await until(automated, sent=120)
    arrays = sorted((array for _, _, array in received), key=len)
    assert [len(array) for array in arrays] == [20, 100]
    assert {event["intuitaccountid"] for event in arrays[1]} == {automated.realm, uk.realm}
    assert len({event["source"] for event in arrays[1]}) == 2
    assert all(event["source"].startswith("intuit.") for event in arrays[1])


async def test_events_are_doubled_disordered_and_lost_on_demand(automated: Any, received: Any) -> None:
    await style(automated, paused=True, shuffle=True, duplicate=1.0)
    for at in range(15):
        await automated.customer(f"Mixed {at}")
    await style(automated, paused=False)
    await until(automated, sent=30)
    times = [event["time"] for _, _, array in received for event in array]
    assert times != sorted(times)
    assert [times.count(each) for each in times] == [2] * 30
    await style(automated, duplicate=0.0, drop=1.0)
    await automated.customer("Never told")
    await until(automated, dropped=1, sent=30, waiting=0)


@pytest.mark.parametrize("switch", [False, True])
async def test_a_void_is_told_as_void_or_voided(automated: Any, received: Any, switch: bool) -> None:
    await automated.control.put("/settings/quickbooks", json={"webhook_verb_voided": switch})
    made = await automated.invoice("1", "1")
    await automated.desk(f"invoice/{made['Id']}/void")
    assert told(await events(automated, received))[1] == ("invoice.voided" if switch else "invoice.void", made["Id"])


async def test_an_app_hears_what_it_subscribed_to(automated: Any, received: Any) -> None:
    await automated.control.put("/settings/quickbooks", json={"webhook_events": "payment invoice.emailed"})
    customer = (await automated.customer("Quiet"))["Id"]
    made = await automated.invoice(customer, "3")
    paid = await automated.pay(customer, "3")
    await automated.desk(f"payment/{paid['Id']}/void")
    await automated.desk(f"invoice/{made['Id']}/send", {"to": "a@b.example"})
    assert told(await events(automated, received)) == [
        ("payment.created", paid["Id"]),
        ("payment.void", paid["Id"]),
        ("invoice.emailed", made["Id"]),
    ]


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
    since = automated.world.clock.now().isoformat()
    item = {"bId": "1", "operation": "create", "Term": {"Name": "Drifting", "DueDays": 1}}
    _, batch = await automated.call("POST", "batch", {"BatchItemRequest": [item]})
    assert "SandboxUnknownField" in batch["BatchItemResponse"][0]["Term"]
    _, changes = await automated.call("GET", "cdc", entities="Term", changedSince=since)
    assert "SandboxUnknownField" in changes["CDCResponse"][0]["QueryResponse"][0]["Term"][0]


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
