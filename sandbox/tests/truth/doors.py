"""Where a running sandbox is."""

from ledgerbridge_sandbox.doors import Doors

__all__ = ["Doors"]
