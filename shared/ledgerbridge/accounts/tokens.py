"""Access tokens: valid ones at once, expired ones renewed exactly once however many ask (design.md 3, Tokens).

A renewal is one task per account in a process; between processes it holds a session advisory lock on a direct
connection. Under the lock the grant is read again, the vendor is asked with a deadline and without an open
transaction, and both new tokens are stored before anybody uses one. What is written before the call
(`uncertain_since`) tells whoever comes after a killed process that the answer was lost: the old refresh token is then
tried once more, and a refusal of it means that a person must connect again.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import asyncpg

from ledgerbridge.accounts.grants import Grant, Grants, HeldGrant
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.errors import Paused, Permanent, ReconnectNeeded, Transient, Uncertain
from ledgerbridge.service.clocks import BusinessClock, MachineClock, SystemMachineClock
from ledgerbridge.storage import Database
from ledgerbridge.storage.outages import DATABASE_ERRORS

CALL_SECONDS = 15.0
STORE_SECONDS = 10.0
LOCK_SECONDS = CALL_SECONDS + STORE_SECONDS + 3
MARGIN = timedelta(seconds=60)
"""A token is renewed this long before it expires, so that it does not expire on its way."""

CAUSE_REFUSED = "the app was disconnected, or its permission was revoked or has expired"
CAUSE_LOST = "the answer to a renewal was lost, and the old permission is not accepted any more"
CAUSE_STATIC = "the static token is not accepted any more"
CAUSE_NO_GRANT = "no permission is stored"


class Renewer(Protocol):
    """The call to a vendor's token endpoint.

    Raises ReconnectNeeded where the refresh token is refused, Uncertain where no answer came after sending, Transient
    where certainly nothing was done, Permanent (APP_CREDENTIALS) where the app itself is refused.
    """

    def __call__(self, account: Account, refresh_token: str) -> Coroutine[Any, Any, Grant]:
        """Exchange the refresh token for a new grant."""


@dataclass(frozen=True)
class _Usable:
    token: str = field(repr=False)
    expires_at: datetime | None
    connected_at: datetime | None
    """Of which connecting it is: after another one its grant may be gone, whatever its expiry says."""


class Tokens:
    """Access tokens of all accounts, for the seam to the vendors."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        grants: Grants,
        renewers: Mapping[str, Renewer],
        *,
        business: BusinessClock,
        machine: MachineClock | None = None,
        required_scopes: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        """Take the renewers by vendor, and the scopes that each vendor's app must have."""
        self._database = database
        self._accounts = accounts
        self._grants = grants
        self._renewers = dict(renewers)
        self._business = business
        self._machine = machine or SystemMachineClock()
        self._required_scopes = dict(required_scopes or {})
        self._usable: dict[int, _Usable] = {}
        self._renewals: dict[int, asyncio.Task[str]] = {}

    async def access(self, account_id: int) -> str:
        """A token that is good for at least a minute.

        Raises ReconnectNeeded, Uncertain (a renewal got no answer), Transient, Permanent (APP_CREDENTIALS).
        """
        account = await self._accounts.account(account_id)
        self._refuse_gone(account)
        usable = self._remembered(account)
        if usable is not None and self._is_fresh(usable.expires_at):
            return usable.token
        return await self._single_flight(account, None)

    async def renew(self, account_id: int, stale: str) -> str:
        """Another token than the one that the vendor has just refused. Raises as `access` does."""
        account = await self._accounts.account(account_id)
        self._refuse_gone(account)
        usable = self._remembered(account)
        if usable is not None and usable.token != stale and self._is_fresh(usable.expires_at):
            return usable.token
        return await self._single_flight(account, stale)

    async def disconnected(self, account_id: int, token: str, cause: str) -> None:
        """The vendor gives nothing for this token: a person must connect again, unless somebody already did."""
        account = await self._accounts.account(account_id)
        held = await self._grants.read(account)
        if held is not None and held.access_token == token:
            await self._lose(account, held, cause)

    async def close(self) -> None:
        """Wait until running renewals have stored what they got."""
        await asyncio.gather(*self._renewals.values(), return_exceptions=True)

    async def _single_flight(self, account: Account, stale: str | None) -> str:
        # Shielded: a caller who gives up must not lose a refresh token that the vendor has already rotated.
        while (running := self._renewals.get(account.id)) is not None:
            token = await asyncio.shield(running)
            if token != stale:
                return token
        task = asyncio.create_task(self._usable_grant(account, stale), name=f"token of account {account.id}")
        self._renewals[account.id] = task
        task.add_done_callback(lambda done: self._landed(account.id, done))
        return await asyncio.shield(task)

    def _landed(self, account_id: int, task: asyncio.Task[str]) -> None:
        del self._renewals[account_id]
        if not task.cancelled():
            task.exception()  # every caller may have given up; then nobody else would look at it

    async def _usable_grant(self, account: Account, stale: str | None) -> str:
        held = await self._read(account)
        if not self._serves(held, stale):
            async with self._alone(account):
                held = await self._read(account)
                if not self._serves(held, stale):
                    held = await self._renewed(account, held)
        self._usable[account.id] = _Usable(held.access_token, held.expires_at, account.connected_at)
        return held.access_token

    async def _read(self, account: Account) -> HeldGrant:
        held = await self._grants.read(account)
        if held is None:
            raise _gone(account, CAUSE_NO_GRANT)
        return held

    @asynccontextmanager
    async def _alone(self, account: Account) -> AsyncIterator[None]:
        """Hold the account's renewal lock, which ends with its connection, so that no killed process keeps it."""
        try:
            async with self._database.direct("token") as connection:
                await connection.execute(f"set lock_timeout = '{LOCK_SECONDS:.0f}s'")
                await connection.execute(
                    "select pg_advisory_lock(hashtextextended('ledgerbridge token ' || $1::bigint, 0))", account.id
                )
                yield
        except asyncpg.LockNotAvailableError:
            raise Transient(
                "VENDOR_UNAVAILABLE", vendor=account.vendor_name, cause="another process is renewing the token"
            ) from None

    async def _renewed(self, account: Account, held: HeldGrant) -> HeldGrant:
        if held.refresh_token is None:
            await self._lose(account, held, CAUSE_STATIC)
            raise _gone(account, CAUSE_STATIC)
        renewer = self._renewers.get(account.vendor)
        if renewer is None:
            raise Permanent("APP_CREDENTIALS", vendor=account.vendor_name)
        if not await self._grants.begin_renewal(account, held.version):
            return await self._read(account)
        grant = await self._asked(account, held, renewer(account, held.refresh_token))
        if await self._stored(account, grant, held.version):
            await self._note_scopes(account, grant)
        return await self._read(account)

    async def _asked(self, account: Account, held: HeldGrant, renewal: Coroutine[Any, Any, Grant]) -> Grant:
        try:
            return await asyncio.wait_for(renewal, CALL_SECONDS)
        except (Uncertain, TimeoutError):
            raise Uncertain("GRANT_UNCERTAIN", vendor=account.vendor_name, account=account.external_id) from None
        except ReconnectNeeded:
            cause = CAUSE_REFUSED if held.uncertain_since is None else CAUSE_LOST
            await self._lose(account, held, cause)
            raise _gone(account, cause) from None
        except (Transient, Permanent, Paused):
            if held.uncertain_since is None:  # else an earlier answer is still lost
                await self._grants.end_renewal(account, held.version)
            raise

    async def _stored(self, account: Account, grant: Grant, version: int) -> bool:
        """Store, trying for a while: until it is stored the only copy of a rotated token is in memory."""
        deadline = self._machine.monotonic() + STORE_SECONDS
        while True:
            try:
                return await self._grants.replace(account, grant, version)
            except DATABASE_ERRORS:
                if self._machine.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.25)

    async def _lose(self, account: Account, held: HeldGrant, cause: str) -> None:
        self._usable.pop(account.id, None)
        await self._grants.lose(account, held.version, cause)
        self._accounts.forget()

    async def _note_scopes(self, account: Account, grant: Grant) -> None:
        if not grant.scopes:
            return
        missing = sorted(self._required_scopes.get(account.vendor, frozenset()) - set(grant.scopes))
        if missing:
            details = {"vendor": account.vendor_name, "scopes": ", ".join(missing)}
            await self._accounts.note_state(account, "permission_missing", "MISSING_SCOPE", details)
        elif account.state == "permission_missing":
            await self._accounts.note_state(account, "connected")

    def _remembered(self, account: Account) -> _Usable | None:
        """The token in memory, unless the account was connected again since."""
        usable = self._usable.get(account.id)
        return usable if usable is not None and usable.connected_at == account.connected_at else None

    def _serves(self, held: HeldGrant, stale: str | None) -> bool:
        return held.access_token != stale and self._is_fresh(held.expires_at)

    def _is_fresh(self, expires_at: datetime | None) -> bool:
        return expires_at is None or self._business.now() < expires_at - MARGIN

    def _refuse_gone(self, account: Account) -> None:
        if account.state in ("reconnect_needed", "disconnected"):
            self._usable.pop(account.id, None)
            raise _gone(account, str(account.state_details.get("cause", "it was disconnected")))


def _gone(account: Account, cause: str) -> ReconnectNeeded:
    return ReconnectNeeded("RECONNECT_NEEDED", vendor=account.vendor_name, account=account.external_id, cause=cause)
