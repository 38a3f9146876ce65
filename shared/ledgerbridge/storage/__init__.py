"""PostgreSQL: roles, the two pools of a service, tenant-bound transactions and migrations (design.md 6).

`prepare` makes the roles, `migrate` the tables; a service opens a `Database` and works in `database.tenant(tenant_id)`
(role *app*, row-level security) or `database.engine()` (queue tables of all tenants). A migration that makes a table
with `tenant_id` calls `select shared.protect(name, kind)` for it. jsonb goes in and out as Python values.
"""

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
