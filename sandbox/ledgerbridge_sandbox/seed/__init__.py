"""Believable companies to start with."""
