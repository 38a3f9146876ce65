"""HubSpot's believable beginning."""

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.world import World


def plant(world: World) -> None:
    """Fill both accounts."""
    us = Account(24000001, name="Ledger Lane US", currency="USD", additional=("EUR", "GBP"), zone="America/New_York")
    uk = Account(24000002, name="Ledger Lane UK", currency="GBP", additional=("EUR", "USD"), zone="Europe/London")
    hubspot = world.hubspot
    hubspot.accounts = {us.portal: us, uk.portal: uk}
    hubspot.grants.add_static("pat-na1-sandbox-1", us.portal)
    hubspot.grants.add_static("pat-eu1-sandbox-2", uk.portal)
