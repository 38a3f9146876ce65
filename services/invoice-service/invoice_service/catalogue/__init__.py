"""What an invoice is made of in QuickBooks: customers, items, terms and taxes, mirrored read-only to choose from."""
