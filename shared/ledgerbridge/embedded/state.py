"""What the data folder remembers of the programs that run on it: one supervisor at a time, and its leftovers.

A supervisor that was killed leaves its children behind. Those that match what was written of them in every respect
(pid, start time, command, port) are stopped in order by the next one; a doubtful one is named and left alone.
"""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.programs import POLL_SECONDS, Child, stop_in_order

# A start time is computed from the boot time, which moves a little when the clock is set.
SAME_START_SECONDS = 2.0


@dataclass(frozen=True)
class Remembered:
    """One child as the state file keeps it."""

    name: str
    pid: int
    start_time: float
    command: list[str]
    port: int
    layer: int
    stop_signal: int
    stop_seconds: float

    @classmethod
    def of(cls, child: Child) -> "Remembered":
        """What to remember of a child."""
        program = child.program
        return cls(
            name=program.name,
            pid=child.process.pid,
            start_time=child.start_time,
            command=list(program.command),
            port=program.port,
            layer=program.layer,
            stop_signal=program.stop_signal,
            stop_seconds=program.stop_seconds,
        )

    def process(self) -> psutil.Process | None:
        """The process, or None where it has ended; another one that got its pid started at another time."""
        try:
            process = psutil.Process(self.pid)
            gone = process.status() == psutil.STATUS_ZOMBIE
            other = abs(process.create_time() - self.start_time) > SAME_START_SECONDS
        except psutil.NoSuchProcess:
            return None
        return None if gone or other else process


class Leftover:
    """A child of a killed supervisor."""

    def __init__(self, remembered: Remembered, process: psutil.Process) -> None:
        """Join what was remembered with what runs."""
        self.remembered = remembered
        self.process = process
        self.layer = remembered.layer

    @property
    def is_certain(self) -> bool:
        """Whether command and port are those remembered; one that listens nowhere is starting or stopping."""
        try:
            listening = {
                connection.laddr[1]
                for connection in self.process.net_connections("tcp")
                if connection.status == psutil.CONN_LISTEN
            }
            return self.process.cmdline() == self.remembered.command and (
                not listening or self.remembered.port in listening
            )
        except psutil.Error:
            return not self.process.is_running()

    def ask_to_stop(self) -> None:
        """Send the signal that it stops upon."""
        if self.process.is_running():
            self.process.send_signal(signal.Signals(self.remembered.stop_signal))

    def await_end(self) -> None:
        """Wait for its end; kill it where that does not come within its time."""
        deadline = time.monotonic() + self.remembered.stop_seconds
        killed = False
        # Asked anew each time: nobody may be there to collect an orphan, which then stays as a zombie.
        while self.remembered.process():
            if not killed and time.monotonic() > deadline:
                self.process.kill()
                killed = True
            time.sleep(POLL_SECONDS)


class StateFile:
    """`state.json` in the data folder."""

    def __init__(self, home: Path) -> None:
        """Use the folder; nothing is written yet."""
        self.path = home / "state.json"

    def write(self, children: Iterable[Child]) -> None:
        """Remember exactly these children."""
        rows = [asdict(Remembered.of(child)) for child in children]
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps(rows, indent=1))
        temporary.replace(self.path)

    def leftovers(self) -> list[Leftover]:
        """What still runs of a supervisor that is gone."""
        if not self.path.exists():
            return []
        known = [Remembered(**row) for row in json.loads(self.path.read_text())]
        return [Leftover(one, process) for one in known if (process := one.process())]

    def stop_leftovers(self) -> list[str]:
        """Stop them in order and answer their names; CannotStartError names those that are in doubt."""
        leftovers = self.leftovers()
        if doubtful := [one for one in leftovers if not one.is_certain]:
            names = ", ".join(f"{one.remembered.name} (pid {one.remembered.pid})" for one in doubtful)
            raise CannotStartError(
                f"{self.path.parent} was left by a supervisor that was killed, and what runs under the pids of {names} "
                f"is not what it had started; look at them, end what is Ledgerbridge's, then remove {self.path}"
            )
        stop_in_order(leftovers)
        self.path.unlink(missing_ok=True)
        return [one.remembered.name for one in leftovers]


@contextmanager
def held_alone(home: Path) -> Iterator[None]:
    """Hold the data folder; CannotStartError where another supervisor does. The hold ends with this process."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStartError(
                f"Ledgerbridge already runs in {home} (pid {lock.read().strip() or 'unknown'}); stop it first, "
                "or set LEDGERBRIDGE_HOME to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
