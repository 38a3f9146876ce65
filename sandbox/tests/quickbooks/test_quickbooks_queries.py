from datetime import timedelta
from typing import Any

import pytest


async def ids(company: Any, statement: Any, entity: Any) -> Any:
    return [row["Id"] for row in (await company.query(statement)).get(entity, [])]


async def test_counts_pages_and_empty_answers(automated: Any) -> None:
    total = (await automated.query("SELECT COUNT(*) FROM Customer"))["totalCount"]
    first = await automated.query("select * from customer startposition 1 maxresults 5")
    assert (first["startPosition"], first["maxResults"], len(first["Customer"])) == (1, 5, 5)
    rest = await automated.query("SELECT * FROM Customer MAXRESULTS 1000 STARTPOSITION 6")
    assert len(rest["Customer"]) == total - 5
    assert await automated.query(f"select * from Customer startposition {total + 1}") == {}  # noqa: S608
    assert "totalCount" in await automated.query("select * from Invoice")
    assert "totalCount" not in first


async def test_default_orders(automated: Any) -> None:
    names = [
        row["FullyQualifiedName"].casefold() for row in (await automated.query("select * from Customer"))["Customer"]
    ]
    assert names == sorted(names)
    made = await automated.invoice("1", "1")
    automated.world.clock.advance(5)
    second = await automated.invoice("1", "1")
    assert (await ids(automated, "select * from Invoice", "Invoice"))[:2] == [second["Id"], made["Id"]]
    assert (await ids(automated, "select * from Invoice orderby Id asc", "Invoice"))[0] == second["Id"]


async def test_conditions(automated: Any) -> None:
    made = await automated.invoice("1", "77.25", DocNumber="FIND-ME", TxnDate="2026-02-03")
    cases = [
        f"Id = '{made['Id']}'",
        f"id in ('{made['Id']}', '999999')",
        "DocNumber = 'find-me'",
        "CustomerRef = '1' and TotalAmt = '77.25'",
        "TotalAmt > '77.24' AND TotalAmt < '77.26' AND TxnDate >= '2026-02-03' AND TxnDate <= '2026-02-03'",
        "DocNumber LIKE 'FIND%' ORDER BY TxnDate DESC, DocNumber ASC",
        "Balance IN ('77.25') and TxnDate < CURRENT_DATE",
    ]
    for condition in cases:
        assert await ids(automated, f"select * from Invoice where {condition}", "Invoice") == [made["Id"]], condition  # noqa: S608
    assert await ids(automated, "select * from Invoice where DocNumber = 'other'", "Invoice") == []


async def test_ordering_by_several_properties(automated: Any) -> None:
    found = (await automated.query("select * from Invoice orderby TotalAmt desc, Id"))["Invoice"]
    totals = [row["TotalAmt"] for row in found]
    assert totals == sorted(totals, reverse=True)


async def test_quotes_backslashes_and_ampersands(automated: Any) -> None:
    for name in ("O'Brien & Sons Roofing", "Señor Frog's Nursery"):
        escaped = name.replace("'", "\\'")
        found = await automated.query(f"select * from Customer where DisplayName = '{escaped}'")  # noqa: S608
        assert found["Customer"][0]["DisplayName"] == name
    made = await automated.customer("back\\slash")
    assert await ids(automated, r"select * from Customer where DisplayName = 'back\\slash'", "Customer") == [made["Id"]]


async def test_change_times_to_the_second_and_keyset_paging(automated: Any) -> None:
    automated.world.clock.advance(60)
    made = [await automated.invoice("1", "1") for _ in range(3)]
    since = made[0]["MetaData"]["LastUpdatedTime"]
    statement = (
        f"select * from Invoice where MetaData.LastUpdatedTime >= '{since}' orderby MetaData.LastUpdatedTime asc"  # noqa: S608
    )
    assert set(await ids(automated, statement, "Invoice")) == {each["Id"] for each in made}
    later = "select * from Invoice where MetaData.LastUpdatedTime > '2036-01-01T00:00:00Z'"
    assert await ids(automated, later, "Invoice") == []


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("selekt * from Customer", "4000", 'QueryParserError: Encountered " "selekt"'),
        ("select * from Custmoer", "4001", "QueryValidationError: invalid context declaration: Custmoer"),
        ("select * from Customer where", "4000", "<EOF>"),
        ("select * from Customer where DisplayName = \u2019x\u2019", "4000", "Lexical error"),
        ("select * from Customer startposition 0", "4001", "value 0 is too small. Min allowed value is 1"),
        ("select * from Customer maxresults 1001", "4001", "too large"),
        ("select * from Invoice where PrivateNote = 'x'", "4001", "PrivateNote"),
        ("select * from Invoice where Line.Amount = '1'", "4001", "Line.Amount"),
        ("select * from Invoice where Id > '5'", "4001", "Id"),
        ("select * from Invoice where TotalAmt > 'much'", "4001", "TotalAmt"),
        ("select * from Invoice where TxnDate = '2026-01-01' or TxnDate = '2026-01-02'", "4000", '"or"'),
        ("select Id from Invoice", "4000", "Encountered"),
    ],
)
async def test_refused_statements(automated: Any, statement: Any, code: Any, words: Any) -> None:
    status, answer = await automated.call("GET", "query", query=statement)
    error = answer["Fault"]["Error"][0]
    assert (status, error["code"]) == (400, code)
    assert words in error["Detail"]


async def test_a_statement_may_be_posted(automated: Any) -> None:
    status, answer = await automated.call("POST", "query", b"select count(*) from Item where Active in (true,false)")
    assert (status, answer["QueryResponse"]) == (200, {"totalCount": 24})


async def test_a_poisoned_row_fails_its_page(automated: Any) -> None:
    made = await automated.invoice("1", "1")
    await automated.desk(f"invoice/{made['Id']}/poison")
    status, answer = await automated.call("GET", "query", query="select * from Invoice maxresults 1")
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "4002")
    assert len((await automated.query("select * from Invoice startposition 2 maxresults 1"))["Invoice"]) == 1
    await automated.desk(f"invoice/{made['Id']}/poison", {"cured": True})
    await automated.query("select * from Invoice maxresults 1")


async def test_capture_tells_changes_and_deletions_in_order(automated: Any) -> None:
    automated.world.clock.advance(60)
    since = automated.world.clock.now().isoformat()
    nobody = await automated.call("GET", "cdc", entities="Invoice", changedSince=since)
    assert nobody[1]["CDCResponse"] == [{"QueryResponse": [{}]}]
    first, second = await automated.invoice("1", "1"), await automated.invoice("1", "2")
    await automated.write("Invoice", {"Id": first["Id"], "SyncToken": "0"}, operation="delete")
    status, answer = await automated.call("GET", "cdc", entities="invoice,Customer,Item", changedSince=since)
    invoices, customers, items = answer["CDCResponse"][0]["QueryResponse"]
    assert status == 200
    assert [row["Id"] for row in invoices["Invoice"]] == [second["Id"], first["Id"]]
    assert invoices["Invoice"][1]["status"] == "Deleted"
    assert "LastUpdatedTime" in invoices["Invoice"][1]["MetaData"]
    assert (invoices["startPosition"], invoices["maxResults"]) == (1, 2)
    assert [row["Id"] for row in customers["Customer"]] == ["1"]
    assert items == {}


async def test_capture_has_a_horizon_a_limit_and_refusals(automated: Any) -> None:
    old = (automated.world.clock.now() - timedelta(days=300)).isoformat()
    all_of_it = (await automated.call("GET", "cdc", entities="Invoice", changedSince=old))[1]
    seen = all_of_it["CDCResponse"][0]["QueryResponse"][0]["Invoice"]
    assert 0 < len(seen) < (await automated.query("select count(*) from Invoice"))["totalCount"]
    for wrong in ({"entities": "TaxCode", "changedSince": old}, {"entities": "Invoice"}, {"changedSince": old}):
        assert (await automated.call("GET", "cdc", **wrong))[0] == 400
    since = automated.world.clock.now().isoformat()
    line = await automated.line("1")
    create = {"operation": "create", "Invoice": {"CustomerRef": {"value": "1"}, "Line": [line]}}
    for _ in range(35):
        items = [{"bId": str(at), **create} for at in range(30)]
        assert (await automated.call("POST", "batch", {"BatchItemRequest": items}))[0] == 200
    answer = (await automated.call("GET", "cdc", entities="Invoice,Customer", changedSince=since))[1]
    blocks = answer["CDCResponse"][0]["QueryResponse"]
    assert sum(len(rows) for block in blocks for rows in block.values() if isinstance(rows, list)) == 1000


async def test_batches_answer_item_by_item(automated: Any) -> None:
    line = await automated.line("3")
    made = await automated.invoice("1", "1")
    items = [
        {"bId": "a", "operation": "create", "Invoice": {"CustomerRef": {"value": "1"}, "Line": [line]}},
        {"bId": "b", "operation": "create", "Customer": {"DisplayName": "Northwind Outfitters"}},
        {"bId": "c", "Query": f"select * from Invoice where Id = '{made['Id']}'"},  # noqa: S608
        {"bId": "d", "operation": "update", "optionsData": "void", "Invoice": {"Id": made["Id"], "SyncToken": "0"}},
        {"bId": "e", "Query": "select"},
        {"bId": "f", "operation": "create", "Nonsense": {}},
    ]
    status, answer = await automated.call("POST", "batch", {"BatchItemRequest": items}, requestid="batch-1")
    by_id = {item["bId"]: item for item in answer["BatchItemResponse"]}
    assert status == 200
    assert by_id["a"]["Invoice"]["TotalAmt"] == 3
    assert by_id["b"]["Fault"]["Error"][0]["code"] == "6240"
    assert by_id["c"]["QueryResponse"]["Invoice"][0]["TotalAmt"] == 1
    assert by_id["d"]["Invoice"]["TotalAmt"] == 0
    assert by_id["e"]["Fault"]["Error"][0]["code"] == "4000"
    assert by_id["f"]["Fault"]["Error"][0]["code"] == "500"
    again = await automated.call("POST", "batch", {"BatchItemRequest": items}, requestid="batch-1")
    assert again[1] == answer
    assert (await automated.call("POST", "batch", {"BatchItemRequest": []}))[0] == 400
    assert (await automated.call("POST", "batch", {"BatchItemRequest": items[:1] * 31}))[0] == 400
