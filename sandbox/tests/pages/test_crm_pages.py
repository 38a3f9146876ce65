"""HubSpot's pages: what the salesperson sees, does and is refused."""

import re
from typing import Any

import httpx
import pytest

US, UK = 24000001, 24000002
BASE = f"/pages/hubspot/{US}"
SCRIPT = "<script>alert('hubspot')</script>"
APPLICATION = {"authorization": "Bearer pat-na1-sandbox-1"}


def account(visitor: Any, portal: int = US) -> Any:
    return visitor.world.hubspot.accounts[portal]


def record(visitor: Any, type_id: str, identifier: str) -> dict[str, str]:
    return account(visitor).live[type_id].get(identifier)["p"]


def found(visitor: Any, type_id: str, **wanted: str) -> str:
    """The id of a seeded record with those values."""
    store = account(visitor).live[type_id]
    return next(each for each in store.ids() if wanted.items() <= store.get(each)["p"].items())


async def new_deal(visitor: Any, name: str = "Garden fence", **fields: str) -> str:
    """A deal made on its form: its address."""
    given = {"dealname": name, "stage": "default:qualifiedtobuy", **fields}
    return (await visitor.send(f"{BASE}/deals/new", **given)).split("?")[0]


def id_of(address: str) -> str:
    return address.rsplit("/", 1)[1]


def last(visitor: Any, address: str) -> str:
    """The id that stands last in the links of that kind on the page."""
    return re.findall(rf"{address}/(\d+)", visitor.page)[-1]


@pytest.mark.parametrize(
    ("kind", "text", "expected", "total"),
    [
        ("deals", "café", "Ånderson", 45),
        ("contacts", "sam.whitfield", "Sam Whitfield", 78),
        ("companies", "northwind-outfitters.example", "Northwind Outfitters", 26),
        ("products", "SVC-100", "Consulting", 33),
        ("quotes", "two contacts", "Two contacts and a company (published)", 10),
    ],
)
async def test_records_are_listed_and_found(visitor: Any, kind: str, text: str, expected: str, total: int) -> None:
    assert f"{min(total, 50)} {kind} on this page" in await visitor.open(f"{BASE}/{kind}")
    words = await visitor.open(f"{BASE}/{kind}", q=text)
    assert expected in words
    assert f"{total} {kind} on this page" not in words
    assert "Nothing fits. Clear filters" in await visitor.open(f"{BASE}/{kind}", q="nothing is called so")


async def test_contacts_are_turned_page_by_page(visitor: Any) -> None:
    await visitor.open(f"{BASE}/contacts")
    first = set(re.findall(rf"{BASE}/contacts/(\d+)", visitor.page))
    await visitor.open(f"{BASE}/contacts", page="2")
    second = set(re.findall(rf"{BASE}/contacts/(\d+)", visitor.page))
    assert first | second == set(account(visitor).live["0-1"].ids())


async def test_deals_of_one_stage(visitor: Any) -> None:
    await visitor.open(f"{BASE}/deals", stage="default:closedlost")
    chips = re.findall(r'<span class="chip [^"]*">.*?<span>([^<]*)</span>', visitor.page)
    assert set(chips) == {"Closed Lost"}


async def test_an_account_s_address_leads_to_its_deals(visitor: Any) -> None:
    answer = await visitor.client.get(BASE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BASE}/deals")


async def test_there_are_no_invoices_before_an_application_writes_one(visitor: Any) -> None:
    assert "There are none yet." in await visitor.open(f"{BASE}/invoices")
    assert "Invoices are not made here." in await visitor.open(f"{BASE}/invoices/new", 404)
    assert "There are no such records." in await visitor.open(f"{BASE}/spaceships", 404)
    assert "There is no such record." in await visitor.open(f"{BASE}/deals/1", 404)


async def test_a_deal_is_made_with_company_and_contact(visitor: Any) -> None:
    company, contact = found(visitor, "0-2", name="Northwind Outfitters"), found(visitor, "0-1", firstname="Sam")
    at = await new_deal(
        visitor,
        companies=f"Northwind Outfitters ({company})",
        contacts="Sam.Whitfield@northwind-outfitters.example",
        amount="1200.50",
        closedate="2026-12-24",
    )
    assert "It is created." in visitor.words
    assert "1,200.50 USD" in visitor.words
    assert "Northwind Outfitters Primary" in visitor.words
    assert f"{BASE}/contacts/{contact}" in visitor.page
    stored = record(visitor, "0-3", id_of(at))
    assert (stored["dealstage"], stored["closedate"][:10]) == ("qualifiedtobuy", "2026-12-24")
    assert stored["hs_object_source"] == "CRM_UI"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"dealname": ""}, "Error creating DEAL. Some required properties were not set. dealname VALIDATION_ERROR"),
        ({"amount": "a lot"}, "amount: a lot was not a valid number. VALIDATION_ERROR"),
        ({"contacts": "Nobody Nowhere"}, "There is no contact called “Nobody Nowhere”."),
        ({"stage": "default:singing"}, "dealstage: singing was not one of the allowed options"),
    ],
)
async def test_a_refused_deal_keeps_what_was_entered(visitor: Any, fields: dict[str, str], sentence: str) -> None:
    before = len(account(visitor).live["0-3"])
    given = {"dealname": "Kept", "stage": "default:qualifiedtobuy", "closedate": "2027-01-01", **fields}
    assert sentence in await visitor.refused(f"{BASE}/deals/new", **given)
    for name, value in given.items():
        if name != "stage":
            assert visitor.value_of(f"new-{name}") == value
    (wrong,) = fields
    assert re.findall(r'name="([^"]*)"[^>]* aria-invalid="true"', visitor.page) == [wrong] * (wrong != "stage")
    assert len(account(visitor).live["0-3"]) == before


async def test_a_deal_is_edited_and_moved(visitor: Any) -> None:
    at = await new_deal(visitor, closedate="2026-12-24")
    fields = {"dealname": "Garden gate", "closedate": "2026-12-24", "description": "Two\nlines"}
    await visitor.send(f"{at}/edit", **fields)
    assert "The changes are saved." in visitor.words
    assert "Garden gate" in visitor.words
    await visitor.send(f"{at}/edit", dealname="Garden gate")
    assert "Nothing was changed." in visitor.words
    await visitor.send(f"{at}/stage", stage="default:closedwon")
    assert "Closed Won" in visitor.words
    assert record(visitor, "0-3", id_of(at))["closedate"].startswith("2026-11-23")
    await visitor.send(f"{at}/stage", stage="1051200:1051201")
    assert "Renewal due" in visitor.words
    assert "not one of the allowed options" in await visitor.refused(f"{at}/stage", stage="1051200:closedwon")
    assert "The stage is empty." in await visitor.refused(f"{at}/stage", stage="")
    assert "was not a valid number" in await visitor.refused(f"{at}/edit", amount="x")
    assert visitor.value_of("edit-amount") == "x"


async def test_line_items_are_added_saved_and_removed(visitor: Any) -> None:
    at = await new_deal(visitor)
    await visitor.send(f"{at}/lines", product="svc-100", quantity="2")
    await visitor.send(f"{at}/lines", name="Something else", price="10.50", quantity="3", hs_discount_percentage="10")
    assert "300.00 USD" in visitor.words
    assert "28.35 USD" in visitor.words
    assert record(visitor, "0-3", id_of(at))["amount"] == "328.35"
    line = last(visitor, f"{at}/lines")
    await visitor.send(f"{at}/lines/{line}/save", quantity="4", price="10.50", hs_discount_percentage="")
    assert "42.00 USD" in visitor.words
    assert "was not a valid number" in await visitor.refused(f"{at}/lines/{line}/save", quantity="four", price="1")
    assert 'name="quantity" value="four"' in visitor.page
    await visitor.send(f"{at}/lines/{line}/remove")
    assert "Something else" not in visitor.words
    assert (await visitor.client.post(f"{at}/lines/{line}/remove")).status_code == 404
    assert (await visitor.client.post(f"{at}/lines/1/save")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"product": "", "name": ""}, "Choose a product or write a name: the name is empty."),
        ({"product": "Moonbeam"}, "There is no product called “Moonbeam”."),
        ({"name": "Line", "quantity": "many"}, "quantity: many was not a valid number."),
        ({"name": "Line", "price": "-1"}, "Line item price cannot be negative"),
    ],
)
async def test_a_refused_line_keeps_what_was_entered(visitor: Any, fields: dict[str, str], sentence: str) -> None:
    at = await new_deal(visitor)
    assert sentence in await visitor.refused(f"{at}/lines", **fields)
    for name, value in fields.items():
        assert visitor.value_of(f"line-{name}") == value
    assert "No line item yet." in visitor.words


async def test_a_quote_is_made_published_and_taken_back(visitor: Any) -> None:
    at = await new_deal(visitor, contacts="Sam Whitfield")
    await visitor.send(f"{at}/lines", product="Consulting", quantity="2")
    template = next(iter(account(visitor).live["0-64"].ids()))
    contact = found(visitor, "0-1", firstname="Sam")
    fields = {"hs_title": "Fence quote", "hs_expiration_date": "2026-12-31", "template": template, "contact": contact}
    quote = (await visitor.send(f"{at}/quote", **fields)).split("?")[0]
    assert "The quote is created as a draft." in visitor.words
    assert "Consulting" in visitor.words
    await visitor.send(f"{quote}/publish")
    assert "Published" in visitor.words
    assert "locked" in visitor.words
    stored = record(visitor, "0-14", id_of(quote))
    assert (stored["hs_locked"], stored["hs_quote_amount"]) == ("true", "300.00")
    await visitor.send(f"{quote}/draft")
    assert record(visitor, "0-14", id_of(quote))["hs_locked"] == "false"
    await visitor.open(at)
    assert "Fence quote" in visitor.words
    assert record(visitor, "0-3", id_of(at))["amount"] == "300.00"  # The quote's lines are its own.


async def test_a_quote_without_its_parts_is_refused(visitor: Any) -> None:
    at = await new_deal(visitor)
    lines = len(account(visitor).live["0-8"])
    await visitor.refused(f"{at}/quote", hs_title="", hs_expiration_date="2026-12-31")
    assert "Some required properties were not set. hs_title" in visitor.words
    assert visitor.value_of("quote-hs_expiration_date") == "2026-12-31"
    assert len(account(visitor).live["0-8"]) == lines
    quote = (await visitor.send(f"{at}/quote", hs_title="Bare", hs_expiration_date="2026-12-31")).split("?")[0]
    words = await visitor.refused(f"{quote}/publish")
    assert "Quote cannot be published: it needs an associated line item and quote template" in words


async def test_an_expired_quote_is_shown_as_such(visitor: Any) -> None:
    assert "Expired" in await visitor.open(f"{BASE}/quotes")
    assert {"Draft", "Rejected", "Pending approval", "Approved"} <= set(
        re.findall(r"<span>([^<]*)</span></span>", visitor.page)
    )


async def test_contacts_and_companies_are_associated_and_parted(visitor: Any) -> None:
    at = await new_deal(visitor)
    company = found(visitor, "0-2", name="Harborview Hospitality")
    await visitor.send(f"{at}/associate/companies", other="harborview hospitality")
    assert "Harborview Hospitality Primary" in visitor.words
    await visitor.send(f"{at}/associate/companies", other="Northwind Outfitters")
    assert "Northwind Outfitters Primary" not in visitor.words
    await visitor.send(f"{at}/associate/contacts", other="sam.whitfield@northwind-outfitters.example")
    await visitor.send(f"{at}/disassociate/companies/{company}")
    assert f"{BASE}/companies/{company}" not in visitor.page
    assert "There is no company called “Atlantis”." in await visitor.refused(
        f"{at}/associate/companies", other="Atlantis"
    )
    assert visitor.value_of("associate-companies-other") == "Atlantis"
    assert "Choose the company." in await visitor.refused(f"{at}/associate/companies", other="")
    assert (await visitor.client.post(f"{at}/associate/spaceships", data={"other": "x"})).status_code == 404
    contact = found(visitor, "0-1", firstname="Sam")
    await visitor.send(f"{BASE}/contacts/{contact}/associate/deals", other=id_of(at))
    assert "Garden fence" in visitor.words


async def test_types_without_an_association_are_refused(visitor: Any) -> None:
    product = found(visitor, "0-7", hs_sku="SVC-100")
    words = await visitor.refused(f"{BASE}/products/{product}/associate/companies", other="Northwind Outfitters")
    assert "No association type exists between PRODUCT and COMPANY" in words


async def test_notes_and_tasks(visitor: Any) -> None:
    at = await new_deal(visitor)
    await visitor.send(f"{at}/note", body=f"Called them. {SCRIPT}")
    await visitor.send(f"{at}/task", subject="Call again", due="2026-12-01")
    assert "Call again" in visitor.words
    assert "30 Nov 2026, 19:00" in visitor.words  # Midnight UTC, in the account's zone.
    assert "<script>alert" not in visitor.page
    assert "The note is empty." in await visitor.refused(f"{at}/note", body=" ")
    assert "The task is empty." in await visitor.refused(f"{at}/task", due="2026-12-01")
    assert visitor.value_of("task-due") == "2026-12-01"
    assert "not a valid date" in await visitor.refused(f"{at}/task", subject="Then", due="someday")


async def test_contacts_are_made_edited_merged_archived_and_restored(visitor: Any) -> None:
    first = (await visitor.send(f"{BASE}/contacts/new", firstname="Ada", email="ada@example.org")).split("?")[0]
    second = (await visitor.send(f"{BASE}/contacts/new", firstname="A.", lastname="Byron", phone="555")).split("?")[0]
    words = await visitor.refused(f"{BASE}/contacts/new", firstname="Eve", email="ADA@example.org")
    assert f"Contact already exists. Existing ID: {id_of(first)} CONFLICT" in words
    assert visitor.value_of("new-email") == "ADA@example.org"
    await visitor.send(f"{first}/edit", firstname="Augusta", email="ada@example.org")
    await visitor.send(f"{first}/merge", other=id_of(second))
    assert "Augusta Byron" in visitor.words
    assert record(visitor, "0-1", id_of(first))["phone"] == "555"
    await visitor.open(second)  # A merged-away id leads to the survivor.
    assert "Augusta Byron" in visitor.words
    assert "Cannot merge a record with itself" in await visitor.refused(f"{first}/merge", other=id_of(first))
    assert await visitor.send(f"{first}/archive") == f"{BASE}/contacts?done=archived"
    assert "Augusta" in await visitor.open(f"{BASE}/contacts", archived="1")
    assert "Recycle bin" in await visitor.open(first)
    assert 'action="' + first + '/edit"' not in visitor.page
    await visitor.send(f"{first}/restore")
    assert "It is taken out of the recycle bin." in visitor.words


async def test_a_record_whose_address_was_taken_is_not_restored(visitor: Any) -> None:
    at = (await visitor.send(f"{BASE}/contacts/new", firstname="Ada", email="ada@example.org")).split("?")[0]
    await visitor.send(f"{at}/archive")
    await visitor.send(f"{BASE}/contacts/new", firstname="Eve", email="ada@example.org")
    assert "Contact already exists." in await visitor.refused(f"{at}/restore")


async def test_companies_and_products_are_made_and_edited(visitor: Any) -> None:
    at = (await visitor.send(f"{BASE}/companies/new", name="Fern & Gully", domain="fern.example")).split("?")[0]
    await visitor.send(f"{at}/edit", name="Fern & Gully Ltd", city="Wells")
    assert record(visitor, "0-2", id_of(at))["city"] == "Wells"
    await visitor.send(f"{at}/merge", other="Northwind Outfitters")
    assert "Fern & Gully Ltd" in visitor.words
    product = (await visitor.send(f"{BASE}/products/new", name="Duster", price="7.50", hs_sku="D-1")).split("?")[0]
    await visitor.send(f"{product}/edit", name="Duster", price="8", recurringbillingfrequency="monthly")
    assert "8.00 USD" in await visitor.open(f"{BASE}/products", q="D-1")
    assert "Some required properties were not set. name" in await visitor.refused(f"{BASE}/products/new", price="1")
    assert "Merging is not supported for PRODUCT" in await visitor.refused(f"{product}/merge", other=id_of(product))


async def test_a_hostile_name_stays_text_everywhere(visitor: Any) -> None:
    at = await new_deal(visitor, SCRIPT)
    await visitor.send(f"{at}/lines", name=SCRIPT, price="1")
    await visitor.send(f"{BASE}/contacts/new", firstname=SCRIPT, jobtitle='"><img src=x onerror=alert(1)>')
    for path in (
        at,
        f"{BASE}/deals",
        f"{BASE}/contacts",
        f"{BASE}/deals/new",
        visitor_path(visitor, f"{BASE}/contacts"),
    ):
        await visitor.open(path)
        assert "<script>alert" not in visitor.page
        assert "<img" not in visitor.page
        assert "&lt;script&gt;alert" in visitor.page
    await visitor.refused(f"{at}/stage", stage=SCRIPT)
    assert "<script>alert" not in visitor.page


def visitor_path(visitor: Any, base: str) -> str:
    return f"{base}/{max(account(visitor).live['0-1'].ids(), key=int)}"


async def test_the_application_s_own_properties_have_a_section_of_their_own(visitor: Any) -> None:
    at = await new_deal(visitor)
    assert ">Ledgerbridge</h2>" not in visitor.page
    async with httpx.AsyncClient(base_url=visitor.world.addresses["hubspot"], headers=APPLICATION) as application:
        group = {"name": "ledgerbridge", "label": "Ledgerbridge"}
        await application.post("/crm/properties/2026-09/deals/groups", json=group)
        for name, label, kind in (("number", "Invoice number", "string"), ("due_date", "Invoice due date", "date")):
            wanted = {"name": f"ledgerbridge_invoice_{name}", "label": label, "groupName": "ledgerbridge", "type": kind}
            field = {"fieldType": "text" if kind == "string" else "date"}
            made = await application.post("/crm/properties/2026-09/deals", json=wanted | field)
            assert made.status_code == 201
        change = {"properties": {"ledgerbridge_invoice_number": "1047"}}
        await application.patch(f"/crm/objects/2026-09/deals/{id_of(at)}", json=change)
    words = await visitor.open(at)
    own = re.search(r'<dl class="facts" id="own-properties".*?</dl>', visitor.page, re.DOTALL)
    assert own is not None
    assert "1047" in own[0]
    assert "Invoice due date" in own[0]
    assert words.count("1047") == 1


async def test_the_salesperson_s_acts_are_told_as_a_person_s(visitor: Any) -> None:
    await visitor.client.put("/webhooks/hubspot", json={"url": "http://127.0.0.1:9/", "paused": True})
    at = await new_deal(visitor)
    await visitor.send(f"{at}/stage", stage="default:closedwon")
    events = list(visitor.world.webhooks["hubspot"]._waiting)
    assert {event["changeSource"] for event in events} == {"CRM_UI"}
    told = [event["propertyValue"] for event in events if event.get("propertyName") == "dealstage"]
    assert told == ["qualifiedtobuy", "closedwon"]


async def test_an_invoice_of_the_application_is_seen_beside_its_deal(visitor: Any) -> None:
    at = await new_deal(visitor)
    async with httpx.AsyncClient(base_url=visitor.world.addresses["hubspot"], headers=APPLICATION) as application:
        tie = {"to": {"id": id_of(at)}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 175}]}
        mirror = {
            "hs_currency": "USD",
            "hs_invoice_billable": "false",
            "hs_number": "1047",
            "hs_amount_billed": "99.50",
        }
        made = await application.post(
            "/crm/objects/2026-09/invoices", json={"properties": mirror, "associations": [tie]}
        )
        assert made.status_code == 201, made.text
    assert "1047" in await visitor.open(at)
    words = await visitor.open(f"{BASE}/invoices/{made.json()['id']}")
    assert "Garden fence" in words
    assert "99.50 USD" in await visitor.open(f"{BASE}/invoices", q="1047")


async def test_the_british_account_has_its_own_currency_and_records(visitor: Any) -> None:
    base = f"/pages/hubspot/{UK}"
    assert "GBP" in await visitor.open(f"{base}/deals")
    assert "There is no such record." in await visitor.open(f"{base}/deals/{found(visitor, '0-3')}", 404)
    assert "There is no such account." in await visitor.open("/pages/hubspot/7/deals", 404)
