"""HubSpot and QuickBooks Online, simulated."""
