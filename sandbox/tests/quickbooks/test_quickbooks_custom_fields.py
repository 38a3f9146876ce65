"""The three legacy custom fields of sales forms (quickbooks.md 9)."""

from typing import Any

import pytest


async def define(company: Any, **names: Any) -> Any:
    return await company.desk(
        "customfields", {number.removeprefix("n"): name for number, name in names.items()}, "PATCH"
    )


def field(number: str, name: str, *text: str) -> dict[str, str]:
    bare = {"DefinitionId": number, "Name": name, "Type": "StringType"}
    return {**bare, "StringValue": text[0]} if text else bare


async def test_definitions_stand_in_the_preferences_as_recorded(automated: Any) -> None:
    await define(automated, n1="Crew #", n3="Project")
    shown = (await automated.query("select * from Preferences"))["Preferences"][0]["SalesFormsPrefs"]["CustomField"]
    used, named = (group["CustomField"] for group in shown)
    assert [(each["Name"], each["Type"], each["BooleanValue"]) for each in used] == [
        ("SalesFormsPrefs.UseSalesCustom3", "BooleanType", True),
        ("SalesFormsPrefs.UseSalesCustom2", "BooleanType", False),
        ("SalesFormsPrefs.UseSalesCustom1", "BooleanType", True),
    ]
    assert [(each["Name"], each["Type"], each["StringValue"]) for each in named] == [
        ("SalesFormsPrefs.SalesCustomName3", "StringType", "Project"),
        ("SalesFormsPrefs.SalesCustomName1", "StringType", "Crew #"),
    ]
    again = await define(automated, n3=None)
    assert [each["StringValue"] for each in again["SalesFormsPrefs"]["CustomField"][1]["CustomField"]] == ["Crew #"]


@pytest.mark.parametrize("entity", ["Invoice", "CreditMemo", "Estimate", "SalesReceipt"])
async def test_forms_carry_every_field_in_use(automated: Any, entity: str) -> None:
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("1", TaxCodeRef={"value": "NON"})]}
    assert (await automated.write(entity, given))["CustomField"] == []
    await define(automated, n1="Crew #", n2="Deal")
    sent = [{"DefinitionId": "2", "Type": "StringType", "StringValue": "77"}, field("3", "Off", "lost")]
    made = await automated.write(entity, {**given, "CustomField": sent})
    assert made["CustomField"] == [field("1", "Crew #"), field("2", "Deal", "77")], "what is off cannot be written"


async def test_an_update_keeps_changes_and_clears(automated: Any) -> None:
    await define(automated, n1="Crew #")
    made = await automated.invoice("1", "1", CustomField=[field("1", "Crew #", "A")])
    key = {"Id": made["Id"], "sparse": True}
    kept = await automated.write("Invoice", {**key, "SyncToken": "0", "PrivateNote": "x"})
    assert kept["CustomField"] == [field("1", "Crew #", "A")]
    changed = await automated.write("Invoice", {**key, "SyncToken": "1", "CustomField": [field("1", "?", "B")]})
    assert changed["CustomField"] == [field("1", "Crew #", "B")]
    line = [await automated.line("1", TaxCodeRef={"value": "NON"})]
    full = {"Id": made["Id"], "SyncToken": "2", "CustomerRef": {"value": "1"}, "Line": line}
    assert (await automated.write("Invoice", full))["CustomField"] == [field("1", "Crew #")]


async def test_refused_fields(automated: Any) -> None:
    await define(automated, n1="Crew #")
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("1")]}
    error = await automated.refused("Invoice", {**given, "CustomField": [field("1", "Crew #", "x" * 32)]})
    assert (error["code"], error["element"], error["Detail"]) == (
        "2050",
        "StringValue",
        "Length of the field exceeds 31 chars",
    )
    answer = await automated.control.patch(f"/people/bookkeeper/{automated.realm}/customfields", json={"4": "Fourth"})
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (400, "2170")


async def test_what_an_application_sends_of_definitions_is_passed_over(automated: Any) -> None:
    await define(automated, n1="Crew #")
    own = {"Id": "1", "SyncToken": "1", "sparse": True, "SalesFormsPrefs": {"CustomField": []}}
    assert len((await automated.write("Preferences", own))["SalesFormsPrefs"]["CustomField"]) == 2
