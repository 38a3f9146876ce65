"""The life of a quote: draft, published and locked, expired (hubspot.md 8)."""

from collections.abc import Collection
from datetime import datetime

from ledgerbridge_sandbox.hubspot.errors import invalid
from ledgerbridge_sandbox.hubspot.object_types import CONTACT, DEAL, LINE_ITEM, QUOTE_TEMPLATE

PUBLISHED = frozenset({"APPROVAL_NOT_NEEDED", "APPROVED", "ACCEPTED"})
UNLOCKING = frozenset({"DRAFT", "PENDING_APPROVAL", "REJECTED"})
_WANTED = {LINE_ITEM: "line item", DEAL: "deal", QUOTE_TEMPLATE: "quote template"}
_WANTED_CPQ = {LINE_ITEM: "line item", DEAL: "deal", CONTACT: "contact"}


def refuse_locked(present: dict[str, str], changes: dict[str, str]) -> None:
    """A locked quote rejects edits until its status goes back; the words are a guess."""
    if present.get("hs_locked") == "true" and changes.get("hs_status") not in UNLOCKING:
        raise invalid(
            "Quote is locked and cannot be edited. Set hs_status to DRAFT, PENDING_APPROVAL or REJECTED first."
        )


def status_effects(
    quote_id: str,
    portal: int,
    present: dict[str, str],
    values: dict[str, str],
    *,
    joined: Collection[str],
    now: datetime,
) -> dict[str, str]:
    """
    What HubSpot sets when the status changes; `joined` are the object types that the quote is associated with.

    Raises 400 for publishing without line item, deal and template (contact for CPQ quotes); the words are a guess.
    """
    before, after = present.get("hs_status", ""), values.get("hs_status", "")
    if after in PUBLISHED and present.get("hs_locked") != "true":
        wanted = _WANTED_CPQ if values.get("hs_template_type") == "CPQ_QUOTE" else _WANTED
        missing = [name for type_id, name in wanted.items() if type_id not in joined]
        if missing:
            raise invalid(f"Quote cannot be published: it needs an associated {' and '.join(missing)}")
        return _published(quote_id, portal, values, now)
    if before in PUBLISHED and after in UNLOCKING:
        return {"hs_locked": "false", "hs_quote_link": "", "hs_pdf_download_link": ""}
    return {}


def _published(quote_id: str, portal: int, values: dict[str, str], now: datetime) -> dict[str, str]:
    key = values.get("hs_public_url_key") or f"{int(quote_id) * 2654435761 % 2**64:016x}"
    address = f"https://app.hubspot.com/quotes/{portal}/{key}"
    return {
        "hs_locked": "true",
        "hs_public_url_key": key,
        "hs_quote_number": values.get("hs_quote_number") or f"{now:%Y%m%d}-{int(quote_id) % 1_000_000_000:09d}",
        "hs_quote_link": address,
        "hs_pdf_download_link": f"{address}.pdf",
    }
