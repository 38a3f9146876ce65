"""What stands behind the public door: signatures, receipts, callbacks."""

from typing import Literal

from fastapi import Request

from ledgerbridge.accounts.oauth_states import OAuthStates
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.vendors.hubspot.signatures import hubspot_signature_fits
from ledgerbridge.vendors.quickbooks.signatures import quickbooks_signature_fits
from webhook_gateway.arrays import ReadArray
from webhook_gateway.group_commit import GroupCommit
from webhook_gateway.receipts import Receipt
from webhook_gateway.settings import Settings

Vendor = Literal["hubspot", "quickbooks"]


class Door:
    """The gateway's state, as its endpoints need it."""
