"""Things in stock: what is sold leaves it, what is credited comes back (quickbooks.md 9)."""

from decimal import Decimal
from typing import Any

import pytest

STOCKED = {
    "Name": "Garden Hose",
    "Type": "Inventory",
    "IncomeAccountRef": {"value": "79"},
    "ExpenseAccountRef": {"value": "80"},
    "AssetAccountRef": {"value": "81"},
    "TrackQtyOnHand": True,
    "QtyOnHand": 10,
    "InvStartDate": "2026-01-01",
    "UnitPrice": 4,
}


async def stocked(company: Any, **fields: Any) -> Any:
    return await company.write("Item", {**STOCKED, **fields})


def sold(item: Any, pieces: Any) -> Any:
    detail = {"ItemRef": {"value": item["Id"]}, "Qty": Decimal(pieces), "UnitPrice": 4, "TaxCodeRef": {"value": "NON"}}
    return {"Amount": Decimal(pieces) * 4, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def form(*lines: Any, **fields: Any) -> Any:
    return {"CustomerRef": {"value": "1"}, "Line": list(lines), **fields}


async def on_hand(company: Any, item: Any) -> Any:
    return (await company.read("Item", item["Id"]))["QtyOnHand"]


@pytest.mark.parametrize(
    ("entity", "left"),
    [("Invoice", 7), ("SalesReceipt", 7), ("CreditMemo", 13), ("RefundReceipt", 13), ("Estimate", 10)],
)
async def test_forms_take_out_of_the_stock_and_bring_back(automated: Any, entity: str, left: int) -> None:
    item = await stocked(automated)
    account = {"DepositToAccountRef": {"value": "35"}} if entity == "RefundReceipt" else {}
    made = await automated.write(entity, form(sold(item, 3), **account))
    assert await on_hand(automated, item) == left
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    await automated.write(entity, {**key, "PrivateNote": "x"})
    assert await on_hand(automated, item) == left
    changed = await automated.write(entity, {**key, "SyncToken": "1", "Line": [sold(item, "1.5")]})
    assert await on_hand(automated, item) == 10 + Decimal(left - 10) / 2
    await automated.write(entity, {"Id": made["Id"], "SyncToken": changed["SyncToken"]}, operation="delete")
    assert await on_hand(automated, item) == 10


@pytest.mark.parametrize("entity", ["Invoice", "SalesReceipt"])
async def test_a_void_brings_everything_back_once(automated: Any, entity: str) -> None:
    item = await stocked(automated)
    made = await automated.write(entity, form(sold(item, 3)))
    voided = await automated.write(entity, {"Id": made["Id"], "SyncToken": "0"}, operation="void")
    assert await on_hand(automated, item) == 10
    await automated.write(entity, {"Id": made["Id"], "SyncToken": voided["SyncToken"]}, operation="delete")
    assert await on_hand(automated, item) == 10


async def test_parts_of_bundles_leave_the_stock(automated: Any) -> None:
    item = await stocked(automated)
    part = {"ItemRef": {"value": item["Id"]}, "Qty": 2}
    bundle = await automated.desk("item/bundle", {"Name": "Kit", "ItemGroupDetail": {"ItemGroupLine": [part]}})
    detail = {"GroupItemRef": {"value": bundle["Id"]}, "Quantity": 3}
    await automated.write("Invoice", form({"DetailType": "GroupLineDetail", "GroupLineDetail": detail}))
    assert await on_hand(automated, item) == 4


async def test_the_time_of_the_item_moves_and_its_token_does_not(automated: Any) -> None:
    item = await stocked(automated)
    service = (await automated.item())["value"]
    before = await automated.read("Item", service)
    automated.world.clock.advance(60)
    await automated.write("Invoice", form(sold(item, 1), sold({"Id": service}, 1)))
    after = await automated.read("Item", item["Id"])
    assert after["SyncToken"] == item["SyncToken"]
    assert after["MetaData"]["LastUpdatedTime"] > item["MetaData"]["LastUpdatedTime"]
    assert await automated.read("Item", service) == before


async def test_nothing_is_sold_from_before_the_stock_was_counted(automated: Any) -> None:
    item = await stocked(automated, InvStartDate="2026-06-01")
    error = await automated.refused("Invoice", form(sold(item, 1), TxnDate="2026-05-31"))
    assert (error["code"], error["Message"]) == (
        "6270",
        "Transaction date is prior to start date for inventory item",
    )
    await automated.write("Invoice", form(sold(item, 1), TxnDate="2026-06-01"))
    await automated.write("Estimate", form(sold(item, 1), TxnDate="2026-05-31"))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"QtyOnHand": None}, "2020"),
        ({"QtyOnHand": "many"}, "2080"),
        ({"InvStartDate": None}, "2020"),
        ({"InvStartDate": "soon"}, "2170"),
        ({"AssetAccountRef": None}, "2020"),
        ({"ExpenseAccountRef": {"value": "999"}}, "2500"),
    ],
)
async def test_refused_stock(automated: Any, fields: Any, code: str) -> None:
    assert (await automated.refused("Item", {**STOCKED, **fields}))["code"] == code
