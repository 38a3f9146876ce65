"""Following invoices and payments: what QuickBooks changed is read in bulk, recorded and told."""
