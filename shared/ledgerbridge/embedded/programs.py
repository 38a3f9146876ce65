"""One program that runs as a child: what it is, and how it is started, watched and stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Protocol

import psutil

from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.ports import refuse_taken_port

POLL_SECONDS = 0.05
LOG_KEPT_BYTES = 10_000_000
# The administrator's address of the database is nobody's business but the supervisor's.
KEPT_FROM_CHILDREN = frozenset({"LEDGERBRIDGE_DATABASE"})


class Layer(IntEnum):
    """What stands on what: layers are started from the lowest and stopped from the highest."""

    DATABASE = 0
    BROKER = 1
    SANDBOX = 2
    SERVICE = 3


def _always(_port: int) -> bool:
    return True


@dataclass(frozen=True)
class Program:
    """How one child is started, asked and stopped.

    `port` is the port on 127.0.0.1 that it opens; `ready` and `alive` are asked with it; `more_ports` are others, with
    the settings that name them. `environment` is added to that of this process; `user` is the system user that it runs
    as (only where this process is root).
    """

    name: str
    command: tuple[str, ...]
    port: int
    log: Path
    layer: Layer
    ready: Callable[[int], bool]
    alive: Callable[[int], bool] = _always
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15.0
    start_seconds: float = 60.0
    port_setting: str | None = None
    more_ports: Mapping[int, str] = field(default_factory=dict)


class Child:
    """A running program, in a session of its own: signals reach it from its parent alone."""

    def __init__(self, program: Program, process: "subprocess.Popen[bytes]") -> None:
        """Wrap what `start` has started."""
        self.program = program
        self.process = process
        self.layer: int = program.layer
        self.started = time.monotonic()
        self.start_time = psutil.Process(process.pid).create_time()

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self.process.poll()

    def stop(self) -> None:
        """Ask it to stop and wait; kill it where it does not within its time."""
        self.ask_to_stop()
        self.await_end()

    def ask_to_stop(self) -> None:
        """Send the signal that it stops upon, if it runs."""
        self.process.send_signal(self.program.stop_signal)

    def await_end(self) -> None:
        """Wait for its end; kill it where that does not come within its time."""
        try:
            self.process.wait(self.program.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()


def start(program: Program) -> Child:
    """Start a program; raises CannotStartError where its port is taken. It need not be ready yet."""
    for port, setting in ((program.port, program.port_setting), *program.more_ports.items()):
        refuse_taken_port(program.name, port, setting)
    program.log.parent.mkdir(parents=True, exist_ok=True)
    if program.log.exists() and program.log.stat().st_size > LOG_KEPT_BYTES:
        program.log.replace(program.log.with_suffix(".old.log"))
    with program.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env={name: value for name, value in os.environ.items() if name not in KEPT_FROM_CHILDREN}
            | dict(program.environment),
            start_new_session=True,
            user=program.user,
            group=program.user,
            extra_groups=[] if program.user else None,
        )
    return Child(program, process)


def start_and_wait(program: Program) -> Child:
    """Start a program and wait until it is ready; it is stopped again where it does not become so."""
    child = start(program)
    try:
        wait_until_ready(child)
    except BaseException:
        child.stop()
        raise
    return child


def wait_until_ready(child: Child) -> None:
    """Raises CannotStartError, with the end of the log, where it exits or is not ready in its time."""
    program = child.program
    deadline = time.monotonic() + program.start_seconds
    while not program.ready(program.port):
        if child.exit_status is not None:
            raise CannotStartError(
                f"{program.name} ended at once with status {child.exit_status}; its log {program.log} ends:\n"
                f"{last_lines(program.log)}"
            )
        if time.monotonic() > deadline:
            raise CannotStartError(
                f"{program.name} was not ready on 127.0.0.1:{program.port} within {program.start_seconds:.0f} s; "
                f"its log {program.log} ends:\n{last_lines(program.log)}"
            )
        time.sleep(POLL_SECONDS)


class Stoppable(Protocol):
    """A running program of a layer."""

    layer: int

    def ask_to_stop(self) -> None:
        """Send the signal that it stops upon."""

    def await_end(self) -> None:
        """Wait for its end, bounded."""


def stop_in_order(running: Sequence[Stoppable]) -> None:
    """Stop the highest layer, all of it at once, then the next."""
    for layer in sorted({one.layer for one in running}, reverse=True):
        ending = [one for one in running if one.layer == layer]
        for one in ending:
            one.ask_to_stop()
        for one in ending:
            one.await_end()


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log, indented."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-count:]
    except OSError:
        lines = []
    return "\n".join(f"    {line}" for line in lines)
