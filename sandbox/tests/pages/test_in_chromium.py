"""The pages in Chromium: salesperson and bookkeeper go through their day. Skipped where no Chromium is installed."""

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

US = "9130350000000001"
BOOKS = f"/pages/quickbooks/{US}"
SALES = "/pages/hubspot/24000001"
APPLICATION = {"authorization": "Bearer pat-na1-sandbox-1"}


async def create_invoice(page: Page, quantity: str = "4", **fields: str) -> str:
    """Through the list's button and the form; answers the invoice's address."""
    await page.goto(f"{BOOKS}/invoices")
    await page.get_by_role("link", name="Create invoice").click()
    await page.get_by_label("Customer", exact=True).fill("Jane Doe")
    await page.get_by_label("E-mail").fill("jane@example.org")
    await page.get_by_label("Product or service of new line 1").fill("Consulting")
    await page.get_by_label("Quantity of new line 1").fill(quantity)
    for label, value in fields.items():
        await page.get_by_label(label).fill(value)
    await page.get_by_role("button", name="Create invoice").click()
    await expect(page.get_by_role("status")).to_contain_text("The invoice is created.")
    return page.url.split("?")[0]


async def stage_is(page: Page, words: str) -> None:
    await expect(page.locator("#stage .chip")).to_have_text(words)


async def test_the_salesperson_makes_a_deal_and_publishes_a_quote(window: Any) -> None:
    async with window.page() as page:
        await page.goto("/")
        await page.get_by_role("main").get_by_role("link", name="Larkspur Supply", exact=True).click()
        await page.get_by_role("link", name="Create deal").click()
        await page.get_by_label("Deal name").fill("Garden fence <script>")
        await page.get_by_label("Deal stage").select_option(label="Sales Pipeline: Qualified To Buy")
        await page.get_by_label("Close date").fill("2026-12-24")
        await page.get_by_label("Company").fill("Northwind Outfitters")
        await page.get_by_label("Contact").fill("sam.whitfield@northwind-outfitters.example")
        await page.get_by_role("button", name="Create deal").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Garden fence <script>")
        lines = page.get_by_role("form", name="Add line item")
        await lines.get_by_label("Product").fill("SVC-100")
        await lines.get_by_label("Quantity").fill("2")
        await lines.get_by_role("button").click()
        await lines.get_by_label("Name").fill("Posts")
        await lines.get_by_label("Unit price").fill("19.90")
        await lines.get_by_label("Quantity").fill("10")
        await lines.get_by_role("button").click()
        await expect(page.locator("#deal-figures")).to_contain_text("499.00 USD")
        await page.get_by_label("Quantity of Posts").fill("12")
        await page.get_by_role("button", name="Save Posts").click()
        await expect(page.locator("#deal-figures")).to_contain_text("538.80 USD")
        await page.get_by_label("Deal stage").select_option(label="Sales Pipeline: Contract Sent")
        await page.get_by_role("button", name="Move the deal").click()
        await expect(page.locator("#record-chip")).to_have_text("Contract Sent")
        await page.get_by_role("form", name="Create quote").get_by_role("button").click()
        await expect(page.locator("#record-chip")).to_have_text("Draft")
        await page.get_by_role("button", name="Publish quote").click()
        await expect(page.locator("#record-chip")).to_have_text("Published")
        await expect(page.get_by_text("locked", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Back to draft").click()
        await expect(page.locator("#record-chip")).to_have_text("Draft")


async def test_the_bookkeeper_sends_and_is_paid_in_parts(window: Any) -> None:
    async with window.page() as page:
        await create_invoice(page)
        await stage_is(page, "Waiting to be sent")
        await page.get_by_text("Send…").click()
        await page.get_by_role("button", name="Send the invoice").click()
        await stage_is(page, "Sent")
        await page.get_by_label("Amount received").fill("100")
        await page.get_by_role("button", name="Receive payment").click()
        await stage_is(page, "Partial payment")
        await expect(page.locator("#figures")).to_contain_text("100.00 USD")
        await page.get_by_role("button", name="Undo payment").click()
        await stage_is(page, "Sent")
        await page.get_by_role("button", name="Receive payment").click()
        await stage_is(page, "Paid")
        await expect(page.get_by_label("Amount received")).to_have_count(0)


async def test_the_bookkeeper_voids_deletes_and_edits(window: Any) -> None:
    async with window.page() as page:
        await create_invoice(page)
        await page.get_by_text("Void…").click()
        await page.get_by_role("button", name="Void the invoice").click()
        await stage_is(page, "Voided")
        gone = await create_invoice(page)
        await page.get_by_text("Delete…").click()
        await page.get_by_role("button", name="Delete the invoice").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Invoices")
        await page.goto(gone)
        await expect(page.get_by_role("main")).to_contain_text("It was deleted.")
        await create_invoice(page, quantity="1")
        await page.get_by_role("link", name="Edit", exact=True).click()
        await page.get_by_label("Quantity of Consulting").fill("3")
        await page.get_by_label("Due date").fill("2027-03-01")
        await page.get_by_label("Message to the customer").fill("As agreed.")
        await page.get_by_role("button", name="More lines").click()
        await expect(page.get_by_label("Quantity of Consulting")).to_have_value("3")
        await page.get_by_label("Product or service of new line 4").fill("Ergonomic Chair")
        await page.get_by_role("button", name="Save the invoice").click()
        await expect(page.get_by_role("status")).to_have_text("The changes are saved.")
        await expect(page.locator("#invoice-lines")).to_contain_text("Ergonomic Chair")
        await expect(page.locator("#figures")).to_contain_text("1 Mar 2027")
        await expect(page.locator("#invoice-details")).to_contain_text("As agreed.")


async def test_the_day_after_the_due_date_the_invoice_is_overdue(window: Any) -> None:
    async with window.page() as page:
        await create_invoice(page, **{"Due date": "2026-12-10"})
        await page.get_by_role("button", name="To the due date").click()
        await expect(page.get_by_role("status")).to_have_text("The clock was moved.")
        await stage_is(page, "Waiting to be sent")
        await page.get_by_role("button", name="To the day after").click()
        await stage_is(page, "Overdue")
        await expect(page.locator("#side-clock")).to_contain_text("11 Dec 2026")


async def test_a_refusal_stands_beside_its_form_and_what_was_entered_stays(window: Any) -> None:
    async with window.page() as page:
        await page.goto(f"{BOOKS}/preferences")
        await page.get_by_label("Books closed up to").fill("2026-11-30")
        await page.get_by_role("button", name="Save the settings").click()
        await page.goto(f"{BOOKS}/invoices/new")
        await page.get_by_label("Customer", exact=True).fill("Jane Doe")
        await page.get_by_label("Product or service of new line 1").fill("Consulting")
        await page.get_by_label("Private note").fill("Do not lose me")
        await page.get_by_role("button", name="Create invoice").click()
        await expect(page.get_by_role("alert")).to_contain_text("The account period has closed")
        await expect(page.get_by_role("alert")).to_be_focused()
        await expect(page.get_by_label("Private note")).to_have_value("Do not lose me")
        await expect(page.get_by_label("Product or service of new line 1")).to_have_value("Consulting")
        await page.goto(f"{BOOKS}/customers/new")
        await page.get_by_label("Display name").fill("jane doe")
        await page.get_by_role("button", name="Create customer").click()
        await expect(page.get_by_role("alert")).to_contain_text("already using this name")
        await expect(page.get_by_label("Display name")).to_have_value("jane doe")


async def test_a_customer_is_made_with_the_keyboard_alone(window: Any) -> None:
    async with window.page() as page:
        await page.goto(f"{BOOKS}/customers")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")
        await tab_to(page, "New customer")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/customers/new")
        await tab_to(page, "DisplayName")
        await page.keyboard.type("Keys & Co")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Keys & Co")
        await tab_to(page, "Make inactive…")
        await page.keyboard.press("Enter")
        await tab_to(page, "Make inactive")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text("It is made inactive.")


async def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has those words or that name has the focus, which must be seen."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        at = "const at = document.activeElement; "
        if await page.evaluate(f"() => {{ {at} return at.name || at.textContent.trim(); }}") == words:
            assert await page.evaluate(f"() => {{ {at} return getComputedStyle(at).outlineStyle; }}") != "none"
            return
    raise AssertionError(f"Tab does not reach {words}")


async def test_enter_in_a_field_saves_and_asks_for_no_more_lines(window: Any) -> None:
    async with window.page() as page:
        await page.goto(f"{BOOKS}/invoices/new")
        await page.get_by_label("Product or service of new line 1").fill("Consulting")
        await page.get_by_label("Customer", exact=True).fill("Jane Doe")
        await page.get_by_label("Customer", exact=True).press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("The invoice is created.")


async def test_everything_works_without_scripts(window: Any) -> None:
    async with window.page(java_script_enabled=False) as page:
        await create_invoice(page)
        await page.get_by_text("Send…").click()
        await page.get_by_role("button", name="Send the invoice").click()
        await page.get_by_role("button", name="Receive payment").click()
        await stage_is(page, "Paid")
        await page.get_by_role("button", name="Next day").click()
        await expect(page.locator("#side-clock")).to_contain_text("24 Nov 2026")
        await stage_is(page, "Paid")
        await page.goto(f"{SALES}/contacts/new")
        await page.get_by_label("First name").fill("Ada")
        await page.get_by_role("button", name="Create contact").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ada")


async def test_what_an_application_writes_is_seen_without_a_reload(window: Any) -> None:
    deal = next(iter(window.world.hubspot.accounts[24000001].live["0-3"].ids()))
    async with (
        window.page() as page,
        httpx.AsyncClient(base_url=window.world.addresses["hubspot"], headers=APPLICATION) as application,
    ):
        await page.goto(f"{SALES}/deals/{deal}")
        await page.get_by_label("New note").fill("being written")
        await application.patch(f"/crm/objects/2026-09/deals/{deal}", json={"properties": {"amount": "4711.00"}})
        await expect(page.locator("#deal-figures")).to_contain_text("4,711.00 USD")
        await expect(page.get_by_label("New note")).to_have_value("being written")
        await page.goto("/pages/journal")
        await expect(page.locator("#calls tbody tr")).to_have_count(1)
        await application.get("/crm/objects/2026-09/contacts/7")
        await expect(page.locator("#calls tbody tr").first).to_contain_text("/contacts/7")


async def test_the_pdf_is_a_link_that_opens(window: Any) -> None:
    async with window.page() as page:
        await page.goto(f"{BOOKS}/invoices/4")
        address = await page.get_by_role("link", name="PDF").get_attribute("href")
        answer = await page.request.get(address)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")


async def test_a_form_of_a_strange_page_is_not_taken(window: Any) -> None:
    """A page of another origin that sends a form to the sandbox, in a real browser."""
    before = window.world.clock.version
    async with window.page() as page:
        strange = window.world.addresses["hubspot"]
        form = (
            f'<form method="post" action="{window.base}/pages/clock"><button name="act" value="day">Win</button></form>'
        )
        await page.route(f"{strange}/**", lambda route: route.fulfill(body=form, content_type="text/html"))
        await page.goto(f"{strange}/win")
        await page.get_by_role("button").click()
        await expect(page.get_by_text("was not sent from the sandbox's own pages")).to_be_visible()
    assert window.world.clock.version == before
    window.complaints.clear()  # The strange page itself, and the refusal.


async def test_the_menu_is_folded_where_there_is_little_room(window: Any) -> None:
    async with window.page(viewport={"width": 360, "height": 740}) as page:
        await page.goto("/pages/")
        link = page.get_by_role("navigation", name="Sandbox").get_by_role("link", name="Journal")
        await expect(link).to_be_hidden()
        await page.get_by_text("Menu").click()
        await link.click()
        await page.wait_for_url(re.compile("/pages/journal$"))
