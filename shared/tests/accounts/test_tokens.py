import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from ledgerbridge.accounts.grants import GivenGrant, Grant
from ledgerbridge.accounts.registry import Account
from ledgerbridge.accounts.tokens import CAUSE_LOST, CAUSE_REFUSED, CAUSE_STATIC, Tokens
from ledgerbridge.errors import Permanent, ReconnectNeeded, Transient, Uncertain

from .conftest import Installation

RENEWED = GivenGrant("access-1", "refresh-1", 3600)
CALLERS = (17, 17, 16)
"""In each of three processes."""


class Vendor:
    """A token endpoint that answers as told, the last answer for ever, and remembers what it was asked."""

    def __init__(self, *answers: Grant | Exception | Callable[[], Awaitable[Grant]]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, account: Account, refresh_token: str) -> Grant:  # noqa: ARG002
        self.asked.append(refresh_token)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return await answer() if callable(answer) else answer


def refused() -> ReconnectNeeded:
    return ReconnectNeeded("RECONNECT_NEEDED", vendor="QuickBooks", account="1", cause="invalid_grant")


def lost() -> Uncertain:
    return Uncertain("GRANT_UNCERTAIN", vendor="QuickBooks", account="1")


def tokens_of(installation: Installation, vendor: Vendor, *scopes: str) -> Tokens:
    """Tokens of a process of its own: nothing in memory yet."""
    return Tokens(
        installation.database,
        installation.accounts,
        installation.grants,
        {"quickbooks": vendor, "hubspot": vendor},
        business=installation.clock,
        required_scopes={"quickbooks": frozenset(scopes)},
    )


async def expired_company(installation: Installation) -> Account:
    company = await installation.quickbooks(await installation.hubspot())
    installation.clock.put(installation.clock.now() + timedelta(hours=2))
    return company


async def test_fifty_callers_over_three_processes_cause_one_renewal(installation: Installation) -> None:
    company = await installation.quickbooks(await installation.hubspot())
    admin = await asyncpg.connect(installation.admin_dsn)
    await admin.execute("update shared.grants set expires_at = now() - interval '1 hour'")
    await admin.execute("create table renewals (refresh_token text); create table vendor as select 0 as number")
    given = {
        "admin_dsn": installation.admin_dsn,
        "app_dsn": installation.roles.app_dsn,
        "engine_dsn": installation.roles.engine_dsn,
        "account_id": company.id,
        "others": len(CALLERS) - 1,
    }
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("token_callers.py")),
            json.dumps({**given, "callers": callers}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for callers in CALLERS
    ]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
    outputs = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    got = [token for output, _errors in outputs for token in json.loads(output)]
    assert got == ["access-1"] * sum(CALLERS)
    assert [row["refresh_token"] for row in await admin.fetch("select * from renewals")] == ["refresh-0"]
    await admin.close()


async def test_a_valid_token_is_not_renewed(installation: Installation) -> None:
    company = await installation.quickbooks(await installation.hubspot())
    vendor = Vendor(RENEWED)
    tokens = tokens_of(installation, vendor)
    assert await tokens.access(company.id) == "access-0"
    installation.clock.put(installation.clock.now() + timedelta(minutes=58))
    assert await tokens.access(company.id) == "access-0"
    assert vendor.asked == []
    installation.clock.put(installation.clock.now() + timedelta(minutes=1, seconds=1))
    assert await tokens.access(company.id) == "access-1"
    assert await tokens.access(company.id) == "access-1"
    assert vendor.asked == ["refresh-0"]


async def test_a_refused_token_is_renewed_once_for_all_who_held_it(installation: Installation) -> None:
    company = await installation.quickbooks(await installation.hubspot())
    vendor = Vendor(RENEWED)
    tokens = tokens_of(installation, vendor)
    await tokens.access(company.id)
    assert set(await asyncio.gather(*(tokens.renew(company.id, "access-0") for _ in range(10)))) == {"access-1"}
    # another process, which still holds the old one, finds the new one and asks nobody
    assert await tokens_of(installation, vendor).renew(company.id, "access-0") == "access-1"
    assert vendor.asked == ["refresh-0"]


async def test_both_tokens_are_stored_before_one_is_used(installation: Installation) -> None:
    company = await expired_company(installation)
    await tokens_of(installation, Vendor(RENEWED)).access(company.id)
    held = await installation.grants.read(company)
    assert held is not None
    assert (held.access_token, held.refresh_token, held.uncertain_since) == ("access-1", "refresh-1", None)
    assert held.version == 2


async def test_nothing_of_a_renewal_is_lost_when_its_caller_gives_up(installation: Installation) -> None:
    company = await expired_company(installation)
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def slowly() -> Grant:
        asked.set()
        await may_answer.wait()
        return RENEWED

    tokens = tokens_of(installation, Vendor(slowly))
    caller = asyncio.create_task(tokens.access(company.id))
    await asked.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    may_answer.set()
    await tokens.close()
    held = await installation.grants.read(company)
    assert held is not None
    assert held.refresh_token == "refresh-1"


async def test_no_transaction_is_open_while_the_vendor_is_asked(installation: Installation) -> None:
    company = await expired_company(installation)
    seen: list[list[str]] = []

    async def look() -> Grant:
        admin = await asyncpg.connect(installation.admin_dsn)
        rows = await admin.fetch(
            "select query from pg_stat_activity where xact_start is not null and datname = current_database() "
            "and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        seen.append([row["query"] for row in rows])
        await admin.close()
        return RENEWED

    await tokens_of(installation, Vendor(look)).access(company.id)
    assert seen == [[]]


async def test_a_lost_answer_is_uncertain_and_the_old_token_may_still_serve(installation: Installation) -> None:
    company = await expired_company(installation)
    vendor = Vendor(lost(), RENEWED)
    with pytest.raises(Uncertain, match="got no answer"):
        await tokens_of(installation, vendor).access(company.id)
    held = await installation.grants.read(company)
    assert held is not None
    assert held.uncertain_since is not None
    assert (await installation.accounts.account(company.id)).state == "connected"
    assert await tokens_of(installation, vendor).access(company.id) == "access-1"
    assert vendor.asked == ["refresh-0", "refresh-0"]


@pytest.mark.parametrize("killed", [False, True], ids=["lost answer", "killed process"])
async def test_after_a_lost_answer_a_refusal_of_the_old_token_asks_for_reconnecting(
    installation: Installation, killed: bool
) -> None:
    company = await expired_company(installation)
    vendor = Vendor(refused())
    if killed:  # as a process leaves it that is killed between the vendor's work and storing it
        await installation.grants.begin_renewal(company, 1)
    else:
        with pytest.raises(Uncertain):
            await tokens_of(installation, Vendor(lost())).access(company.id)
    tokens = tokens_of(installation, vendor)
    with pytest.raises(ReconnectNeeded, match=CAUSE_LOST):
        await tokens.access(company.id)
    account = await installation.accounts.account(company.id)
    assert (account.state, account.state_code) == ("reconnect_needed", "RECONNECT_NEEDED")
    assert account.state_details["cause"] == CAUSE_LOST
    with pytest.raises(ReconnectNeeded, match=CAUSE_LOST):
        await tokens.access(company.id)
    assert vendor.asked == ["refresh-0"]  # tried once, then never again


async def test_a_revoked_grant_asks_for_reconnecting_which_heals(installation: Installation) -> None:
    company = await expired_company(installation)
    tokens = tokens_of(installation, Vendor(refused()))
    with pytest.raises(ReconnectNeeded, match=CAUSE_REFUSED) as gone:
        await tokens.access(company.id)
    assert gone.value.remedy == "Connect the account again; what waits will resume."
    await installation.quickbooks(await installation.hubspot(), access_token="fresh", refresh_token="fresh-refresh")
    assert await tokens.access(company.id) == "fresh"


async def test_a_refusal_that_crosses_a_reconnect_changes_nothing(installation: Installation) -> None:
    company = await expired_company(installation)

    async def reconnected_meanwhile() -> Grant:
        await installation.quickbooks(await installation.hubspot(), access_token="fresh")
        raise refused()

    tokens = tokens_of(installation, Vendor(reconnected_meanwhile))
    with pytest.raises(ReconnectNeeded):
        await tokens.access(company.id)
    assert (await installation.accounts.account(company.id)).state == "connected"
    assert await tokens.access(company.id) == "fresh"


async def test_a_renewal_that_crosses_a_reconnect_gives_way(installation: Installation) -> None:
    company = await expired_company(installation)

    async def reconnected_meanwhile() -> Grant:
        await installation.quickbooks(await installation.hubspot(), access_token="fresh")
        return RENEWED

    assert await tokens_of(installation, Vendor(reconnected_meanwhile)).access(company.id) == "fresh"


@pytest.mark.parametrize(
    "error",
    [
        Transient("VENDOR_UNAVAILABLE", vendor="QuickBooks", cause="not connected"),
        Permanent("APP_CREDENTIALS", vendor="QuickBooks"),
    ],
)
async def test_what_certainly_renewed_nothing_leaves_no_doubt(installation: Installation, error: Exception) -> None:
    company = await expired_company(installation)
    with pytest.raises(type(error)):
        await tokens_of(installation, Vendor(error)).access(company.id)
    held = await installation.grants.read(company)
    assert held is not None
    assert held.uncertain_since is None
    with pytest.raises(ReconnectNeeded, match=CAUSE_REFUSED):
        await tokens_of(installation, Vendor(refused())).access(company.id)


async def test_a_missing_permission_is_said_and_healed(installation: Installation) -> None:
    company = await expired_company(installation)
    poor = GivenGrant("access-1", "refresh-1", 3600, scopes=("openid",))
    rich = GivenGrant("access-2", "refresh-2", 3600, scopes=("openid", "accounting"))
    tokens = tokens_of(installation, Vendor(poor, rich), "accounting")
    assert await tokens.access(company.id) == "access-1"
    account = await installation.accounts.account(company.id)
    assert (account.state, account.state_code) == ("permission_missing", "MISSING_SCOPE")
    assert account.state_details == {"vendor": "QuickBooks", "scopes": "accounting"}
    assert await tokens.renew(company.id, "access-1") == "access-2"
    assert (await installation.accounts.account(company.id)).state == "connected"


async def test_a_static_token_is_never_renewed(installation: Installation) -> None:
    hubspot = await installation.hubspot()
    vendor = Vendor(RENEWED)
    tokens = tokens_of(installation, vendor)
    installation.clock.put(installation.clock.now() + timedelta(days=400))
    assert await tokens.access(hubspot.id) == "pat-1"
    with pytest.raises(ReconnectNeeded, match=CAUSE_STATIC):
        await tokens.renew(hubspot.id, "pat-1")
    assert vendor.asked == []
    assert (await installation.accounts.account(hubspot.id)).state == "reconnect_needed"
