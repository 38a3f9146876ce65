"""A generated company: the same by seed, its books add up, and its records are those that the API makes."""

import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from ledgerbridge_sandbox.app import Ports, opened
from ledgerbridge_sandbox.generate.generating import ACCESS, HUBSPOT_TOKEN, PORTAL, REALM, generate
from ledgerbridge_sandbox.world import World

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
SIZE = {"customers": 60, "invoices": 400, "seed": 11, "start": START}
_read = msgspec.json.Decoder(float_hook=Decimal).decode
_write = msgspec.json.Encoder(decimal_format="number").encode
OWN = {"Id", "SyncToken", "MetaData", "DocNumber", "time"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("generated") / "company.snapshot"
    generate(found, **SIZE)
    return found


@pytest.fixture
async def large(path: Path) -> AsyncIterator[World]:
    async with opened(Ports(0, 0, 0), snapshot=path) as world:
        for limits in world.limits.values():
            limits.turn({"on": False})
        yield world


@pytest.fixture
async def company(large: World) -> AsyncIterator[httpx.AsyncClient]:
    url = f"{large.addresses['quickbooks']}/v3/company/{REALM}"
    async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {ACCESS}"}, timeout=30) as client:
        yield client


async def rows(company: httpx.AsyncClient, entity: str) -> list[dict[str, Any]]:
    statement = f"select * from {entity} orderby MetaData.CreateTime maxresults 1000"  # noqa: S608
    return _read((await company.get("/query", params={"query": statement})).content)["QueryResponse"][entity]


async def made(company: httpx.AsyncClient, entity: str, given: Any, **more: str) -> dict[str, Any]:
    answer = await company.post(f"/{entity.lower()}", content=_write(given), params=more)
    assert answer.status_code == 200, answer.text
    return _read(answer.content)[entity]


def shape(value: Any) -> Any:
    """Names, order and kinds of values, but not the values."""
    if isinstance(value, dict):
        return [(name, shape(each)) for name, each in value.items()]
    if isinstance(value, list):
        return [shape(each) for each in value]
    return "number" if isinstance(value, int | Decimal) and not isinstance(value, bool) else type(value).__name__


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The same names in the same order; the same values but for ids, numbers and times."""
    assert shape(one) == shape(other)
    assert {name: each for name, each in one.items() if name not in OWN} == {
        name: each for name, each in other.items() if name not in OWN
    }


def test_the_same_seed_makes_the_same_file_and_another_one_another(path: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ledgerbridge_sandbox", "generate", "--customers", "60", "--invoices", "400"]
    command += ["--start", START.isoformat(), "--seed"]
    for seed in ("11", "12"):
        subprocess.run([*command, seed, "--out", str(tmp_path / seed)], check=True, timeout=120)
    assert (tmp_path / "11").read_bytes() == path.read_bytes()
    assert (tmp_path / "12").read_bytes() != path.read_bytes()


def test_a_size_that_cannot_be_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ledgerbridge_sandbox", "generate", "--customers", "0", "--invoices", "1"]
    ended = subprocess.run(
        [*command, "--out", str(tmp_path / "none")], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert "There must be a customer" in ended.stderr
    assert list(tmp_path.iterdir()) == []


async def test_the_books_add_up(company: httpx.AsyncClient) -> None:
    invoices, payments, customers = [await rows(company, name) for name in ("Invoice", "Payment", "Customer")]
    assert (len(invoices), len(customers)) == (400, 60)
    applied: Counter[str] = Counter()
    for payment in payments:
        for line in payment["Line"]:
            applied[line["LinkedTxn"][0]["TxnId"]] += line["Amount"]
        assert payment["TotalAmt"] == sum(line["Amount"] for line in payment["Line"]) + payment["UnappliedAmt"]
    open_of: Counter[str] = Counter()
    for invoice in invoices:
        lines = sum(line["Amount"] for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail")
        assert invoice["TotalAmt"] == lines + invoice["TxnTaxDetail"]["TotalTax"]
        assert invoice["Balance"] == invoice["TotalAmt"] - applied[invoice["Id"]]
        assert {link["TxnId"] for link in invoice["LinkedTxn"]} <= {payment["Id"] for payment in payments}
        open_of[invoice["CustomerRef"]["value"]] += invoice["Balance"]
    assert {each["Id"]: each["Balance"] for each in customers} == {
        each["Id"]: open_of[each["Id"]] for each in customers
    }
    numbers = [int(invoice["DocNumber"]) for invoice in invoices]
    assert sorted(numbers) == list(range(1001, 1401))
    assert len({each["Id"] for each in (*invoices, *payments)}) == len(invoices) + len(payments)
    told = [each["MetaData"] for each in (*invoices, *payments, *customers)]
    assert all(meta["CreateTime"] <= meta["LastUpdatedTime"] < "2026-11-23T02:00:01" for meta in told)


async def test_the_stages_are_believable_and_spread_over_two_years(company: httpx.AsyncClient) -> None:
    invoices = await rows(company, "Invoice")
    stages = Counter(
        "void" if not each["TotalAmt"] else "paid" if not each["Balance"] else "sent" if sent(each) else "unsent"
        for each in invoices
    )
    assert stages["paid"] > 200 > stages["sent"] > 10
    assert min(stages["void"], stages["unsent"]) > 0
    assert len({each["TxnDate"][:7] for each in invoices}) > 20
    assert any(0 < each["Balance"] < each["TotalAmt"] for each in invoices)
    assert any(each["TxnTaxDetail"]["TotalTax"] for each in invoices)


def sent(invoice: dict[str, Any]) -> bool:
    return invoice["EmailStatus"] == "EmailSent"


async def test_a_generated_customer_is_as_the_api_makes_it(company: httpx.AsyncClient) -> None:
    for customer in (await rows(company, "Customer"))[:20]:
        kept = {"Balance", "BalanceWithJobs", "BillAddr", "ShipAddr"}
        names = {"DisplayName", "Taxable", "CompanyName", "GivenName", "FamilyName", "PrimaryPhone", "PrimaryEmailAddr"}
        given = {name: customer[name] for name in customer if name in names}
        address = {name: value for name, value in customer["BillAddr"].items() if name != "Id"}
        given |= {"DisplayName": customer["DisplayName"] + " again", "BillAddr": address, "ShipAddr": address}
        again = await made(company, "Customer", given)
        assert shape(again) == shape(customer)
        named = {name: str(value).replace(" again", "") for name, value in again.items() if name not in kept | OWN}
        assert named == {name: str(value) for name, value in customer.items() if name not in kept | OWN}


async def test_a_generated_invoice_is_as_the_api_makes_it(company: httpx.AsyncClient) -> None:
    seen: Counter[str] = Counter()
    payments = {each["Id"]: each for each in await rows(company, "Payment")}
    for invoice in await rows(company, "Invoice"):
        story = f"{invoice['EmailStatus']} {bool(invoice['LinkedTxn'])} {not invoice['TotalAmt']}"
        seen[story] += 1
        if seen[story] > 8 or not invoice["TotalAmt"]:
            continue
        again = await repeated(company, invoice)
        if "DeliveryInfo" in invoice:
            answer = await company.post(f"/invoice/{again['Id']}/send")
            again = _read(answer.content)["Invoice"]
            again["DeliveryInfo"] = invoice["DeliveryInfo"]
        for link in invoice["LinkedTxn"]:
            again = await paid(company, payments[link["TxnId"]], again)
            again["LinkedTxn"] = invoice["LinkedTxn"]
            again["DeliveryInfo"] = invoice.get("DeliveryInfo", {})
        again = {name: each for name, each in again.items() if name in invoice}
        same(invoice, again)
        assert again["SyncToken"] == invoice["SyncToken"]
    assert len(seen) >= 4


async def repeated(company: httpx.AsyncClient, invoice: dict[str, Any]) -> dict[str, Any]:
    """The same invoice, asked of the API."""
    lines = [
        {name: each for name, each in line.items() if name not in {"Id", "LineNum"}}
        for line in invoice["Line"]
        if "Id" in line
    ]
    given = {"CustomerRef": {"value": invoice["CustomerRef"]["value"]}, "Line": lines, "EmailStatus": "NotSet"}
    given |= {name: invoice[name] for name in ("BillEmail", "TxnDate") if name in invoice}
    return await made(company, "Invoice", given)


async def paid(company: httpx.AsyncClient, payment: dict[str, Any], invoice: dict[str, Any]) -> dict[str, Any]:
    """The same payment of the other invoice; answers that."""
    line = {"Amount": payment["TotalAmt"], "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    given = {name: payment[name] for name in ("CustomerRef", "TotalAmt", "CurrencyRef", "TxnDate")}
    again = await made(company, "Payment", {**given, "Line": [line]})
    assert sorted(map(str, shape(again))) == sorted(map(str, shape(payment)))
    return _read((await company.get(f"/invoice/{invoice['Id']}")).content)["Invoice"]


async def test_a_voided_invoice_is_as_the_api_voids_it(company: httpx.AsyncClient) -> None:
    invoices = await rows(company, "Invoice")
    voided = next(each for each in invoices if each.get("PrivateNote") == "Voided")
    left = next(each for each in invoices if shape(each["Line"]) == shape(voided["Line"]) and each["TotalAmt"])
    again = await repeated(company, {**voided, "Line": left["Line"]})
    again = await made(company, "Invoice", {"Id": again["Id"], "SyncToken": "0"}, operation="void")
    assert sorted(map(str, shape(again))) == sorted(map(str, shape(voided)))
    assert again["SyncToken"] == voided["SyncToken"]


async def test_the_company_goes_on_where_it_was_left(company: httpx.AsyncClient) -> None:
    invoice = (await rows(company, "Invoice"))[0]
    again = await repeated(company, invoice)
    assert again["DocNumber"] == "1401"
    taken = {each["Id"] for name in ("Invoice", "Payment") for each in await rows(company, name)}
    assert int(again["Id"]) == max(map(int, taken))
    found = await company.get("/query", params={"query": "select * from Invoice where DocNumber = '1401'"})
    assert [each["Id"] for each in found.json()["QueryResponse"]["Invoice"]] == [again["Id"]]


async def test_the_account_mirrors_the_company(large: World, company: httpx.AsyncClient) -> None:
    headers = {"authorization": f"Bearer {HUBSPOT_TOKEN}"}
    async with httpx.AsyncClient(base_url=large.addresses["hubspot"], headers=headers) as hubspot:
        info = (await hubspot.get("/account-info/v3/details")).json()
        assert info["portalId"] == PORTAL
        contacts = (await hubspot.get("/crm/v3/objects/contacts", params={"limit": 100})).json()["results"]
        deals = (await hubspot.post("/crm/v3/objects/deals/search", json={"limit": 100})).json()
        customers = await rows(company, "Customer")
        assert len(contacts) == len(customers)
        assert {each["properties"]["email"] for each in contacts if each["properties"]["email"]} == {
            each["PrimaryEmailAddr"]["Address"] for each in customers if "PrimaryEmailAddr" in each
        }
        assert deals["total"] == len(customers) // 4
        asked = {"associations": "contacts,line_items", "properties": "amount,dealstage"}
        shown = (await hubspot.get(f"/crm/v3/objects/deals/{deals['results'][0]['id']}", params=asked)).json()
        assert Decimal(shown["properties"]["amount"]) > 0
        assert set(shown["associations"]) == {"contacts", "line items"}
