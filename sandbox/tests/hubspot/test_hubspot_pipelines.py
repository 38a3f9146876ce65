"""Pipelines and stages: made, changed, replaced, deleted, audited; what deals make of them (hubspot.md 8)."""

from typing import Any

import pytest

PIPELINES = "/crm/pipelines/2026-09/deals"


def stage(label: str, order: int = 0, probability: Any = "0.5", **more: Any) -> dict[str, Any]:
    return {"label": label, "displayOrder": order, "metadata": {"probability": probability}, **more}


async def a_pipeline(portal: Any, label: str = "Projects") -> dict[str, Any]:
    body = {"label": label, "displayOrder": 5, "stages": [stage("Begun", 0, "0.25"), stage("Sold", 1, "1.0")]}
    answer = await portal.call("POST", PIPELINES, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_the_default_pipeline(portal: Any) -> None:
    for path in (PIPELINES, "/crm/v3/pipelines/deals", "/crm/pipelines/2026-03/0-3"):
        found = (await portal.call("GET", path)).json()["results"]
        assert [one["id"] for one in found] == ["default", "1051200"], path
    ids = [one["id"] for one in found[0]["stages"]]
    assert ids == [
        "appointmentscheduled",
        "qualifiedtobuy",
        "presentationscheduled",
        "decisionmakerboughtin",
        "contractsent",
        "closedwon",
        "closedlost",
    ]
    won = (await portal.call("GET", f"{PIPELINES}/default/stages/closedwon")).json()
    assert won["metadata"] == {"isClosed": "true", "probability": "1.0"}
    assert won["writePermissions"] == "CRM_PERMISSIONS_ENFORCEMENT"
    assert (await portal.call("GET", f"{PIPELINES}/default/stages")).json()["results"][5] == won
    dealstage = (await portal.call("GET", "/crm/properties/2026-09/deals/dealstage")).json()
    assert (dealstage["externalOptions"], dealstage["options"]) == (True, [])
    assert (await portal.call("GET", "/crm/pipelines/2026-09/contacts")).json() == {"results": []}
    assert (await portal.call("GET", f"{PIPELINES}/none")).status_code == 404
    assert (await portal.call("GET", f"{PIPELINES}/default/stages/none")).status_code == 404


async def test_a_pipeline_of_one_s_own_serves_deals(portal: Any) -> None:
    made = await a_pipeline(portal)
    begun, sold = made["stages"]
    assert made["id"].isdigit()
    assert (begun["metadata"], sold["metadata"]) == (
        {"isClosed": "false", "probability": "0.25"},
        {"isClosed": "true", "probability": "1.0"},
    )
    deal = await portal.deal(pipeline=made["id"], dealstage=begun["id"], amount="200")
    names = ("hs_deal_stage_probability", "hs_is_closed_won", "hs_projected_amount")
    values = await portal.values("deals", deal, *names)
    assert [values[name] for name in names] == ["0.25", "false", "50.00"]
    await portal.changed("deals", deal, dealstage=sold["id"])
    values = await portal.values("deals", deal, *names, "closedate")
    assert [values[name] for name in names] == ["1", "true", "200.00"]
    assert values["closedate"] is not None
    wrong = await portal.change("deals", deal, dealstage="contractsent")
    assert wrong.json()["errors"][0]["code"] == "INVALID_OPTION"


async def test_probability_prints_its_whole_binary_fraction(portal: Any) -> None:
    deal = await portal.deal(dealstage="appointmentscheduled")
    values = await portal.values("deals", deal, "hs_deal_stage_probability")
    assert values["hs_deal_stage_probability"] == "0.200000000000000011102230246251565404236316680908203125"


async def test_deals_follow_a_stage_that_changes(portal: Any) -> None:
    made = await a_pipeline(portal)
    path = f"{PIPELINES}/{made['id']}/stages/{made['stages'][0]['id']}"
    deal = await portal.deal(pipeline=made["id"], dealstage=made["stages"][0]["id"], amount="100")
    changed = await portal.call("PATCH", path, {"metadata": {"probability": 1.0}})
    assert changed.json()["metadata"] == {"isClosed": "true", "probability": "1.0"}
    assert changed.json()["label"] == "Begun"
    assert (await portal.values("deals", deal, "hs_is_closed_won"))["hs_is_closed_won"] == "true"
    put = await portal.call("PUT", path, stage("Lost", 0, "0.0"))
    assert (put.json()["label"], put.json()["metadata"]["isClosed"]) == ("Lost", "true")
    assert (await portal.values("deals", deal, "hs_is_closed_lost"))["hs_is_closed_lost"] == "true"
    assert (await portal.call("PUT", path, {"label": "Half"})).status_code == 400


async def test_a_stage_in_use_is_not_deleted(portal: Any) -> None:
    made = await a_pipeline(portal)
    path = f"{PIPELINES}/{made['id']}"
    added = await portal.call("POST", f"{path}/stages", stage("Middle", 2, stageId="middle"))
    assert (added.status_code, added.json()["id"]) == (201, "middle")
    assert (await portal.call("POST", f"{path}/stages", stage("Other", 2, stageId="middle"))).status_code == 409
    deal = await portal.deal(pipeline=made["id"], dealstage="middle")
    refused = await portal.call("DELETE", f"{path}/stages/middle")
    assert (refused.status_code, refused.json()["subCategory"]) == (400, "PipelineError.STAGE_ID_IN_USE")
    checked = await portal.call("DELETE", path, validateReferencesBeforeDelete="true")
    assert (checked.status_code, checked.json()["context"]["objectIds"]) == (400, [deal])
    await portal.changed("deals", deal, dealstage=made["stages"][0]["id"])
    assert (await portal.call("DELETE", f"{path}/stages/middle")).status_code == 204
    assert (await portal.call("GET", f"{path}/stages/middle")).status_code == 404
    gone = {"label": "Projects", "displayOrder": 5, "stages": [stage("Only", 0)]}
    replaced = await portal.call("PUT", path, gone)
    assert replaced.json()["subCategory"] == "PipelineError.STAGE_ID_IN_USE"


async def test_replacing_keeps_the_stages_that_are_named(portal: Any) -> None:
    made = await a_pipeline(portal)
    kept = made["stages"][1]
    body = {
        "label": "Works",
        "displayOrder": 0,
        "stages": [stage("New", 1), stage("Sold now", 0, "1.0", stageId=kept["id"])],
    }
    replaced = (await portal.call("PUT", f"{PIPELINES}/{made['id']}", body)).json()
    assert replaced["label"] == "Works"
    assert [one["label"] for one in replaced["stages"]] == ["Sold now", "New"]
    assert (replaced["stages"][0]["id"], replaced["stages"][0]["createdAt"]) == (kept["id"], kept["createdAt"])
    renamed = await portal.call("PATCH", f"{PIPELINES}/{made['id']}", {"label": "Work"})
    assert (renamed.json()["label"], renamed.json()["displayOrder"]) == ("Work", 0)


async def test_deleting_archives_and_patch_restores(portal: Any) -> None:
    made = await a_pipeline(portal)
    path = f"{PIPELINES}/{made['id']}"
    await portal.deal(pipeline=made["id"], dealstage=made["stages"][0]["id"])
    assert (await portal.call("DELETE", path)).status_code == 204, "unless asked to validate references"
    assert (await portal.call("GET", path)).status_code == 404
    refused = await portal.try_make("deals", dealname="D", pipeline=made["id"], dealstage=made["stages"][0]["id"])
    assert refused.status_code == 400
    back = await portal.call("PATCH", path, {"archived": False})
    assert (back.status_code, back.json()["archived"], "archivedAt" in back.json()) == (200, False, False)
    await portal.call("DELETE", f"{PIPELINES}/1051200")
    await portal.call("DELETE", path)
    assert (await portal.call("DELETE", f"{PIPELINES}/default")).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"label": ""}, 400),
        ({"displayOrder": None}, 400),
        ({"stages": []}, 400),
        ({"stages": [{"label": "X", "displayOrder": 0}]}, 400),
        ({"stages": [stage("X", 0, "1.5")]}, 400),
        ({"stages": [stage("X", 0), stage("X", 1)]}, 409),
        ({"label": "Sales Pipeline"}, 409),
        ({"pipelineId": "default"}, 409),
    ],
)
async def test_what_a_pipeline_needs(portal: Any, wrong: dict[str, Any], status: int) -> None:
    body = {"label": "P", "displayOrder": 0, "stages": [stage("S")], **wrong}
    assert (await portal.call("POST", PIPELINES, body)).status_code == status


async def test_changes_are_audited(portal: Any) -> None:
    made = await a_pipeline(portal)
    path = f"{PIPELINES}/{made['id']}"
    await portal.call("PATCH", path, {"label": "Other"})
    audit = (await portal.call("GET", f"{path}/audit")).json()["results"]
    assert [(one["action"], one["identifier"], one["portalId"]) for one in audit] == [
        ("UPDATE", made["id"], 24000001),
        ("CREATE", made["id"], 24000001),
    ]
    first = made["stages"][0]["id"]
    await portal.call("PATCH", f"{path}/stages/{first}", {"label": "Started"})
    audit = (await portal.call("GET", f"{path}/stages/{first}/audit")).json()["results"]
    assert [one["action"] for one in audit] == ["UPDATE"]
    assert (await portal.call("GET", f"{PIPELINES}/none/audit")).status_code == 404


async def test_scopes_and_snapshots(portal: Any) -> None:
    await portal.control.post("/snapshots/before")
    made = await a_pipeline(portal)
    await portal.control.post("/reset", json={"to": "before"})
    assert (await portal.call("GET", f"{PIPELINES}/{made['id']}")).status_code == 404
    await portal.grant("crm.objects.deals.read")
    assert (await portal.call("GET", PIPELINES)).status_code == 200
    refused = await portal.call("POST", PIPELINES, {})
    assert (refused.status_code, "crm.schemas.deals.write" in refused.text) == (403, True)
    assert (await portal.call("PATCH", PIPELINES, {})).status_code == 403
