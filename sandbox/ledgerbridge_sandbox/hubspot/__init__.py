"""HubSpot, simulated."""
