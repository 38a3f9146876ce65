"""QuickBooks Online: client, query language, OAuth and signatures. Source of every behaviour: quickbooks.md."""

from ledgerbridge.vendors.quickbooks.answers import Answered
from ledgerbridge.vendors.quickbooks.client import QuickBooks, connect_http
from ledgerbridge.vendors.quickbooks.query import Query

__all__ = ["Answered", "Query", "QuickBooks", "connect_http"]
