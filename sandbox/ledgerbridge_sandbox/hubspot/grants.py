"""The app and what accounts granted it: static tokens, codes, refresh and access tokens (hubspot.md 2)."""

import random
from datetime import datetime, timedelta
from typing import Any

import msgspec

CLIENT_ID = "sandbox-hubspot-app"
CLIENT_SECRET = "sandbox-hubspot-secret"  # noqa: S105 - the sandbox's published secret
APP_ID = 2_401_001
ACCESS_SECONDS = 1800
CODE_SECONDS = 300
"""How long an authorization code lives: a guess."""

_TYPES = ("contacts", "companies", "deals", "products", "line_items", "quotes", "invoices", "commercepayments")
ALL_SCOPES = (
    "oauth",
    *(f"crm.objects.{name}.{verb}" for name in (*_TYPES, "owners") for verb in ("read", "write")),
    *(f"crm.schemas.{name}.{verb}" for name in _TYPES for verb in ("read", "write")),
    "e-commerce",
    "crm.lists.read",
    "crm.lists.write",
    "automation",
    "settings.currencies.read",
    "settings.currencies.write",
    "multi-currency-read",
    "multi-currency-write",
    "tax_rates.read",
    "files",
)


class Code(msgspec.Struct, frozen=True):
    """A code that a consent page handed out, good for one exchange."""

    portal: int
    redirect_uri: str
    scopes: tuple[str, ...]
    expires_at: datetime
    challenge: str = ""
    user_id: int = 100


class Access(msgspec.Struct, frozen=True):
    """An access token's meaning; a static token never expires."""

    portal: int
    scopes: tuple[str, ...]
    expires_at: datetime | None
    who: str


class Refresh(msgspec.Struct, frozen=True):
    """A refresh token's meaning."""

    portal: int
    scopes: tuple[str, ...]


class Grants:
    """Every token in force. Structures are frozen, so that snapshots copy the tables alone."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.codes: dict[str, Code] = {}
        self.access: dict[str, Access] = {}
        self.refresh: dict[str, Refresh] = {}

    def add_static(self, token: str, portal: int, scopes: tuple[str, ...] = ALL_SCOPES) -> None:
        """Put a static token in force."""
        self.access[token] = Access(portal, scopes, None, "static token")

    def issue_code(self, code: Code) -> str:
        """Hand out a code."""
        text = f"na1-{self._text(24)}"
        self.codes[text] = code
        return text

    def issue_refresh(self, portal: int, scopes: tuple[str, ...]) -> str:
        """Make a refresh token; an account that authorizes again keeps its earlier ones (guess)."""
        token = f"na1-{self._text(32)}"
        self.refresh[token] = Refresh(portal, scopes)
        return token

    def issue_access(self, refresh: Refresh, now: datetime) -> str:
        """Make an access token for 1800 s of the sandbox's clock."""
        token = f"CP{self._text(96)}"
        until = now + timedelta(seconds=ACCESS_SECONDS)
        self.access[token] = Access(refresh.portal, refresh.scopes, until, CLIENT_ID)
        return token

    def revoke_account(self, portal: int) -> None:
        """The app is uninstalled: every token of the account dies, static ones too."""
        self.codes = {text: code for text, code in self.codes.items() if code.portal != portal}
        self.access = {token: access for token, access in self.access.items() if access.portal != portal}
        self.refresh = {token: refresh for token, refresh in self.refresh.items() if refresh.portal != portal}

    def expire_account(self, portal: int, now: datetime) -> int:
        """Every access token of the account that can expire is expired now; answers how many."""
        meant = {t: a for t, a in self.access.items() if a.portal == portal and a.expires_at is not None}
        for token, access in meant.items():
            self.access[token] = msgspec.structs.replace(access, expires_at=now - timedelta(seconds=1))
        return len(meant)

    def limit_scopes(self, portal: int, scopes: tuple[str, ...]) -> None:
        """Give every token of the account these scopes only."""
        replace = msgspec.structs.replace
        for token, access in list(self.access.items()):
            if access.portal == portal:
                self.access[token] = replace(access, scopes=scopes)
        for token, refresh in list(self.refresh.items()):
            if refresh.portal == portal:
                self.refresh[token] = replace(refresh, scopes=scopes)

    def snapshot(self) -> object:
        """The whole state."""
        return dict(self.codes), dict(self.access), dict(self.refresh)

    def restore(self, state: Any) -> None:
        """Take an earlier state."""
        self.codes, self.access, self.refresh = (dict(part) for part in state)

    def _text(self, length: int) -> str:
        return f"{self._chance.getrandbits(length * 4):0{length}x}"
