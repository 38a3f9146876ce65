"""What a command works on: your services by their environment, else what `ledgerbridge up` runs on this machine."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ledgerbridge.embedded.running import Running, running_installation
from ledgerbridge.embedded.settings import EmbeddedSettings
from ledgerbridge.service.description import ServiceDescription, installed_services
from ledgerbridge.service.settings import ServiceSettings


class NotFoundError(Exception):
    """What a command needs cannot be found; the text says what, and what to do."""


DEFAULT_ADDRESSES = {"webhook-gateway": "http://127.0.0.1:8081", "invoice-service": "http://127.0.0.1:8082"}
_PREFIX = "LEDGERBRIDGE_"


def home() -> Path:
    """The data folder of `ledgerbridge up`, which also keeps this machine's clients."""
    return EmbeddedSettings().home


def running() -> Running | None:
    """The installation that `ledgerbridge up` runs here, unless the environment names another one."""
    given = EmbeddedSettings()
    here = running_installation(given.home)
    if here is None or os.environ.get("LEDGERBRIDGE_DATABASE_APP"):
        return None
    other_kafka = given.kafka not in (None, here.kafka)
    other_database = given.database is not None and given.database.get_secret_value() != here.admin_dsn
    return None if other_kafka or other_database else here


def service_settings() -> ServiceSettings:
    """The settings with which a command reaches database, broker and vendors: those of any service will do.

    Raises NotFoundError where neither the environment nor a running installation tells them.
    """
    here = running()
    told = {} if here is None else next(iter(here.environment.values()), {})
    given = {name: value for name, value in os.environ.items() if name.startswith(_PREFIX)}
    values: dict[str, Any] = {name.removeprefix(_PREFIX).lower(): value for name, value in {**told, **given}.items()}
    try:
        return ServiceSettings(**values)
    except ValidationError as error:
        wrong = ", ".join(sorted({_PREFIX + str(one["loc"][0]).upper() for one in error.errors() if one["loc"]}))
        raise NotFoundError(
            f"Nothing runs in {home()} and the environment is not complete: start `ledgerbridge up`, or set {wrong}."
        ) from None


def services() -> list[ServiceDescription]:
    """The services of the installation: those that run here, else all that are installed."""
    here = running()
    return installed_services(list(here.environment) if here else None)


def pages_base() -> str:
    """Where invoice-service's own pages are, until the console takes over."""
    return os.environ.get("LEDGERBRIDGE_PAGES_BASE") or address("invoice-service")


def admin_dsn() -> str:
    """The administrator's address of the database. Raises NotFoundError."""
    given, here = EmbeddedSettings().database, running()
    if given is not None:
        return given.get_secret_value()
    if here is None:
        raise NotFoundError(f"No database: set LEDGERBRIDGE_DATABASE, or start `ledgerbridge up` ({home()}).")
    return here.admin_dsn


@dataclass(frozen=True)
class Broker:
    """The Kafka in use: bootstrap servers, topic prefix, partitions and copies of every topic."""

    servers: str
    prefix: str
    partitions: int
    replicas: int


def broker() -> Broker:
    """The environment's, else the running installation's. Raises NotFoundError."""
    given, here = EmbeddedSettings(), running()
    if here is not None:
        return Broker(here.kafka, here.topic_prefix, here.partitions, here.replicas)
    if given.kafka is None:
        raise NotFoundError(f"No Kafka: set LEDGERBRIDGE_KAFKA, or start `ledgerbridge up` ({home()}).")
    return Broker(given.kafka, given.topic_prefix, given.partitions, given.topic_replicas)


def address(service: str) -> str:
    """Where the service answers HTTP: LEDGERBRIDGE_<SERVICE>_URL, else where it runs here, else its own port."""
    given = os.environ.get(f"LEDGERBRIDGE_{service.upper().replace('-', '_')}_URL")
    here = running()
    return given or (here.addresses.get(service) if here else None) or DEFAULT_ADDRESSES[service]
