"""The wizard from a deal to the review, step by step."""

import pytest
from drafts_hands import Wizard

SHELF = {"name": "Oak Display Shelf", "hs_sku": "PRD-200", "price": "189.90", "quantity": "3"}
SURVEY = {"name": "Site Survey", "price": "240.00", "quantity": "0.125"}
UNKNOWN = {"name": "Something else", "price": "10.00", "quantity": "2"}


@pytest.mark.statement("S-15", "rule")
@pytest.mark.statement("S-21", "rule")
async def test_from_scratch_the_deal_finds_its_customer_and_items(us: Wizard) -> None:
    deal = await us.sandbox.deal("us", SHELF, SURVEY, UNKNOWN, company="Blue Heron Coffee")

    draft = await us.post("/drafts", {"deal_id": deal})
    assert draft["connection_id"] == us.tenant.connections["us"].id  # one company: nothing to choose
    assert draft["step"] == "source"

    draft = await us.put(f"/drafts/{draft['draft_id']}/source", {"kind": "scratch"})
    assert (draft["buyer"]["name"], draft["buyer"]["how"]) == ("Blue Heron Coffee", "name")
    assert draft["buyer"]["certainty"] == "likely"
    assert [(line["item_name"], line["matched_by"]) for line in draft["lines"]] == [
        ("Oak Display Shelf", "sku"),
        ("Site Survey", "name"),
        ("", ""),
    ]
    assert [line["amount"] for line in draft["lines"]] == ["569.70", "30.00", "20.00"]
    assert draft["step"] == "lines"
    assert [(each["code"], each["field"]) for each in draft["problems"]] == [
        ("NO_ITEM", f"lines.{draft['lines'][2]['key']}.item_id")
    ]
