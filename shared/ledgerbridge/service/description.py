"""What a service tells the world that starts it; found through the entry points `ledgerbridge.services`."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from ledgerbridge.contracts.topics import TOPICS, Topic, dead_letters
from ledgerbridge.storage import MigrationSet

if TYPE_CHECKING:  # a command that only lists services need not load a web framework
    from fastapi import FastAPI
    from starlette.types import ASGIApp


@dataclass(frozen=True)
class ServiceDescription:
    """A service's name, where it lives and what it needs before it starts.

    `package` is started with ``python -m <package>`` and is also the name of its schema; `port` is its default HTTP
    port; `topics` are those that it alone owns. `front` stands before the web framework, for requests so many
    that the framework would cost more than their work.
    """

    name: str
    package: str
    port: int
    migrations: tuple[MigrationSet, ...]
    topics: tuple[Topic, ...] = ()
    front: "Callable[[FastAPI], ASGIApp] | None" = None

    @property
    def schema(self) -> str:
        """The service's schema in PostgreSQL."""
        return self.package


def installed_services(only: Collection[str] | None = None) -> list[ServiceDescription]:
    """Every service that is installed here, by name; `only` those named, the others are not even imported."""
    entries = entry_points(group="ledgerbridge.services")
    if only and (missing := sorted(set(only) - set(entries.names))):
        raise LookupError(f"no service {', '.join(missing)} is installed here; there are {', '.join(entries.names)}")
    found = [entry.load() for entry in entries if not only or entry.name in only]
    return sorted(found, key=lambda service: service.name)


def topics_of(services: Iterable[ServiceDescription]) -> list[Topic]:
    """Every topic that an installation with these services has."""
    own = [topic for service in services for topic in (*service.topics, dead_letters(service.name))]
    return list(dict.fromkeys((*TOPICS, *own)))
