"""What holds for every call: headers, minor versions, replays; batches and changes (quickbooks.md 2, 10 and 12)."""

import re
from datetime import timedelta
from typing import Any

import pytest


async def test_every_answer_bears_the_recorded_headers(automated: Any) -> None:
    answer = await automated.api.get(f"/v3/company/{automated.realm}/term/1")
    assert answer.headers["qbo-version"]
    assert answer.headers["intuit_tid"]
    assert re.fullmatch(r"total=\d+, db=\d+", answer.headers["service-time"])
    assert answer.headers["cache-control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    document = answer.json()
    assert list(document) == ["Term", "time"]
    for moment in (document["time"], document["Term"]["MetaData"]["CreateTime"]):
        assert moment[-6:] in {"-07:00", "-08:00"}, "Pacific, whatever the company's zone"


async def test_every_minor_version_is_served_as_the_present_one(automated: Any) -> None:
    answers = [
        (await automated.call("GET", "invoice/1", **asked))[1]["Invoice"]
        for asked in ({}, {"minorversion": "1"}, {"minorversion": "73"}, {"minorversion": "75"}, {"minorversion": "99"})
    ]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    ("path", "given", "parameters"),
    [
        ("customer", {"DisplayName": "Once"}, {}),
        ("term", {"Id": "3", "SyncToken": "0", "sparse": True, "Name": "N", "Type": "STANDARD", "DueDays": 3}, {}),
        ("batch", {"BatchItemRequest": [{"bId": "1", "operation": "create", "Customer": {"DisplayName": "B"}}]}, {}),
        ("taxagency", {"DisplayName": "Once more"}, {}),
    ],
)
async def test_a_repeated_requestid_gets_the_first_answer(
    automated: Any, path: str, given: Any, parameters: Any
) -> None:
    first = await automated.call("POST", path, given, requestid="same", **parameters)
    assert first[0] == 200
    assert await automated.call("POST", path, given, requestid="same", **parameters) == first
    other = await automated.call("POST", path, given, requestid="other", **parameters)
    assert other != first, "another id does the work again, or is refused"


async def test_replays_outlive_the_object_and_faults_are_not_remembered(automated: Any) -> None:
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("1")]}
    _, first = await automated.call("POST", "invoice", given, requestid="r")
    key = {"Id": first["Invoice"]["Id"], "SyncToken": "0"}
    _, deleted = await automated.call("POST", "invoice", key, requestid="d", operation="delete")
    assert await automated.call("POST", "invoice", given, requestid="r") == (200, first)
    assert await automated.call("POST", "invoice", key, requestid="d", operation="delete") == (200, deleted)
    taken = {"DisplayName": (await automated.read("Customer", "1"))["DisplayName"]}
    assert (await automated.call("POST", "customer", taken, requestid="f"))[0] == 400
    assert (await automated.call("POST", "customer", {"DisplayName": "Free"}, requestid="f"))[0] == 200


async def test_a_requestid_is_of_one_company(automated: Any, uk: Any) -> None:
    for company in (automated, uk):
        _, answer = await company.call("POST", "term", {"Name": "Mine", "DueDays": 9}, requestid="shared")
        assert (await company.query("select * from Term where Name = 'Mine'"))["Term"] == [answer["Term"]]


async def test_items_of_a_batch_are_done_in_turn_and_fail_alone(automated: Any) -> None:
    made = await automated.invoice("1", "5")
    key = {"Id": made["Id"], "SyncToken": "0"}
    items = [
        {"bId": "x", "operation": "update", "Invoice": {**key, "sparse": True, "PrivateNote": "first"}},
        {"bId": "x", "operation": "update", "Invoice": {**key, "sparse": True, "PrivateNote": "second"}},
        {"bId": "d", "operation": "delete", "Invoice": {**key, "SyncToken": "1"}},
        {"bId": "q", "Query": f"select * from Invoice where Id = '{made['Id']}'"},  # noqa: S608
        {"bId": "c", "operation": "create", "Customer": {"DisplayName": "Made in a batch"}},
        {"operation": "create", "Customer": {"DisplayName": "Without a name of its own"}},
    ]
    status, answer = await automated.call("POST", "batch", {"BatchItemRequest": items})
    first, again, deleted, query, created, nameless = answer["BatchItemResponse"]
    assert status == 200
    assert (first["bId"], first["Invoice"]["PrivateNote"]) == ("x", "first")
    assert (again["bId"], again["Fault"]["Error"][0]["code"]) == ("x", "5010")
    assert again["Fault"]["type"] == "ValidationFault"
    assert deleted["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    assert query["QueryResponse"] == {}
    assert created["Customer"]["SyncToken"] == "0"
    assert (nameless["bId"], nameless["Customer"]["DisplayName"]) == (None, "Without a name of its own")


async def test_an_item_of_a_batch_voids_and_its_options_are_read(automated: Any) -> None:
    customer = (await automated.customer("Batched"))["Id"]
    made, paid = await automated.invoice(customer, "5"), await automated.pay(customer, "5")
    items = [
        {"bId": "1", "operation": "update", "optionsData": "void", kind: {"Id": each["Id"], "SyncToken": "0"}}
        for kind, each in (("Invoice", made), ("Payment", paid))
    ]
    _, answer = await automated.call("POST", "batch", {"BatchItemRequest": items})
    voided = [item.get("Invoice") or item["Payment"] for item in answer["BatchItemResponse"]]
    assert [(each["TotalAmt"], each["PrivateNote"]) for each in voided] == [(0, "Voided"), (0, "Voided")]


async def test_changes_tell_the_retired_the_voided_and_fail_with_what_cannot_be_read(automated: Any) -> None:
    automated.world.clock.advance(60)
    since = automated.world.clock.now().isoformat()
    customer = (await automated.customer("Retired"))["Id"]
    made = await automated.invoice("1", "5")
    await automated.desk(f"invoice/{made['Id']}/void")
    await automated.desk(f"customer/{customer}/deactivate")
    asked = {"entities": "invoice, CUSTOMER", "changedSince": since}
    _, answer = await automated.call("GET", "cdc", **asked)
    invoices, customers = answer["CDCResponse"][0]["QueryResponse"]
    assert [(row["Id"], row["TotalAmt"]) for row in invoices["Invoice"]] == [(made["Id"], 0)]
    retired = next(row for row in customers["Customer"] if row["Id"] == customer)
    assert (retired["Active"], retired["DisplayName"]) == (False, "Retired (deleted)")
    _, again = await automated.call("GET", "cdc", **asked)
    assert again["CDCResponse"] == answer["CDCResponse"], "they are told again as long as they are in the window"
    await automated.desk(f"invoice/{made['Id']}/poison")
    status, answer = await automated.call("GET", "cdc", **asked)
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "4002")
    assert (await automated.call("GET", "cdc", **{**asked, "entities": "Customer"}))[0] == 200


@pytest.mark.parametrize(("refuses", "status"), [(False, 200), (True, 400)])
async def test_changes_of_longer_ago_are_clamped_or_refused(automated: Any, refuses: bool, status: int) -> None:
    await automated.control.put("/settings/quickbooks", json={"capture_refuses_older": refuses})
    now = automated.world.clock.now()
    for days, wanted in ((29, 200), (31, status)):
        since = (now - timedelta(days=days)).isoformat()
        assert (await automated.call("GET", "cdc", entities="Invoice", changedSince=since))[0] == wanted


@pytest.mark.parametrize("entity", ["TaxCode", "TaxRate", "TaxAgency", "JournalCode", "TimeActivity", "Nonsense"])
async def test_changes_of_these_are_not_captured(automated: Any, entity: str) -> None:
    status, _ = await automated.call("GET", "cdc", entities=entity, changedSince="2026-11-01T00:00:00Z")
    assert status == 400
