"""HubSpot: client, models, OAuth and signatures. Source of every behaviour: hubspot.md, by section."""

from ledgerbridge.vendors.hubspot.client import HubSpot, connect_http

__all__ = ["HubSpot", "connect_http"]
