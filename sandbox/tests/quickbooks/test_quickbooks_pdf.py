"""Forms as their customers get them: whole PDF files (quickbooks.md 5)."""

import re
from typing import Any

import pytest

ADDRESS = {"Line1": "2 High Row", "City": "Leeds", "PostalCode": "LS1 4AP", "Country": "GBR"}


async def printed(company: Any, entity: str, identifier: str) -> tuple[bytes, list[str]]:
    """The file, and the texts on its pages in their order."""
    answer = await company.api.get(f"/v3/company/{company.realm}/{entity.lower()}/{identifier}/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    raw = re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", answer.content)
    return answer.content, [re.sub(rb"\\(.)", rb"\1", text).decode("cp1252") for text in raw]


def check_file(content: bytes) -> int:
    """Every object stands where the table of places says; answers how many pages there are."""
    start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    table = content[start:].split(b"\n")
    assert (table[0], content.endswith(b"%%EOF\n")) == (b"xref", True)
    places = [int(row.split()[0]) for row in table[3 : 2 + int(table[1].split()[1])]]
    for number, place in enumerate(places, start=1):
        assert content[place:].startswith(b"%d 0 obj\n" % number)
    for length, stream in re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", content, re.DOTALL):
        assert int(length) == len(stream)
    return content.count(b"/Type /Page ")


async def test_an_invoice_shows_who_what_and_how_much(uk: Any) -> None:
    customer = await uk.customer("Café (North) Ltd", BillAddr=ADDRESS)
    line = await uk.line("1250", TaxCodeRef={"value": "3"}, Qty=4, UnitPrice="312.5")
    discount = {"DetailType": "DiscountLineDetail", "Amount": 50, "DiscountLineDetail": {"PercentBased": False}}
    given = {"CustomerRef": {"value": customer["Id"]}, "Line": [{**line, "Description": "Plán żółć"}, discount]}
    dates = {"TxnDate": "2026-10-01", "DueDate": "2026-10-31"}
    made = await uk.write("Invoice", {**given, **dates, "CustomerMemo": {"value": "Cheers (all) \\o/"}})
    payment = {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 40}
    link = {"Amount": 40, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Invoice"}]}
    await uk.write("Payment", {**payment, "Line": [link]})
    content, texts = await printed(uk, "Invoice", made["Id"])
    assert check_file(content) == 1
    head = [f"INVOICE {made['DocNumber']}", "Larkspur Supply (UK) Ltd", "1 Lark Street", "London England EC1A 1BB GBR"]
    assert texts[:4] == head
    dates_and_address = [
        "Date: 2026-10-01",
        "Due: 2026-10-31",
        "To: Café (North) Ltd",
        "2 High Row",
        "Leeds LS1 4AP GBR",
    ]
    assert texts[4:9] == dates_and_address
    assert texts[13:17] == ["4", "312.5", "1,250.00", "Consulting - Plán zó?c"]
    sums = ["Subtotal", "1,250.00", "Discount", "-50.00", "Tax", "240.00", "Total GBP", "1,440.00", "Paid", "40.00"]
    assert texts[17:27] == sums
    assert texts[27:] == ["Balance due GBP", "1,400.00", "Cheers (all) \\o/", "Page 1 of 1"]
    assert b"/MediaBox [0 0 595 842]" in content


@pytest.mark.parametrize(
    ("entity", "title"),
    [
        ("Invoice", "INVOICE"),
        ("CreditMemo", "CREDIT MEMO"),
        ("Estimate", "ESTIMATE"),
        ("SalesReceipt", "SALES RECEIPT"),
        ("RefundReceipt", "REFUND RECEIPT"),
    ],
)
async def test_every_form_is_printed(automated: Any, entity: str, title: str) -> None:
    account = {"DepositToAccountRef": {"value": "35"}} if entity == "RefundReceipt" else {}
    line = await automated.line("12.50", TaxCodeRef={"value": "NON"})
    made = await automated.write(entity, {"CustomerRef": {"value": "1"}, "Line": [line], **account})
    content, texts = await printed(automated, entity, made["Id"])
    assert check_file(content) == 1
    assert texts[0] == f"{title} {made['DocNumber']}"
    assert texts[texts.index("Total USD") + 1] == "12.50"
    assert b"/MediaBox [0 0 612 792]" in content


async def test_bundles_charges_and_voids_are_printed(automated: Any) -> None:
    await automated.desk("preferences", {"AllowShipping": True}, "PATCH")
    part = {"ItemRef": await automated.item(), "Qty": 2}
    kit = await automated.desk("item/bundle", {"Name": "Kit", "ItemGroupDetail": {"ItemGroupLine": [part]}})
    bundle = {"DetailType": "GroupLineDetail", "GroupLineDetail": {"GroupItemRef": {"value": kit["Id"]}}}
    shipping = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}
    charge = {"Amount": 9, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": shipping}
    made = await automated.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [bundle, charge]})
    _, texts = await printed(automated, "Invoice", made["Id"])
    assert "Kit" in texts
    assert texts[texts.index("Shipping") + 1] == "9.00"
    assert any(text.startswith("Consulting - ") for text in texts)
    await automated.desk(f"invoice/{made['Id']}/void")
    _, texts = await printed(automated, "Invoice", made["Id"])
    assert texts[texts.index("Total USD") + 1] == "0.00"


async def test_a_long_form_goes_on_over_pages(automated: Any) -> None:
    line = await automated.line("1", TaxCodeRef={"value": "NON"})
    lines = [{**line, "Description": "A long story " * 12}] * 40
    made = await automated.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": lines})
    content, texts = await printed(automated, "Invoice", made["Id"])
    pages = check_file(content)
    assert pages > 2
    assert [text for text in texts if text.startswith("Page ")] == [f"Page {at + 1} of {pages}" for at in range(pages)]
    assert texts.count(f"INVOICE {made['DocNumber']}, continued") == pages - 1
    assert texts.count("1.00") == 40


async def test_no_pdf_of_what_is_no_form(automated: Any) -> None:
    for path in ("payment/1/pdf", "customer/1/pdf", "invoice/99999/pdf"):
        status, answer = await automated.call("GET", path)
        assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "610" if "9999" in path else "500")
