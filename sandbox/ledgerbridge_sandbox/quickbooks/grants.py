"""What Intuit remembers of consents: codes, access tokens of an hour, refresh tokens that rotate (quickbooks.md 1)."""

import copy
import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ledgerbridge_sandbox.clock import SandboxClock
from ledgerbridge_sandbox.quickbooks.identity import id_token, user_facts
from ledgerbridge_sandbox.switches import Switches

APP, APP_SECRET = "sandbox-quickbooks-app", "sandbox-quickbooks-secret"
ACCESS_SECONDS = 3600
ROTATION = timedelta(hours=24)
REFRESH_LIFE = timedelta(days=100)
HARD_LIFE = timedelta(days=5 * 365)
CODE_LIFE = timedelta(minutes=5)
_CONCURRENT_SECONDS = 1.0


class InvalidGrantError(Exception):
    """The code or refresh token is worth nothing (any more); `description` is None where Intuit gives none."""

    def __init__(self, description: str | None = None) -> None:
        super().__init__(description or "invalid_grant")
        self.description = description


@dataclass
class Grant:
    """One consent of a company. `refresh_issued` is when the present value of the refresh token was first given."""

    realm: str
    consented: datetime
    refresh: str
    refresh_issued: datetime
    refresh_expires: datetime
    scopes: frozenset[str] = frozenset()
    access: dict[str, datetime] = field(default_factory=dict)
    last_refresh: float | None = None


@dataclass
class _Code:
    realm: str
    redirect: str
    expires: datetime
    scopes: frozenset[str]


class Grants:
    """All consents of the sandbox's one app."""

    def __init__(self, clock: SandboxClock, switches: Switches, chance: random.Random) -> None:
        self._clock = clock
        self._switches = switches
        self._chance = chance
        self._grants: list[Grant] = []
        self._codes: dict[str, _Code] = {}
        self._without_rights: set[str] = set()

    def seed(self, realm: str, access: str, refresh: str) -> None:
        """A consent given before the start, with fixed tokens valid now."""
        now = self._clock.now()
        grant = Grant(realm, now, refresh, now, now + REFRESH_LIFE)
        grant.access[access] = now + timedelta(seconds=ACCESS_SECONDS)
        self._grants.append(grant)

    def realm_of(self, access: str) -> tuple[str, bool] | None:
        """(realm, still valid) of an access token; None for one that was never given or whose grant is gone."""
        for grant in self._grants:
            expires = grant.access.get(access)
            if expires is not None:
                return grant.realm, self._clock.now() < expires
        return None

    def consent(self, realm: str, redirect: str, scopes: frozenset[str] = frozenset()) -> str:
        """A person consents; the answer is the code, good once and for minutes."""
        code = self._secret("code")
        self._codes[code] = _Code(realm, redirect, self._clock.now() + CODE_LIFE, scopes)
        return code

    def exchange(self, code: str, redirect: str) -> dict[str, Any]:
        """Tokens for a code; raises InvalidGrantError."""
        known = self._codes.pop(code, None)
        if known is None or known.redirect != redirect or self._clock.now() >= known.expires:
            raise InvalidGrantError("Invalid authorization code")
        now = self._clock.now()
        grant = Grant(known.realm, now, self._secret("refresh"), now, now + REFRESH_LIFE, known.scopes)
        self._grants.append(grant)
        identified = {"id_token": id_token(APP, known.realm, now)} if "openid" in known.scopes else {}
        return self._tokens(grant) | identified

    def refresh(self, token: str) -> dict[str, Any]:
        """
        New tokens; raises InvalidGrantError.

        The refresh value changes on the first refresh after 24 hours, then the old one is dead (no grace:
        quickbooks.md 1).

        With the setting `kill_grant_on_concurrent_refresh` a second use of a value within a second of real time
        kills the grant, as Intuit may do.
        """
        grant = next((each for each in self._grants if each.refresh == token), None)
        now = self._clock.now()
        if grant is None or now >= min(grant.refresh_expires, grant.consented + HARD_LIFE):
            raise InvalidGrantError
        moment = time.monotonic()
        concurrent = grant.last_refresh is not None and moment - grant.last_refresh < _CONCURRENT_SECONDS
        if concurrent and self._switches["kill_grant_on_concurrent_refresh"]:
            self._grants.remove(grant)
            raise InvalidGrantError
        grant.last_refresh = moment
        if now - grant.refresh_issued >= ROTATION or self._switches["rotate_at_every_refresh"]:
            grant.refresh, grant.refresh_issued = self._secret("refresh"), now
        grant.refresh_expires = now + REFRESH_LIFE
        return self._tokens(grant)

    def _tokens(self, grant: Grant) -> dict[str, Any]:
        now = self._clock.now()
        access = self._secret("access")
        grant.access = {token: expires for token, expires in grant.access.items() if expires > now}
        grant.access[access] = now + timedelta(seconds=ACCESS_SECONDS)
        return {
            "token_type": "bearer",
            "access_token": access,
            "expires_in": ACCESS_SECONDS,
            "refresh_token": grant.refresh,
            "x_refresh_token_expires_in": int(
                (min(grant.refresh_expires, grant.consented + HARD_LIFE) - now).total_seconds()
            ),
        }

    def hard_seconds(self, access: str) -> int:
        """Seconds until the five-year cap of the consent behind that token."""
        grant = next(each for each in self._grants if access in each.access)
        return int((grant.consented + HARD_LIFE - self._clock.now()).total_seconds())

    def user_of(self, access: str) -> dict[str, Any] | None:
        """What userinfo tells the bearer of a valid token whose consent covers `openid`, None anyone else."""
        now = self._clock.now()
        for grant in self._grants:
            if access in grant.access and now < grant.access[access] and "openid" in grant.scopes:
                return user_facts(grant.realm, grant.scopes)
        return None

    def set_rights(self, realm: str, *, there: bool) -> None:
        """Whether the person who connected the company is still its administrator."""
        (self._without_rights.discard if there else self._without_rights.add)(realm)

    def has_rights(self, realm: str) -> bool:
        """Whether the person who connected the company may do what the app asks."""
        return realm not in self._without_rights

    def revoke_token(self, token: str) -> bool:
        """An app gives a token back: it loses the whole company. False for an unknown token."""
        grant = next((each for each in self._grants if token == each.refresh or token in each.access), None)
        if grant is None:
            return False
        self.revoke_realm(grant.realm)
        return True

    def revoke_realm(self, realm: str) -> None:
        """The company disconnects the app. Its access tokens are known from then on as not authorised (403)."""
        for grant in self._grants:
            if grant.realm == realm:
                grant.refresh = self._secret("dead")
                grant.realm = ""

    def expire_realm(self, realm: str) -> None:
        """Every access token of the company is expired now."""
        for grant in self._grants:
            if grant.realm == realm:
                grant.access = dict.fromkeys(grant.access, self._clock.now())

    def _secret(self, kind: str) -> str:
        return f"{kind}-{self._chance.getrandbits(160):040x}"

    def snapshot(self) -> object:
        """The whole state."""
        return copy.deepcopy((self._grants, self._codes, self._without_rights))

    def restore(self, state: Any) -> None:
        """Take the state of an earlier snapshot, which stays usable."""
        self._grants, self._codes, self._without_rights = copy.deepcopy(state)
