"""The life of a quote: draft, published and locked, reopened (hubspot.md 8)."""

from collections.abc import Mapping

from ledgerbridge_sandbox.hubspot.errors import invalid
from ledgerbridge_sandbox.hubspot.object_types import CONTACT, DEAL, DISCOUNT, FEE, LINE_ITEM, QUOTE_TEMPLATE, TAX
from ledgerbridge_sandbox.hubspot.writing import Writing

PUBLISHED = frozenset({"APPROVAL_NOT_NEEDED", "APPROVED", "ACCEPTED"})
UNLOCKING = frozenset({"DRAFT", "PENDING_APPROVAL", "REJECTED"})
_WANTED = {LINE_ITEM: "line item", DEAL: "deal", QUOTE_TEMPLATE: "quote template"}
_WANTED_CPQ = {LINE_ITEM: "line item", DEAL: "deal", CONTACT: "contact"}
_NOT_IN_CPQ = {DISCOUNT: "discounts", FEE: "fees", TAX: "taxes"}


def refuse_locked(writing: Writing) -> None:
    """
    A locked quote rejects an app's edits until its status goes back; the kind is chosen at creation.

    The words are guesses.
    """
    if writing.new:
        if not writing.settings["legacy_quotes"] and not _is_cpq(writing):
            raise invalid("Legacy quotes are not available in this account. Set hs_template_type to CPQ_QUOTE.")
        return
    if writing.changes("hs_template_type") and "CPQ_QUOTE" in {_kind(writing.before), _kind(writing.values)}:
        raise invalid("hs_template_type can only be set when the quote is created")
    locked = writing.before.get("hs_locked") == "true" and writing.values.get("hs_status") not in UNLOCKING
    if locked and writing.by_app:
        raise invalid(
            "Quote is locked and cannot be edited. Set hs_status to DRAFT, PENDING_APPROVAL or REJECTED first."
        )


def status_effects(writing: Writing) -> dict[str, str]:
    """
    What HubSpot sets: the deal's currency and owner, and with the status number, links and lock.

    Raises 400 for publishing without line item, deal and template (contact for CPQ quotes); the words are a guess.
    """
    found = _of_the_deal(writing)
    before, after = writing.before.get("hs_status", ""), writing.values.get("hs_status", "")
    if writing.new and _is_cpq(writing) and not after:
        after = found["hs_status"] = "DRAFT"
    if after == "ACCEPTED" and not _is_cpq(writing):
        raise invalid("Only CPQ quotes can be accepted")
    if after in PUBLISHED and writing.before.get("hs_locked") != "true":
        _refuse_unready(writing)
        return found | _stated(writing) | _published(writing)
    if before in PUBLISHED and after in UNLOCKING:
        return found | {"hs_locked": "false", "hs_quote_link": "", "hs_pdf_download_link": ""}
    return found | (_stated(writing) if after and before != after else {})


def _kind(values: Mapping[str, str]) -> str:
    return values.get("hs_template_type", "")


def _is_cpq(writing: Writing) -> bool:
    return _kind(writing.values) == "CPQ_QUOTE"


def _refuse_unready(writing: Writing) -> None:
    wanted = _WANTED_CPQ if _is_cpq(writing) else _WANTED
    missing = [name for type_id, name in wanted.items() if not writing.joined.get(type_id)]
    if missing:
        raise invalid(f"Quote cannot be published: it needs an associated {' and '.join(missing)}")
    unwanted = [name for type_id, name in _NOT_IN_CPQ.items() if writing.joined.get(type_id)]
    if unwanted and _is_cpq(writing):
        raise invalid(f"CPQ quotes have no {' and '.join(unwanted)}")


def _of_the_deal(writing: Writing) -> dict[str, str]:
    """The currency of the deal unless one is set, and its owner (hubspot.md 8: not writable on a quote)."""
    deals = writing.joined.get(DEAL) or ()
    records = [record for one in deals if (record := writing.account.live[DEAL].get(one))]
    deal: dict[str, str] = records[0]["p"] if records else {}
    found = {"hubspot_owner_id": deal["hubspot_owner_id"]} if deal.get("hubspot_owner_id") else {}
    if not writing.values.get("hs_currency"):
        found["hs_currency"] = deal.get("deal_currency_code", "")
    return {name: value for name, value in found.items() if value}


def _stated(writing: Writing) -> dict[str, str]:
    """Set by HubSpot when the status changes, where nobody has set it; the values are guesses but for their names."""
    values = writing.values
    return {
        "hs_quote_number": values.get("hs_quote_number")
        or f"{writing.now:%Y%m%d}-{int(writing.record_id) % 1_000_000_000:09d}",
        "hs_domain": values.get("hs_domain") or f"{writing.account.portal}.hs-sites.example",
        "hs_slug": values.get("hs_slug") or _key(writing),
        "hs_language": values.get("hs_language") or "en",
        "hs_locale": values.get("hs_locale") or "en-us",
        "hs_timezone": values.get("hs_timezone") or writing.account.zone.key,
        "hs_quote_total_preference": "total_first_payment",
    }


def _published(writing: Writing) -> dict[str, str]:
    address = f"https://app.hubspot.com/quotes/{writing.account.portal}/{_key(writing)}"
    return {
        "hs_locked": "true",
        "hs_public_url_key": _key(writing),
        "hs_quote_link": address,
        "hs_pdf_download_link": f"{address}.pdf",
    }


def _key(writing: Writing) -> str:
    return writing.values.get("hs_public_url_key") or f"{int(writing.record_id) * 2654435761 % 2**64:016x}"
