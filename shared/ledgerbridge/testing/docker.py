"""Servers in containers, for machines where a Docker engine answers and testcontainers is installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

# Both are what the embedded runtime brings: Kafka 4 in KRaft mode and PostgreSQL 18 (libraries.md 22.2).
KAFKA_IMAGE = "confluentinc/cp-kafka:8.0.0"
POSTGRES_IMAGE = "postgres:18"


def engine_answers() -> bool:
    """Whether containers can be started here."""
    if find_spec("testcontainers") is None or find_spec("docker") is None:
        return False
    docker = import_module("docker")
    try:
        return bool(docker.from_env(timeout=2).ping())
    except docker.errors.DockerException:
        return False


@contextmanager
def kafka() -> Iterator[str]:
    """The bootstrap servers of a broker in a container."""
    containers = import_module("testcontainers.community.kafka")
    with containers.KafkaContainer(KAFKA_IMAGE).with_kraft() as container:
        yield container.get_bootstrap_server()


@contextmanager
def postgres() -> Iterator[str]:
    """The superuser's address of a database server in a container."""
    containers = import_module("testcontainers.community.postgres")
    options = {"username": "postgres", "dbname": "postgres", "driver": None}
    with containers.PostgresContainer(POSTGRES_IMAGE, **options) as container:
        yield container.get_connection_url()
