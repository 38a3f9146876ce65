"""QuickBooks' pages for invoices: what the bookkeeper sees, does and is refused."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

US, UK, LEGACY = "9130350000000001", "9130350000000002", "9130350000000003"
BASE = f"/pages/quickbooks/{US}"
SCRIPT = "<script>alert('quickbooks')</script>"


def books(visitor: Any, realm: str = US) -> Any:
    return visitor.world.quickbooks.companies[realm]


async def created(visitor: Any, realm: str = US, **fields: str) -> Any:
    """An invoice of two lines made on its form: the stored record."""
    lines = {"rows": "3", "item-new0": "Consulting", "quantity-new0": "2", "price-new0": "150"}
    lines |= {"item-new1": "Ergonomic Chair", "quantity-new1": "", "price-new1": ""}
    given = {"customer": "Jane Doe", "date": "2026-11-23", **lines, **fields}
    address = await visitor.send(f"/pages/quickbooks/{realm}/invoices/new", **given)
    return books(visitor, realm).get("Invoice", re.findall(r"/invoices/(\d+)", address)[0])


def names(visitor: Any, entity: str, realm: str = US) -> list[str]:
    shelf = books(visitor, realm).shelves[entity]
    return [shelf.get(each).get("FullyQualifiedName") for each in shelf.ids()]


async def test_the_list_shows_every_stage_by_its_filter(visitor: Any) -> None:
    words = await visitor.open(f"{BASE}/invoices")
    assert "50 invoices on this page" in words
    found = {}
    for key, stage in {
        "waiting": "Waiting to be sent",
        "sent": "Sent",
        "partial": "Partial payment",
        "paid": "Paid",
        "overdue": "Overdue",
        "voided": "Voided",
    }.items():
        await visitor.open(f"{BASE}/invoices", stage=key)
        chips = re.findall(r'<span class="chip [^"]*">.*?<span>([^<]*)</span>', visitor.page)
        assert set(chips) == {stage}
        found[key] = len(chips)
    assert sum(found.values()) >= len(books(visitor).shelves["Invoice"])


async def test_the_list_is_turned_page_by_page(visitor: Any) -> None:
    await visitor.open(f"{BASE}/invoices")
    first = set(re.findall(rf"{BASE}/invoices/(\d+)", visitor.page))
    (older,) = re.findall(r'href="([^"]*)" rel="next"', visitor.page)
    await visitor.open(older)
    second = set(re.findall(rf"{BASE}/invoices/(\d+)", visitor.page))
    assert first | second == set(books(visitor).shelves["Invoice"].ids())
    assert not first & second
    assert f'href="{BASE}/invoices" rel="prev"' in visitor.page.replace("?page=1", "")
    assert "No invoice fits" in await visitor.open(f"{BASE}/invoices", page="9999999")
    assert "50 invoices on this page" in await visitor.open(f"{BASE}/invoices", page="-1")


async def test_an_invoice_is_found_by_number_and_by_customer(visitor: Any) -> None:
    assert "1 invoices on this page" in await visitor.open(f"{BASE}/invoices", q="1003")
    words = await visitor.open(f"{BASE}/invoices", q="tidewater")
    assert "1003" in words
    assert "1068" not in words
    assert "No invoice fits" in await visitor.open(f"{BASE}/invoices", q="nobody at all")
    customer = books(visitor).shelves["Customer"].find("DisplayName", "tidewater marine")[0]
    assert "Of Tidewater Marine" in await visitor.open(f"{BASE}/invoices", customer=customer, stage="overdue")


async def test_a_search_that_would_read_too_much_says_so(visitor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledgerbridge_sandbox.pages.listing.REACH", 10)
    assert "Not all were looked at: narrow the search" in await visitor.open(f"{BASE}/invoices", q="nobody at all")


async def test_a_company_s_address_leads_to_its_invoices(visitor: Any) -> None:
    answer = await visitor.client.get(BASE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BASE}/invoices")


async def test_an_invoice_is_created_with_the_items_own_price_and_tax(visitor: Any) -> None:
    invoice = await created(visitor, memo="Thank you.", note="ours")
    lines = [line for line in invoice["Line"] if "SalesItemLineDetail" in line]
    assert [float(line["Amount"]) for line in lines] == [300, 299]
    assert invoice["CustomerMemo"]["value"] == "Thank you."
    assert invoice["PrivateNote"] == "ours"
    assert "The invoice is created." in visitor.words
    assert "Waiting to be sent" in visitor.words


async def test_more_lines_lose_nothing_and_make_nothing(visitor: Any) -> None:
    before = len(books(visitor).shelves["Invoice"])
    fields = {"rows": "3", "more": "1", "customer": "Jane Doe", "item-new2": "Consulting", "quantity-new2": "7"}
    answer = await visitor.client.post(f"{BASE}/invoices/new", data=fields)
    assert answer.status_code == 200
    assert 'name="item-new5"' in answer.text
    assert 'value="Jane Doe"' in answer.text
    assert 'name="quantity-new2" value="7"' in answer.text
    assert 'role="alert"' not in answer.text
    assert len(books(visitor).shelves["Invoice"]) == before


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"customer": "Nobody"}, "There is no customer called “Nobody”."),
        ({"customer": ""}, "Choose the customer."),
        ({"item-new0": "Perpetual motion"}, "There is no product or service called “Perpetual motion”."),
        ({"item-new0": "", "item-new1": ""}, "Required parameter Line is missing in the request 2020"),
        ({"quantity-new0": "many"}, "Qty should be a valid number. Supplied value:many 2080"),
        ({"date": "2026-02-31"}, "Invalid Enumeration : 2026-02-31 2170"),
        ({"email": "no address"}, "Email Address does not conform to the RFC 822 standard. 2210"),
        ({"memo": "x" * 1001}, "Length of the field exceeds 1000 chars 2050"),
    ],
)
async def test_a_refused_invoice_keeps_what_was_entered(visitor: Any, fields: dict[str, str], sentence: str) -> None:
    given = {"rows": "3", "customer": "Jane Doe", "item-new0": "Consulting", "quantity-new0": "2.5", "note": "kept"}
    before = len(books(visitor).shelves["Invoice"])
    words = await visitor.refused(f"{BASE}/invoices/new", **{**given, **fields})
    assert sentence in words
    assert ">kept</textarea>" in visitor.page
    marked = re.findall(r'name="([^"]*)"[^>]* aria-invalid="true"', visitor.page)
    assert marked == ([next(iter(fields))] if fields.keys() & {"customer", "date", "email", "memo"} else [])
    for name, value in {**given, **fields}.items():
        if value and name not in {"rows", "note", "memo"}:
            assert f'value="{value}"' in visitor.page
    assert len(books(visitor).shelves["Invoice"]) == before


async def test_closed_books_are_refused_in_quickbooks_words(visitor: Any) -> None:
    await visitor.send(f"{BASE}/preferences", BookCloseDate="2026-11-30")
    fields = {"rows": "1", "customer": "Jane Doe", "item-new0": "Consulting"}
    words = await visitor.refused(f"{BASE}/invoices/new", **fields, date="2026-11-23")
    assert "Account Period Closed The account period has closed" in words
    assert visitor.value_of("invoice-date") == "2026-11-23"


async def test_a_hostile_name_stays_text_everywhere(visitor: Any) -> None:
    await visitor.send(f"{BASE}/customers/new", DisplayName=SCRIPT, CompanyName=SCRIPT)
    invoice = await created(visitor, customer=SCRIPT, memo=SCRIPT, **{"words-new0": SCRIPT})
    for path in (
        "invoices",
        f"invoices/{invoice['Id']}",
        f"invoices/{invoice['Id']}/edit",
        "invoices/new",
        "customers",
        f"customers/{invoice['CustomerRef']['value']}",
    ):
        await visitor.open(f"{BASE}/{path}")
        assert "<script>alert" not in visitor.page
        assert "&lt;script&gt;alert" in visitor.page
    await visitor.refused(f"{BASE}/invoices/new", customer='"><script>alert(1)</script>', rows="1")
    assert "<script>alert" not in visitor.page
    await visitor.open(f"{BASE}/invoices", q='"><script>alert(1)</script>')
    assert "<script>alert" not in visitor.page


async def test_an_invoice_is_sent_paid_in_parts_undone_and_paid(visitor: Any) -> None:
    invoice = await created(visitor)
    at = f"{BASE}/invoices/{invoice['Id']}"
    await visitor.send(f"{at}/send", to="jane@example.org")
    assert "The invoice is sent" in visitor.words
    assert "jane@example.org" in visitor.words
    await visitor.send(f"{at}/pay", amount="100.50", date="2026-11-24", number="CHK 7")
    assert "Partial payment 100.50 settled" in visitor.words
    assert "Payment CHK 7" in visitor.words
    (payment,) = re.findall(r'name="payment" value="(\d+)"', visitor.page)
    assert books(visitor).get("Payment", payment)["TxnDate"] == "2026-11-24"
    await visitor.send(f"{at}/undo", payment=payment)
    assert "The payment is undone" in visitor.words
    assert payment not in books(visitor).shelves["Payment"]
    await visitor.send(f"{at}/pay", amount=str(invoice["TotalAmt"]))
    assert books(visitor).get("Invoice", invoice["Id"])["Balance"] == 0
    assert "Receive payment" not in visitor.words
    tokens = re.findall(r"<tr><td>(\d+)</td><td><time", visitor.page)
    assert tokens == ["3", "2", "1", "0", "0"]  # Sending moves the time, not the SyncToken.


async def test_money_for_two_invoices_is_taken_off_one_alone(visitor: Any) -> None:
    first, second = await created(visitor), await created(visitor)
    paid = {"invoices": {first["Id"]: "10.00", second["Id"]: "20.00"}}
    made = (await visitor.client.post(f"/people/bookkeeper/{US}/payment", json=paid)).json()
    words = await visitor.open(f"{BASE}/invoices/{first['Id']}")
    assert f"also pays {second['DocNumber']}" in words
    await visitor.send(f"{BASE}/invoices/{first['Id']}/undo", payment=made["Id"])
    left = books(visitor).get("Payment", made["Id"])
    assert (left["TotalAmt"], left["UnappliedAmt"]) == (30, 10)
    assert books(visitor).get("Invoice", second["Id"])["Balance"] == second["TotalAmt"] - 20


async def test_credit_is_given_and_undone_on_the_invoice(visitor: Any) -> None:
    invoice = await created(visitor)
    at = f"{BASE}/invoices/{invoice['Id']}"
    await visitor.send(f"{at}/credit", amount="25")
    assert "Undo credit" in visitor.words
    (payment,) = re.findall(r'name="payment" value="(\d+)"', visitor.page)
    await visitor.send(f"{at}/undo", payment=payment)
    assert "Nothing was paid or credited." in visitor.words
    memo = max(books(visitor).shelves["CreditMemo"].ids(), key=int)
    assert books(visitor).get("CreditMemo", memo)["Balance"] == 25


@pytest.mark.parametrize(
    ("act", "fields", "sentence"),
    [
        ("pay", {"amount": ""}, "Amount received is empty."),
        ("pay", {"amount": "lots"}, "Supplied value:lots"),
        ("pay", {"amount": "5", "number": "x" * 22}, "Length of the field exceeds 21 chars"),
        ("credit", {"amount": ""}, "Amount credited is empty."),
        ("send", {"to": "nobody"}, "Email Address does not conform"),
        ("undo", {"payment": "999999"}, "Object Not Found"),
    ],
)
async def test_what_cannot_be_done_to_an_invoice_is_said_there(
    visitor: Any, act: str, fields: dict[str, str], sentence: str
) -> None:
    invoice = await created(visitor)
    words = await visitor.refused(f"{BASE}/invoices/{invoice['Id']}/{act}", **fields)
    assert sentence in words
    assert books(visitor).get("Invoice", invoice["Id"])["Balance"] == invoice["Balance"]
    for name, value in fields.items():
        if act != "undo" and value:
            assert visitor.value_of(f"{act}-{name}") == value


async def test_voided_and_deleted(visitor: Any) -> None:
    first, second = await created(visitor), await created(visitor)
    await visitor.send(f"{BASE}/invoices/{first['Id']}/void")
    assert "The invoice is voided" in visitor.words
    assert books(visitor).get("Invoice", first["Id"])["TotalAmt"] == 0
    assert await visitor.send(f"{BASE}/invoices/{second['Id']}/delete") == f"{BASE}/invoices?done=invoice-deleted"
    assert "It was deleted." in await visitor.open(f"{BASE}/invoices/{second['Id']}", 404)
    assert "There is no such object." in await visitor.open(f"{BASE}/invoices/424242", 404)
    assert (await visitor.client.post(f"{BASE}/invoices/{second['Id']}/void")).status_code == 404


async def test_lines_are_repriced_removed_and_added(visitor: Any) -> None:
    invoice = await created(visitor, due="2026-12-31")
    at = f"{BASE}/invoices/{invoice['Id']}/edit"
    await visitor.open(at)
    first, second = (line["Id"] for line in invoice["Line"] if "SalesItemLineDetail" in line)
    fields = {
        "token": invoice["SyncToken"],
        "date": "2026-11-23",
        "due": "2027-01-15",
        "memo": "New words",
        f"quantity-{first}": "3",
        f"price-{first}": "99.995",
        f"gone-{second}": "on",
        "rows": "1",
        "item-new0": "Consulting",
        "quantity-new0": "1",
        "price-new0": "1.10",
    }
    await visitor.send(at, **fields)
    stored = books(visitor).get("Invoice", invoice["Id"])
    amounts = [str(line["Amount"]) for line in stored["Line"] if "SalesItemLineDetail" in line]
    assert amounts == ["299.99", "1.1"]
    assert (stored["DueDate"], stored["CustomerMemo"]["value"]) == ("2027-01-15", "New words")
    assert int(stored["SyncToken"]) == int(invoice["SyncToken"]) + 1
    words = await visitor.refused(at, **fields)
    assert "were working on this at the same time" in words
    assert visitor.value_of("invoice-due") == "2027-01-15"


async def test_an_edit_that_changes_nothing_stores_nothing(visitor: Any) -> None:
    invoice = await created(visitor, due="2026-12-31")
    at = f"{BASE}/invoices/{invoice['Id']}/edit"
    await visitor.open(at)
    fields = dict(
        re.findall(
            r'<input [^>]*?name="((?:quantity|price|token|date|due|rows)[^"]*)"[^>]*? value="([^"]*)"', visitor.page
        )
    )
    fields |= dict(re.findall(r'id="invoice-(date|due)"[^>]*value="([^"]*)"', visitor.page))
    for line in invoice["Line"]:
        if "SalesItemLineDetail" in line:
            fields[f"tax-{line['Id']}"] = line["SalesItemLineDetail"]["TaxCodeRef"]["value"]
    fields["email"] = visitor.value_of("invoice-email")
    await visitor.send(at, **fields)
    assert "Nothing was changed." in visitor.words
    assert books(visitor).get("Invoice", invoice["Id"]) == invoice


async def test_the_line_form_grows_when_editing_too(visitor: Any) -> None:
    invoice = await created(visitor)
    answer = await visitor.client.post(f"{BASE}/invoices/{invoice['Id']}/edit", data={"more": "1", "rows": "many"})
    assert (answer.status_code, 'name="item-new5"' in answer.text) == (200, True)


async def test_the_clock_is_moved_to_the_due_date_and_beyond(visitor: Any) -> None:
    invoice = await created(visitor, due="2026-12-10")
    at = f"{BASE}/invoices/{invoice['Id']}"
    for day, stage in (("2026-12-10", "Waiting to be sent"), ("2026-12-11", "Overdue not sent")):
        await visitor.open(at)
        assert f'name="day" value="{day}"' in visitor.page
        await visitor.send("/pages/clock", act="to-day", day=day, zone="America/Los_Angeles", back=at)
        assert stage in visitor.words
        assert books(visitor).today().isoformat() == day
    assert "Let time pass" not in visitor.words


async def test_british_amounts_contain_tax_or_not(visitor: Any) -> None:
    customer = next(name for name in names(visitor, "Customer", UK) if ":" not in name)
    found = books(visitor, UK).get(
        "Customer", books(visitor, UK).shelves["Customer"].find("FullyQualifiedName", customer.casefold())[0]
    )
    base = f"/pages/quickbooks/{UK}/invoices"
    code = "5" if found["CurrencyRef"]["value"] == "EUR" else "3"
    fields = {"rows": "1", "customer": customer, "item-new0": "Consulting", "price-new0": "120", "tax-new0": code}
    address = await visitor.send(f"{base}/new", way="TaxInclusive", **fields)
    invoice = books(visitor, UK).get("Invoice", re.findall(r"/invoices/(\d+)", address)[0])
    assert (invoice["GlobalTaxCalculation"], invoice["TotalAmt"]) == ("TaxInclusive", 120)
    words = await visitor.refused(f"{base}/new", way="TaxExcluded", **{**fields, "tax-new0": ""})
    assert "Make sure all your transactions have a VAT rate before you save." in words


async def test_a_company_with_its_own_numbers_and_tax_codes(visitor: Any) -> None:
    await visitor.open(f"/pages/quickbooks/{LEGACY}/invoices/new")
    assert 'name="number"' in visitor.page
    customer = names(visitor, "Customer", LEGACY)[0]
    fields = {"rows": "1", "customer": customer, "item-new0": "Consulting", "price-new0": "100", "tax-new0": "TAX"}
    invoice_at = await visitor.send(f"/pages/quickbooks/{LEGACY}/invoices/new", number="OWN-1", code="4", **fields)
    invoice = books(visitor, LEGACY).get("Invoice", re.findall(r"/invoices/(\d+)", invoice_at)[0])
    assert (invoice["DocNumber"], invoice["TxnTaxDetail"]["TotalTax"] > 0) == ("OWN-1", True)
    await visitor.open(f"/pages/quickbooks/{US}/invoices/new")
    assert 'name="number"' not in visitor.page


async def test_the_pdf_opens_in_the_browser(visitor: Any) -> None:
    answer = await visitor.client.get(f"{BASE}/invoices/4/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert (answer.headers["content-type"], answer.headers["content-disposition"]) == ("application/pdf", "inline")
    assert "content-security-policy" not in answer.headers


async def test_the_bookkeeper_s_acts_are_told_to_the_application(visitor: Any) -> None:
    await visitor.client.put("/webhooks/quickbooks", json={"url": "http://127.0.0.1:9/", "paused": True})
    invoice = await created(visitor)
    await visitor.send(f"{BASE}/invoices/{invoice['Id']}/void")
    waiting = [event["type"] for event in visitor.world.webhooks["quickbooks"]._waiting]
    assert [kind for kind in waiting if "invoice" in kind.lower()] == ["qbo.invoice.created.v1", "qbo.invoice.void.v1"]


async def test_the_next_due_date_is_shown_as_quickbooks_computes_it(visitor: Any) -> None:
    invoice = await created(visitor, term="2")
    assert date.fromisoformat(invoice["DueDate"]) - date.fromisoformat(invoice["TxnDate"]) == timedelta(days=15)


async def test_a_form_that_the_page_no_longer_has_is_answered_above_it(visitor: Any) -> None:
    invoice = await created(visitor)
    at = f"{BASE}/invoices/{invoice['Id']}"
    await visitor.send(f"{at}/pay", amount=str(invoice["TotalAmt"]))
    assert 'id="pay-amount"' not in visitor.page
    assert "Amount received is empty." in await visitor.refused(f"{at}/pay", amount="")
