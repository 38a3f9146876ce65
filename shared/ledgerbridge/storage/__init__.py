"""PostgreSQL: roles, the two pools of a service, tenant-bound transactions and migrations (design.md 6)."""

from ledgerbridge.storage.database import Database, DirectConnection, Transaction
from ledgerbridge.storage.migrations import MigrationRefusedError, MigrationSet, migrate
from ledgerbridge.storage.roles import RoleNames, ServiceRoles, prepare

__all__ = [
    "Database",
    "DirectConnection",
    "MigrationRefusedError",
    "MigrationSet",
    "RoleNames",
    "ServiceRoles",
    "Transaction",
    "migrate",
    "prepare",
]
