"""A real broker and a real database of the benchmark's own, with the durability that `ledgerbridge up` gives."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledgerbridge.embedded import downloads, kafka, ports, postgres, programs, settings


@dataclass(frozen=True)
class Servers:
    """Where both are."""

    kafka: str
    postgres: str


@contextmanager
def servers() -> Iterator[Servers]:
    """Both servers as the embedded runtime starts them: PostgreSQL waits for the disk at every commit."""
    with tempfile.TemporaryDirectory(prefix="ledgerbridge-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        broker_port, controller_port, database_port = ports.free_ports(3)
        given = settings.EmbeddedSettings()
        jars = downloads.class_path(given.cache, print, given.maven_repository)
        database = programs.start_and_wait(postgres.postgres_program(folder / "postgres", port=database_port))
        try:
            broker = programs.start_and_wait(
                kafka.kafka_program(folder / "kafka", port=broker_port, controller_port=controller_port, jars=jars)
            )
            try:
                yield Servers(f"127.0.0.1:{broker_port}", postgres.admin_dsn(folder / "postgres", database_port))
            finally:
                broker.stop()
        finally:
            database.stop()
