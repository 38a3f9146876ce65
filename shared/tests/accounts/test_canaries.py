"""A canary in every secret, and everything that comes out read for it: errors, reprs, logs, the whole database."""

import logging
import traceback

import asyncpg
import pytest
from ledgerbridge.accounts.callers import Callers
from ledgerbridge.accounts.consents import Consents
from ledgerbridge.accounts.grants import GivenGrant, Grant, Grants
from ledgerbridge.accounts.registry import Account
from ledgerbridge.accounts.secrets import Sealer, UnreadableSecretError
from ledgerbridge.accounts.tokens import Tokens
from ledgerbridge.errors import LedgerbridgeError, ReconnectNeeded, Uncertain

from .conftest import Installation

CANARY = "canary-7f3a"


async def test_no_secret_comes_out(
    installation: Installation, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    static = GivenGrant(f"{CANARY}-static")
    given = GivenGrant(f"{CANARY}-access", f"{CANARY}-refresh", 1.0)
    hubspot = await installation.hubspot(grant=static)
    company = await installation.quickbooks(hubspot, access_token=given.access_token, refresh_token=given.refresh_token)
    said += map(repr, (static, given, hubspot, company, installation.sealer, await installation.grants.read(company)))

    callers = Callers(installation.database, installation.sealer, business=installation.clock)
    client = await callers.make_client(hubspot.tenant_id, "ledger", "viewer")
    said.append(repr(client))
    said.append(await failure(callers.issue_token(client.id, f"{CANARY}-secret")))
    said.append(await failure(callers.verify(f"{CANARY}-token")))

    consents = Consents(installation.database, installation.sealer, installation.clock)
    state = await consents.ask("quickbooks", "https://x/callback", "ada")
    assert await consents.deliver("quickbooks", state, code=f"{CANARY}-code", realm="1")
    dumped = await dump(installation)
    said.append(repr(await consents.pick_up(state, "ada")))
    said.append(await failure(consents.pick_up(f"{CANARY}-state", "ada")))

    for error in (ReconnectNeeded("RECONNECT_NEEDED", vendor="x", account="1", cause="invalid_grant"), None):
        renewer = Renewer(error)
        tokens = Tokens(
            installation.database,
            installation.accounts,
            installation.grants,
            {"quickbooks": renewer},
            business=installation.clock,
        )
        said.append(await failure(tokens.renew(company.id, f"{CANARY}-access")))
        assert renewer.asked == [f"{CANARY}-refresh"] or error is None
    other = Grants(installation.database, Sealer({"k1": bytes(32)}), installation.clock)
    said.append(await failure(other.read(company)))

    output = capfd.readouterr()
    for text in (*said, dumped, caplog.text, output.out, output.err):
        assert CANARY not in text
        assert client.secret not in text
    assert len(said) > 10


class Renewer:
    def __init__(self, error: Exception | None) -> None:
        self.error = error or Uncertain("GRANT_UNCERTAIN", vendor="x", account="1")
        self.asked: list[str] = []

    async def __call__(self, account: Account, refresh_token: str) -> Grant:  # noqa: ARG002
        self.asked.append(refresh_token)
        raise self.error


async def failure(doing: object) -> str:
    """Everything that an error shows: its text, details, chain and traceback."""
    try:
        await doing  # type: ignore[misc]
    except (LedgerbridgeError, UnreadableSecretError) as error:
        details = getattr(error, "details", {})
        return f"{error!r} {error} {details} {''.join(traceback.format_exception(error))}"
    raise AssertionError("it did not fail")


async def dump(installation: Installation) -> str:
    """Every row of every table of the shared schema, bytes as they lie there."""
    admin = await asyncpg.connect(installation.admin_dsn)
    try:
        tables = await admin.fetch("select tablename from pg_tables where schemaname = 'shared'")
        rows = [str(row) for table in tables for row in await admin.fetch(f'select * from shared."{table[0]}"')]  # noqa: S608
    finally:
        await admin.close()
    assert len(rows) > 5
    return "\n".join(rows)
