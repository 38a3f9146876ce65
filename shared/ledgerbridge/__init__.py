"""What every Ledgerbridge service needs and no service owns."""
