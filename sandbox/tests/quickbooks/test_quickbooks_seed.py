from datetime import date
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks.money import number_in
from ledgerbridge_sandbox.quickbooks.posting import applied_to
from ledgerbridge_sandbox.seed.cast import COMPANIES, PEOPLE


def everything(world: Any, entity: Any) -> Any:
    return [row for company in world.quickbooks.companies.values() for row in _rows(company, entity)]


def _rows(company: Any, entity: Any) -> Any:
    shelf = company.shelves[entity]
    return [shelf.get(identifier) for identifier in shelf.ids()]


def stage(row: Any, today: Any) -> Any:
    if not row["TotalAmt"] and str(row.get("PrivateNote") or "").startswith("Voided"):
        return "voided"
    if not row["Balance"]:
        return "paid"
    if row["DueDate"] < today:
        return "overdue"
    if row["Balance"] < row["TotalAmt"]:
        return "partial"
    return "sent" if row["EmailStatus"] == "EmailSent" else "waiting"


def test_the_cast_is_whole() -> None:
    assert (len(COMPANIES), len(PEOPLE)) == (40, 120)
    assert len({person.email for person in PEOPLE}) == 120


async def test_the_figures_of_the_seed(world: Any) -> None:
    assert len(everything(world, "Customer")) == 80
    assert len(everything(world, "Item")) == 60
    assert len(everything(world, "Invoice")) == 150


async def test_every_company_has_invoices_in_every_stage(world: Any) -> None:
    for company in world.quickbooks.companies.values():
        today = company.today().isoformat()
        stages = {stage(row, today) for row in _rows(company, "Invoice")}
        assert stages == {"voided", "paid", "overdue", "partial", "sent", "waiting"}, company.realm


async def test_the_books_hold(world: Any) -> None:
    for company in world.quickbooks.companies.values():
        owed = {}
        for row in _rows(company, "Invoice"):
            owed[row["CustomerRef"]["value"]] = owed.get(row["CustomerRef"]["value"], 0) + number_in(row, "Balance")
            sales = sum(line["Amount"] for line in row["Line"] if line["DetailType"] == "SalesItemLineDetail")
            less = sum(line["Amount"] for line in row["Line"] if line["DetailType"] == "DiscountLineDetail")
            assert sales - less + row["TxnTaxDetail"]["TotalTax"] == row["TotalAmt"]
            payments = [
                each
                for each in _rows(company, "Payment")
                if {"TxnId": each["Id"], "TxnType": "Payment"} in row["LinkedTxn"]
            ]
            links = [line for each in payments for line in each["Line"] if line["LinkedTxn"][0]["TxnId"] == row["Id"]]
            assert sum((number_in(line, "Amount") for line in links), Decimal(0)) == applied_to(row)
        for entity, field in (("CreditMemo", "Balance"), ("Payment", "UnappliedAmt")):
            for row in _rows(company, entity):
                owed[row["CustomerRef"]["value"]] -= number_in(row, field)
        for row in _rows(company, "Customer"):
            assert number_in(row, "Balance") == owed.get(row["Id"], 0), row["DisplayName"]


async def test_the_awkward_cases_are_there(world: Any) -> None:
    names = {row["DisplayName"] for row in everything(world, "Customer")}
    assert {"NORTHWIND OUTFITTERS", "O'Brien & Sons Roofing", "Łódzkie Papiernie Sp. z o.o."} <= names
    addresses = [
        row["PrimaryEmailAddr"]["Address"] for row in everything(world, "Customer") if "PrimaryEmailAddr" in row
    ]
    assert any(text.count("@") == 2 for text in addresses)
    assert len(set(addresses)) < len(addresses)
    assert any(row["FullyQualifiedName"].count(":") == 1 for row in everything(world, "Customer"))
    assert any(row["CurrencyRef"]["value"] == "EUR" for row in everything(world, "Invoice"))
    assert sum(not row["Active"] for row in everything(world, "Item")) == 3
    lines = [line for row in everything(world, "Invoice") for line in row["Line"] if "SalesItemLineDetail" in line]
    assert any(
        "." in str(line["SalesItemLineDetail"]["Qty"])
        and len(str(line["SalesItemLineDetail"]["Qty"]).split(".")[1]) == 3
        for line in lines
    )
    assert any(row["TotalAmt"] == 0 and "PrivateNote" not in row for row in everything(world, "Invoice"))
    assert any(len(row["Line"]) == 3 for row in everything(world, "Payment"))
    assert any(row["TotalAmt"] == 0 and len(row["Line"]) == 2 for row in everything(world, "Payment"))
    assert all(date.fromisoformat(row["TxnDate"]) for row in everything(world, "Invoice"))


async def test_a_snapshot_of_the_seed_is_the_same_every_time(world: Any) -> None:
    from ledgerbridge_sandbox.quickbooks.api import build
    from ledgerbridge_sandbox.world import World

    start = world.clock.now()
    bodies = []
    for _ in range(2):
        other = World(start)
        other.clock.move_to(start, frozen=True)
        build(other)
        bodies.append(everything(other, "Invoice"))
    assert bodies[0] == bodies[1]
