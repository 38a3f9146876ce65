"""The ledger's accounts are mirrored like all reference data: filled when connecting, read again after a notice."""

import uuid
from typing import Any

import pytest

from .conftest import AUTOMATED, House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def listed(house: House) -> dict[str, dict[str, Any]]:
    params = {"connection": house.connections[AUTOMATED].id}
    answer = await house.http.get("/accounts", params=params, headers=await house.token())
    assert answer.status_code == 200, answer.text
    return {one["account_id"]: one for one in answer.json()["accounts"]}


async def held(house: House) -> list[dict[str, Any]]:
    """What QuickBooks really holds."""
    found = (await house.control.get(f"/quickbooks/{AUTOMATED}/account")).json()
    return found if isinstance(found, list) else list(next(iter(found.values())))


async def test_accounts_are_filled_when_connecting_and_read_again_after_a_notice(house: House) -> None:
    before = await listed(house)
    assert before.keys() == {one["Id"] for one in await held(house) if one.get("Active", True)}
    assert {one["AccountType"] for one in await held(house)} >= {one["kind"] for one in before.values()}
    name = f"Sales {uuid.uuid4().hex[:6]}"
    desk = f"/people/bookkeeper/{AUTOMATED}/account"
    made = (await house.control.post(desk, json={"Name": name, "AccountType": "Income"})).json()
    assert await listed(house) == before  # nobody told of it
    await house.notice("account", made["Id"], AUTOMATED)
    await house.heard_all()
    assert (await listed(house))[made["Id"]]["name"] == name
    retired = {"Id": made["Id"], "SyncToken": made["SyncToken"], "Name": name, "Active": False, "sparse": True}
    assert (await house.control.post(desk, json=retired)).is_success
    await house.notice("account", made["Id"], AUTOMATED)
    await house.heard_all()
    assert await listed(house) == before
    (await house.control.delete("/journal")).raise_for_status()
    await listed(house)
    assert (await house.control.get("/journal")).json() == []  # what is not stale is not read
