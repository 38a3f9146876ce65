"""The only public door: the vendors' webhooks and OAuth callbacks; owns receipts and sweeps."""
