"""One of several processes whose callers all want a token at once; run by test_tokens.py.

The vendor is a table in the test's database: it counts renewals, takes only the current refresh token and rotates it.
"""

import asyncio
import json
import sys

import asyncpg
from ledgerbridge.accounts.grants import GivenGrant, Grants
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.accounts.tokens import Tokens
from ledgerbridge.errors import ReconnectNeeded
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.testing.waiting import wait_until

OTHERS_HAVE_ASKED = """
    select (select count(*) from renewals) > 1 or count(*) >= $1 from pg_locks
    where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())
"""


class CountingVendor:
    def __init__(self, admin_dsn: str, others: int) -> None:
        self._admin_dsn = admin_dsn
        self._others = others

    async def __call__(self, account: Account, refresh_token: str) -> GivenGrant:  # noqa: ARG002
        connection = await asyncpg.connect(self._admin_dsn)
        try:
            await connection.execute("insert into renewals (refresh_token) values ($1)", refresh_token)
            # The vendor's answer comes when the other processes' callers have asked too: who does not wait is seen.
            await wait_until(lambda: connection.fetchval(OTHERS_HAVE_ASKED, self._others), what="the others have asked")
            number = await connection.fetchval(
                "update vendor set number = number + 1 where 'refresh-' || number = $1 returning number", refresh_token
            )
        finally:
            await connection.close()
        if number is None:
            raise ReconnectNeeded("RECONNECT_NEEDED", vendor="x", account="x", cause="used twice")
        return GivenGrant(f"access-{number}", f"refresh-{number}", 3600)


async def main() -> None:
    given = json.loads(sys.argv[1])
    clock = SystemBusinessClock()
    database = await Database.connect(given["app_dsn"], given["engine_dsn"], "probe")
    accounts = Accounts(database, business=clock)
    grants = Grants(database, Sealer({"k1": bytes(range(32))}), clock)
    vendor = CountingVendor(given["admin_dsn"], given["others"])
    tokens = Tokens(database, accounts, grants, {"quickbooks": vendor}, business=clock)
    await accounts.account(given["account_id"])
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    got = await asyncio.gather(*(tokens.access(given["account_id"]) for _caller in range(given["callers"])))
    print(json.dumps(got), flush=True)  # noqa: T201
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
