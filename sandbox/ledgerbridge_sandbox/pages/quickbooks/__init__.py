"""QuickBooks' pages, as a bookkeeper sees a company."""
