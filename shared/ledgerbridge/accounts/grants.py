"""An account's grant as it is stored: two sealed tokens, their expiries, and whether a renewal's outcome is unknown."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import asyncpg

from ledgerbridge.accounts.registry import Account
from ledgerbridge.accounts.secrets import Place, Sealer
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction


class Grant(Protocol):
    """What a vendor's token endpoint answers. Seconds count from the answer; None means that it never expires."""

    @property
    def access_token(self) -> str:
        """What calls carry."""

    @property
    def refresh_token(self) -> str | None:
        """What renews the grant; None: it cannot be renewed."""

    @property
    def expires_in(self) -> float | None:
        """The access token's life."""

    @property
    def refresh_expires_in(self) -> float | None:
        """The refresh token's life."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is permitted; empty where the vendor did not say."""


@dataclass(frozen=True)
class GivenGrant:
    """A grant that a person gave by hand: a static token, or the two tokens of a company."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_in: float | None = None
    refresh_expires_in: float | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldGrant:
    """A stored grant, opened."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    version: int
    expires_at: datetime | None
    uncertain_since: datetime | None


class Grants:
    """Reads and writes grants. Every method is one short transaction of the account's tenant."""

    def __init__(self, database: Database, sealer: Sealer, business: BusinessClock) -> None:
        """Keep what is needed to open, seal and date grants."""
        self._database = database
        self._sealer = sealer
        self._business = business

    async def read(self, account: Account) -> HeldGrant | None:
        """The account's grant, or None. Raises UnreadableSecretError."""
        async with self._database.tenant(account.tenant_id) as tx:
            row = await tx.fetchrow(
                """select access_token, refresh_token, version, expires_at, uncertain_since
                   from grants where account_id = $1""",
                account.id,
            )
        return None if row is None else self._opened(account.id, row)

    async def put(self, tx: Transaction, account: Account, grant: Grant) -> None:
        """Store a grant that a person has just given, in place of what there was."""
        await tx.execute(
            """insert into grants (account_id, tenant_id, access_token, refresh_token, expires_at, refresh_expires_at)
               values ($1, $2, $3, $4, $5, $6)
               on conflict (account_id) do update set access_token = excluded.access_token,
                 refresh_token = excluded.refresh_token, expires_at = excluded.expires_at,
                 refresh_expires_at = excluded.refresh_expires_at, version = grants.version + 1,
                 uncertain_since = null""",
            account.id,
            account.tenant_id,
            *self._sealed(account.id, grant),
        )

    async def replace(self, account: Account, grant: Grant, version: int) -> bool:
        """Store a renewed grant if the stored one is still the one that was renewed; answer whether it was."""
        async with self._database.tenant(account.tenant_id) as tx:
            status = await tx.execute(
                """update grants set access_token = $3, refresh_token = $4, expires_at = $5, refresh_expires_at = $6,
                     version = version + 1, uncertain_since = null
                   where account_id = $1 and version = $2""",
                account.id,
                version,
                *self._sealed(account.id, grant),
            )
        return status == "UPDATE 1"

    async def begin_renewal(self, account: Account, version: int) -> bool:
        """Write down, before it is sent, that a renewal's outcome is unknown; False where the grant has changed."""
        async with self._database.tenant(account.tenant_id) as tx:
            status = await tx.execute(
                """update grants set uncertain_since = coalesce(uncertain_since, $3)
                   where account_id = $1 and version = $2""",
                account.id,
                version,
                self._business.now(),
            )
        return status == "UPDATE 1"

    async def end_renewal(self, account: Account, version: int) -> None:
        """The vendor certainly renewed nothing: the outcome is known again."""
        async with self._database.tenant(account.tenant_id) as tx:
            await tx.execute(
                "update grants set uncertain_since = null where account_id = $1 and version = $2", account.id, version
            )

    async def lose(self, account: Account, version: int, cause: str) -> bool:
        """Mark the account *reconnect needed*, unless it was connected anew meanwhile; answer whether it was marked."""
        async with self._database.tenant(account.tenant_id) as tx:
            status = await tx.execute(
                """update accounts set state = 'reconnect_needed', state_code = 'RECONNECT_NEEDED', state_details = $3
                   where id = $1 and exists (select from grants where account_id = $1 and version = $2)""",
                account.id,
                version,
                {"vendor": account.vendor_name, "account": account.external_id, "cause": cause},
            )
        return status == "UPDATE 1"

    def _opened(self, account_id: int, row: asyncpg.Record) -> HeldGrant:
        refresh = row["refresh_token"]
        return HeldGrant(
            access_token=self._sealer.open(row["access_token"], access_place(account_id)),
            refresh_token=None if refresh is None else self._sealer.open(refresh, refresh_place(account_id)),
            version=row["version"],
            expires_at=row["expires_at"],
            uncertain_since=row["uncertain_since"],
        )

    def _sealed(self, account_id: int, grant: Grant) -> tuple[bytes, bytes | None, datetime | None, datetime | None]:
        refresh = grant.refresh_token
        return (
            self._sealer.seal(grant.access_token, access_place(account_id)),
            None if refresh is None else self._sealer.seal(refresh, refresh_place(account_id)),
            self._moment(grant.expires_in),
            self._moment(grant.refresh_expires_in),
        )

    def _moment(self, seconds: float | None) -> datetime | None:
        return None if seconds is None else self._business.now() + timedelta(seconds=seconds)


def access_place(account_id: int) -> Place:
    """Where an account's access token is stored."""
    return Place("grants", "access_token", str(account_id))


def refresh_place(account_id: int) -> Place:
    """Where an account's refresh token is stored."""
    return Place("grants", "refresh_token", str(account_id))
