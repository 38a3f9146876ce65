"""Everything that calls the vendors for stored accounts, put together once: for services and for the command line."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from ledgerbridge.accounts.budgets import Budgets
from ledgerbridge.accounts.connecting import Connecting
from ledgerbridge.accounts.consents import Consents
from ledgerbridge.accounts.grants import Grants
from ledgerbridge.accounts.limits import LimitSizes
from ledgerbridge.accounts.permissions import REQUIRED_SCOPES
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.accounts.tokens import Renewer, Tokens
from ledgerbridge.service.clocks import BusinessClock, MachineClock
from ledgerbridge.service.settings import ServiceSettings
from ledgerbridge.storage import Database
from ledgerbridge.vendors.grants import AppCredentials
from ledgerbridge.vendors.hubspot.client import HubSpot
from ledgerbridge.vendors.hubspot.client import connect_http as hubspot_http
from ledgerbridge.vendors.hubspot.oauth import HubSpotOAuth
from ledgerbridge.vendors.ports import TokenSource
from ledgerbridge.vendors.quickbooks.client import QuickBooks
from ledgerbridge.vendors.quickbooks.client import connect_http as quickbooks_http
from ledgerbridge.vendors.quickbooks.oauth import Endpoints, QuickBooksOAuth


@dataclass(frozen=True)
class VendorAccess:
    """What a service calls the vendors with. An OAuth is None where its app is not configured."""

    hubspot: HubSpot
    quickbooks: QuickBooks
    tokens: Tokens
    budgets: Budgets
    hubspot_oauth: HubSpotOAuth | None
    quickbooks_oauth: QuickBooksOAuth | None


def open_access(
    settings: ServiceSettings,
    *,
    database: Database,
    accounts: Accounts,
    sealer: Sealer,
    business: BusinessClock,
    machine: MachineClock,
    stack: AsyncExitStack,
) -> VendorAccess:
    """The clients of both vendors on the stored grants; `stack` closes them, running renewals first."""
    budgets = Budgets(database, accounts, business=business, machine=machine, sizes=LimitSizes.of(settings))
    hubspot_oauth, quickbooks_oauth = _hubspot_oauth(settings), _quickbooks_oauth(settings)
    renewers: dict[str, Renewer] = {}
    if hubspot_oauth:
        renewers["hubspot"] = hubspot_oauth.renew
        stack.push_async_callback(hubspot_oauth.close)
    if quickbooks_oauth:
        renewers["quickbooks"] = quickbooks_oauth.renew
        stack.push_async_callback(quickbooks_oauth.close)
    grants = Grants(database, sealer, business)
    tokens = Tokens(
        database, accounts, grants, renewers, business=business, machine=machine, required_scopes=REQUIRED_SCOPES
    )
    stack.push_async_callback(tokens.close)
    over_hubspot = hubspot_http(tokens, budgets, settings.hubspot_api)
    over_quickbooks = quickbooks_http(tokens, budgets, settings.quickbooks_api)
    stack.push_async_callback(over_hubspot.close)
    stack.push_async_callback(over_quickbooks.close)
    return VendorAccess(
        HubSpot(over_hubspot), QuickBooks(over_quickbooks), tokens, budgets, hubspot_oauth, quickbooks_oauth
    )


def open_connecting(
    settings: ServiceSettings,
    access: VendorAccess,
    *,
    database: Database,
    accounts: Accounts,
    sealer: Sealer,
    business: BusinessClock,
    pages_base: str,
) -> Connecting:
    """What connects new accounts; `pages_base` is the address to which `ledgerbridge_open` leads."""

    @asynccontextmanager
    async def hubspot_on(given: TokenSource) -> AsyncIterator[HubSpot]:
        async with hubspot_http(given, access.budgets, settings.hubspot_api) as http:
            yield HubSpot(http)

    @asynccontextmanager
    async def quickbooks_on(given: TokenSource) -> AsyncIterator[QuickBooks]:
        async with quickbooks_http(given, access.budgets, settings.quickbooks_api) as http:
            yield QuickBooks(http)

    return Connecting(
        database,
        accounts,
        Grants(database, sealer, business),
        Consents(database, sealer, business),
        business=business,
        hubspot=hubspot_on,
        quickbooks=quickbooks_on,
        pages_base=pages_base,
    )


def _hubspot_oauth(settings: ServiceSettings) -> HubSpotOAuth | None:
    app = _app(settings.hubspot_app_id, settings.hubspot_app_secret)
    return HubSpotOAuth(app, api=settings.hubspot_api, authorize=settings.hubspot_authorize) if app else None


def _quickbooks_oauth(settings: ServiceSettings) -> QuickBooksOAuth | None:
    app = _app(settings.quickbooks_app_id, settings.quickbooks_app_secret)
    endpoints = Endpoints(settings.quickbooks_authorize, settings.quickbooks_token, settings.quickbooks_revoke)
    return QuickBooksOAuth(app, endpoints) if app else None


def _app(client_id: str | None, secret: SecretStr | None) -> AppCredentials | None:
    if not client_id or secret is None:
        return None
    # While a secret is rotated two are set, the new one first: webhooks accept both, exchanges use the first.
    return AppCredentials(client_id, secret.get_secret_value().split(",")[0].strip())
