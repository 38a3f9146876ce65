"""The engine against exchanges that others recorded with Intuit's sandboxes; skipped where they are not at hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SPECS = next(
    (found for above in ROOT.parents if (found := above / "shared" / "specs" / "quickbooks" / "samples").is_dir()),
    ROOT.parent / "shared",
)
RECORDED = SPECS / "minimul-qbo_api" / "json"
pytestmark = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="the folder with recorded exchanges (../shared/specs) is missing"
)

# Shown by some companies and years only: addresses' coordinates, custom fields, and what our company is told apart by.
_OF_THEIR_COMPANY = {
    "BillAddr",
    "ShipAddr",
    "CustomField",
    "DocNumber",
    "Id",
    "MetaData",
    "TxnDate",
    "DueDate",
    "CustomerRef",
}


def recording(name: Any) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text(), parse_float=Decimal)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return "number" if isinstance(value, int | Decimal) and not isinstance(value, bool) else type(value).__name__


async def test_a_create_answers_what_was_recorded(automated: Any) -> None:
    (exchange,) = recording("create__invoice")
    answer = await automated.write("Invoice", exchange["request_body"])
    recorded = exchange["response_body"]["Invoice"]
    for name, value in recorded.items():
        if name not in _OF_THEIR_COMPANY and not name.startswith("AllowOnline"):
            assert shape(answer[name]) == shape(value) or name == "Line", name
    for field in ("TotalAmt", "Balance", "TxnTaxDetail", "EmailStatus", "PrintStatus", "CurrencyRef", "SyncToken"):
        assert answer[field] == recorded[field]
    for ours, theirs in zip(answer["Line"], recorded["Line"], strict=True):
        assert ours["Amount"] == theirs["Amount"]
        assert ours["DetailType"] == theirs["DetailType"]
        assert ("Id" in ours) == ("Id" in theirs)


async def test_a_void_answers_what_was_recorded(automated: Any) -> None:
    made = await automated.invoice("1", "100")
    recorded = next(each for each in recording("void__invoice") if "operation=void" in each["uri"])
    answer = await automated.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")
    theirs = recorded["response_body"]["Invoice"]
    for field in ("SyncToken", "PrivateNote", "LinkedTxn", "TotalAmt", "Balance", "TxnTaxDetail", "EmailStatus"):
        assert answer[field] == theirs[field], field
    assert [line["Amount"] for line in answer["Line"]] == [line["Amount"] for line in theirs["Line"]]


async def test_a_delete_answers_what_was_recorded(automated: Any) -> None:
    made = await automated.invoice("1", "100")
    recorded = recording("delete__invoice")[-1]["response_body"]["Invoice"]
    answer = await automated.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert {**answer, "Id": recorded["Id"]} == recorded


async def test_a_customer_answers_what_was_recorded(automated: Any) -> None:
    (exchange,) = recording("create__customer")
    answer = await automated.write("Customer", exchange["request_body"])
    recorded = exchange["response_body"]["Customer"]
    assert {name: answer[name] for name in recorded if name not in {"Id", "MetaData"}} == {
        name: value for name, value in recorded.items() if name not in {"Id", "MetaData"}
    }


@pytest.mark.parametrize("name", ["deactivate__employee", "deactivate__account"])
async def test_deactivating_twice_changes_nothing(automated: Any, name: Any) -> None:
    before, exchange = recording(name)
    recorded = exchange["response_body"]
    ((entity, theirs),) = [(key, value) for key, value in recorded.items() if key != "time"]
    assert theirs == before["response_body"][entity]
    known = (await automated.query(f"select * from {entity}"))[entity][0]  # noqa: S608
    request = {"Id": known["Id"], "sparse": True, "Active": False}
    first = await automated.write(entity, {**request, "SyncToken": known["SyncToken"]})
    again = await automated.write(entity, {**request, "SyncToken": first["SyncToken"]})
    assert again == first
    assert first.get("DisplayName", first.get("Name")).endswith(" (deleted)")


async def test_refusals_are_worded_as_recorded(automated: Any) -> None:
    name = (await automated.read("Customer", "1"))["DisplayName"]
    recorded = recording("error__validation")[-1]["response_body"]["Fault"]
    status, answer = await automated.call("POST", "customer", {"DisplayName": name})
    ours = answer["Fault"]
    assert (status, ours["type"], ours["Error"][0]["code"]) == (400, recorded["type"], recorded["Error"][0]["code"])
    assert ours["Error"][0]["Message"] == recorded["Error"][0]["Message"]
    recorded = recording("error__400_json")[-1]
    error = await automated.refused("Invoice", recorded["request_body"])
    theirs = recorded["response_body"]["Fault"]["Error"][0]
    assert (error["Message"], error["code"]) == (theirs["Message"], theirs["code"])
    assert error["Detail"][:100] == theirs["Detail"][:100]


async def test_the_catalogue_of_faults_is_ours(automated: Any) -> None:
    from ledgerbridge_sandbox.quickbooks import faults

    catalogue = json.loads((SPECS / "quoted" / "fault_catalog.json").read_text())["errors"]
    known = {(each["code"], each["Detail"]) for each in catalogue}
    for fault in (
        faults.not_found(),
        faults.deleted_transaction(),
        faults.subscription_ended(),
        faults.books_closed("6210"),
        faults.duplicate_name(),
        faults.duplicate_number(),
        faults.throttled(),
        faults.required("Name"),
        faults.identifier_invalid("1.5"),
        faults.business("You must set a transaction amount."),
        faults.invalid_query("invalid context declaration: Custmoer"),
        faults.stale("<user>"),
        faults.too_long("DocNumber", 21),
    ):
        assert (fault.code, fault.detail) in known, fault


async def test_queries_answer_as_recorded(automated: Any) -> None:
    counted, page, *_ = recording("all__alt_select")
    assert (
        counted["response_body"]["QueryResponse"].keys() == (await automated.query("select count(*) from Term")).keys()
    )
    ours = await automated.query(
        "SELECT * FROM Customer WHERE Id IN ('5', '6') AND Active IN ( true, false ) MAXRESULTS 2 STARTPOSITION 1"
    )
    assert ours.keys() == page["response_body"]["QueryResponse"].keys()


async def test_an_expired_token_is_refused_as_recorded(automated: Any) -> None:
    automated.world.clock.advance(3600)
    answer = await automated.api.get(f"/v3/company/{automated.realm}/preferences")
    recorded = recording("error__401")[-1]["response_body"]
    ours = answer.json()
    assert ours.keys() == recorded.keys()
    assert ours["fault"]["type"] == recorded["fault"]["type"]
    assert ours["fault"]["error"][0]["message"] == recorded["fault"]["error"][0]["message"]
