"""Which HubSpot quotes can become invoices (S-20; hubspot.md 8, Quotes)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ledgerbridge.errors import Refused

from invoice_service.quickbooks_values import instant

PUBLISHED = frozenset({"APPROVAL_NOT_NEEDED", "APPROVED", "ACCEPTED"})


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote as far as publishing and expiry go. `settled_at`: when it was accepted, signed or paid, if known."""

    hubspot_id: str
    title: str
    status: str
    expires_on: date | None
    accepted: bool
    settled_at: datetime | None


def read_quote(hubspot_id: str, properties: Mapping[str, str | None]) -> Quote:
    """Read a quote's properties. Guess: a legacy quote is signed when it has an `hs_esign_date`."""
    times = [_moment(properties.get(name)) for name in ("hs_esign_date", "hs_payment_date")]
    signed = bool(properties.get("hs_esign_date"))
    return Quote(
        hubspot_id=hubspot_id,
        title=properties.get("hs_title") or hubspot_id,
        status=properties.get("hs_status") or "",
        expires_on=_date(properties.get("hs_expiration_date")),
        accepted=properties.get("hs_status") == "ACCEPTED" or properties.get("hs_payment_status") == "PAID" or signed,
        settled_at=min((moment for moment in times if moment), default=None),
    )


def _date(value: str | None) -> date | None:
    """HubSpot gives a date, or milliseconds or a time of midnight UTC in older accounts; the day counts in each."""
    if not value:
        return None
    moment = _moment(value)
    try:
        return moment.date() if moment else date.fromisoformat(value[:10])
    except ValueError:
        return None


def _moment(value: str | None) -> datetime | None:
    if not (value and value.isdecimal()):
        return instant(value)
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def check_quote(quote: Quote, *, today: date, zone: str, published: Collection[str] = PUBLISHED) -> None:
    """Refuse a quote that is not published (QUOTE_NOT_PUBLISHED) or expired (QUOTE_EXPIRED).

    `today` and `zone` are HubSpot's. A quote lasts to the end of its date, and for ever where it was accepted, signed
    or paid by then; where HubSpot does not say when that was, it counts as in time.
    """
    if quote.status not in published:
        raise Refused("QUOTE_NOT_PUBLISHED", field="quote_id", quote=quote.title, status=quote.status or "not set")
    if quote.expires_on is None or today <= quote.expires_on or _settled_in_time(quote, zone):
        return
    raise Refused("QUOTE_EXPIRED", field="quote_id", quote=quote.title, date=quote.expires_on.isoformat())


def _settled_in_time(quote: Quote, zone: str) -> bool:
    if quote.settled_at is None or quote.expires_on is None:
        return quote.accepted
    return quote.accepted and quote.settled_at.astimezone(ZoneInfo(zone)).date() <= quote.expires_on
