"""Storing an account with its grant, and joining two accounts to a connection."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledgerbridge.accounts.grants import Grant, Grants
from ledgerbridge.accounts.registry import VENDOR_NAMES, Account, Accounts, Connection, Vendor
from ledgerbridge.accounts.settings import ConnectionSettings
from ledgerbridge.errors import Refused
from ledgerbridge.storage import Database, Transaction


async def store_account(
    database: Database,
    accounts: Accounts,
    grants: Grants,
    *,
    vendor: Vendor,
    external_id: str,
    app: str,
    grant: Grant,
    facts: Mapping[str, Any],
    now: datetime,
    tenant_id: int | None = None,
) -> Account:
    """Store an account and its grant in one transaction, in place of what there was; it is connected then.

    `tenant_id` is the HubSpot account's; None for a HubSpot account itself. Raises Refused (INVALID) where the company
    belongs to another HubSpot account.
    """
    async with database.direct("connect") as alone:  # whoever connects the same account at once comes after us
        key = f"ledgerbridge connect {vendor} {external_id}"
        await alone.execute("select pg_advisory_lock(hashtextextended($1, 0))", key)
        account_id, tenant_id = await _identity(database, vendor, external_id, tenant_id)
        account = Account(account_id, tenant_id, vendor, external_id, app=app, scopes=grant.scopes)
        async with database.tenant(tenant_id) as tx:
            await _put(tx, account, facts, now)
            await grants.put(tx, account, grant)
    accounts.forget()
    return await accounts.account(account_id)


async def _put(tx: Transaction, account: Account, facts: Mapping[str, Any], now: datetime) -> None:
    await tx.execute(
        """insert into accounts (id, tenant_id, vendor, external_id, app, scopes, facts, connected_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (vendor, external_id) do update set app = excluded.app, scopes = excluded.scopes,
             facts = excluded.facts, connected_at = excluded.connected_at,
             state = 'connected', state_code = null, state_details = '{}'""",
        account.id,
        account.tenant_id,
        account.vendor,
        account.external_id,
        account.app,
        list(account.scopes),
        dict(facts),
        now,
    )


async def join(
    database: Database,
    accounts: Accounts,
    hubspot: Account,
    quickbooks: Account,
    *,
    actor: str,
    now: datetime,
    choices: Mapping[str, Any] | None = None,
) -> Connection:
    """Make the connection of two accounts, or take the one there is, and ask every service to onboard it.

    `choices` are settings that were asked for; those of an existing connection are changed, the others stay.
    """
    async with database.tenant(hubspot.tenant_id) as tx:
        connection_id: int = await tx.fetchval(
            """insert into connections (tenant_id, hubspot_account_id, quickbooks_account_id, settings, connected_at)
               values ($1, $1, $2, $3, $4)
               on conflict (quickbooks_account_id) do update
               set onboard_requested = connections.onboard_requested + 1, connected_at = excluded.connected_at
               returning id""",
            hubspot.tenant_id,
            quickbooks.id,
            ConnectionSettings().changed(**(choices or {})).stored(),
            now,
        )
    accounts.forget()
    return await accounts.change_settings(connection_id, actor, choices or {})


async def request_onboarding(database: Database, accounts: Accounts, connection: Connection) -> None:
    """Ask every service to onboard the connection again, as after a change of what it reads."""
    async with database.tenant(connection.tenant_id) as tx:
        await tx.execute(
            "update connections set onboard_requested = onboard_requested + 1 where id = $1", connection.id
        )
    accounts.forget()


async def _identity(database: Database, vendor: Vendor, external_id: str, tenant_id: int | None) -> tuple[int, int]:
    """Our id and the tenant of an account, new or known."""
    async with database.engine() as tx:
        known = await tx.fetchrow(
            "select id, tenant_id from accounts where vendor = $1 and external_id = $2", vendor, external_id
        )
        account_id: int = known["id"] if known else await tx.fetchval("select nextval('shared.account_ids')")
    if known and tenant_id not in (None, known["tenant_id"]):
        raise Refused(
            "INVALID",
            field="account",
            problem=f"{VENDOR_NAMES[vendor]} account {external_id} belongs to another HubSpot account; "
            "disconnect it there first",
        )
    return account_id, account_id if tenant_id is None else tenant_id
