"""The wizard from a deal to the review, step by step."""

import pytest
from drafts_hands import HERON, REALMS, SHELF, SURVEY, UNKNOWN, Wizard, begun, problems
from drafts_office import Offices


@pytest.mark.statement("S-21", "rule")
async def test_from_scratch_the_deal_finds_its_customer_and_items(us: Wizard) -> None:
    deal = await us.sandbox.deal("us", SHELF, SURVEY, UNKNOWN, company=HERON)
    draft = await us.post("/drafts", {"deal_id": deal})
    assert draft["step"] == "source"

    draft = await us.put(f"/drafts/{draft['draft_id']}/source", {"kind": "scratch"})
    buyer = draft["buyer"]
    assert (buyer["name"], buyer["how"], buyer["certainty"]) == (HERON, "name", "likely")
    assert [(line["item_name"], line["matched_by"]) for line in draft["lines"]] == [
        ("Oak Display Shelf", "sku"),
        ("Site Survey", "name"),
        ("", ""),
    ]
    assert [line["amount"] for line in draft["lines"]] == ["569.70", "30.00", "20.00"]
    assert problems(draft) == {"lines": "NO_ITEM"}
    assert draft["problems"][0]["field"] == f"lines.{draft['lines'][2]['key']}.item_id"


@pytest.mark.statement("S-15", "rule")
async def test_with_several_companies_one_is_chosen_and_with_one_the_step_is_skipped(offices: Offices) -> None:
    both = await offices.open("us", "us", "legacy")
    choices = (await both.get("/connections"))["connections"]
    assert [(each["company"], each["tax_mode"]) for each in choices] == [
        ("Larkspur Supply Co.", "us_automated"),
        ("Prairie Lark Services LLC", "us_legacy"),
    ]
    draft = await both.post("/drafts", {"deal_id": await both.sandbox.deal("us", SHELF, company=HERON)})
    assert (draft["step"], draft["connection_id"]) == ("connection", None)
    path = f"/drafts/{draft['draft_id']}"
    assert (await both.refused("PUT", f"{path}/source", {"kind": "scratch"}))[1]["field"] == "connection_id"
    draft = await both.put(f"{path}/connection", {"connection_id": choices[0]["connection_id"]})
    assert draft["step"] == "source"

    one = await offices.open("us", "us")
    draft = await one.post("/drafts", {"deal_id": draft["deal"]["deal_id"]})
    assert (draft["step"], draft["connection_id"]) == ("source", one.tenant.connections["us"].id)


@pytest.mark.statement("S-52", "rule")
async def test_a_company_with_custom_numbers_cannot_create_unless_people_give_the_number(offices: Offices) -> None:
    legacy = await offices.open("us", "legacy")
    (choice,) = (await legacy.get("/connections"))["connections"]
    assert choice["cannot_create"]["code"] == "CUSTOM_TRANSACTION_NUMBERS"
    assert "Account and settings" in choice["cannot_create"]["remedy"]
    draft = await begun(legacy, SURVEY)
    assert problems(draft)["connection"] == "CUSTOM_TRANSACTION_NUMBERS"

    await legacy.settings("legacy", custom_numbers="from_user")
    path = f"/drafts/{draft['draft_id']}"
    assert problems(await legacy.get(path)) == {"connection": "INVALID"}
    draft = await legacy.put(f"{path}/terms", {"number": "LB-7"})
    assert problems(draft) == {}
    assert (await legacy.get(f"{path}/review"))["number"] == "LB-7"


@pytest.mark.statement("S-16", "rule")
@pytest.mark.statement("S-17", "rule")
@pytest.mark.statement("S-20", "rule")
async def test_only_published_quotes_that_have_not_expired_can_be_used(us: Wizard) -> None:
    sandbox = us.sandbox
    deal = await sandbox.deal("us", SURVEY, company=HERON)
    good, pending, old = [await sandbox.quote("us", deal, SHELF, hs_title=name) for name in ("Good", "Pending", "Old")]
    for quote in (good, old):
        await sandbox.ask("POST", f"/people/salesperson/24000001/quotes/{quote}/publish")
    await sandbox.ask("POST", f"/people/salesperson/24000001/quotes/{old}/expire")
    draft = await us.post("/drafts", {"deal_id": deal})
    path = f"/drafts/{draft['draft_id']}"

    quotes = {each["quote_id"]: each for each in (await us.get(f"{path}/quotes"))["quotes"]}
    assert [quotes[each]["usable"] for each in (good, pending, old)] == [True, False, False]
    for quote, code in ((pending, "QUOTE_NOT_PUBLISHED"), (old, "QUOTE_EXPIRED")):
        assert quotes[quote]["problem"]["code"] == code
        status, problem = await us.refused("PUT", f"{path}/source", {"kind": "quote", "quote_id": quote})
        assert (status, problem["code"]) == (422, code)

    draft = await us.put(f"{path}/source", {"kind": "quote", "quote_id": good})
    assert [line["item_name"] for line in draft["lines"]] == ["Oak Display Shelf"]
    assert draft["buyer"]["name"] == HERON
    await sandbox.ask("POST", f"/people/salesperson/24000001/quotes/{good}/expire")
    assert (await us.refused("GET", f"{path}/review"))[1]["code"] == "QUOTE_EXPIRED"


@pytest.mark.statement("S-18", "rule")
@pytest.mark.statement("S-22", "rule")
async def test_several_customers_are_a_question_and_one_is_picked_by_search(us: Wizard) -> None:
    contact = await us.sandbox.make("us", "contacts", {"email": "studio@shared-office.example", "lastname": "Shared"})
    deal = await us.sandbox.deal("us", SURVEY)
    await us.sandbox.associate("us", "deals", deal, "contacts", contact)
    draft = await us.post("/drafts", {"deal_id": deal})
    path = f"/drafts/{draft['draft_id']}"
    draft = await us.put(f"{path}/source", {"kind": "scratch"})
    (question,) = draft["questions"]
    assert question["code"] == "AMBIGUOUS_CUSTOMER"
    assert [each["name"] for each in question["candidates"]] == ["Harborview Hospitality", "Lumen & Lark"]
    found = await us.get(f"{path}/buyers")
    assert (found["how"], found["certainty"], len(found["customers"])) == ("email", "several", 2)
    assert draft["step"] == "buyer"

    connection = us.tenant.connections["us"].id
    (hit,) = (await us.get(f"/customers?connection={connection}&search=lumen"))["customers"]
    draft = await us.put(f"{path}/buyer", {"customer_id": hit["customer_id"]})
    assert (draft["buyer"]["name"], draft["buyer"]["how"]) == ("Lumen & Lark", "picked")
    assert (draft["questions"], draft["step"]) == ([], "review")
    status, problem = await us.refused("PUT", f"{path}/buyer", {"customer_id": "999999"})
    assert (status, problem["field"]) == (404, "buyer.customer_id")


@pytest.mark.statement("S-19", "rule")
@pytest.mark.statement("S-23", "rule")
async def test_a_new_customer_is_proposed_from_the_deal_and_needs_a_free_name(us: Wizard) -> None:
    draft = await begun(us, SURVEY, company="Ironbridge Software")
    assert (draft["step"], problems(draft)) == ("buyer", {"buyer": "NO_BUYER"})
    path = f"/drafts/{draft['draft_id']}"
    found = await us.get(f"{path}/buyers")
    proposal = found["proposal"]
    assert (found["certainty"], found["cannot_create"]) == ("none", None)
    assert (proposal["display_name"], proposal["currency"]) == ("Ironbridge Software", "USD")
    assert proposal["address"]["city"] == "New York"

    status, problem = await us.refused("PUT", f"{path}/buyer", {"new": {"display_name": "blue  HERON coffee"}})
    assert (status, problem["code"]) == (422, "NAME_TAKEN")
    assert "customer Blue Heron Coffee" in problem["sentence"]
    status, problem = await us.refused("PUT", f"{path}/buyer", {"new": {"display_name": "Iron: bridge"}})
    assert problem["field"] == "buyer.new.display_name"

    _, problem = await us.refused("PUT", f"{path}/buyer", {"new": proposal})
    assert "vendor Ironbridge Software" in problem["sentence"]
    draft = await us.put(f"{path}/buyer", {"new": {**proposal, "display_name": "Ironbridge Software Inc."}})
    assert (draft["buyer"]["how"], draft["buyer"]["new"]["display_name"]) == ("new", "Ironbridge Software Inc.")
    assert draft["step"] == "review"


@pytest.mark.statement("S-68", "rule")
async def test_a_strict_connection_makes_no_customer_of_an_ineligible_record(us: Wizard) -> None:
    await us.settings("us", mode="strict")
    draft = await begun(us, SURVEY, company="Ironbridge Software")
    path = f"/drafts/{draft['draft_id']}"
    found = await us.get(f"{path}/buyers")
    assert found["cannot_create"]["code"] == "NOT_ELIGIBLE"
    assert "contact sync is off" in found["cannot_create"]["sentence"]
    _, problem = await us.refused("PUT", f"{path}/buyer", {"new": found["proposal"]})
    assert problem["code"] == "NOT_ELIGIBLE"


@pytest.mark.statement("S-25", "rule")
@pytest.mark.statement("S-26", "rule")
async def test_products_of_quickbooks_are_added_edited_and_taken_away(us: Wizard) -> None:
    draft = await begun(us, SURVEY, UNKNOWN)
    path, connection = f"/drafts/{draft['draft_id']}", us.tenant.connections["us"].id
    (paint,) = (await us.get(f"/items?connection={connection}&search=prd-240"))["items"]
    assert (paint["name"], paint["unit_price"]) == ('Paint "Sea Foam" 5 l', "44.50")
    survey, unknown = draft["lines"]

    added = [
        {"key": survey["key"], "quantity": "0.375", "description": "On the roof"},
        {"item_id": paint["item_id"], "quantity": "2"},
    ]
    draft = await us.put(f"{path}/lines", {"lines": added})
    assert [line["amount"] for line in draft["lines"]] == ["90.00", "89.00"]
    assert [line["unit_price"] for line in draft["lines"]] == ["240.00", "44.50"]
    assert draft["lines"][0]["description"] == "On the roof"
    assert draft["step"] == "review"

    read = [
        {name: line[name] for name in ("key", "item_id", "quantity", "unit_price", "amount")} for line in draft["lines"]
    ]
    again = await us.put(f"{path}/lines", {"lines": read})
    assert again["lines"] == draft["lines"]  # what was read and is sent back changes nothing
    wrong = [{**read[0], "amount": "91.00"}]
    _, problem = await us.refused("PUT", f"{path}/lines", {"lines": wrong})
    assert (problem["field"], problem["code"]) == ("lines.0.amount", "INVALID")
    _, problem = await us.refused("PUT", f"{path}/lines", {"lines": [{"item_id": "99999"}]})
    assert problem["field"] == "lines.0.item_id"
    _, problem = await us.refused("PUT", f"{path}/lines", {"lines": [{"key": unknown["key"]}]})
    assert problem["code"] == "NOT_FOUND"
    draft = await us.put(f"{path}/lines", {"lines": []})
    assert problems(draft) == {"lines": "NO_LINES"}


async def test_an_inactive_item_is_named(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    items = await us.sandbox.records("us", "item")
    retired = next(each["Id"] for each in items if each.get("Sku") == "PRD-900")
    line = {"item_id": retired, "quantity": "1", "unit_price": "34.00"}
    draft = await us.put(f"/drafts/{draft['draft_id']}/lines", {"lines": [line]})
    assert problems(draft) == {"lines": "ITEM_INACTIVE"}


@pytest.mark.statement("S-27", "rule")
@pytest.mark.statement("S-28", "rule")
@pytest.mark.statement("S-29", "rule")
async def test_a_british_company_needs_a_tax_code_on_every_line(uk: Wizard) -> None:
    bespoke = {"Name": "Bespoke work", "Type": "Service", "IncomeAccountRef": {"value": "1"}}
    await uk.sandbox.ask("POST", f"/people/bookkeeper/{REALMS['uk']}/item", bespoke)
    await uk.service.state.orders.catalogue.fill(uk.tenant.connections["uk"])
    work = {"name": "Bespoke work", "price": "75.00", "quantity": "2"}
    draft = await begun(uk, work, SHELF, company="Kingsway Joinery")
    path, connection = f"/drafts/{draft['draft_id']}", uk.tenant.connections["uk"].id
    codes = await uk.get(f"/tax-codes?connection={connection}")
    assert codes["required"]
    rates = {each["name"]: [rate["percent"] for rate in each["rates"]] for each in codes["tax_codes"]}
    assert rates["20.0% S"] == ["20"]
    by_name = {each["name"]: each["tax_code_id"] for each in codes["tax_codes"]}

    assert problems(draft) == {"lines": "NO_TAX_CODE"}
    _, problem = await uk.refused("GET", f"{path}/review")
    assert (problem["code"], problem["field"]) == ("NO_TAX_CODE", f"lines.{draft['lines'][0]['key']}.tax_code_id")
    unknown = [{"key": draft["lines"][0]["key"], "tax_code_id": "77"}]
    assert problems(await uk.put(f"{path}/lines", {"lines": unknown})) == {"lines": "INVALID"}
    draft = await uk.put(f"{path}/source", {"kind": "scratch", "again": True})
    assert draft["lines"][1]["tax_code_id"] == by_name["20.0% S"]  # the item's own
    chosen = [
        {"key": draft["lines"][0]["key"], "tax_code_id": by_name["20.0% S"]},
        {"key": draft["lines"][1]["key"], "tax_code_id": by_name["0.0% Z"]},
    ]
    draft = await uk.put(f"{path}/lines", {"lines": chosen})
    assert draft["step"] == "review"
