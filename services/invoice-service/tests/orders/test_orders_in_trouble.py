"""Orders that wait, that are in doubt, that are sent and voided; and what the bus says of bad commands."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from invoice_service.drafts.payloads import ALL_ONLINE_PAYMENT, ONLINE_PAYMENT
from invoice_service.orders import store_orders
from ledgerbridge.sync.marks import resume, retry
from ledgerbridge.testing.waiting import wait_until

from .conftest import AUTOMATED, US, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINE = {"name": "Consulting", "hs_sku": "SVC-100", "quantity": "2", "price": "150"}
DAY = 25 * 3600


async def ordered(house: House) -> tuple[dict[str, str], str, str]:
    """A command for a new deal: its body, the deal's customer, and the order's id."""
    company, customer = await house.linked_company()
    body = {"deal_id": await house.deal([LINE], company=company), "quickbooks_company": AUTOMATED}
    ((_kind, data),) = await house.results(await house.command("create", body), count=1)
    return body, customer, data["order_id"]


async def state_of(house: House, order_id: str) -> str:
    answer = await house.http.get(f"/orders/{order_id}", headers=await house.token())
    return str(answer.json()["state"])


async def becomes(house: House, order_id: str, state: str) -> None:
    async def is_so() -> bool:
        return await state_of(house, order_id) == state

    await wait_until(is_so, 40, f"the order is {state}")


async def test_a_create_that_waited_a_day_asks_for_its_date(house: House) -> None:
    await house.fault(vendor="quickbooks", method="POST", path="/invoice$", status=503)
    _body, customer, order_id = await ordered(house)
    await becomes(house, order_id, "uncertain")
    await house.control.post("/clock/advance", json={"seconds": DAY})
    await house.control.delete("/faults")
    await becomes(house, order_id, "confirm")
    assert await house.invoices_of(AUTOMATED, customer) == []
    now = datetime.fromisoformat((await house.control.get("/clock")).json()["now"])
    confirmed = {"invoice_date": (now - timedelta(days=1)).date().isoformat()}
    url, headers = f"/orders/{order_id}/confirm", await house.token()
    answer = await house.http.post(url, json=confirmed, headers=headers)
    assert (answer.status_code, answer.json().get("invoice_date")) == (201, confirmed["invoice_date"]), answer.text
    (invoice,) = await house.invoices_of(AUTOMATED, customer)
    assert invoice["TxnDate"] == confirmed["invoice_date"]
    assert (await house.http.post(url, json=confirmed, headers=headers)).status_code == 422


async def test_an_invoice_whose_answers_were_all_lost_is_found_by_its_marker(house: House) -> None:
    await house.fault(vendor="quickbooks", method="POST", path="/invoice$", lose_answer=True)
    _body, customer, order_id = await ordered(house)
    await becomes(house, order_id, "uncertain")
    await house.control.post("/clock/advance", json={"seconds": DAY})
    await becomes(house, order_id, "done")
    (invoice,) = await house.invoices_of(AUTOMATED, customer)
    answer = await house.http.get(f"/orders/{order_id}", headers=await house.token())
    assert answer.json()["quickbooks_id"] == invoice["Id"]


async def told_of(house: House, customer: str) -> str:
    """QuickBooks' notice of the customer's one invoice, as the gateway publishes it; answers the invoice's id."""
    (invoice,) = await house.invoices_of(AUTOMATED, customer)
    await house.notice("invoice", invoice["Id"], AUTOMATED)
    return str(invoice["Id"])


async def reads_of(house: House) -> int:
    """How often QuickBooks was asked for invoices."""
    found = (await house.control.get("/journal")).json()
    return sum("nvoice" in one["path"] + str(one.get("query", "")) and one["method"] == "GET" for one in found)


async def test_a_notice_of_an_unknown_invoice_that_bears_the_mark_settles_the_order_at_once(house: House) -> None:
    await house.fault(vendor="quickbooks", method="POST", path="/invoice$", lose_answer=True)
    body, customer, order_id = await ordered(house)
    await becomes(house, order_id, "uncertain")
    quickbooks_id = await told_of(house, customer)
    await becomes(house, order_id, "done")  # no answer of a create ever came
    order = (await house.http.get(f"/orders/{order_id}", headers=await house.token())).json()
    assert order["quickbooks_id"] == quickbooks_id
    listed = await house.http.get("/invoices", params={"deal_id": body["deal_id"]}, headers=await house.token())
    assert [one["invoice"]["invoice_id"] for one in listed.json()["invoices"]] == [order["invoice_id"]]


async def test_adding_the_invoice_of_an_order_in_doubt_is_refused_and_settles_the_order(house: House) -> None:
    await house.fault(vendor="quickbooks", method="POST", path="/invoice$", lose_answer=True)
    body, customer, order_id = await ordered(house)
    await becomes(house, order_id, "uncertain")
    (invoice,) = await house.invoices_of(AUTOMATED, customer)
    wanted = {
        "connection_id": house.connections[AUTOMATED].id,
        "quickbooks_ids": [invoice["Id"]],
        "deal_id": body["deal_id"],
    }
    refused = await post(house, "/links", wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "ORDER_RUNNING")
    assert order_id in refused.json()["sentence"]
    await becomes(house, order_id, "done")


async def test_an_order_that_rests_for_its_date_is_settled_by_its_invoice_that_appears_late(house: House) -> None:
    await house.fault(vendor="quickbooks", method="POST", path="/invoice$", status=503)
    _body, customer, order_id = await ordered(house)
    await becomes(house, order_id, "uncertain")
    await house.control.post("/clock/advance", json={"seconds": DAY})
    await becomes(house, order_id, "confirm")
    async with house.database.tenant(house.connections[AUTOMATED].tenant_id) as tx:
        attempts = await store_orders.attempts_of(tx, uuid.UUID(order_id))
    payload = next(one.payload for one in attempts if one.step == "invoice")
    late = await house.control.post(f"/people/bookkeeper/{AUTOMATED}/invoice", content=payload)
    assert late.is_success, late.text
    await told_of(house, customer)
    await becomes(house, order_id, "done")


async def test_unknown_invoices_cost_a_read_only_while_an_order_is_in_doubt(house: House) -> None:
    stranger = await house.customer(AUTOMATED, f"Stranger {uuid.uuid4().hex[:6]}")
    line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "2"}}}
    content = {"CustomerRef": {"value": stranger}, "Line": [line]}
    made = await house.control.post(f"/people/bookkeeper/{AUTOMATED}/invoice", json=content)
    assert made.is_success, made.text
    failed, _customer = await house.linked_company()
    await house.results(  # a failed order is not one in doubt
        await house.command(
            "create", {"deal_id": await house.deal([], company=failed), "quickbooks_company": AUTOMATED}
        )
    )
    (await house.control.delete("/journal")).raise_for_status()
    await told_of(house, stranger)
    await house.heard_all()
    assert await reads_of(house) == 0
    await house.fault(vendor="quickbooks", method="POST", path="/invoice$", status=503)
    _body, _of_order, order_id = await ordered(house)
    await becomes(house, order_id, "uncertain")
    await told_of(house, stranger)

    async def looked() -> bool:
        return await reads_of(house) == 1

    await wait_until(looked, 10, "the unknown invoice is read")
    assert await state_of(house, order_id) == "uncertain"
    await house.control.delete("/faults")
    await becomes(house, order_id, "done")
    assert len(await house.invoices_of(AUTOMATED, stranger)) == 1


@pytest.mark.statement("B-15", "rule")
async def test_a_create_waits_while_the_subscription_is_lapsed(house: House) -> None:
    lapsed = {"Fault": {"Error": [{"Message": "Subscription lapsed", "code": "6190"}], "type": "ValidationFault"}}
    await house.fault(vendor="quickbooks", method="POST", path="/invoice$", status=400, body=lapsed)
    _body, customer, order_id = await ordered(house)
    connection = house.connections[AUTOMATED]

    async def waits() -> bool:
        async with house.database.engine() as tx:
            return bool(await tx.fetchval("select state = 'waiting' from records where subject_id = $1", order_id))

    await wait_until(waits, 15, "the order waits")
    assert await house.invoices_of(AUTOMATED, customer) == []
    await house.control.delete("/faults")
    async with house.database.tenant(connection.tenant_id) as tx:
        await resume(tx, connection.tenant_id, connection.id)
    await becomes(house, order_id, "done")
    assert len(await house.invoices_of(AUTOMATED, customer)) == 1


async def test_a_failed_order_is_tried_again_after_its_cause_was_mended(house: House) -> None:
    company, customer = await house.linked_company()
    body = {"deal_id": await house.deal([], company=company), "quickbooks_company": AUTOMATED}
    command = await house.command("create", body)
    told = await house.results(command)
    assert [kind for kind, _data in told] == ["command.accepted", "command.failed"]
    assert told[1][1]["code"] == "NO_LINES"
    order_id = told[0][1]["order_id"]
    to_deal = [{"to": {"id": body["deal_id"]}, "types": [_to_deal()]}]
    line = {"properties": LINE, "associations": to_deal}
    (await house.control.post(f"/people/salesperson/{US}/objects/line_items", json=line)).raise_for_status()
    connection = house.connections[AUTOMATED]
    async with house.database.tenant(connection.tenant_id) as tx:
        assert await retry(tx, connection.tenant_id, kind="order", subject_id=order_id) == 1
    await becomes(house, order_id, "done")
    assert len(await house.invoices_of(AUTOMATED, customer)) == 1
    assert len(await house.results(command)) == 2  # a command has one result


def _to_deal() -> dict[str, Any]:
    return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 20}


async def created(house: House) -> str:
    return (await created_with_id(house))[0]


async def created_with_id(house: House) -> tuple[str, str]:
    """A created invoice: our id and QuickBooks' id."""
    company, _customer = await house.linked_company(PrimaryEmailAddr={"Address": "a@firm.example"})
    deal = await house.deal([LINE], company=company)
    answer = await house.create({"deal_id": deal, "quickbooks_company": AUTOMATED})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["invoice_id"]), str(answer.json()["quickbooks_id"])


async def post(house: House, path: str, body: dict[str, Any], role: Any = "finance") -> Any:
    return await house.http.post(path, json=body, headers=await house.token(role=role))


@pytest.mark.statement("S-43", "rule")
@pytest.mark.statement("B-10", "rule")
async def test_send_and_void(house: House) -> None:
    invoice_id = await created(house)
    forbidden = await post(house, f"/invoices/{invoice_id}/send", {}, "sales")
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "FORBIDDEN")
    sent = await post(house, f"/invoices/{invoice_id}/send", {"to": "b@firm.example"})
    assert (sent.status_code, sent.json().get("stage")) == (200, "sent_to_customer"), sent.text
    voided = await post(house, f"/invoices/{invoice_id}/void", {"reason": "wrong customer"})
    assert (voided.status_code, voided.json().get("stage")) == (200, "voided"), voided.text
    shown = (await house.http.get(f"/invoices/{invoice_id}", headers=await house.token())).json()
    history = [(one["new"], one["by"], one["reason"]) for one in shown["history"]]
    assert history[-1] == ("voided", "Pat", "wrong customer")
    assert {one[1:] for one in history[:-1]} == {(None, None)}
    again = await post(house, f"/invoices/{invoice_id}/send", {})
    assert (again.status_code, again.json()["code"]) == (422, "INVOICE_STATE")


async def flags_of(house: House, quickbooks_id: str) -> dict[str, Any]:
    """How QuickBooks lets the customer pay the invoice online."""
    held = (await house.control.get(f"/quickbooks/{AUTOMATED}/invoice/{quickbooks_id}")).json()
    return {name: held.get(name, False) for name in ALL_ONLINE_PAYMENT}


async def paying_online(house: House, *, on: bool) -> None:
    """The bookkeeper changes the preference, and QuickBooks tells it."""
    await house.preferences(AUTOMATED, ETransactionPaymentEnabled=on)
    await house.notice("preferences", "1", AUTOMATED)
    await house.heard_all()


ONLINE = {**dict.fromkeys(ALL_ONLINE_PAYMENT, False), **dict.fromkeys(ONLINE_PAYMENT, True)}
OFFLINE = dict.fromkeys(ALL_ONLINE_PAYMENT, False)


async def test_online_payment_follows_the_companys_preference_when_sent_through_us(house: House) -> None:
    without, _id = await created_with_id(house)
    assert (await post(house, f"/invoices/{without}/send", {})).status_code == 200
    assert await flags_of(house, _id) == OFFLINE
    await paying_online(house, on=True)
    try:
        invoice_id, quickbooks_id = await created_with_id(house)
        assert await flags_of(house, quickbooks_id) == OFFLINE  # created is not sent
        sent = await post(house, f"/invoices/{invoice_id}/send", {})
        assert (sent.status_code, sent.json().get("stage")) == (200, "sent_to_customer"), sent.text
        assert await flags_of(house, quickbooks_id) == ONLINE
        await house.control.delete("/journal")
        again = await post(house, f"/invoices/{invoice_id}/send", {})
        assert again.status_code == 200, again.text
        writes = [one for one in (await house.control.get("/journal")).json() if one["method"] == "POST"]
        assert len([one for one in writes if one["path"].endswith(("/invoice", "/send"))]) == 1  # what is so stays so
    finally:
        await paying_online(house, on=False)


async def test_a_lost_answer_to_allowing_online_payment_is_settled_by_reading(house: House) -> None:
    await paying_online(house, on=True)
    try:
        invoice_id, quickbooks_id = await created_with_id(house)
        await house.fault(vendor="quickbooks", method="POST", path="/invoice$", times=8, lose_answer=True)
        sent = await post(house, f"/invoices/{invoice_id}/send", {})
        assert (sent.status_code, sent.json().get("stage")) == (200, "sent_to_customer"), sent.text
        assert await flags_of(house, quickbooks_id) == ONLINE
    finally:
        await paying_online(house, on=False)


async def test_a_lost_answer_to_a_send_is_settled_by_reading(house: House) -> None:
    invoice_id = await created(house)
    await house.fault(vendor="quickbooks", method="POST", path="/send$", times=1, lose_answer=True)
    sent = await post(house, f"/invoices/{invoice_id}/send", {})
    assert (sent.status_code, sent.json().get("stage")) == (200, "sent_to_customer"), sent.text
    mailed = (await house.control.get("/journal/count", params={"path": f"/v3/company/{AUTOMATED}/invoice"})).json()
    assert mailed["count"] == 3  # create, send, read: never sent twice


async def test_a_send_in_doubt_is_repeated_by_a_person_alone(house: House) -> None:
    invoice_id = await created(house)
    await house.fault(vendor="quickbooks", method="POST", path="/send$", times=1, status=504)
    doubtful = await post(house, f"/invoices/{invoice_id}/send", {})
    assert (doubtful.status_code, doubtful.json()["state"]) == (202, "doubtful"), doubtful.text
    path = f"/orders/{doubtful.json()['order_id']}/settle"
    assert (await post(house, path, {"quickbooks_id": None}, "sales")).status_code == 403
    settled = await post(house, path, {"quickbooks_id": None})
    assert (settled.status_code, settled.json().get("stage")) == (201, "sent_to_customer"), settled.text


async def test_a_lost_answer_to_a_void_voids_once(house: House) -> None:
    invoice_id = await created(house)
    await house.fault(vendor="quickbooks", method="POST", path="operation=void|/invoice$", times=3, lose_answer=True)
    voided = await post(house, f"/invoices/{invoice_id}/void", {})
    assert (voided.status_code, voided.json().get("stage")) == (200, "voided"), voided.text


async def test_a_command_with_a_used_key_is_refused(house: House) -> None:
    body, _customer, order_id = await ordered(house)
    await becomes(house, order_id, "done")
    key = uuid.uuid4().hex
    first = {**body, "another": True, "reason": "more", "idempotency_key": key}
    await house.results(await house.command("create", first))
    ((kind, data),) = await house.results(await house.command("create", {**first, "reason": "else"}), count=1)
    assert (kind, data["code"]) == ("command.refused", "IDEMPOTENCY_CONFLICT")


async def test_what_cannot_be_read_is_a_dead_letter_and_harms_no_other(house: House) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=house.kafka)
    await producer.start()
    try:
        await producer.send_and_wait(f"{house.prefix}invoice-commands", b"not json", key=b"k")
    finally:
        await producer.stop()
    await house.command("create", {"deal_id": "1", "hubspot_account": "777"})
    _body, _customer, order_id = await ordered(house)
    await becomes(house, order_id, "done")
    async with house.hearing("dead-letters.invoice-service") as heard:
        await wait_until(lambda: len(heard) >= 2, 10, "two dead letters")
