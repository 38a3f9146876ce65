"""Invoices, drafts, orders, payments, links to records, deal properties."""
