"""The settings of `ledgerbridge up`, read from the environment (`LEDGERBRIDGE_…`)."""

import os
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _user_folder(variable: str, default: str) -> Path:
    given = os.environ.get(variable)
    return (Path(given) if given else Path.home() / default) / "ledgerbridge"


def _data_folder() -> Path:
    return _user_folder("XDG_DATA_HOME", ".local/share")


def _cache_folder() -> Path:
    return _user_folder("XDG_CACHE_HOME", ".cache")


EMBEDDED_PARTITIONS = 3
PARTITIONS = 12


class EmbeddedSettings(BaseSettings):
    """Where the embedded runtime lives, and what it shall not start because it is given."""

    model_config = SettingsConfigDict(env_prefix="LEDGERBRIDGE_", env_ignore_empty=True, extra="ignore")

    home: Path = Field(
        default_factory=_data_folder,
        description="folder of all data of `ledgerbridge up`, which survive restarts; by default `ledgerbridge` in the "
        "user's data folder",
    )
    cache: Path = Field(
        default_factory=_cache_folder,
        description="folder of downloads, which may be deleted at any time; by default `ledgerbridge` in the user's "
        "cache folder",
    )
    kafka: str | None = Field(
        default=None, description="bootstrap servers of a Kafka to use; without it an embedded broker is started"
    )
    database: SecretStr | None = Field(
        default=None,
        description="administrator's address of a PostgreSQL database to use; without it an embedded server is started",
    )
    kafka_port: int = Field(default=0, ge=0, le=65535, description="port of the embedded broker; 0: a free one")
    database_port: int = Field(default=0, ge=0, le=65535, description="port of the embedded database; 0: a free one")
    topic_prefix: str = Field(default="ledgerbridge.", description="stands before every topic and consumer group")
    topic_partitions: int | None = Field(
        default=None, ge=1, description="partitions of every topic; by default 3 embedded, 12 on a Kafka of yours"
    )
    topic_replicas: int = Field(default=1, ge=1, description="copies of every topic on a Kafka of yours")
    maven_repository: str | None = Field(
        default=None, description="mirror of Maven Central from which Kafka is downloaded"
    )
    sandbox_control_port: int = Field(default=8090, ge=0, le=65535, description="sandbox's control door; 0: a free one")
    sandbox_hubspot_port: int = Field(default=8091, ge=0, le=65535, description="sandbox's HubSpot; 0: a free one")
    sandbox_quickbooks_port: int = Field(
        default=8092, ge=0, le=65535, description="sandbox's QuickBooks; 0: a free one"
    )

    @property
    def partitions(self) -> int:
        """How many partitions every topic has (design.md 5)."""
        return self.topic_partitions or (PARTITIONS if self.kafka else EMBEDDED_PARTITIONS)

    @property
    def replicas(self) -> int:
        """How many copies of every topic there are: the embedded broker is alone."""
        return self.topic_replicas if self.kafka else 1
