"""QuickBooks, simulated."""
