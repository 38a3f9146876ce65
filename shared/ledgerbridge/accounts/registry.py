"""Which accounts and connections there are: read by all, kept in memory, refreshed by NOTIFY.

Every process holds the whole directory (two small tables). It is read again when `ledgerbridge_accounts` tells of a
change (the part `Accounts.run` listens) and in any case after `FRESH_SECONDS`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ledgerbridge.accounts.settings import ConnectionSettings, Mode
from ledgerbridge.errors import LedgerbridgeError, Paused, ReconnectNeeded, Refused
from ledgerbridge.service.beats import Beat
from ledgerbridge.service.clocks import BusinessClock, MachineClock, SystemBusinessClock, SystemMachineClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.storage.outages import DATABASE_ERRORS

FRESH_SECONDS = 5.0
CHANNEL = "ledgerbridge_accounts"

Vendor = Literal["hubspot", "quickbooks"]
AccountState = Literal["connected", "permission_missing", "waiting", "reconnect_needed", "disconnected"]
VENDOR_NAMES: Mapping[str, str] = {"hubspot": "HubSpot", "quickbooks": "QuickBooks"}


@dataclass(frozen=True)
class Account:
    """One HubSpot account or one QuickBooks company. A HubSpot account is its own tenant."""

    id: int
    tenant_id: int
    vendor: Vendor
    external_id: str
    """HubSpot's account (portal) id, or QuickBooks' realm id."""
    state: AccountState = "connected"
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    """What the vendor says of the account: currency, zone, name, country, … (accounts/facts.py)."""
    state_code: str | None = None
    state_details: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    app: str = ""
    """The vendor's app whose grant this is: the OAuth client id, or ``static``."""
    scopes: tuple[str, ...] = ()
    connected_at: datetime | None = None
    """When a person last gave the grant (business time): tokens of an earlier one are good no more."""

    @property
    def vendor_name(self) -> str:
        """The vendor's name as people write it."""
        return VENDOR_NAMES[self.vendor]

    @property
    def obstacle(self) -> LedgerbridgeError | None:
        """Why the account cannot work now, and what to do about it; None while it can."""
        if self.state == "connected":
            return None
        gone = self.state in {"reconnect_needed", "disconnected"}
        details = {"vendor": self.vendor_name, "account": self.external_id, "cause": self.state, **self.state_details}
        return (ReconnectNeeded if gone else Paused)(self.state_code or "RECONNECT_NEEDED", **details)


@dataclass(frozen=True)
class Connection:
    """One HubSpot account joined with one QuickBooks company."""

    id: int
    tenant_id: int
    hubspot: Account
    quickbooks: Account
    settings: ConnectionSettings
    onboard_requested: int = 1
    revision: str = ""
    """Another one after every change, so that a setting put there and back is noticed too."""

    @property
    def mode(self) -> Mode:
        """Legacy or strict (S-65 to S-70)."""
        return self.settings.mode

    @property
    def zone(self) -> str | None:
        """The company's time zone: the setting, else QuickBooks' own; None was never asked for and is never UTC."""
        return self.settings.zone or self.quickbooks.facts.get("zone")


@dataclass(frozen=True)
class _Directory:
    accounts: Mapping[int, Account]
    connections: Mapping[int, Connection]
    by_external: Mapping[tuple[str, str], Account]


class Accounts:
    """The directory of accounts and connections, and the door to change what the directory says of them."""

    name = "accounts"

    def __init__(
        self,
        database: Database,
        *,
        business: BusinessClock | None = None,
        machine: MachineClock | None = None,
    ) -> None:
        """Read through this database."""
        self.beat = Beat()
        self._database = database
        self._business = business or SystemBusinessClock()
        self._machine = machine or SystemMachineClock()
        self._directory: _Directory | None = None
        self._read_at = 0.0
        self._told = 0
        self._heard = -1
        self._reading = asyncio.Lock()

    async def account(self, account_id: int) -> Account:
        """The account with our id. Raises Refused (NOT_FOUND)."""
        found = (await self._current()).accounts.get(account_id)
        if found is None:
            raise Refused("NOT_FOUND", what=f"Account {account_id}")
        return found

    async def by_external(self, vendor: str, external_id: str) -> Account | None:
        """The account with the vendor's id, or None where it was never connected."""
        return (await self._current()).by_external.get((vendor, external_id))

    async def accounts(self) -> list[Account]:
        """Every account of every tenant, in the order of their ids."""
        return list((await self._current()).accounts.values())

    async def connections(self, tenant_id: int | None = None) -> list[Connection]:
        """A tenant's connections, or all, in the order of their ids."""
        known = (await self._current()).connections.values()
        return [one for one in known if tenant_id is None or one.tenant_id == tenant_id]

    async def connection(self, connection_id: int) -> Connection:
        """The connection with our id. Raises Refused (NOT_FOUND)."""
        found = (await self._current()).connections.get(connection_id)
        if found is None:
            raise Refused("NOT_FOUND", what=f"Connection {connection_id}")
        return found

    def forget(self) -> None:
        """Read again at the next question: something was changed."""
        self._told += 1

    async def note_state(
        self, account: Account, state: AccountState, code: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        """Store an account's state with the code (and its details) that says why; writes nothing where it is so."""
        async with self._database.tenant(account.tenant_id) as tx:
            await tx.execute(
                """update accounts set state = $2, state_code = $3, state_details = $4
                   where id = $1 and (state, state_code, state_details) is distinct from ($2, $3, $4::jsonb)""",
                account.id,
                state,
                code,
                dict(details or {}),
            )
        self.forget()

    async def note_facts(self, account: Account, facts: Mapping[str, Any]) -> None:
        """Store what the vendor now says of the account; writes nothing where it is so."""
        async with self._database.tenant(account.tenant_id) as tx:
            await tx.execute(
                "update accounts set facts = $2 where id = $1 and facts is distinct from $2::jsonb",
                account.id,
                dict(facts),
            )
        self.forget()

    async def change_settings(self, connection_id: int, actor: str, choices: Mapping[str, Any]) -> Connection:
        """Store other choices of a connection, with who changed what. Raises pydantic's ValidationError, Refused."""
        connection = await self.connection(connection_id)
        async with self._database.tenant(connection.tenant_id) as tx:
            stored = await tx.fetchval("select settings from connections where id = $1 for update", connection_id)
            old = ConnectionSettings.read(stored)
            new = old.changed(**choices)
            if differences := old.differences(new):
                await tx.execute("update connections set settings = $2 where id = $1", connection_id, new.stored())
                await tx.execute(
                    """insert into connection_history (tenant_id, connection_id, changed_at, actor, changes)
                       values ($1, $2, $3, $4, $5)""",
                    connection.tenant_id,
                    connection_id,
                    self._business.now(),
                    actor,
                    differences,
                )
        self.forget()
        return await self.connection(connection_id)

    async def history(self, connection_id: int) -> list[dict[str, Any]]:
        """Every change of a connection's settings, the newest first: changed_at, actor, changes."""
        connection = await self.connection(connection_id)
        async with self._database.tenant(connection.tenant_id) as tx:
            rows = await tx.fetch(
                """select changed_at, actor, changes from connection_history
                   where connection_id = $1 order by id desc""",
                connection_id,
            )
        return [dict(row) for row in rows]

    async def run(self) -> None:
        """Listen for changes until cancelled; a lost connection is opened again."""
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS:
                self.forget()
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        async with self._database.direct("accounts") as connection:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(CHANNEL, lambda *_told: self.forget())
            self.forget()  # what changed before we listened
            await lost.wait()

    async def _current(self) -> _Directory:
        if self._is_fresh() and self._directory is not None:
            return self._directory
        async with self._reading:
            if not self._is_fresh() or self._directory is None:
                told, began = self._told, self._machine.monotonic()
                async with self._database.engine() as tx:
                    self._directory = await _read(tx)
                self._heard, self._read_at = told, began
            return self._directory

    def _is_fresh(self) -> bool:
        return self._heard == self._told and self._machine.monotonic() - self._read_at < FRESH_SECONDS


async def _read(tx: Transaction) -> _Directory:
    # Connections first: an account that a connection names is never younger than it.
    joined = await tx.fetch(
        """select id, tenant_id, hubspot_account_id, quickbooks_account_id, settings, onboard_requested,
             xmin::text as revision
           from connections order by id"""
    )
    rows = await tx.fetch(
        """select id, tenant_id, vendor, external_id, state, facts, state_code, state_details, app, scopes,
             connected_at
           from accounts order by id"""
    )
    accounts = {row["id"]: Account(**{**dict(row), "scopes": tuple(row["scopes"])}) for row in rows}
    connections = {
        row["id"]: Connection(
            id=row["id"],
            tenant_id=row["tenant_id"],
            hubspot=accounts[row["hubspot_account_id"]],
            quickbooks=accounts[row["quickbooks_account_id"]],
            settings=ConnectionSettings.read(row["settings"]),
            onboard_requested=row["onboard_requested"],
            revision=row["revision"],
        )
        for row in joined
    }
    by_external: dict[tuple[str, str], Account] = {
        (account.vendor, account.external_id): account for account in accounts.values()
    }
    return _Directory(accounts, connections, by_external)
