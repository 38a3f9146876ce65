"""Both vendors' clients with tokens and budgets, wired once for every service that calls a vendor."""

from dataclasses import dataclass
from typing import TypeVar

from ledgerbridge.accounts.budgets import Budgets
from ledgerbridge.accounts.grants import Grants
from ledgerbridge.accounts.tokens import Renewer, Tokens
from ledgerbridge.service.runner import Context
from ledgerbridge.service.settings import ServiceSettings
from ledgerbridge.vendors.grants import AppCredentials
from ledgerbridge.vendors.hubspot import client as hubspot
from ledgerbridge.vendors.hubspot.client import HubSpot
from ledgerbridge.vendors.hubspot.oauth import HubSpotOAuth
from ledgerbridge.vendors.quickbooks import client as quickbooks
from ledgerbridge.vendors.quickbooks.client import QuickBooks
from ledgerbridge.vendors.quickbooks.oauth import Endpoints, QuickBooksOAuth

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


@dataclass(frozen=True)
class VendorAccess:
    """What a service calls the vendors with."""

    hubspot: HubSpot
    quickbooks: QuickBooks
    tokens: Tokens
    budgets: Budgets


def open_vendors(context: Context[SettingsT]) -> VendorAccess:
    """The clients of both vendors; closed with the service."""
    settings, stack = context.settings, context.stack
    grants = Grants(context.database, context.sealer, context.business_clock)
    tokens = Tokens(
        context.database,
        context.accounts,
        grants,
        _renewers(context),
        business=context.business_clock,
        machine=context.machine_clock,
    )
    budgets = Budgets(
        context.database, context.accounts, business=context.business_clock, machine=context.machine_clock
    )
    hubspot_http = hubspot.connect_http(tokens, budgets, settings.hubspot_api)
    quickbooks_http = quickbooks.connect_http(tokens, budgets, settings.quickbooks_api)
    stack.push_async_callback(hubspot_http.close)
    stack.push_async_callback(quickbooks_http.close)
    return VendorAccess(HubSpot(hubspot_http), QuickBooks(quickbooks_http), tokens, budgets)


def _renewers(context: Context[SettingsT]) -> dict[str, Renewer]:
    """The token endpoints of the apps that are configured; a static HubSpot token needs none."""
    settings, renewers = context.settings, dict[str, Renewer]()
    if settings.hubspot_app_id and settings.hubspot_app_secret:
        # While the secret is rotated the first one is the new one.
        secret = settings.hubspot_app_secret.get_secret_value().partition(",")[0].strip()
        hubspot_oauth = HubSpotOAuth(
            AppCredentials(settings.hubspot_app_id, secret),
            api=settings.hubspot_api,
            authorize=settings.hubspot_authorize,
        )
        context.stack.push_async_callback(hubspot_oauth.close)
        renewers["hubspot"] = hubspot_oauth.renew
    if settings.quickbooks_app_id and settings.quickbooks_app_secret:
        endpoints = Endpoints(settings.quickbooks_authorize, settings.quickbooks_token, settings.quickbooks_revoke)
        quickbooks_oauth = QuickBooksOAuth(
            AppCredentials(settings.quickbooks_app_id, settings.quickbooks_app_secret.get_secret_value()), endpoints
        )
        context.stack.push_async_callback(quickbooks_oauth.close)
        renewers["quickbooks"] = quickbooks_oauth.renew
    return renewers
