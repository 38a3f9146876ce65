"""One of several processes that draw on the same limits as fast as they may; run by test_budgets.py."""

import asyncio
import json
import sys
import time

from ledgerbridge.accounts.budgets import Budgets
from ledgerbridge.accounts.limits import LimitSizes
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.errors import Paused, Throttled
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.storage import Database


async def main() -> None:
    given = json.loads(sys.argv[1])
    clock = SystemBusinessClock()
    database = await Database.connect(given["app_dsn"], given["engine_dsn"], "probe")
    accounts = Accounts(database, business=clock)
    account = await accounts.account(given["account_id"])
    budgets = Budgets(database, accounts, business=clock, sizes=LimitSizes(**given["sizes"]))
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    end = time.time() + given["seconds"]
    taken: list[float] = []
    paused = 0

    async def draw() -> None:
        nonlocal paused
        while time.time() < end:
            try:
                await budgets.take(account, "read", given["lane"], patience=0.3)
                taken.append(time.time())
            except Throttled:
                pass
            except Paused:
                paused += 1
                return

    await asyncio.gather(*(draw() for _caller in range(4)))
    print(json.dumps({"taken": taken, "paused": paused}), flush=True)  # noqa: T201
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
