"""The query language, rule by rule (quickbooks.md 4)."""

from typing import Any

import pytest

META = ("MetaData.CreateTime", "MetaData.LastUpdatedTime")
FILTERED = {
    "Invoice": ("Id", "TxnDate", "DueDate", "CustomerRef", "DocNumber", "TotalAmt", "Balance", "ProjectRef"),
    "Payment": ("Id", "TxnDate", "CustomerRef", "TotalAmt", "PaymentRefNum"),
    "Customer": (
        "Id",
        "DisplayName",
        "GivenName",
        "MiddleName",
        "FamilyName",
        "CompanyName",
        "FullyQualifiedName",
        "PrimaryEmailAddr",
        "Active",
        "Balance",
    ),
    "Item": ("Id", "Name", "FullyQualifiedName", "Sku", "Type", "Active"),
    "Account": ("Name", "AccountType", "AccountSubType", "Active", "Classification"),
}
VALUES = {"TxnDate": "2026-01-01", "DueDate": "2026-01-01", "TotalAmt": "1", "Balance": "1", "Active": "true"}
LOOSE = ("Line.Amount", "DepartmentRef", "PrivateNote", "EmailStatus", "CustomField", "LinkedTxn", "SyncToken")


async def error(company: Any, statement: str) -> Any:
    status, answer = await company.call("GET", "query", query=statement)
    assert status == 400, answer
    return answer["Fault"]["Error"][0]


async def found(company: Any, entity: str, condition: str) -> Any:
    answer = await company.query(f"select * from {entity} where {condition}")  # noqa: S608
    return [each["Id"] for each in answer.get(entity, [])]


@pytest.mark.parametrize("entity", FILTERED)
async def test_what_can_be_filtered_and_sorted_by(automated: Any, entity: str) -> None:
    for name in (*FILTERED[entity], *META):
        value = "2026-01-01T00:00:00Z" if name in META else VALUES.get(name, "1")
        statement = f"select count(*) from {entity} where {name.upper()} = '{value}'"  # noqa: S608
        assert "totalCount" in await automated.query(statement), name
        await automated.query(f"select * from {entity} orderby {name} desc maxresults 1")  # noqa: S608
    for name in LOOSE:
        refused = await error(automated, f"select * from {entity} where {name} = '1'")  # noqa: S608
        assert (refused["code"], refused["Message"]) == ("4001", "Invalid query"), name
        assert (await error(automated, f"select * from {entity} orderby {name}"))["code"] == "4001"  # noqa: S608


async def test_a_blank_finds_what_has_no_value(automated: Any) -> None:
    nameless = (await automated.customer("Nameless"))["Id"]
    named = (await automated.customer("Named", GivenName="Ann"))["Id"]
    assert await found(automated, "Customer", "DisplayName like 'Name%' and GivenName = ' '") == [nameless]
    assert named not in await found(automated, "Customer", "GivenName = ' '")
    receipt = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("1")]}
    made = (await automated.write("CreditMemo", receipt))["Id"]
    assert made in await found(automated, "CreditMemo", "DueDate = ' '")


async def test_only_the_percent_sign_is_a_wildcard(automated: Any) -> None:
    exact = (await automated.customer("ab_c"))["Id"]
    await automated.customer("abxc")
    assert await found(automated, "Customer", "DisplayName LIKE 'AB_C'") == [exact]
    assert len(await found(automated, "Customer", "DisplayName LIKE 'ab%c'")) == 2
    assert await found(automated, "Customer", "DisplayName LIKE 'b_'") == []


async def test_words_and_names_are_read_in_any_case(automated: Any) -> None:
    lower = await automated.query("select * from customer where displayname like 'o%' orderby displayname asc")
    upper = await automated.query("SELECT * FROM CUSTOMER WHERE DISPLAYNAME LIKE 'O%' ORDER BY DISPLAYNAME ASC")
    assert lower == upper
    assert lower["Customer"]


async def test_retired_names_come_only_when_they_are_asked_for(automated: Any) -> None:
    made = (await automated.customer("Retiring"))["Id"]
    await automated.desk(f"customer/{made}/deactivate")
    assert await found(automated, "Customer", "DisplayName like 'Retiring%'") == []
    for active in ("Active in (true,false)", "Active = false", "Active = 'false'"):
        assert await found(automated, "Customer", f"DisplayName like 'Retiring%' and {active}") == [made]
    assert await found(automated, "Customer", f"Id = '{made}'") == []


async def test_a_statement_comes_in_the_address_or_as_the_body(automated: Any) -> None:
    statement = "select count(*) from Item"
    path = f"/v3/company/{automated.realm}/query"
    by_address = await automated.api.get(path, params={"query": statement})
    bodies = [("application/text", statement), ("text/plain", statement)]
    for sort, body in bodies:
        answer = await automated.api.post(path, content=body, headers={"content-type": sort})
        assert answer.json()["QueryResponse"] == by_address.json()["QueryResponse"]
    both = await automated.api.post(
        path, params={"query": statement}, content=b"", headers={"content-type": "text/plain"}
    )
    assert both.json()["QueryResponse"] == by_address.json()["QueryResponse"]
    bad = await automated.api.post(path, content=b"\xff")
    assert bad.json()["Fault"]["Error"][0]["code"] == "4000"


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("select * from Term maxresults 0", "4001", "value 0 is too small. Min allowed value is 1"),
        ("select * from Term startposition 0", "4001", "value 0 is too small. Min allowed value is 1"),
        ("select * from Term maxresults -1", "4000", "<INTEGER>"),
        ("select * from Term maxresults ten", "4000", "<INTEGER>"),
        ("select * from Term where Name != 'x'", "4000", 'Lexical error at line 1, column 31.  Encountered: "!" (33)'),
        ("select * from Term where Name = \u2018x\u2019", "4000", "(8216)"),
        ("select * from Term where Name = x\u2019", "4000", "(8217)"),
        ("select * from Term where Name in 'x'", "4000", "Encountered"),
        ("select * from Term where Name in ('x'", "4000", "<EOF>"),
        ("select * from Term, Item", "4000", 'Encountered " "," ", ""'),
        ("select * from Term group by Name", "4000", '"group"'),
        ("select count(Id) from Term", "4000", '"id" "Id "'),
        ("select Name from Term", "4000", '"name" "Name "'),
        ("delete from Term", "4000", '"delete"'),
        ("", "4000", "<EOF>"),
        ("select *\nfrom Term\n  whom", "4000", 'Encountered " "whom" "whom "" at line 3, column 3.'),
        (
            "select * from NULL",
            "4000",
            'Encountered " "null" "NULL "" at line 1, column 15.\nWas expecting:\n    <IDENTIFIER> ...\n    ',
        ),
        ("select * from Term maxresults \u00b2", "4000", "Lexical error"),
        ("select * from Term where MetaData.CreateTime > 'soon'", "4001", "MetaData.CreateTime"),
        ("select * from Invoice where Id like '1%'", "4001", "Id"),
    ],
)
async def test_what_is_no_statement(automated: Any, statement: str, code: str, words: str) -> None:
    refused = await error(automated, statement)
    assert refused["code"] == code
    assert words in refused["Detail"]
    message = {"4000": "Error parsing query", "4001": "Invalid query"}[code]
    prefix = {"4000": "QueryParserError: ", "4001": "QueryValidationError: "}[code]
    assert (refused["Message"], refused["Detail"].startswith(prefix)) == (message, True)


async def test_today_is_the_companys_own_day(automated: Any) -> None:
    await automated.control.put("/clock", json={"now": "2026-12-01T05:00:00Z"})  # still November in California
    world = automated.world
    world.quickbooks.grants.seed(automated.realm, "later", "later")
    automated.api.headers["authorization"] = "Bearer later"
    made = await automated.invoice("1", "1")
    assert made["TxnDate"] == "2026-11-30"
    assert await found(automated, "Invoice", "TxnDate = CURRENT_DATE") == [made["Id"]]
    assert made["Id"] not in await found(automated, "Invoice", "TxnDate < current_date")


async def test_an_invoices_link_is_told_on_request_only(automated: Any) -> None:
    made = await automated.invoice("1", "1", BillEmail={"Address": "a@b.example"})
    plain = await automated.invoice("1", "1")
    statement = f"select * from Invoice where Id in ('{made['Id']}', '{plain['Id']}')"  # noqa: S608
    for include, links in (("", 0), ("invoiceLink", 1)):
        _, answer = await automated.call("GET", "query", query=statement, include=include)
        rows = answer["QueryResponse"]["Invoice"]
        assert len([row for row in rows if "comingSoonview" in row.get("InvoiceLink", "")]) == links
    _, single = await automated.call("GET", f"invoice/{made['Id']}", include="invoiceLink")
    assert single["Invoice"]["InvoiceLink"].startswith("https://")
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"}
    written = await automated.write("Invoice", key, include="invoiceLink")
    assert "InvoiceLink" in written
    again = {**written, "SyncToken": "1", "sparse": True}
    assert (await automated.write("Invoice", again))["SyncToken"] == "1", "sent back, it is passed over"
