"""What a row of the record index says: its key, its state and how urgent it is (design.md 4, The record index)."""

from enum import IntEnum
from typing import Literal, NamedTuple

Side = Literal["hubspot", "quickbooks"]
"""The vendor whose record is meant."""

State = Literal["in_sync", "pending", "failed", "waiting", "excluded"]
"""What a person is shown: `waiting` means that nothing is wrong with the record, its account cannot take it now."""

NO_CONNECTION = 0
"""Stands in the key of a subject that belongs to the tenant and not to one company."""


class Priority(IntEnum):
    """Who waits for the record; the lanes of the budgets have the same names."""

    PERSON = 0
    LIVE = 1
    BACKFILL = 2


class Company(NamedTuple):
    """Whose records are read together: a connection's, or (connection 0) a tenant's own."""

    tenant_id: int
    connection_id: int


def channel(schema: str) -> str:
    """The NOTIFY channel on which a service's marks ring; the payload is kind, tenant and connection."""
    return f"ledgerbridge_records_{schema}"
