"""Drafts kept between steps, days, tabs and people."""

from uuid import uuid4

import pytest
from drafts_hands import HERON, SHELF, SURVEY, Wizard, begun


@pytest.mark.statement("S-24", "rule")
@pytest.mark.statement("S-37", "rule")
async def test_going_back_keeps_what_was_entered(us: Wizard) -> None:
    draft = await begun(us, SURVEY, SHELF)
    path = f"/drafts/{draft['draft_id']}"
    await us.put(f"{path}/terms", {"message": "Hello", "due_date": "2027-02-01"})
    kept = await us.put(f"{path}/lines", {"lines": [{"key": draft["lines"][1]["key"], "quantity": "5"}]})
    back = await us.put(f"{path}/source", {"kind": "scratch"})  # the step again, unchanged
    assert (back["lines"], back["terms"], back["version"]) == (kept["lines"], kept["terms"], kept["version"])
    other = await us.put(f"{path}/buyer", {"new": {"display_name": "Quite Another Ltd"}})
    assert (other["lines"], other["terms"]) == (kept["lines"], kept["terms"])
    assert await us.get(path) == other


async def test_the_same_person_goes_on_and_another_is_asked(us: Wizard) -> None:
    deal = await us.sandbox.deal("us", SURVEY, company=HERON)
    first = await us.post("/drafts", {"deal_id": deal})
    again = await us.post("/drafts", {"deal_id": deal})
    assert (again["draft_id"], again["resumed"], first["resumed"]) == (first["draft_id"], True, False)

    colleague = await us.person()
    theirs = await colleague.post("/drafts", {"deal_id": deal})
    assert theirs["draft_id"] != first["draft_id"]
    (question,) = theirs["questions"]
    assert (question["code"], [each["id"] for each in question["existing"]]) == (
        "ALREADY_INVOICED",
        [first["draft_id"]],
    )
    taken_over = await colleague.put(f"/drafts/{first['draft_id']}/terms", {"message": "Mine now"})
    assert taken_over["owner"] == first["owner"]
    assert {each["draft_id"] for each in (await us.get(f"/drafts?deal_id={deal}"))["drafts"]} == {
        first["draft_id"],
        theirs["draft_id"],
    }
    mine = (await us.get(f"/drafts?deal_id={deal}&mine=true"))["drafts"]
    assert [each["draft_id"] for each in mine] == [first["draft_id"]]


async def test_another_invoice_of_the_deal_needs_a_reason(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    made = await us.post(f"/drafts/{draft['draft_id']}/create")
    second = await us.post("/drafts", {"deal_id": draft["deal"]["deal_id"]})
    (question,) = second["questions"]
    assert [(each["kind"], each["id"]) for each in question["existing"]] == [("invoice", made["invoice_id"])]
    path = f"/drafts/{second['draft_id']}"
    await us.put(f"{path}/source", {"kind": "scratch"})
    status, problem = await us.refused("POST", f"{path}/create", {})
    assert (status, problem["code"]) == (409, "ALREADY_INVOICED")
    assert (await us.refused("POST", f"{path}/create", {"another": True}))[0] == 422
    other = await us.post(f"{path}/create", {"another": True, "reason": "second instalment"})
    assert other["invoice_id"] != made["invoice_id"]


async def test_who_read_an_older_version_is_told(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    path, read = f"/drafts/{draft['draft_id']}", str(draft["version"])
    await us.put(f"{path}/terms", {"message": "from one tab"}, **{"If-Match": f'"{read}"'})
    for method, end, body in (
        ("PUT", "/terms", {"message": "other tab"}),
        ("DELETE", "", None),
        ("POST", "/create", {}),
    ):
        status, problem = await us.refused(method, path + end, body, **{"If-Match": read})
        assert (status, problem["code"]) == (409, "STALE")
    assert (await us.get(path))["terms"]["message"] == "from one tab"


async def test_a_discarded_draft_is_gone_and_viewers_only_read(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    path = f"/drafts/{draft['draft_id']}"
    viewer = await us.person("viewer")
    assert (await viewer.get(path))["draft_id"] == draft["draft_id"]
    assert (await viewer.refused("PUT", f"{path}/terms", {"message": "x"}))[0] == 403
    await us.ask("DELETE", path)
    assert (await us.refused("GET", path))[0] == 404
    assert (await us.refused("GET", f"/drafts/{uuid4()}"))[0] == 404
    assert (await us.refused("POST", "/drafts", {"deal_id": "999999999"}))[1]["code"] == "NOT_FOUND"


async def test_a_draft_can_be_read_while_its_company_must_be_connected_again(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    company = us.tenant.connections["us"].quickbooks
    await us.sandbox.ask("POST", f"/people/administrator/quickbooks/{company.external_id}/revoke")
    async with us.service.state.database.tenant(company.tenant_id) as tx:
        await tx.execute("update catalogue_companies set stale = true")
    opened = await us.get(f"/drafts/{draft['draft_id']}")
    assert opened["lines"] == draft["lines"]
    assert opened["step"] == "connection"
    assert opened["problems"][0]["code"] in {"RECONNECT_NEEDED", "GRANT_UNCERTAIN", "APP_CREDENTIALS"}


async def test_while_an_order_runs_the_draft_is_locked_and_a_second_create_answers_it(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    path = f"/drafts/{draft['draft_id']}"
    fault = {"vendor": "quickbooks", "method": "POST", "path": "/invoice$", "status": 503}
    await us.sandbox.ask("POST", "/faults", fault)
    first, second = await us.ask("POST", f"{path}/create"), await us.ask("POST", f"{path}/create", {})
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["order_id"] == second.json()["order_id"]
    status, problem = await us.refused("PUT", f"{path}/terms", {"message": "x"})
    assert (status, problem["code"]) == (409, "DRAFT_LOCKED")
    assert (await us.refused("DELETE", path))[1]["code"] == "DRAFT_LOCKED"
    locked = await us.get(path)
    assert (locked["locked"], locked["order_id"]) == (True, first.json()["order_id"])


async def test_after_quickbooks_refused_the_draft_is_open_again(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    path = f"/drafts/{draft['draft_id']}"
    refusal = {
        "Fault": {
            "Error": [{"Message": "Business Validation Error", "Detail": "no", "code": "6000"}],
            "type": "ValidationFault",
        },
        "time": "2026-11-23T02:00:00.000-08:00",
    }
    fault = {"vendor": "quickbooks", "method": "POST", "path": "/invoice$", "status": 400, "body": refusal, "times": 1}
    await us.sandbox.ask("POST", "/faults", fault)
    status, problem = await us.refused("POST", f"{path}/create")
    assert (status, problem["code"]) == (422, "VENDOR_REFUSED")
    opened = await us.get(path)
    assert (opened["locked"], opened["lines"]) == (False, draft["lines"])
    await us.put(f"{path}/terms", {"message": "Once more"})
    assert (await us.post(f"{path}/create"))["message"] == "Once more"


async def test_amounts_beyond_what_quickbooks_holds_are_named(us: Wizard) -> None:
    draft = await begun(us, SURVEY)
    path = f"/drafts/{draft['draft_id']}/lines"
    line = {"item_id": draft["lines"][0]["item_id"], "quantity": "999999999.999999", "unit_price": "9999999999.99999"}
    _, problem = await us.refused("PUT", path, {"lines": [line]})
    assert (problem["code"], problem["field"]) == ("INVALID", "lines.0.amount")
    _, problem = await us.refused("PUT", path, {"lines": [{**line, "quantity": "1e5"}]})
    assert problem["field"] == "lines.0.quantity"
