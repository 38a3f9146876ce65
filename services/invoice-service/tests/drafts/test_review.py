"""Terms, dates, the message, the review, and the create."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from drafts_hands import HERON, REALMS, SHELF, SURVEY, Wizard, begun, problems
from drafts_office import Offices


@pytest.mark.statement("S-31", "rule")
@pytest.mark.statement("S-32", "rule")
@pytest.mark.statement("S-33", "rule")
async def test_the_due_date_follows_the_terms_unless_it_is_set(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    path, connection = f"/drafts/{draft['draft_id']}", us.tenant.connections["us"].id
    terms = {each["name"]: each["terms_id"] for each in (await us.get(f"/terms?connection={connection}"))["terms"]}
    await us.put(f"{path}/terms", {"terms_id": terms["Net 15"], "invoice_date": "2026-12-20"})
    review = await us.get(f"{path}/review")
    assert (review["terms"], review["invoice_date"], review["due_date"]) == ("Net 15", "2026-12-20", "2027-01-04")

    await us.put(f"{path}/terms", {"due_date": "2026-12-31"})
    assert (await us.get(f"{path}/review"))["due_date"] == "2026-12-31"
    status, problem = await us.refused("PUT", f"{path}/terms", {"due_date": "2026-12-19"})
    assert (status, problem["field"]) == (422, "due_date")
    await us.put(f"{path}/terms", {"due_date": None, "terms_id": terms["Net 30"]})
    assert (await us.get(f"{path}/review"))["due_date"] == "2027-01-19"
    assert problems(await us.put(f"{path}/terms", {"terms_id": "99"})) == {"terms": "INVALID"}


async def test_closed_books_are_refused_with_the_date(us: Wizard) -> None:
    await us.sandbox.ask("PATCH", f"/people/bookkeeper/{REALMS['us']}/preferences", {"BookCloseDate": "2026-10-31"})
    await us.service.state.orders.catalogue.fill(us.tenant.connections["us"])
    draft = await begun(us, SURVEY)
    draft = await us.put(f"/drafts/{draft['draft_id']}/terms", {"invoice_date": "2026-10-31"})
    assert problems(draft) == {"terms": "BOOKS_CLOSED"}
    assert draft["problems"][0]["details"]["date"] == "2026-10-31"


@pytest.mark.statement("S-30", "rule")
@pytest.mark.statement("S-35", "rule")
@pytest.mark.statement("S-36", "rule")
async def test_an_american_review_names_the_tax_as_quickbooks_to_compute(us: Wizard) -> None:
    draft = await begun(us, SHELF, SURVEY)
    review = await us.get(f"/drafts/{draft['draft_id']}/review")
    assert (review["computed_by"], review["certainty"]) == ("quickbooks", "by_quickbooks")
    assert (review["subtotal"], review["tax"], review["total"]) == ("599.70", None, None)
    assert [(line["amount"], line["tax_code"]) for line in review["lines"]] == [("569.70", "TAX"), ("30.00", "NON")]
    assert "books the amount to receivables" in review["note"]
    assert (review["buyer"]["name"], review["company"]) == (HERON, "Larkspur Supply Co.")

    untaxed = await us.put(f"/drafts/{draft['draft_id']}/lines", {"lines": [{"key": draft["lines"][1]["key"]}]})
    assert untaxed["step"] == "review"
    review = await us.get(f"/drafts/{draft['draft_id']}/review")
    assert (review["computed_by"], review["tax"], review["total"]) == ("ledgerbridge", "0.00", "30.00")


async def test_legacy_tax_is_computed_to_the_cent(offices: Offices) -> None:
    legacy = await offices.open("us", "legacy")
    await legacy.settings("legacy", custom_numbers="from_user")
    draft = await begun(legacy, SHELF, SURVEY)
    await legacy.put(f"/drafts/{draft['draft_id']}/terms", {"number": "L-1"})
    review = await legacy.get(f"/drafts/{draft['draft_id']}/review")
    assert [(tax["name"], tax["percent"], tax["net"], tax["tax"]) for tax in review["taxes"]] == [
        ("Chicago", "10.25", "569.70", "58.39")
    ]
    assert (review["total"], review["certainty"]) == ("658.09", "exact")


@pytest.mark.statement("S-34", "rule")
@pytest.mark.statement("S-38", "rule")
async def test_a_british_review_is_what_quickbooks_makes_of_it_to_the_cent(uk: Wizard) -> None:
    draft = await begun(uk, SHELF, SURVEY, company="Kingsway Joinery")
    path = f"/drafts/{draft['draft_id']}"
    await uk.put(f"{path}/terms", {"message": "Thank you for your order"})
    review = await uk.get(f"{path}/review")
    assert (review["computed_by"], review["currency"]) == ("ledgerbridge", "GBP")
    assert Decimal(review["total"]) == Decimal(review["subtotal"]) + Decimal(review["tax"])

    made = await uk.post(f"{path}/create")
    assert (made["total"], made["tax"], made["message"]) == (review["total"], review["tax"], "Thank you for your order")
    assert (made["stage"], made["links"]["deal_id"]) == ("waiting_to_be_sent", draft["deal"]["deal_id"])
    held = [each for each in await uk.sandbox.records("uk", "invoice") if each["Id"] == made["quickbooks_id"]]
    assert [each["CustomerMemo"]["value"] for each in held] == ["Thank you for your order"]

    again = await uk.post(f"{path}/create")  # the answer was lost: asked again, the same invoice
    assert again["invoice_id"] == made["invoice_id"]
    finished = await uk.get(path)
    assert (finished["locked"], finished["invoice_id"]) == (True, made["invoice_id"])
    assert (await uk.refused("PUT", f"{path}/terms", {"message": "x"}))[1]["code"] == "DRAFT_LOCKED"


async def test_the_review_warns_of_a_missing_address_and_of_a_changed_deal(us: Wizard) -> None:
    draft = await begun(us, SHELF, company="Tidewater Marine")
    path = f"/drafts/{draft['draft_id']}"
    (warning,) = (await us.get(f"{path}/review"))["warnings"]
    assert "no address" in warning
    await us.sandbox.change("us", "deals", draft["deal"]["deal_id"], dealname="Fit-out, second floor")
    warnings = (await us.get(f"{path}/review"))["warnings"]
    assert "The deal changed since the draft was made." in warnings
    assert (await us.get(path))["lines"] == draft["lines"]


async def test_a_customer_of_another_currency_is_refused(uk: Wizard) -> None:
    draft = await begun(uk, SURVEY, company="Müller Präzisionstechnik GmbH")
    assert problems(draft)["buyer"] == "CURRENCY_MISMATCH"
    path = f"/drafts/{draft['draft_id']}"
    customer = draft["buyer"]["customer_id"]
    _, problem = await uk.refused("PUT", f"{path}/buyer", {"customer_id": customer})
    assert problem["code"] == "CURRENCY_MISMATCH"
    new = {"display_name": "Müller GBP", "currency": "EUR"}
    assert (await uk.refused("PUT", f"{path}/buyer", {"new": new}))[1]["code"] == "CURRENCY_MISMATCH"
    draft = await uk.put(f"{path}/buyer", {"new": {"display_name": "Müller GBP"}})
    assert draft["buyer"]["currency"] == "GBP"


async def test_a_draft_without_terms_takes_the_companys_and_today(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    review = await us.get(f"/drafts/{draft['draft_id']}/review")
    day = date.fromisoformat(review["invoice_date"])
    assert abs(day - us.service.state.clock.now().date()) <= timedelta(days=1)
    assert review["due_date"] is None or date.fromisoformat(review["due_date"]) >= day
