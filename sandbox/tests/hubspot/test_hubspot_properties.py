"""Definitions of properties, their groups, the account's rules for values, what values were before (hubspot.md 9)."""

from typing import Any

import pytest

CRM = "/crm/objects/2026-09"
DEALS = "/crm/properties/2026-09/deals"
RULES = "/crm/property-validations/2026-09/deals"
TEXT = {"groupName": "dealinformation", "name": "memo", "label": "Memo", "type": "string", "fieldType": "text"}
CHOICE = {**TEXT, "name": "size", "label": "Size", "type": "enumeration", "fieldType": "select"}


def option(value: str, order: int = 0) -> dict[str, Any]:
    return {"label": value.title(), "value": value, "displayOrder": order}


async def test_the_shape_of_a_new_property(portal: Any) -> None:
    answer = await portal.call("POST", DEALS, {**CHOICE, "options": [option("small"), option("big", 1)]})
    assert answer.status_code == 201
    made = answer.json()
    assert made["options"][1] == {**option("big", 1), "hidden": False, "description": ""}
    assert made["modificationMetadata"] == {
        "archivable": True,
        "readOnlyDefinition": False,
        "readOnlyOptions": False,
        "readOnlyValue": False,
    }
    assert (made["calculated"], made["hubspotDefined"], made["hasUniqueValue"], made["archived"]) == (False,) * 4
    assert (await portal.call("GET", f"{DEALS}/size")).json() == made
    assert made in (await portal.call("GET", DEALS)).json()["results"]
    assert (await portal.call("GET", f"{DEALS}/nothing")).status_code == 404
    wrong = await portal.try_make("deals", dealname="D", dealstage="contractsent", size="Big")
    assert "Big was not one of the allowed options: [small, big]" in wrong.json()["message"]


async def test_the_order_of_options_is_required_since_2026_09(portal: Any) -> None:
    unordered = {**CHOICE, "options": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]}
    refused = await portal.call("POST", DEALS, unordered)
    assert (refused.status_code, "displayOrder" in refused.json()["message"]) == (400, True)
    for path in ("/crm/v3/properties/deals", "/crm/properties/2026-03/companies"):
        body = {**unordered, "groupName": "companyinformation"} if path.endswith("companies") else unordered
        made = await portal.call("POST", path, body)
        assert made.status_code == 201, made.text
        assert [one["displayOrder"] for one in made.json()["options"]] == [0, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "Memo"},
        {"name": "1memo"},
        {"label": None},
        {"groupName": "none"},
        {"type": "text"},
        {"type": "number"},
        {"fieldType": "select"},
        {"type": "enumeration", "fieldType": "select"},
        {"type": "enumeration", "fieldType": "select", "options": [option("a"), option("a")]},
        {"type": "enumeration", "fieldType": "select", "options": [{"value": "a", "displayOrder": 0}]},
        {"fieldType": "calculation_equation", "calculationFormula": "frobnicate(dealname)"},
    ],
)
async def test_what_a_property_needs(portal: Any, wrong: dict[str, Any]) -> None:
    assert (await portal.call("POST", DEALS, {**TEXT, **wrong})).status_code == 400


async def test_changing_and_archiving(portal: Any) -> None:
    await portal.call("POST", DEALS, TEXT)
    deal = await portal.deal(memo="kept")
    changed = await portal.call("PATCH", f"{DEALS}/memo", {"label": "Remark", "name": "other", "hasUniqueValue": True})
    assert (changed.json()["label"], changed.json()["name"], changed.json()["hasUniqueValue"]) == (
        "Remark",
        "memo",
        False,
    )
    assert (await portal.call("PATCH", f"{DEALS}/dealname", {"label": "X"})).status_code == 400
    assert (await portal.call("DELETE", f"{DEALS}/dealname")).status_code == 400
    assert (await portal.call("DELETE", f"{DEALS}/memo")).status_code == 204
    assert (await portal.call("GET", f"{DEALS}/memo")).status_code == 404
    archived = (await portal.call("GET", f"{DEALS}/memo", archived="true")).json()
    assert (archived["archived"], "archivedAt" in archived) == (True, True)
    listed = (await portal.call("GET", DEALS, archived="true")).json()["results"]
    assert [one["name"] for one in listed] == ["memo"]
    assert "memo" not in await portal.values("deals", deal, "memo")
    refused = await portal.change("deals", deal, memo="x")
    assert refused.json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    assert (await portal.call("POST", DEALS, TEXT)).status_code == 201


async def test_batches_of_properties(portal: Any) -> None:
    both = {"inputs": [TEXT, {**TEXT, "name": "memo2"}]}
    made = await portal.call("POST", f"{DEALS}/batch/create", both)
    assert (made.status_code, len(made.json()["results"])) == (201, 2)
    again = await portal.call("POST", f"{DEALS}/batch/create", both)
    assert (again.status_code, again.json()["numErrors"]) == (207, 2)
    read = await portal.call("POST", f"{DEALS}/batch/read", {"inputs": [{"name": "memo"}, {"name": "none"}]})
    assert read.status_code == 207
    assert [one["name"] for one in read.json()["results"]] == ["memo"]
    assert read.json()["errors"][0]["context"] == {"name": ["none"]}
    gone = {"inputs": [{"name": "memo"}, {"name": "memo2"}]}
    assert (await portal.call("POST", f"{DEALS}/batch/archive", gone)).status_code == 204
    archived = await portal.call("POST", f"{DEALS}/batch/read", {**gone, "archived": True})
    assert (archived.status_code, len(archived.json()["results"])) == (200, 2)
    too_many = {"inputs": [{"name": f"n{n}"} for n in range(101)]}
    assert (await portal.call("POST", f"{DEALS}/batch/read", too_many)).status_code == 400


async def test_groups(portal: Any) -> None:
    group = {"name": "books", "label": "Books", "displayOrder": -1}
    made = await portal.call("POST", f"{DEALS}/groups", group)
    assert (made.status_code, made.json()) == (201, {**group, "archived": False})
    conflict = await portal.call("POST", f"{DEALS}/groups", group)
    assert (conflict.status_code, conflict.json()["category"]) == (409, "CONFLICT")
    assert (await portal.call("GET", f"{DEALS}/groups/books")).json() == made.json()
    names = [one["name"] for one in (await portal.call("GET", f"{DEALS}/groups")).json()["results"]]
    assert names == ["dealinformation", "books"]
    changed = await portal.call("PATCH", f"{DEALS}/groups/books", {"label": "Bookkeeping", "displayOrder": 2})
    assert (changed.json()["label"], changed.json()["displayOrder"]) == ("Bookkeeping", 2)
    await portal.call("POST", DEALS, {**TEXT, "groupName": "books"})
    assert (await portal.call("DELETE", f"{DEALS}/groups/books")).status_code == 400
    await portal.call("DELETE", f"{DEALS}/memo")
    assert (await portal.call("DELETE", f"{DEALS}/groups/books")).status_code == 204
    assert (await portal.call("GET", f"{DEALS}/groups/books")).status_code == 404
    assert (await portal.call("POST", f"{DEALS}/groups", {"name": "Bad Name", "label": "B"})).status_code == 400


async def test_ten_unique_properties_and_sensitive_ones_apart(portal: Any) -> None:
    for n in range(10):
        made = await portal.call("POST", DEALS, {**TEXT, "name": f"key{n}", "hasUniqueValue": True})
        assert made.status_code == 201
    eleventh = await portal.call("POST", DEALS, {**TEXT, "name": "key10", "hasUniqueValue": True})
    assert eleventh.status_code == 400
    await portal.deal(key0="A-1")
    taken = await portal.try_make("deals", dealname="D", dealstage="contractsent", key0="a-1")
    assert (taken.status_code, taken.json()["category"]) == (409, "CONFLICT")
    assert "Existing ID: " in taken.json()["message"]
    await portal.call("POST", DEALS, {**TEXT, "name": "secret", "dataSensitivity": "sensitive"})
    plain = [one["name"] for one in (await portal.call("GET", DEALS)).json()["results"]]
    sensitive = (await portal.call("GET", DEALS, dataSensitivity="sensitive")).json()["results"]
    assert ("secret" in plain, [one["name"] for one in sensitive]) == (False, ["secret"])


@pytest.mark.parametrize(
    ("rule", "arguments", "good", "bad"),
    [
        ("MAX_LENGTH", ["3"], "abc", "abcd"),
        ("MIN_LENGTH", ["3"], "abc", "ab"),
        ("ALPHANUMERIC", ["NUMERIC_ONLY"], "123", "12a"),
        ("ALPHANUMERIC", [], "12a", "1 2"),
        ("REGEX", ["[A-Z]{2}-\\d+"], "AB-7", "ab-7"),
        ("MIN_NUMBER", ["5"], "5", "4.9"),
        ("MAX_NUMBER", ["5"], "5", "five"),
        ("DECIMAL", ["2"], "1.25", "1.255"),
        ("URL", [], "https://a.example", "a.example"),
        ("DOMAIN", [], "a.example", "https://a"),
        ("EMAIL_ALLOWED_DOMAINS", ["a.example"], "x@a.example", "x@b.example"),
        ("EMAIL_BLOCKED_DOMAINS", ["b.example"], "x@a.example", "x@b.example"),
        ("START_DATE", ["2026-01-01"], "2026-01-01", "2025-12-31"),
        ("END_DATE", ["2026-01-01"], "2026-01-01", "2026-01-02"),
    ],
)
async def test_rules_bind_people_and_2026_09_alone(
    portal: Any, rule: str, arguments: list[str], good: str, bad: str
) -> None:
    await portal.call("POST", DEALS, TEXT)
    path = f"{RULES}/memo/rule-type/{rule}"
    assert (await portal.call("PUT", path, {"ruleArguments": arguments})).status_code == 204
    kept = {"ruleType": rule, "ruleArguments": arguments, "shouldApplyNormalization": False}
    assert (await portal.call("GET", path)).json() == kept
    assert (await portal.call("GET", f"{RULES}/memo")).json() == {"results": [kept]}
    deal = await portal.deal(memo=good)
    refused = await portal.change("deals", deal, memo=bad)
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert refused.json()["errors"][0]["context"] == {"propertyName": ["memo"]}
    by_person = await portal.person("PATCH", f"objects/deals/{deal}", {"properties": {"memo": bad}})
    assert by_person.status_code == 400
    for older in ("/crm/v3/objects", "/crm/objects/2026-03"):
        answer = await portal.call("PATCH", f"{older}/deals/{deal}", {"properties": {"memo": bad}})
        assert answer.status_code == 200, older


async def test_rules_are_listed_and_replaced(portal: Any) -> None:
    await portal.call("PUT", f"{RULES}/dealname/rule-type/MAX_LENGTH", {"ruleArguments": ["3"]})
    await portal.call("PUT", f"{RULES}/dealname/rule-type/MAX_LENGTH", {"ruleArguments": ["9"]})
    await portal.call("PUT", f"{RULES}/dealname/rule-type/WHITESPACE", {"ruleArguments": []})
    listed = (await portal.call("GET", "/crm/v3/property-validations/0-3")).json()["results"]
    assert [one["propertyName"] for one in listed] == ["dealname"]
    kinds = {rule["ruleType"]: rule["ruleArguments"] for rule in listed[0]["propertyValidationRules"]}
    assert kinds == {"MAX_LENGTH": ["9"], "WHITESPACE": []}
    for rule, arguments in (("NONE", []), ("MAX_LENGTH", ["x"]), ("MAX_LENGTH", []), ("REGEX", ["("]), ("URL", "x")):
        wrong = await portal.call("PUT", f"{RULES}/dealname/rule-type/{rule}", {"ruleArguments": arguments})
        assert wrong.status_code == 400, (rule, arguments)
    assert (await portal.call("PUT", f"{RULES}/none/rule-type/URL", {"ruleArguments": []})).status_code == 404
    assert (await portal.call("GET", f"{RULES}/dealname/rule-type/URL")).status_code == 404
    assert (await portal.call("POST", f"{RULES}/dealname", {})).status_code == 405


async def test_required_properties_bind_2026_09_alone(portal: Any) -> None:
    rules = {
        "type": "deals",
        "on_create": ["amount"],
        "when": [{"property": "dealstage", "value": "closedwon", "required": ["description"]}],
    }
    assert (await portal.control.put("/people/administrator/hubspot/24000001/required", json=rules)).status_code == 200
    given = {"dealname": "D", "dealstage": "contractsent"}
    refused = await portal.try_make("deals", **given)
    assert refused.status_code == 400
    assert [one["context"] for one in refused.json()["errors"]] == [{"propertyName": ["amount"]}]
    assert (await portal.call("POST", "/crm/v3/objects/deals", {"properties": given})).status_code == 201
    deal = (await portal.make("deals", **given, amount="5"))["id"]
    won = await portal.change("deals", deal, dealstage="closedwon")
    assert "description" in won.json()["message"]
    await portal.changed("deals", deal, dealstage="closedwon", description="why")
    assert (await portal.change("deals", deal, description="")).status_code == 400
    await portal.changed("deals", deal, amount="6")
    batch = {"inputs": [{"properties": given, "objectWriteTraceId": "1"}]}
    answer = await portal.call("POST", f"{CRM}/deals/batch/create", batch)
    assert (answer.status_code, answer.json()["numErrors"]) == (207, 1)
    wrong = {"type": "deals", "when": [{"property": "amount"}]}
    assert (await portal.control.put("/people/administrator/hubspot/24000001/required", json=wrong)).status_code == 400


async def test_history_tells_values_newest_first(portal: Any) -> None:
    deal = await portal.deal(amount="1")
    await portal.changed("deals", deal, dealstage="closedwon")
    await portal.person("PATCH", f"objects/deals/{deal}", {"properties": {"amount": "2", "description": "d"}})
    names = "amount,dealstage,description,dealtype,hs_is_closed_won,nonsense"
    read = (await portal.call("GET", f"{CRM}/deals/{deal}", propertiesWithHistory=names)).json()
    history = read["propertiesWithHistory"]
    assert history.keys() == {"amount", "dealstage", "description", "dealtype", "hs_is_closed_won"}
    assert [(one["value"], one["sourceType"], one["sourceId"]) for one in history["amount"]] == [
        ("2", "CRM_UI", "userId:100"),
        ("1", "INTEGRATION", "2401001"),
    ]
    assert (history["amount"][0]["updatedByUserId"], "updatedByUserId" in history["amount"][1]) == (100, False)
    assert [one["value"] for one in history["dealstage"]] == ["closedwon", "contractsent"]
    assert [one["value"] for one in history["hs_is_closed_won"]] == ["true", "false"]
    assert history["amount"][1]["timestamp"] == read["createdAt"]
    assert (len(history["description"]), history["dealtype"]) == (1, [])
    body = {"inputs": [{"id": deal}], "properties": ["amount"], "propertiesWithHistory": ["amount"]}
    batch = (await portal.call("POST", f"{CRM}/deals/batch/read", body)).json()["results"][0]
    assert batch["propertiesWithHistory"] == {"amount": history["amount"]}
    for limit, status in ((50, 200), (51, 400)):
        page = await portal.call("GET", f"{CRM}/deals", propertiesWithHistory="amount", limit=limit)
        assert page.status_code == status, limit
    assert (await portal.call("GET", f"{CRM}/deals", limit=100)).status_code == 200


async def test_history_is_capped_and_part_of_snapshots(portal: Any) -> None:
    deal = await portal.deal(amount="0")
    await portal.control.post("/snapshots/before")
    for n in range(1, 26):
        await portal.changed("deals", deal, amount=str(n))

    async def values() -> list[str]:
        read = await portal.call("GET", f"{CRM}/deals/{deal}", propertiesWithHistory="amount")
        return [one["value"] for one in read.json()["propertiesWithHistory"]["amount"]]

    assert await values() == [str(n) for n in range(25, 5, -1)]
    await portal.control.post("/reset", json={"to": "before"})
    assert await values() == ["0"]


async def test_schema_scopes(portal: Any) -> None:
    await portal.grant("crm.objects.deals.read", "crm.objects.deals.write")
    assert (await portal.call("GET", DEALS)).status_code == 200
    for method, path in (("POST", DEALS), ("POST", f"{DEALS}/groups"), ("PATCH", f"{DEALS}/x"), ("PUT", f"{RULES}/x")):
        refused = await portal.call(method, path, {})
        assert (refused.status_code, "crm.schemas.deals.write" in refused.text) == (403, True), path
    assert (await portal.call("GET", "/crm/properties/2026-09/contacts")).status_code == 403
