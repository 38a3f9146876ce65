"""The one table of HubSpot's API versions (hubspot.md 1). The order of version and resource is not uniform there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Api = Literal[
    "objects",
    "associations",
    "properties",
    "pipelines",
    "owners",
    "currencies",
    "account-info",
    "token",
    "introspect",
    "revoke",
    "uninstall",
]

_DATED: Mapping[Api, str] = {
    "objects": "/crm/objects/{dated}",
    "associations": "/crm/associations/{dated}",
    "properties": "/crm/properties/{dated}",
    "pipelines": "/crm/pipelines/{dated}",
    "owners": "/crm/owners/{dated}",
    "currencies": "/settings/currencies/{dated}",
    "account-info": "/account-info/{dated}",
    "token": "/oauth/{dated}/token",
    "introspect": "/oauth/{dated}/token/introspect",
    "revoke": "/oauth/{dated}/token/revoke",
    "uninstall": "/appinstalls/{dated}/external-install",
}
_NUMBERED: Mapping[Api, str] = {
    "objects": "/crm/v3/objects",
    "associations": "/crm/v4/associations",
    "properties": "/crm/v3/properties",
    "pipelines": "/crm/v3/pipelines",
    "owners": "/crm/v3/owners",
    "currencies": "/settings/v3/currencies",
    "account-info": "/account-info/v3",
    "token": "/oauth/v3/token",
    "introspect": "/oauth/v3/token/introspect",
    "revoke": "/oauth/v3/token/revoke",
    "uninstall": "/appinstalls/v3/external-install",
}


@dataclass(frozen=True, slots=True)
class Versions:
    """Which family of paths is used: a date such as ``2026-09``, or None for the numbered v3 and v4."""

    dated: str | None = "2026-09"

    def path(self, api: Api) -> str:
        """Where this API's paths begin."""
        return _NUMBERED[api] if self.dated is None else _DATED[api].format(dated=self.dated)

    @property
    def associated(self) -> str:
        """Where a record's own associations hang: v4 in the numbered family (hubspot.md 7)."""
        return "/crm/v4/objects" if self.dated is None else self.path("objects")


LATEST = Versions()
NUMBERED = Versions(dated=None)
