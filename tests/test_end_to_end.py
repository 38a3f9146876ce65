"""The main job through the whole house: real Kafka, real PostgreSQL, every service, both vendors over HTTP."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from ledgerbridge.testing.waiting import wait_until_sync

from tests.house import US_PORTAL, US_REALM, House, Seen
from tests.story.deals import Line, Sales

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
SECONDS = 20.0


@pytest.fixture(scope="module")
def sales(house: House) -> Sales:
    return Sales(house, US_PORTAL)


def _shows(sales: Sales, deal: str, stage: str, total: str) -> Callable[[], bool]:
    def agrees() -> bool:
        held = sales.held(deal)
        return held["invoice_status"] == stage and Decimal(held["invoiced_amount"] or -1) == Decimal(total)

    return agrees


@pytest.mark.statement("S-47", "rule")
@pytest.mark.statement("S-50", "rule")
@pytest.mark.statement("S-76", "rule")
def test_existing_invoice_is_added_and_followed_until_it_is_void(house: House, sales: Sales) -> None:
    deal = sales.deal("End to end: added", "Cascade Builders", [Line("SVC-100", "1")])
    bookkeeper = house.sandbox.bookkeeper(US_REALM)
    customer = next(
        one for one in house.sandbox.all_quickbooks(US_REALM, "customer") if one["DisplayName"] == "Cascade Builders"
    )
    item = next(one for one in house.sandbox.all_quickbooks(US_REALM, "item") if one["Sku"] == "SVC-100")
    detail = {"ItemRef": {"value": item["Id"]}, "Qty": 2, "UnitPrice": 150, "TaxCodeRef": {"value": "NON"}}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 300, "SalesItemLineDetail": detail}
    due = house.sandbox.now().replace(year=house.sandbox.now().year + 1).date().isoformat()
    born = bookkeeper.create(
        "invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [line], "DueDate": due, "EmailStatus": "NotSet"}
    )
    body = {"connection_id": house.connections[US_REALM], "quickbooks_ids": [born["Id"]], "deal_id": deal}
    place = house.bus.place()
    answer = house.invoices().ask("POST", "/links", body)
    assert answer.status == 201, answer.data
    wait_until_sync(_shows(sales, deal, "waiting_to_be_sent", "300"), SECONDS, "added")
    held = sales.held(deal)
    assert (held["invoice_number"], held["invoice_recipient"], held["invoice_due_date"]) == (
        born["DocNumber"],
        "Cascade Builders",
        due,
    )

    bookkeeper.act(born["Id"], "send", to="ap@cascadebuilders.example")
    wait_until_sync(_shows(sales, deal, "sent_to_customer", "300"), SECONDS, "sent")
    bookkeeper.pay(born["Id"], "100")
    wait_until_sync(_shows(sales, deal, "partial_payment", "300"), SECONDS, "partly paid")
    payment = bookkeeper.pay(born["Id"])
    wait_until_sync(_shows(sales, deal, "paid_in_full", "300"), SECONDS, "paid")
    bookkeeper.undo_payment(payment["Id"])
    wait_until_sync(_shows(sales, deal, "partial_payment", "300"), SECONDS, "undone")
    bookkeeper.act(born["Id"], "void")
    wait_until_sync(_shows(sales, deal, "voided", "0"), SECONDS, "void")

    house.bus.wait_for(
        "invoices",
        lambda seen: seen.type == "payment.reversed" and seen.data["why"] == "invoice_voided",
        SECONDS,
        place,
        "the reversal of the payment that the void has parted from the invoice",
    )
    told = [
        one
        for one in house.bus.seen("invoices", place)
        if one.data["invoice"]["quickbooks_id"] == born["Id"] and one.data["invoice"]["quickbooks_company"] == US_REALM
    ]
    assert [one.sequence for one in told] == list(range(1, len(told) + 1))
    assert [one.data["new_stage"] for one in told if one.type == "invoice.status-changed"] == [
        "sent_to_customer",
        "partial_payment",
        "paid_in_full",
        "partial_payment",
        "voided",
    ]
    assert [one.data["why"] for one in told if one.type == "payment.reversed"] == ["deleted", "invoice_voided"]


@pytest.mark.statement("S-38", "rule")
@pytest.mark.statement("S-09", "rule")
@pytest.mark.statement("S-51", "rule")
def test_command_on_the_bus_becomes_an_invoice_and_its_repetition_none(house: House, sales: Sales) -> None:
    deal = sales.deal("End to end: ordered", "Redwood Dental Group", [Line("PRD-260", "2"), Line("SVC-110", "1.5")])
    data = {"hubspot_account": US_PORTAL, "quickbooks_company": US_REALM, "deal_id": deal, "idempotency_key": deal}
    before = len(house.sandbox.all_quickbooks(US_REALM, "invoice"))

    def ordered(**more: object) -> str:
        kind = "ledgerbridge.invoice.create.v1"
        return house.bus.send("invoice-commands", f"{US_PORTAL}:{deal}", kind, {**data, **more})

    def result(command: str, kind: str) -> Seen:
        return house.bus.wait_for(
            "command-results", lambda seen: seen.data["command_id"] == command and seen.type == kind, SECONDS, what=kind
        )

    done = result(ordered(), "command.succeeded").data
    truth = house.sandbox.quickbooks(US_REALM, "invoice", done["quickbooks_id"])
    assert truth["EmailStatus"] == "NotSet"
    assert Decimal(done["total"]) == truth["TotalAmt"]
    wait_until_sync(_shows(sales, deal, "waiting_to_be_sent", str(truth["TotalAmt"])), SECONDS, "created")
    held = sales.held(deal)
    assert (held["invoice_number"], held["invoice_due_date"]) == (truth["DocNumber"], truth["DueDate"])

    refused = result(ordered(idempotency_key=f"{deal} again"), "command.refused").data
    assert refused["code"] == "ALREADY_INVOICED"
    assert truth["DocNumber"] in refused["reason"]
    assert len(house.sandbox.all_quickbooks(US_REALM, "invoice")) == before + 1
