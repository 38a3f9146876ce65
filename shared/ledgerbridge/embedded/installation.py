"""One installation while it starts: what it has been given, and what its services will be told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ledgerbridge.embedded.secrets import InstallationSecrets
from ledgerbridge.embedded.settings import EmbeddedSettings
from ledgerbridge.service.description import ServiceDescription


@dataclass
class Installation:
    """Grows during the start: `environment` is every service's, `environment_of` a single one's, by its name."""

    settings: EmbeddedSettings
    services: list[ServiceDescription]
    secrets: InstallationSecrets
    kafka: str
    admin_dsn: str = field(repr=False)
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    environment_of: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Preparation:
    """Something to be done, each time, after database and broker answer and before the services start."""

    name: str
    prepare: Callable[[Installation], Awaitable[None]]
