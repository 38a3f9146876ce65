"""Every page before a judge of accessibility, light and dark, and at 320 pixels. Skipped without Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

US, UK, LEGACY = "9130350000000001", "9130350000000002", "9130350000000003"


def addresses(world: Any) -> Iterator[str]:
    """Every page, with records that have much to show."""
    yield from ("/pages/", "/pages/journal", "/pages/clock", "/pages/nothing")
    books = f"/pages/quickbooks/{US}"
    company = world.quickbooks.companies[US]
    for part in ("invoices", "customers", "items", "creditmemos"):
        yield f"{books}/{part}"
        yield f"{books}/{part}/new"
    yield from (f"{books}/payments", f"{books}/preferences", f"/pages/quickbooks/{UK}/invoices/new")
    yield f"/pages/quickbooks/{LEGACY}/invoices/new"
    invoice = next(each for each in company.shelves["Invoice"].ids() if company.get("Invoice", each)["LinkedTxn"])
    yield from (f"{books}/invoices/{invoice}", f"{books}/invoices/{invoice}/edit", f"{books}/invoices?q=nothing+fits")
    for entity in ("Customer", "Item", "Payment", "CreditMemo"):
        yield f"{books}/{entity.lower()}s/{next(iter(company.shelves[entity].ids()))}"
    account, sales = world.hubspot.accounts[24000001], "/pages/hubspot/24000001"
    for kind, type_id in {"deals": "0-3", "contacts": "0-1", "companies": "0-2", "products": "0-7"}.items():
        yield from (
            f"{sales}/{kind}",
            f"{sales}/{kind}/new",
            f"{sales}/{kind}/{next(iter(account.live[type_id].ids()))}",
        )
    yield from (f"{sales}/quotes", f"{sales}/quotes/{next(iter(account.live['0-14'].ids()))}", f"{sales}/invoices")


@pytest.mark.parametrize(
    ("scheme", "rules"),
    [("light", None), ("dark", {"runOnly": ["color-contrast"]})],
    ids=["light", "dark"],
)
async def test_axe_finds_nothing(window: Any, scheme: str, rules: dict[str, Any] | None) -> None:
    found = {}
    async with window.page(color_scheme=scheme) as page:
        for address in addresses(window.world):
            await page.goto(address)
            results = await Axe().run(page, options=rules)
            for violation in results.response["violations"]:
                nodes = [node["html"][:160] for node in violation["nodes"]][:3]
                found[address, violation["id"]] = (violation["help"], nodes)
    assert found == {}


async def test_axe_finds_nothing_in_a_refusal(window: Any) -> None:
    async with window.page() as page:
        await page.goto(f"/pages/quickbooks/{US}/customers/new")
        await page.get_by_role("button", name="Create customer").click()
        await page.get_by_role("alert").wait_for()
        assert (await Axe().run(page)).violations_count == 0
        await page.goto(f"/pages/quickbooks/{US}/invoices/4")
        await page.get_by_text("Void…").click()
        assert (await Axe().run(page)).violations_count == 0


@pytest.mark.parametrize("width", [320, 768, 1440])
async def test_no_page_scrolls_sideways(window: Any, width: int) -> None:
    wide = {}
    async with window.page(viewport={"width": width, "height": 800}) as page:
        for address in addresses(window.world):
            await page.goto(address)
            over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                wide[address] = over
    assert wide == {}
