"""The catalogue over HTTP: lists that go on page by page."""

import asyncio
from typing import Any

import pytest
from drafts_hands import REALMS, Wizard
from invoice_service.catalogue import filling, store_company


async def all_pages(us: Wizard, kind: str, search: str = "") -> tuple[list[dict[str, Any]], int]:
    """Every record of a list, and how many pages it took."""
    address = f"/{kind}?connection={us.tenant.connections['us'].id}&search={search}"
    found, pages, after = [], 0, ""
    while after is not None:
        page = await us.get(f"{address}&after={after}" if after else address)
        found += page[kind]
        pages, after = pages + 1, page["after"]
    return found, pages


@pytest.mark.statement("S-18", "rule")
@pytest.mark.statement("S-22", "rule")
async def test_every_active_customer_is_on_exactly_one_page(us: Wizard) -> None:
    for at in range(60):
        body = {"DisplayName": f"Paged {at // 2} {'ab'[at % 2]}"}
        await us.sandbox.ask("POST", f"/people/bookkeeper/{REALMS['us']}/customer", body)
    await us.service.state.orders.catalogue.fill(us.tenant.connections["us"])
    found, pages = await all_pages(us, "customers")
    active = {one["Id"] for one in await us.sandbox.records("us", "customer") if one.get("Active", True)}
    assert sorted(one["customer_id"] for one in found) == sorted(active)
    assert pages == len(active) // 50 + 1 > 1
    names = [" ".join(one["name"].casefold().split()) for one in found]
    assert names == sorted(names)
    begins, pages = await all_pages(us, "customers", "paged")
    assert (len(begins), pages) == (60, 2)
    assert all(one["name"].startswith("Paged") for one in begins)


@pytest.mark.statement("S-25", "rule")
async def test_every_active_item_to_sell_is_on_exactly_one_page(us: Wizard) -> None:
    found, _pages = await all_pages(us, "items")
    sold = {"Service", "Inventory", "NonInventory"}
    held = await us.sandbox.records("us", "item")
    active = {one["Id"] for one in held if one.get("Active", True) and one["Type"] in sold}
    assert sorted(one["item_id"] for one in found) == sorted(active)


async def test_a_place_from_nowhere_is_refused(us: Wizard) -> None:
    connection = us.tenant.connections["us"].id
    status, problem = await us.refused("GET", f"/customers?connection={connection}&after=somewhere")
    assert (status, problem["code"], problem["field"]) == (422, "INVALID", "after")


async def note_filled(us: Wizard, request: int) -> None:
    connection = us.tenant.connections["us"]
    async with us.service.state.database.tenant(connection.tenant_id) as tx:
        await store_company.note_onboarded(tx, connection.id, request)


async def test_a_person_waits_until_the_catalogue_is_filled(us: Wizard) -> None:
    await note_filled(us, 0)
    asked = asyncio.create_task(us.get(f"/customers?connection={us.tenant.connections['us'].id}"))
    done, _waiting = await asyncio.wait({asked}, timeout=0.5)
    assert not done
    await note_filled(us, 1)
    assert (await asked)["customers"]


async def test_a_catalogue_that_takes_long_to_fill_is_said(us: Wizard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "FILLING_PATIENCE_SECONDS", 0.0)
    await note_filled(us, 0)
    answer = await us.ask("GET", f"/customers?connection={us.tenant.connections['us'].id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "CATALOGUE_FILLING")


async def test_a_catalogue_that_cannot_be_filled_says_why_at_once(us: Wizard) -> None:
    await note_filled(us, 0)
    accounts, connection = us.service.state.accounts, us.tenant.connections["us"]
    await accounts.note_state(connection.quickbooks, "reconnect_needed", "RECONNECT_NEEDED", {"cause": "revoked"})
    answer = await us.ask("GET", f"/customers?connection={connection.id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "RECONNECT_NEEDED")
