"""Quotes: the two kinds, publishing, the lock, what HubSpot sets, order-level amounts (hubspot.md 8)."""

from typing import Any

import pytest

CRM = "/crm/objects/2026-09"


async def a_quote(portal: Any, *without: str, **properties: Any) -> str:
    """A quote in draft, with deal, line item, template and contact but for those named in `without`."""
    ends: dict[str, tuple[int, str]] = {
        "deal": (64, await portal.deal(deal_currency_code="EUR", hubspot_owner_id="41629710")),
        "line": (67, await portal.line()),
        "template": (286, await template(portal)),
        "contact": (69, (await portal.make("contacts", firstname="C"))["id"]),
    }
    chosen = [end for name, end in ends.items() if name not in without]
    given = {"hs_title": "Q", "hs_expiration_date": "2026-12-31", "hs_status": "DRAFT", **properties}
    return (await portal.make("quotes", chosen, **given))["id"]


async def template(portal: Any) -> str:
    found = await portal.call("GET", f"{CRM}/quote_template", properties="hs_name,hs_active")
    assert found.json()["results"][0]["properties"]["hs_active"] == "true"
    return found.json()["results"][0]["id"]


async def test_a_quote_needs_title_and_expiration(portal: Any) -> None:
    refused = await portal.try_make("quotes", hs_status="DRAFT")
    assert refused.json()["context"] == {"properties": ["hs_title", "hs_expiration_date"]}
    bad = await portal.try_make("quotes", hs_title="Q", hs_expiration_date="2026-12-31", hs_status="OPEN")
    assert "INVALID_OPTION" in bad.text
    minimal = await portal.make("quotes", hs_title="Q", hs_expiration_date="2026-12-31")
    assert "hs_status" not in minimal["properties"]


@pytest.mark.parametrize("missing", ["deal", "line", "template"])
async def test_a_legacy_quote_is_published_whole(portal: Any, missing: str) -> None:
    quote = await a_quote(portal, missing)
    refused = await portal.change("quotes", quote, hs_status="APPROVAL_NOT_NEEDED")
    assert refused.status_code == 400
    assert missing in refused.json()["message"]
    assert (await portal.values("quotes", quote, "hs_locked"))["hs_locked"] is None


async def test_what_hubspot_sets_when_a_quote_is_published(portal: Any) -> None:
    quote = await a_quote(portal)
    published = await portal.changed("quotes", quote, hs_status="APPROVED")
    assert published["hs_locked"] == "true"
    names = (
        "hs_quote_amount,hs_quote_number,hs_currency,hs_domain,hs_slug,hs_language,hs_locale,hs_timezone,"
        "hs_quote_total_preference,hs_quote_link,hs_pdf_download_link,hs_public_url_key,hubspot_owner_id"
    )
    values = await portal.values("quotes", quote, names)
    assert (values["hs_quote_amount"], values["hs_currency"]) == ("20.00", "EUR")
    assert values["hubspot_owner_id"] == "41629710"
    assert values["hs_timezone"] == "America/New_York"
    assert all(values[name] for name in names.split(","))
    refused = await portal.change("quotes", quote, hubspot_owner_id="41629711", hs_status="DRAFT")
    assert refused.json()["errors"][0]["code"] == "READ_ONLY_VALUE"


@pytest.mark.parametrize("status", ["DRAFT", "PENDING_APPROVAL", "REJECTED"])
async def test_a_locked_quote_is_reopened_by_its_status(portal: Any, status: str) -> None:
    quote = await a_quote(portal)
    await portal.changed("quotes", quote, hs_status="APPROVAL_NOT_NEEDED")
    refused = await portal.change("quotes", quote, hs_title="New")
    assert "locked" in refused.json()["message"]
    await portal.changed("quotes", quote, hs_status=status)
    values = await portal.values("quotes", quote, "hs_locked,hs_quote_link,hs_pdf_download_link,hs_quote_number")
    assert (values["hs_locked"], values["hs_quote_link"], values["hs_pdf_download_link"]) == ("false", None, None)
    assert values["hs_quote_number"]
    assert (await portal.changed("quotes", quote, hs_title="New"))["hs_title"] == "New"


async def test_a_cpq_quote_wants_a_contact_and_no_adjustments(portal: Any) -> None:
    quote = await a_quote(portal, "template", "contact", hs_template_type="CPQ_QUOTE", hs_status="")
    assert (await portal.values("quotes", quote, "hs_status"))["hs_status"] == "DRAFT"
    refused = await portal.change("quotes", quote, hs_status="APPROVAL_NOT_NEEDED")
    assert "contact" in refused.json()["message"]
    await portal.join("quotes", quote, "contacts", (await portal.make("contacts", firstname="C"))["id"])
    fee = (await portal.make("fees", hs_label="Fee", hs_type="FIXED", hs_value="3"))["id"]
    await portal.join("quotes", quote, "fees", fee)
    assert "fees" in (await portal.change("quotes", quote, hs_status="APPROVED")).json()["message"]
    await portal.call("DELETE", f"{CRM}/fees/{fee}")
    kind = await portal.change("quotes", quote, hs_template_type="CUSTOMIZABLE_QUOTE_TEMPLATE")
    assert kind.status_code == 400
    assert (await portal.changed("quotes", quote, hs_status="ACCEPTED"))["hs_locked"] == "true"
    legacy = await a_quote(portal)
    assert "CPQ" in (await portal.change("quotes", legacy, hs_status="ACCEPTED")).json()["message"]


async def test_accounts_without_legacy_quotes(portal: Any) -> None:
    await portal.settings(legacy_quotes=False)
    given = {"hs_title": "Q", "hs_expiration_date": "2026-12-31"}
    assert (await portal.try_make("quotes", **given)).status_code == 400
    assert (await portal.try_make("quotes", **given, hs_template_type="CPQ_QUOTE")).status_code == 201


async def test_the_amount_follows_lines_and_adjustments(portal: Any) -> None:
    quote = await a_quote(portal)
    for kind, how, value in (("discounts", "FIXED", "5"), ("fees", "PERCENT", "10"), ("taxes", "PERCENT", "20")):
        made = await portal.make(kind, hs_label=kind, hs_type=how, hs_value=value)
        await portal.join("quotes", quote, kind, made["id"])
    # (20 - 5) + 10 % = 16.50, + 20 %
    assert (await portal.values("quotes", quote, "hs_quote_amount"))["hs_quote_amount"] == "19.80"
    another = await portal.line([(68, quote)], price="30", quantity="1")
    assert (await portal.values("quotes", quote, "hs_quote_amount"))["hs_quote_amount"] == "59.40"
    await portal.changed("line_items", another, quantity="0")
    assert (await portal.values("quotes", quote, "hs_quote_amount"))["hs_quote_amount"] == "19.80"


async def test_a_deleted_quote_takes_its_lines_even_from_a_deal(portal: Any) -> None:
    line = await portal.line()
    deal = await portal.deal()
    await portal.join("deals", deal, "line_items", line)
    quote = await a_quote(portal, "line")
    await portal.join("quotes", quote, "line_items", line)
    await portal.call("DELETE", f"{CRM}/quotes/{quote}")
    assert (await portal.call("GET", f"{CRM}/line_items/{line}")).status_code == 404


async def test_an_expired_quote_stays_published(portal: Any) -> None:
    quote = await a_quote(portal)
    published = await portal.person("POST", f"quotes/{quote}/publish")
    assert published.json()["properties"]["hs_status"] == "APPROVAL_NOT_NEEDED"
    expired = await portal.person("POST", f"quotes/{quote}/expire")
    assert expired.json()["properties"]["hs_expiration_date"] == "2026-11-22"
    assert expired.json()["properties"]["hs_status"] == "APPROVAL_NOT_NEEDED"
