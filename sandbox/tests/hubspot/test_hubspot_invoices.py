"""HubSpot's own invoices and payments: draft, open, paid, voided, and the mirror that bills nobody (hubspot.md 8)."""

import json
from typing import Any

import pytest

CRM = "/crm/objects/2026-09"


async def an_invoice(portal: Any, *, lines: int = 1, contact: bool = True, **properties: Any) -> str:
    """A draft with lines of 20.00 each."""
    ends = [(409, await portal.line()) for _ in range(lines)]
    if contact:
        ends.append((177, (await portal.make("contacts", firstname="C"))["id"]))
    return (await portal.make("invoices", ends, **{"hs_currency": "USD", **properties}))["id"]


async def test_a_new_invoice_is_a_draft_of_its_lines(portal: Any) -> None:
    made = await portal.make("invoices", hs_currency="USD")
    assert made["properties"]["hs_invoice_status"] == "draft"
    assert made["properties"]["hs_invoice_billable"] == "true"
    assert made["properties"]["hs_invoice_date"] == made["properties"]["hs_due_date"] == made["createdAt"]
    assert made["url"].endswith(f"/record/0-53/{made['id']}")
    refused = await portal.try_make("invoices", hs_title="No currency")
    assert refused.json()["context"] == {"properties": ["hs_currency"]}
    assert (await portal.try_make("invoices", hs_currency="JPY")).status_code == 400
    invoice = await an_invoice(portal, lines=2)
    for name in ("invoices", "invoice", "0-53"):
        read = await portal.call("GET", f"/crm/v3/objects/{name}/{invoice}", properties="hs_amount_billed")
        assert read.json()["properties"]["hs_amount_billed"] == "40.00"
    default = (await portal.call("GET", f"{CRM}/invoices/{invoice}")).json()["properties"]
    assert default.keys() == {"createdate", "hs_lastmodifieddate", "hs_object_id"}


async def test_opening_needs_a_line_item_and_a_contact(portal: Any) -> None:
    bare = await an_invoice(portal, lines=0, contact=False)
    refused = await portal.change("invoices", bare, hs_invoice_status="open")
    assert refused.status_code == 400
    assert "INVOICE_TO_LINE_ITEM" in refused.json()["message"]
    assert "INVOICE_TO_CONTACT" in refused.json()["message"]
    assert (await portal.values("invoices", bare, "hs_invoice_status"))["hs_invoice_status"] == "draft"
    ready = await an_invoice(portal)
    opened = await portal.changed("invoices", ready, hs_invoice_status="open")
    assert opened["hs_number"].startswith("INV-")
    assert opened["hs_invoice_link"].startswith("https://")
    amounts = await portal.values("invoices", ready, "hs_amount_paid", "hs_balance_due")
    assert (amounts["hs_amount_paid"], amounts["hs_balance_due"]) == ("0.00", "20.00")
    assert (await portal.change("invoices", ready, hs_invoice_status="draft")).status_code == 400
    assert (await portal.changed("invoices", ready, hs_invoice_status="voided"))["hs_invoice_status"] == "voided"
    with_status = await portal.try_make("invoices", hs_currency="USD", hs_invoice_status="open")
    assert "INVOICE_TO_LINE_ITEM" in with_status.json()["message"]


async def test_what_hubspot_calculates_is_not_written(portal: Any) -> None:
    invoice = await an_invoice(portal, hs_number="A-7")
    for name in ("hs_balance_due", "hs_amount_paid", "hs_amount_billed", "hs_invoice_link"):
        refused = await portal.change("invoices", invoice, **{name: "5"})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "READ_ONLY_VALUE"), name
    opened = await portal.changed("invoices", invoice, hs_invoice_status="open")
    assert "hs_number" not in opened, "the number that was given stays"
    assert (await portal.change("invoices", invoice, hs_invoice_status="paid")).status_code == 400
    assert (await portal.change("invoices", invoice, hs_invoice_billable="false")).status_code == 400


async def test_a_mirror_takes_status_and_amount_but_wants_a_line(portal: Any) -> None:
    mirror = await an_invoice(
        portal, lines=0, contact=False, hs_invoice_billable="false", hs_amount_billed="75.5", hs_number="QB-1"
    )
    refused = await portal.change("invoices", mirror, hs_invoice_status="open")
    assert "INVOICE_TO_LINE_ITEM" in refused.json()["message"]
    assert "INVOICE_TO_CONTACT" not in refused.json()["message"]
    await portal.join("invoices", mirror, "line_items", await portal.line())
    opened = await portal.changed("invoices", mirror, hs_invoice_status="open")
    assert "hs_invoice_link" not in opened
    assert (await portal.values("invoices", mirror, "hs_amount_billed"))["hs_amount_billed"] == "75.5"
    paid = await portal.changed("invoices", mirror, hs_invoice_status="paid", hs_payment_date="2026-11-20T00:00:00Z")
    assert (paid["hs_amount_paid"], paid["hs_balance_due"]) == ("75.50", "0.00")
    await portal.settings(mirror_invoices_need_line_items=False)
    bare = await an_invoice(portal, lines=0, contact=False, hs_invoice_billable="false")
    assert (await portal.change("invoices", bare, hs_invoice_status="voided")).status_code == 200


async def test_payments_settle_an_open_invoice(portal: Any, receiver: Any) -> None:
    invoice = await an_invoice(portal)
    await portal.changed("invoices", invoice, hs_invoice_status="open")
    part = {"hs_initial_amount": "5", "hs_initiated_date": "2026-11-20T00:00:00Z", "hs_payment_method_type": "check"}
    payment = await portal.make("commerce_payments", [(542, invoice)], **part)
    assert payment["properties"]["hs_latest_status"] == "succeeded"
    names = ("hs_amount_paid", "hs_balance_due", "hs_invoice_status", "hs_payment_date")
    after = await portal.values("invoices", invoice, *names)
    assert [after[name] for name in names] == ["5.00", "15.00", "open", None]
    await portal.make("0-101", [(542, invoice)], **part | {"hs_initial_amount": "15"})
    after = await portal.values("invoices", invoice, *names)
    assert [after[name] for name in names[:3]] == ["20.00", "0.00", "paid"]
    assert after["hs_payment_date"] is not None
    await portal.changed("commerce_payments", payment["id"], hs_latest_status="failed")
    assert (await portal.values("invoices", invoice, "hs_balance_due"))["hs_balance_due"] == "5.00"
    await portal.control.post("/webhooks/hubspot/settle")
    told = [event for _, body in receiver.got for event in json.loads(body) if event.get("objectTypeId") == "0-53"]
    statuses = [event["propertyValue"] for event in told if event.get("propertyName") == "hs_invoice_status"]
    assert statuses == ["open", "paid"]
    assert not {"hs_balance_due", "hs_amount_paid"} & {event.get("propertyName") for event in told}
    assert all(event["subscriptionType"].startswith("object.") for event in told)


async def test_payments_have_their_rules(portal: Any) -> None:
    refused = await portal.try_make("commerce_payments", hs_initial_amount="5")
    assert refused.json()["context"] == {"properties": ["hs_initiated_date"]}
    wanted = {"hs_initial_amount": "5", "hs_initiated_date": "2026-11-20", "hs_processor_type": "hs_payments"}
    own = (await portal.person("POST", "objects/commerce_payments", {"properties": wanted})).json()["id"]
    assert (await portal.change("commerce_payments", own, hs_internal_comment="x")).status_code == 400
    await portal.settings(payments_set_up=False)
    assert (await portal.try_make("commerce_payments", **wanted)).status_code == 403


async def test_only_drafts_are_deleted(portal: Any) -> None:
    draft, opened = await an_invoice(portal), await an_invoice(portal)
    assert (await portal.call("DELETE", f"{CRM}/invoices/{draft}")).status_code == 204
    await portal.changed("invoices", opened, hs_invoice_status="open")
    assert (await portal.call("DELETE", f"{CRM}/invoices/{opened}")).status_code == 400
    batch = {"inputs": [{"id": opened}]}
    assert (await portal.call("POST", f"{CRM}/invoices/batch/archive", batch)).status_code == 400
    await portal.settings(delete_open_invoices=True)
    assert (await portal.call("DELETE", f"{CRM}/invoices/{opened}")).status_code == 204


@pytest.mark.parametrize(
    ("other", "type_id", "reverse"),
    [
        ("contacts", 177, 178),
        ("companies", 179, 180),
        ("deals", 175, 176),
        ("line_items", 409, 410),
        ("discounts", 411, 412),
        ("fees", 413, 414),
        ("taxes", 415, 416),
        ("commerce_payments", 541, 542),
    ],
)
async def test_an_invoice_s_association_types(portal: Any, other: str, type_id: int, reverse: int) -> None:
    for pair, expected in (((f"invoices/{other}"), type_id), ((f"{other}/invoices"), reverse)):
        labels = (await portal.call("GET", f"/crm/associations/2026-09/{pair}/labels")).json()["results"]
        assert labels == [{"category": "HUBSPOT_DEFINED", "typeId": expected, "label": None}]


async def test_discounts_fees_and_taxes_of_the_whole(portal: Any) -> None:
    """20.00 less 10 %, plus a fee of 2, plus 5 % of 20.00."""
    invoice = await an_invoice(portal)
    for kind, how, value in (("discounts", "PERCENT", "10"), ("fees", "FIXED", "2"), ("taxes", "PERCENT", "5")):
        made = await portal.make(kind, hs_label=kind, hs_type=how, hs_value=value)
        await portal.join("invoices", invoice, kind, made["id"])
    names = ("hs_amount_billed",)
    assert (await portal.values("invoices", invoice, *names))["hs_amount_billed"] == "21.00"
    await portal.changed("taxes", made["id"], hs_value="10")
    assert (await portal.values("invoices", invoice, *names))["hs_amount_billed"] == "22.00"


async def test_scopes_of_invoices_and_payments(portal: Any) -> None:
    await portal.grant("oauth", "crm.objects.invoices.read")
    refused = await portal.try_make("invoices", hs_currency="USD")
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert "crm.objects.invoices.write" in refused.text
    assert "crm.objects.commercepayments.read" in (await portal.call("GET", f"{CRM}/commerce_payments")).text
    assert "crm.schemas.invoices.write" in (await portal.call("POST", "/crm/properties/2026-09/invoices", {})).text
