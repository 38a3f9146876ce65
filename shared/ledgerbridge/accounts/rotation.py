"""Sealing every stored secret with the first key, while everything runs; afterwards the old key can be taken away."""

from collections.abc import Awaitable, Callable

import asyncpg

from ledgerbridge.accounts.callers import private_key_place
from ledgerbridge.accounts.consents import answer_place
from ledgerbridge.accounts.grants import access_place, refresh_place
from ledgerbridge.accounts.secrets import Place, Sealer
from ledgerbridge.storage import Database, Transaction


async def rotate(database: Database, sealer: Sealer) -> int:
    """Seal with the first key whatever another key sealed; answer how many values were. Safe to repeat.

    Each value is replaced only if it is still the one that was read. Raises UnreadableSecretError where a key that is
    still needed is not configured.
    """
    async with database.engine() as tx:
        tenants = [row["tenant_id"] for row in await tx.fetch("select distinct tenant_id from accounts")]
        count = await _rotate_states(tx, sealer) + await _rotate_signing_keys(tx, sealer)
    for tenant_id in tenants:
        async with database.tenant(tenant_id) as tx:
            count += await _rotate_grants(tx, sealer)
    return count


async def _rotate_grants(tx: Transaction, sealer: Sealer) -> int:
    rows = await tx.fetch("select account_id, access_token, refresh_token from grants order by account_id for update")
    count = 0
    for row in rows:
        account_id = row["account_id"]
        access = _resealed(sealer, row["access_token"], access_place(account_id))
        refresh = _resealed(sealer, row["refresh_token"], refresh_place(account_id))
        if access or refresh:
            await tx.execute(
                """update grants set access_token = coalesce($2, access_token),
                     refresh_token = coalesce($3, refresh_token) where account_id = $1""",
                account_id,
                access,
                refresh,
            )
        count += (access is not None) + (refresh is not None)
    return count


async def _rotate_states(tx: Transaction, sealer: Sealer) -> int:
    rows = await tx.fetch("select id, answer as sealed from oauth_states where answer is not null for update")
    statement = "update oauth_states set answer = $2 where id = $1"
    return await _rotate(rows, sealer, answer_place, lambda row_id, sealed: tx.execute(statement, row_id, sealed))


async def _rotate_signing_keys(tx: Transaction, sealer: Sealer) -> int:
    rows = await tx.fetch("select id, private_key as sealed from signing_keys for update")
    statement = "update signing_keys set private_key = $2 where id = $1"
    return await _rotate(rows, sealer, private_key_place, lambda row_id, sealed: tx.execute(statement, row_id, sealed))


async def _rotate(
    rows: list[asyncpg.Record],
    sealer: Sealer,
    place: Callable[[str], Place],
    write: Callable[[str, bytes], Awaitable[str]],
) -> int:
    count = 0
    for row in rows:
        if (sealed := _resealed(sealer, row["sealed"], place(row["id"]))) is not None:
            await write(row["id"], sealed)
            count += 1
    return count


def _resealed(sealer: Sealer, sealed: bytes | None, place: Place) -> bytes | None:
    if sealed is None or sealer.is_current(sealed, place):
        return None
    return sealer.seal(sealer.open(sealed, place), place)
