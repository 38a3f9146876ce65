"""One broker and one database server for a test session, whatever it takes to have them.

Docker (testcontainers) where an engine answers, else the embedded runtime. Each runs under a small process of its
own (``python -m ledgerbridge.testing.servers``) that ends, and ends the server, when the test session has ended, even
if that was killed. The workers of pytest-xdist share them.
"""

import fcntl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ledgerbridge.testing import docker
from ledgerbridge.testing.waiting import wait_until_sync

START_SECONDS = 180.0
WATCH_SECONDS = 0.1
# A test's database need not survive a power cut.
FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def shared_server(kind: str, meeting_place: Path, session: int) -> str:
    """The address of the session's server of this kind, started by whoever comes first.

    `meeting_place` is a folder that all workers of the session see; `session` is the process whose end ends it.
    """
    address = meeting_place / f"{kind}-address"
    with (meeting_place / f"{kind}-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            _start_guardian(kind, address, session)
    return address.read_text()


def _start_guardian(kind: str, address: Path, session: int) -> None:
    log = address.with_suffix(".log")
    with log.open("wb") as output:
        guardian = subprocess.Popen(  # noqa: S603 - our own module
            (sys.executable, "-m", "ledgerbridge.testing.servers", kind, str(address), str(session)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    wait_until_sync(
        lambda: address.exists() or guardian.poll() is not None, START_SECONDS, f"a {kind} for the test session"
    )
    if not address.exists():
        raise RuntimeError(f"no {kind} for the test session:\n{log.read_text()}")


@contextmanager
def embedded_kafka() -> Iterator[str]:
    """The bootstrap servers of a broker that lasts as long as the context."""
    from ledgerbridge.embedded import downloads, kafka, ports, programs, settings  # noqa: PLC0415 - an optional extra

    with _passable_folder() as folder:
        port, controller_port = ports.free_ports(2)
        given = settings.EmbeddedSettings()
        jars = downloads.class_path(given.cache, print, given.maven_repository)
        program = kafka.kafka_program(folder, port=port, controller_port=controller_port, jars=jars)
        child = programs.start_and_wait(program)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            child.stop()


@contextmanager
def embedded_postgres() -> Iterator[str]:
    """The superuser's address of a database server that lasts as long as the context."""
    from ledgerbridge.embedded import ports, postgres, programs  # noqa: PLC0415 - an optional extra

    with _passable_folder() as folder:
        (port,) = ports.free_ports(1)
        child = programs.start_and_wait(postgres.postgres_program(folder, port=port, options=FAST_AND_FORGETFUL))
        try:
            yield postgres.admin_dsn(folder, port)
        finally:
            child.stop()


@contextmanager
def _passable_folder() -> Iterator[Path]:
    # Not below pytest's own folders: those are closed to other users, and PostgreSQL may have to be one.
    with tempfile.TemporaryDirectory(prefix="ledgerbridge-servers-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def main(kind: str, address: str, session: int) -> None:
    """Keep a server until the process `session` is gone."""
    watched = psutil.Process(session)
    embedded = {"kafka": embedded_kafka, "postgres": embedded_postgres}
    contained = {"kafka": docker.kafka, "postgres": docker.postgres}
    servers = contained if docker.engine_answers() else embedded
    with servers[kind]() as found:
        temporary = Path(f"{address}.new")
        temporary.write_text(found)
        temporary.rename(address)
        while watched.is_running() and watched.status() != psutil.STATUS_ZOMBIE:
            time.sleep(WATCH_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
