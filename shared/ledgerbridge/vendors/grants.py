"""What a vendor's token endpoint gives; it never shows its secrets when printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens with their lifetimes in seconds from the moment of the answer.

    `refresh_expires_in` is None where the vendor sets no end (HubSpot); `account_hint` is the portal, where told.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int | None = None
    scopes: tuple[str, ...] = ()
    account_hint: str | None = None


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """An app at a vendor: its client id and secret."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Introspection:
    """What a vendor says of a token; `account_hint` is the portal's id."""

    active: bool
    scopes: tuple[str, ...] = ()
    account_hint: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
