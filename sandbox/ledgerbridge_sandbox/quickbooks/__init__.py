"""QuickBooks Online simulated: companies, books, query language, OAuth, limits and webhooks."""
