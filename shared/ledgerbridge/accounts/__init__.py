"""Accounts, connections and their settings, sealed tokens, budgets of calls, and who may call us (design.md 3)."""
