"""Adding existing invoices: searching QuickBooks and joining what is found to HubSpot records (S-57 to S-64)."""
