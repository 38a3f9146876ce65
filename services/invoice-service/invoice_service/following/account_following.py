"""Following accounts: what waited for one is tried again when it works, and deals when their currency rule changes.

A part. The directory of accounts hears of changes by itself, so looking at it costs nothing. At the start everything
counts as changed, since something may have been while no process ran.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from ledgerbridge.accounts.registry import Account, Accounts, Connection
from ledgerbridge.service.looking import Looking
from ledgerbridge.storage import Database
from ledgerbridge.sync.marks import derived, mark, resume

from invoice_service.deals.currency_rules import is_converting
from invoice_service.invoices import store_links
from invoice_service.invoices.recording import DEAL_PROPERTIES

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Rule:
    """What decides which invoices are written to a tenant's deals."""

    company_currency: str
    converting: bool
    revisions: tuple[str, ...]


class AccountFollowing(Looking):
    """Looks at the directory of accounts again and again."""

    name = "accounts-following"
    look_seconds = 0.5

    def __init__(self, database: Database, accounts: Accounts) -> None:
        """Mark in this database."""
        super().__init__()
        self._database = database
        self._accounts = accounts
        self._working: dict[tuple[int, int | None], object] = {}
        self._rules: dict[int, _Rule] = {}

    async def look(self) -> None:
        """Compare every account with how it was at the last look."""
        for account in await self._accounts.accounts():
            if account.vendor == "hubspot":
                await self._resume(account, None, account.connected_at)
                await self._follow_rule(account)
        for connection in await self._accounts.connections():
            await self._resume(connection.quickbooks, connection.id, connection.onboard_requested)

    async def _resume(self, account: Account, connection_id: int | None, sign: object) -> None:
        """What waits is marked when the account began to work, or was connected again (another `sign`)."""
        key = (account.id, connection_id)
        if account.state != "connected":
            self._working.pop(key, None)
        elif self._working.get(key) != sign:
            async with self._database.tenant(account.tenant_id) as tx:
                resumed = await resume(tx, account.tenant_id, connection_id)
            self._working[key] = sign
            log.info("accounts_following.resumed", account=account.id, records=resumed)

    async def _follow_rule(self, account: Account) -> None:
        """Deals with invoices in other currencies are looked at again when the rule for them changed."""
        connections = await self._accounts.connections(account.tenant_id)
        rule = _Rule(str(account.facts.get("currency", "")), is_converting(connections), _revisions(connections))
        before = self._rules.get(account.tenant_id)
        if rule == before:
            return
        currencies = {rule.company_currency, before.company_currency if before else rule.company_currency}
        async with self._database.tenant(account.tenant_id) as tx:
            deals = {deal for one in currencies for deal in await store_links.deals_in_other_currencies(tx, one)}
            await mark(tx, derived(DEAL_PROPERTIES, account.tenant_id, sorted(deals)))
        self._rules[account.tenant_id] = rule


def _revisions(connections: Sequence[Connection]) -> tuple[str, ...]:
    return tuple(one.revision for one in connections)
