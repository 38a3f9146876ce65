"""Connecting accounts, as the console and the command line do it (design.md 3, Connecting).

A grant is tried before it is stored: HubSpot's account details or QuickBooks' CompanyInfo are read with it. Then facts
are read, HubSpot's properties provisioned, account and grant stored, the two accounts joined, and every service is
asked to onboard the connection (`connections.onboard_requested`). What is missing is said in sentences.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ledgerbridge.accounts import facts as facts_of
from ledgerbridge.accounts.consents import Consents
from ledgerbridge.accounts.grants import Grant, Grants
from ledgerbridge.accounts.joining import join, store_account
from ledgerbridge.accounts.permissions import missing_scopes, probe
from ledgerbridge.accounts.provisioning import provision
from ledgerbridge.accounts.registry import Account, Accounts, AccountState, Connection
from ledgerbridge.accounts.settings import Language
from ledgerbridge.catalogue import CATALOGUE
from ledgerbridge.errors import LedgerbridgeError, Paused, ReconnectNeeded, Refused
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.vendors.hubspot.client import HubSpot
from ledgerbridge.vendors.ports import TokenSource
from ledgerbridge.vendors.quickbooks.client import QuickBooks

HubSpotOf = Callable[[TokenSource], AbstractAsyncContextManager[HubSpot]]
QuickBooksOf = Callable[[TokenSource], AbstractAsyncContextManager[QuickBooks]]


class CodeExchange(Protocol):
    """One vendor's OAuth, as far as connecting goes."""

    async def exchange(self, code: str, redirect_uri: str) -> Grant:
        """Turn the one-time code into a grant."""


@dataclass(frozen=True)
class Connected:
    """An account that was connected or checked. `missing` and `remarks` are sentences for a person."""

    account: Account
    connection: Connection | None = None
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class CandidateToken:
    """The token of a grant that is being tried; it is not stored yet and cannot be renewed."""

    def __init__(self, grant: Grant) -> None:
        """Use the grant's access token."""
        self._grant = grant

    async def access(self, _account_id: int) -> str:
        """The token."""
        return self._grant.access_token

    async def disconnected(self, _account_id: int, _token: str, _cause: str) -> None:
        """Nothing is stored that could be lost; who tries the grant hears the refusal itself."""

    async def renew(self, _account_id: int, stale: str) -> str:  # noqa: ARG002
        """Refuse: the vendor did not take the token that the person gave."""
        raise ReconnectNeeded("RECONNECT_NEEDED", vendor="the", account="to be connected", cause="not accepted")


class Connecting:
    """Connects accounts and joins them."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        grants: Grants,
        states: Consents,
        *,
        business: BusinessClock,
        hubspot: HubSpotOf,
        quickbooks: QuickBooksOf,
        pages_base: str,
    ) -> None:
        """`hubspot` and `quickbooks` open a client on given tokens; `pages_base` is where `ledgerbridge_open` leads."""
        self._database = database
        self._accounts = accounts
        self._grants = grants
        self._states = states
        self._business = business
        self._hubspot = hubspot
        self._quickbooks = quickbooks
        self._pages_base = pages_base

    async def pick_up(self, state: str, asked_by: str, exchange: CodeExchange) -> tuple[Grant, str | None] | None:
        """The grant (and QuickBooks' realm) of a consent that was asked for; None while there is no answer.

        Raises Refused where the person declined, or the state is no longer good; then ask for a new consent.
        """
        consent = await self._states.pick_up(state, asked_by)
        if consent is None:
            return None
        if consent.code is None:
            raise Refused("INVALID", field="consent", problem=f"was not given ({consent.error or 'no code came'})")
        try:
            return await exchange.exchange(consent.code, consent.redirect_uri), consent.realm
        except ReconnectNeeded:
            raise Refused("INVALID", field="code", problem="is not accepted by the vendor; connect once more") from None

    async def connect_hubspot(self, grant: Grant, *, app: str, language: Language = "en") -> Connected:
        """Connect a HubSpot account by its grant; `app` is the OAuth app's client id, or ``static``.

        Raises Refused (INVALID) for a token that HubSpot does not take, and what the seam to the vendors raises.
        """
        candidate = Account(0, 0, "hubspot", "new", app=app)
        async with self._hubspot(CandidateToken(grant)) as hubspot:
            try:
                details = await hubspot.facts.details(candidate)
            except ReconnectNeeded:
                raise Refused("INVALID", field="token", problem="HubSpot does not accept it") from None
            candidate = replace(candidate, external_id=details.portal_id)
            lacking = missing_scopes("hubspot", grant.scopes) or await probe(hubspot.definitions, candidate)
            known = {**facts_of.hubspot_facts(details), "labels_language": language}
            provisioned, refused = await self._provision(hubspot, candidate, language)
        lacking = tuple(sorted({*lacking, *refused}))
        account = await self._store(candidate, grant, {**known, **provisioned})
        account = await self._note(account, lacking)
        return Connected(account, missing=_missing(account))

    async def connect_quickbooks(
        self,
        hubspot: Account,
        realm: str,
        grant: Grant,
        *,
        app: str,
        actor: str,
        zone: str | None = None,
        choices: Mapping[str, Any] | None = None,
    ) -> Connected:
        """Connect a QuickBooks company and join it with the HubSpot account; CompanyInfo proves the realm.

        `zone` is what the person answered where QuickBooks does not tell the company's zone. Raises Refused (INVALID)
        for tokens that are not this company's, for a company of another HubSpot account, and where no zone is known.
        """
        candidate = Account(0, hubspot.tenant_id, "quickbooks", realm, app=app)
        async with self._quickbooks(CandidateToken(grant)) as quickbooks:
            known, writable = await self._read_company(quickbooks, candidate)
        asked = _zone_choice(known.get("zone"), zone, hubspot)
        account = await self._store(candidate, grant, known, hubspot.tenant_id)
        account = await self._note(account, missing_scopes("quickbooks", grant.scopes), writable=writable)
        wanted = {"labels_language": hubspot.facts.get("labels_language", "en"), **asked, **(choices or {})}
        connection = await join(
            self._database,
            self._accounts,
            hubspot,
            account,
            actor=actor,
            now=self._business.now(),
            choices=wanted,
        )
        return Connected(account, connection, _missing(account), _remarks(account))

    async def check(self, account: Account, tokens: TokenSource) -> Connected:
        """Read an account's facts again, make what is missing in HubSpot, and say what is not as it should be."""
        if account.vendor == "hubspot":
            async with self._hubspot(tokens) as hubspot:
                known = facts_of.hubspot_facts(await hubspot.facts.details(account))
                lacking = missing_scopes("hubspot", account.scopes) or await probe(hubspot.definitions, account)
                language = account.facts.get("labels_language", "en")
                provisioned, refused = await self._provision(hubspot, account, language)
            known, writable = {**known, **provisioned}, True
            lacking = tuple(sorted({*lacking, *refused}))
        else:
            async with self._quickbooks(tokens) as quickbooks:
                known, writable = await self._read_company(quickbooks, account)
            lacking = missing_scopes("quickbooks", account.scopes)
        await self._accounts.note_facts(account, facts_of.kept(account.facts, known))
        account = await self._note(account, lacking, writable=writable)
        return Connected(account, missing=_missing(account), remarks=_remarks(account))

    async def _provision(
        self, hubspot: HubSpot, account: Account, language: Language
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """Facts that provisioning adds, or the permissions that it lacks."""
        try:
            done = await provision(hubspot.definitions, account, language, self._pages_base)
        except Paused as refused:
            return {}, tuple(str(refused.details.get("scopes", refused.sentence)).split(", "))
        return {"open_property": done.open_property}, ()

    async def _read_company(self, quickbooks: QuickBooks, account: Account) -> tuple[dict[str, Any], bool]:
        try:
            company = (await quickbooks.company_info(account)).value
            preferences = (await quickbooks.preferences(account)).value
        except LedgerbridgeError as error:
            if account.id or not (isinstance(error, ReconnectNeeded) or error.code == "GONE"):
                raise
            problem = f"QuickBooks does not accept it for company {account.external_id}"
            raise Refused("INVALID", field="token", problem=problem) from None
        return facts_of.quickbooks_facts(company, preferences), company.writable

    async def _store(
        self, candidate: Account, grant: Grant, facts: Mapping[str, Any], tenant_id: int | None = None
    ) -> Account:
        return await store_account(
            self._database,
            self._accounts,
            self._grants,
            vendor=candidate.vendor,
            external_id=candidate.external_id,
            app=candidate.app,
            grant=grant,
            facts=facts,
            now=self._business.now(),
            tenant_id=tenant_id,
        )

    async def _note(self, account: Account, lacking: tuple[str, ...], *, writable: bool = True) -> Account:
        """Store the state that was seen, with its words."""
        state: AccountState = "connected"
        code, details = None, {}
        if lacking:
            state, code = "permission_missing", "MISSING_SCOPE"
            details = {"vendor": account.vendor_name, "scopes": ", ".join(lacking)}
        elif not writable:
            state, code = "waiting", "SUBSCRIPTION_LAPSED"
            details = {"account": account.external_id, "status": str(account.facts.get("subscription"))}
        await self._accounts.note_state(account, state, code, details)
        return await self._accounts.account(account.id)


def _zone_choice(told: str | None, asked: str | None, hubspot: Account) -> dict[str, str]:
    """The setting that keeps a zone which QuickBooks does not tell. Raises Refused where nobody tells it."""
    if asked is not None:
        return {"zone": asked}
    if told is not None:
        return {}
    proposed = hubspot.facts.get("zone")
    raise Refused(
        "INVALID",
        field="zone",
        problem=f"QuickBooks does not tell the company's time zone; name it (HubSpot's account is in {proposed})",
    )


def _missing(account: Account) -> tuple[str, ...]:
    if account.state_code is None:
        return ()
    entry = CATALOGUE[account.state_code]
    return (f"{entry.say(account.state_details)} {entry.advise(account.state_details)}",)


def _remarks(account: Account) -> tuple[str, ...]:
    """What will be refused as things stand, said before anybody meets it."""
    if not account.facts.get("custom_transaction_numbers"):
        return ()
    entry = CATALOGUE["CUSTOM_TRANSACTION_NUMBERS"]
    details = {"company": account.facts.get("name", account.external_id)}
    return (f"{entry.say(details)} {entry.advise(details)}",)
