"""The currency rule of a tenant's deals (S-56), with HubSpot's own rates where the setting lifts it."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from ledgerbridge.accounts.registry import Account, Accounts, Connection
from ledgerbridge.errors import LedgerbridgeError, Refused
from ledgerbridge.vendors.hubspot.client import HubSpot
from ledgerbridge.vendors.hubspot.models import DatedRate
from ledgerbridge.vendors.manner import calling

from invoice_service.deals.properties import CurrencyRule, Rate
from invoice_service.invoices.linked import LinkedInvoice


async def rule_for(
    accounts: Accounts, account: Account, hubspot: HubSpot, invoices: Sequence[LinkedInvoice]
) -> CurrencyRule:
    """The rule for these invoices; HubSpot is asked for rates only where one is needed."""
    company_currency = await _company_currency(accounts, account, hubspot)
    converting = is_converting(await accounts.connections(account.tenant_id))
    foreign = {
        (one.currency, one.invoice_date)
        for one in invoices
        if one.currency not in (company_currency, "") and one.home_currency != company_currency and one.invoice_date
    }
    rates: dict[tuple[str, date], Rate] = {}
    if converting and foreign:
        for currency in sorted({currency for currency, _day in foreign}):
            history = await hubspot.facts.exchange_rates(account, currency, company_currency)
            days = {day for of, day in foreign if of == currency and day}
            rates |= {(currency, day): rate for day in days if (rate := _rate_of(day, history, _zone(account)))}
    return CurrencyRule(company_currency, converting=converting, rates=rates)


def _zone(account: Account) -> ZoneInfo:
    return ZoneInfo(str(account.facts.get("zone") or "UTC"))


def _rate_of(day: date, history: Sequence[DatedRate], zone: ZoneInfo) -> Rate | None:
    """The newest rate that held on this day of HubSpot's zone; None where there was none yet."""
    for one in history:  # the newest first
        since = one.effective_at.astimezone(zone).date()
        if since <= day:
            return Rate(one.value, f"HubSpot rate of {since}")
    return None


async def _company_currency(accounts: Accounts, account: Account, hubspot: HubSpot) -> str:
    """HubSpot's company currency; where it is not among the account's facts it is asked, and kept there."""
    if told := account.facts.get("currency"):
        return str(told)
    currency = (await hubspot.facts.details(account)).company_currency
    await accounts.note_facts(account, {**account.facts, "currency": currency})
    return currency


async def tenant_account(accounts: Accounts, tenant_id: int) -> Account:
    """The HubSpot account of a tenant. Raises Refused (NOT_FOUND)."""
    for account in await accounts.accounts():
        if account.vendor == "hubspot" and account.tenant_id == tenant_id:
            return account
    raise Refused("NOT_FOUND", what=f"The HubSpot account of tenant {tenant_id}")


async def rule_to_show(
    accounts: Accounts, tenant_id: int, hubspot: HubSpot, invoices: Sequence[LinkedInvoice]
) -> CurrencyRule:
    """The same for a page: where HubSpot does not tell its rates now, the page shows that there is none."""
    account = await tenant_account(accounts, tenant_id)
    try:
        with calling(lane="person", seconds=5):
            return await rule_for(accounts, account, hubspot, invoices)
    except LedgerbridgeError:
        converting = is_converting(await accounts.connections(tenant_id))
        return CurrencyRule(str(account.facts.get("currency") or ""), converting=converting)


def is_converting(connections: Sequence[Connection]) -> bool:
    """Whether the setting lifts the rule for the tenant's deals."""
    return any(one.settings.currency_rule == "convert" for one in connections)
