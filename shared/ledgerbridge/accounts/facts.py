"""What an account's facts hold, in our words; they are stored as jsonb and read by every service."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from ledgerbridge.vendors.hubspot.models import AccountDetails
from ledgerbridge.vendors.quickbooks.answers import CompanyInfo, Preferences


def hubspot_facts(details: AccountDetails) -> dict[str, Any]:
    """zone, currency, additional_currencies, ui_domain, account_type (hubspot.md 14)."""
    return {
        "zone": known_zone(details.time_zone),
        "currency": details.company_currency,
        "additional_currencies": list(details.additional_currencies),
        "ui_domain": details.ui_domain,
        "account_type": details.account_type,
    }


def quickbooks_facts(company: CompanyInfo, preferences: Preferences) -> dict[str, Any]:
    """Name, country, zone (None where QuickBooks tells none), subscription and preferences (quickbooks.md 9)."""
    closed = preferences.book_close_date
    return {
        "name": company.name,
        "legal_name": company.legal_name,
        "country": company.country,
        "email": company.email,
        "zone": known_zone(company.zone),
        "subscription": company.subscription,
        "currency": preferences.home_currency,
        "multicurrency": preferences.multicurrency,
        "custom_transaction_numbers": preferences.custom_transaction_numbers,
        "allow_discount": preferences.allow_discount,
        "default_terms": preferences.default_terms,
        "using_sales_tax": preferences.using_sales_tax,
        "partner_tax": preferences.partner_tax,
        "book_close_date": closed.isoformat() if closed else None,
    }


def known_zone(zone: str | None) -> str | None:
    """The zone if it is one; what cannot be understood counts as not told, never as UTC."""
    return zone if zone in available_timezones() else None


def kept(old: Mapping[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """Fresh facts over old ones: what only we know (labels_language, open_property) stays."""
    return {**old, **fresh}
