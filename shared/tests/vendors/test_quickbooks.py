"""QuickBooks' client: exact numbers, queries, pages, poisoned rows, refusals."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgerbridge.errors import Paused, Permanent, ReconnectNeeded, Refused, Throttled, Transient
from ledgerbridge.vendors.documents import read_document, write_document
from ledgerbridge.vendors.quickbooks import Query
from ledgerbridge.vendors.quickbooks.answers import LONG_AGO, is_deleted
from ledgerbridge.vendors.quickbooks.query import literal

TIME = "2026-05-05T02:08:54.543-07:00"
THEN = datetime(2026, 5, 5, 9, 8, 54, 543000, tzinfo=UTC)


def rows(entity: Any, found: Any, time: Any = TIME) -> Any:
    response = {entity: found, "startPosition": 1, "maxResults": len(found)} if found else {}
    return {"QueryResponse": response, "time": time}


def fault(code: Any, message: Any = "m", detail: Any = "d", kind: Any = "ValidationFault") -> Any:
    return {"Fault": {"Error": [{"Message": message, "Detail": detail, "code": code, "element": ""}], "type": kind}}


def unquote_literal(text: Any) -> Any:
    """The language's own reading of a literal, written apart from the builder."""
    assert text[0] == text[-1] == "'"
    signs, escaped = [], False
    for sign in text[1:-1]:
        if escaped or sign != "\\":
            assert escaped or sign != "'"
            signs.append(sign)
            escaped = False
        else:
            escaped = True
    assert not escaped
    return "".join(signs)


@given(st.text())
def test_any_name_round_trips_through_a_literal(name: Any) -> None:
    assert unquote_literal(literal(name)) == name


@pytest.mark.parametrize("name", ["Amy's Bird Sanctuary", "A & B + C", "100% 'x' \\", "Zażółć 株式会社", "a#b?c=d%26"])
async def test_any_name_arrives_whole(to_quickbooks: Any, vendor: Any, how: Any, name: Any) -> None:
    vendor.answers(how.says(rows("Customer", [{"Id": "1", "DisplayName": name.upper()}])))
    found = await to_quickbooks.client.queries.named(to_quickbooks.account, "Customer", name)
    statement = vendor.requests[0].query["query"]
    said = statement.removeprefix("SELECT * FROM Customer WHERE DisplayName = ").split(" AND Active IN")[0]
    assert unquote_literal(said) == name
    assert [row["Id"] for row in found.value] == ["1"]
    assert "Active IN (true,false)" in statement


async def test_a_curly_apostrophe_is_asked_around_and_compared_here(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    both = [{"Id": "1", "DisplayName": "O\u2019Brien"}, {"Id": "2", "DisplayName": "O'Brien"}]
    vendor.answers(how.says(rows("Customer", both)))
    found = await to_quickbooks.client.queries.named(to_quickbooks.account, "Customer", "O\u2019Brien")
    assert "DisplayName LIKE 'O%Brien'" in vendor.requests[0].query["query"]
    assert [row["Id"] for row in found.value] == ["1"]


def test_money_is_exact_in_both_directions() -> None:
    text = b'{"A":100,"B":100.0,"C":0.1,"D":12345678901234.56,"E":1.005,"F":"x","G":true,"H":null}'
    document = read_document(text)
    assert document["C"] == Decimal("0.1")
    assert isinstance(document["A"], int)
    assert write_document(document) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=7))
def test_any_amount_round_trips(amount: Any) -> None:
    assert json.loads(write_document([amount]), parse_float=Decimal, parse_int=Decimal) == [amount]


@pytest.mark.parametrize("wrong", [0.1, Decimal("NaN"), Decimal("Infinity"), float("nan")])
def test_a_number_that_is_not_exact_is_never_written(wrong: Any) -> None:
    with pytest.raises(ValueError, match="finite Decimal"):
        write_document({"Line": [{"Amount": wrong}]})


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000, b'{"a":NaN}'])
def test_what_is_not_json_is_a_value_error(body: Any) -> None:
    with pytest.raises(ValueError):
        read_document(body)


async def test_records_by_ids_in_one_call_with_the_envelopes_time(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    def answer(request: Any) -> Any:
        statement = request.body.decode() or request.query["query"]
        ids = [one.strip("' ") for one in statement.split("(", 1)[1].split(")", 1)[0].split(",")]
        return how.says(rows(statement.split(" ")[3], [{"Id": one} for one in ids if one != "13"]))

    vendor.answers(answer)
    queries = to_quickbooks.client.queries
    few = await queries.by_ids(to_quickbooks.account, "Customer", ["1", "2", "13", "1"])
    assert vendor.requests[-1].query == {
        "query": "SELECT * FROM Customer WHERE Id IN ('1', '2', '13') AND Active IN (true,false) "
        "STARTPOSITION 1 MAXRESULTS 1000",
        "minorversion": "75",
    }
    assert few.time == THEN
    assert (set(few.value.records), few.value.missing) == ({"1", "2"}, {"13"})
    many = await queries.by_ids(to_quickbooks.account, "Invoice", [str(number) for number in range(1001)])
    assert len(many.value.records) == 1000
    posted = [one for one in vendor.requests if one.method == "POST"]
    assert posted[0].headers["content-type"] == "application/text"
    assert posted[0].body.startswith(b"SELECT * FROM Invoice WHERE Id IN (")
    assert b"Active" not in posted[0].body
    assert len(vendor.requests) == 3
    none = await queries.by_ids(to_quickbooks.account, "Invoice", [])
    assert (none.time, len(vendor.requests)) == (LONG_AGO, 3)


async def test_a_poisoned_row_is_isolated_by_halves(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    def answer(request: Any) -> Any:
        ids = request.query["query"].split("(", 1)[1].split(")", 1)[0].replace("'", "").split(", ")
        broken = fault("4002", "Error processing query", "QueryProcessingError: To email address entered is invalid")
        return how.says(broken, 400) if "5" in ids else how.says(rows("Invoice", [{"Id": one} for one in ids]))

    vendor.answers(answer)
    ids = [str(number) for number in range(20)]
    found = (await to_quickbooks.client.queries.by_ids(to_quickbooks.account, "Invoice", ids)).value
    assert set(found.records) == set(ids) - {"5"}
    assert found.unreadable["5"].code == "POISONED_ROW"
    assert found.missing == frozenset()


class Shelf:
    """Rows that a query sees by the order and the page it asks for, as an oracle for paging."""

    def __init__(self, how: Any, stamps: Any, poisoned: Any = ()) -> None:
        self.how = how
        self.all = [
            {"Id": str(number), "MetaData": {"LastUpdatedTime": stamp.isoformat()}}
            for number, stamp in enumerate(stamps)
        ]
        self.poisoned = set(poisoned)

    def __call__(self, request: Any) -> Any:
        statement = request.query["query"]
        words = statement.split()
        start, size = int(words[words.index("STARTPOSITION") + 1]), int(words[words.index("MAXRESULTS") + 1])
        since = statement.split(">= '")[1].split("'")[0] if ">=" in statement else "0001-01-01T00:00:00+00:00"
        known = [one for one in self.all if at(one) >= datetime.fromisoformat(since)]
        page = sorted(known, key=at)[start - 1 : start - 1 + size]
        if any(one["Id"] in self.poisoned for one in page):
            return self.how.says(fault("4002"), 400)
        return self.how.says(rows("Invoice", page))


def at(row: Any) -> Any:
    return datetime.fromisoformat(row["MetaData"]["LastUpdatedTime"])


@pytest.mark.parametrize(
    ("many", "apart", "poisoned"),
    [(0, 1, ()), (1000, 1, ()), (2500, 1, ()), (2500, 0, ()), (1500, 1, ("0", "999", "1000", "1499")), (1, 1, ("0",))],
)
async def test_pages_bring_every_row_once(
    to_quickbooks: Any, vendor: Any, how: Any, many: Any, apart: Any, poisoned: Any
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    vendor.answers(Shelf(how, [start + timedelta(seconds=number * apart) for number in range(many)], poisoned))
    seen = [
        row["Id"]
        async for page in to_quickbooks.client.queries.pages(to_quickbooks.account, Query("Invoice"))
        for row in page.value
    ]
    assert sorted(seen, key=int) == [str(number) for number in range(many) if str(number) not in poisoned]


async def test_rows_in_another_order_than_asked_are_not_paged_over(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    times = ["2026-01-02T00:00:00+00:00", "2026-01-01T00:00:00+00:00"]
    found = [{"Id": str(one), "MetaData": {"LastUpdatedTime": time}} for one, time in enumerate(times)]
    vendor.answers(how.says(rows("Invoice", found)))
    with pytest.raises(Transient) as wrong:
        _ = [page async for page in to_quickbooks.client.queries.pages(to_quickbooks.account, Query("Invoice"))]
    assert wrong.value.code == "VENDOR_ANSWER"


async def test_writes_say_their_operation(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    writes, account = to_quickbooks.client.writes, to_quickbooks.account
    vendor.answers(lambda request: how.says({request.path.split("/")[-1].title(): {"Id": "1"}, "time": TIME}))
    await writes.create(account, "Invoice", {"Line": [{"Amount": Decimal("10.50")}]}, "r1")
    await writes.update(account, "Invoice", {"Id": "1", "SyncToken": "0", "PrivateNote": "x"}, "r2")
    await writes.void(account, "Invoice", "1", "0", "r3")
    await writes.void(account, "Payment", "1", "0", "r4")
    await writes.delete(account, "Invoice", "1", "0", "r5")
    operations = [(one.path, one.query.get("operation"), one.query.get("include")) for one in vendor.requests]
    base = "/v3/company/9130350000000001/"
    assert operations == [
        (base + "invoice", None, None),
        (base + "invoice", None, None),
        (base + "invoice", "void", None),
        (base + "payment", "update", "void"),
        (base + "invoice", "delete", None),
    ]
    assert vendor.requests[0].body == b'{"Line":[{"Amount":10.50}]}'
    assert vendor.requests[1].document["sparse"] is True
    assert {one.query["requestid"] for one in vendor.requests} == {"r1", "r2", "r3", "r4", "r5"}
    assert {one[1] for one in to_quickbooks.budgets.taken} == {"write"}


async def test_a_request_id_that_is_too_long_is_refused_before_the_call(to_quickbooks: Any, vendor: Any) -> None:
    with pytest.raises(Permanent):
        await to_quickbooks.client.writes.create(to_quickbooks.account, "Invoice", {}, "x" * 51)
    assert vendor.requests == []


async def test_cdc_is_one_call_for_all_entities(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    stub = {"domain": "QBO", "status": "Deleted", "Id": "979", "MetaData": {"LastUpdatedTime": TIME}}
    blocks = [{"Customer": [{"Id": "1"}], "startPosition": 1, "maxResults": 1}, {"Invoice": [stub]}, {}]
    vendor.answers(how.says({"CDCResponse": [{"QueryResponse": blocks}], "time": TIME}))
    since = datetime(2026, 5, 5, 7, 30, tzinfo=UTC)
    changes = await to_quickbooks.client.changes(to_quickbooks.account, ["Customer", "Invoice", "Payment"], since)
    assert changes.value.count == 2
    assert not changes.value.truncated
    assert is_deleted(changes.value.by_entity["Invoice"][0])
    assert vendor.requests[0].query["changedSince"] == "2026-05-05T07:30:00+00:00"
    assert vendor.requests[0].query["entities"] == "Customer,Invoice,Payment"


async def test_company_preferences_rates_and_pdf(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    client, account = to_quickbooks.client, to_quickbooks.account
    company = {
        "CompanyName": "A",
        "Country": "US",
        "DefaultTimeZone": "America/Los_Angeles",
        "NameValue": [{"Name": "SubscriptionStatus", "Value": "EXPIRED"}],
    }
    preferences = {
        "SalesFormsPrefs": {"CustomTxnNumbers": True, "AllowDiscount": False, "DefaultTerms": {"value": "3"}},
        "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}, "MultiCurrencyEnabled": False},
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": True},
        "AccountingInfoPrefs": {"BookCloseDate": "2026-10-31"},
    }
    rate = b'{"SourceCurrencyCode":"EUR","TargetCurrencyCode":"GBP","Rate":0.8461,"AsOfDate":"2026-11-23"}'
    vendor.answers(
        how.says({"CompanyInfo": company, "time": TIME}),
        how.says({"Preferences": preferences, "time": TIME}),
        how.Reply(200, b'{"ExchangeRate":' + rate + b"}"),
        how.Reply(200, b"%PDF-1.4 x", {"Content-Type": "application/pdf"}),
        how.says(fault("610")),
    )
    info = (await client.company_info(account)).value
    assert (info.zone, info.subscription, info.writable) == ("America/Los_Angeles", "EXPIRED", False)
    switched = (await client.preferences(account)).value
    assert switched.custom_transaction_numbers
    assert (switched.partner_tax, switched.book_close_date, switched.default_terms) == (True, date(2026, 10, 31), "3")
    rated = await client.exchange_rate(account, "EUR", date(2026, 11, 23))
    assert (rated.value.rate, rated.time) == (Decimal("0.8461"), LONG_AGO)
    assert vendor.requests[-1].query["asofdate"] == "2026-11-23"
    assert await client.pdf(account, "12") == b"%PDF-1.4 x"
    assert vendor.requests[-1].headers["accept"] == "application/pdf"
    with pytest.raises(Permanent) as gone:
        await client.pdf(account, "12")
    assert gone.value.code == "GONE"


GATEWAY = {
    "warnings": None,
    "fault": {
        "error": [
            {"message": "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403", "detail": None}
        ],
        "type": "SERVICE",
    },
    "time": 1601391072830,
}
THROTTLE = b'<?xml version="1.0"?><IntuitResponse><Fault type="SERVICE"><Error code="3001"/></Fault></IntuitResponse>'
WRONG_CLUSTER = b'<Reply><Fault type="AUTHENTICATION"><Error code="130"><Message>m</Message></Error></Fault></Reply>'


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (403, GATEWAY, ReconnectNeeded, "RECONNECT_NEEDED"),
        (401, WRONG_CLUSTER, ReconnectNeeded, "RECONNECT_NEEDED"),
        (429, fault("003001"), Throttled, "VENDOR_THROTTLED"),
        (403, THROTTLE, Throttled, "VENDOR_THROTTLED"),
        (200, fault("3001"), Throttled, "VENDOR_THROTTLED"),
        (400, fault("610"), Permanent, "GONE"),
        (200, fault("610"), Permanent, "GONE"),
        (400, fault("5010"), Permanent, "STALE"),
        (400, fault("6140"), Refused, "DUPLICATE_NUMBER"),
        (400, fault("6190"), Paused, "SUBSCRIPTION_LAPSED"),
        (400, fault("6210"), Refused, "BOOKS_CLOSED"),
        (400, fault("6240"), Refused, "NAME_TAKEN"),
        (400, fault("2500"), Refused, "DANGLING_REFERENCE"),
        (400, fault("2010"), Refused, "VENDOR_REFUSED"),
        (400, fault("500"), Refused, "VENDOR_REFUSED"),
        (500, fault("10000", kind="SystemFault"), Transient, "VENDOR_UNAVAILABLE"),
        (200, fault("", kind="SystemFault"), Transient, "VENDOR_UNAVAILABLE"),
        (502, b"<html><h1>502 Bad Gateway</h1></html>", Transient, "VENDOR_UNAVAILABLE"),
        (200, b"<html>hello</html>", Transient, "VENDOR_ANSWER"),
        (200, {"CDCResponse": [{"Fault": fault("10000")["Fault"]}]}, Transient, "VENDOR_UNAVAILABLE"),
        (400, b"", Permanent, "VENDOR_REFUSED"),
        (400, {"Fault": {"Error": "strange"}}, Refused, "VENDOR_REFUSED"),
        (200, {"Customer": "strange"}, Transient, "VENDOR_ANSWER"),
    ],
)
async def test_how_quickbooks_says_no(
    to_quickbooks: Any, vendor: Any, how: Any, status: Any, body: Any, kind: Any, code: Any
) -> None:
    reply = how.Reply(status, body) if isinstance(body, bytes) else how.says(body, status)
    vendor.answers(reply)
    with pytest.raises(kind) as error:
        await to_quickbooks.client.read(to_quickbooks.account, "Customer", "1")
    assert error.value.code == code


async def test_a_throttled_company_is_held_back_for_its_minute(to_quickbooks: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says(fault("3001"), 429))
    with pytest.raises(Throttled) as throttled:
        await to_quickbooks.client.preferences(to_quickbooks.account)
    assert throttled.value.retry_after == 60
    assert to_quickbooks.budgets.held_back == [("read", 60.0)]
    assert len(vendor.requests) == 1
