"""Keeps programs running: starts what died or hangs again, with back-off, and says so."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from ledgerbridge.embedded.downloads import Report
from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.interruption import Interruption
from ledgerbridge.embedded.programs import Child, Program, last_lines, start, stop_in_order
from ledgerbridge.embedded.state import StateFile

TICK_SECONDS = 0.05
ALIVE_EVERY_SECONDS = 1.0
MISSES_ALLOWED = 3
BACK_OFF_FIRST_SECONDS = 0.5
BACK_OFF_MOST_SECONDS = 30.0
# Who ran this long is healthy again: its next end is a first one.
HEALTHY_AFTER_SECONDS = 60.0
STILL_WAITING_SECONDS = 15.0
LAST_WORDS_LENGTH = 300


@dataclass
class Watched:
    """A program and how it fares. Times are machine time."""

    program: Program
    child: Child | None = None
    ready: bool = False
    failures: int = 0
    start_at: float = 0.0
    misses: int = 0
    ask_at: float = 0.0

    @property
    def back_off(self) -> float:
        """Seconds until the next start, after so many failures in a row."""
        return float(min(BACK_OFF_FIRST_SECONDS * 2 ** max(self.failures - 1, 0), BACK_OFF_MOST_SECONDS))


class Supervisor:
    """Owns the children. All calls come from one thread."""

    def __init__(self, state: StateFile, say: Report, interruption: Interruption) -> None:
        """Nothing is started yet."""
        self._state = state
        self._say = say
        self._interruption = interruption
        self._watched: list[Watched] = []

    def start(self, program: Program) -> None:
        """Start a program and watch it from now on. Raises CannotStartError where its port is taken."""
        watched = Watched(program)
        self._start(watched)
        self._watched.append(watched)

    def wait_until_ready(self, programs: Iterable[Program], *, tries: int | None = None) -> None:
        """Watch until all of them are ready; after `tries` failures of one of them raise CannotStartError."""
        names = {program.name for program in programs}
        remind_at = time.monotonic() + STILL_WAITING_SECONDS
        while waiting := [one for one in self._watched if one.program.name in names and not one.ready]:
            for one in waiting:
                if tries and one.failures >= tries:
                    raise CannotStartError(
                        f"{one.program.name} does not start; its log {one.program.log} ends:\n"
                        f"{last_lines(one.program.log)}"
                    )
            if time.monotonic() > remind_at:
                remind_at = time.monotonic() + STILL_WAITING_SECONDS
                self._say("Still waiting for " + ", ".join(f"{w.program.name} ({w.program.log})" for w in waiting))
            self._tick()
            time.sleep(TICK_SECONDS)

    def watch(self) -> None:
        """Watch until interrupted."""
        while True:
            self._tick()
            time.sleep(TICK_SECONDS)

    def stop_all(self) -> None:
        """Stop everything in order: services first, then the sandbox, the broker, the database."""
        stop_in_order([one.child for one in self._watched if one.child])
        self._watched.clear()
        self._state.path.unlink(missing_ok=True)

    def _tick(self) -> None:
        now = time.monotonic()
        for one in self._watched:
            if one.child is None:
                if now >= one.start_at:
                    self._start_again(one)
            elif (status := one.child.exit_status) is not None:
                self._failed(one, f"ended ({describe(status)}{_last_words(one)})")
            elif not one.ready:
                self._look_whether_ready(one, one.child)
            elif now >= one.ask_at:
                self._look_whether_alive(one, one.child)

    def _look_whether_ready(self, one: Watched, child: Child) -> None:
        one.ready = one.program.ready(one.program.port)
        if one.ready:
            one.ask_at = time.monotonic() + ALIVE_EVERY_SECONDS
            if one.failures:
                self._say(f"{one.program.name} is back")
        elif time.monotonic() - child.started > one.program.start_seconds:
            child.kill()
            self._failed(one, f"was not ready within {one.program.start_seconds:.0f} s")

    def _look_whether_alive(self, one: Watched, child: Child) -> None:
        one.misses = 0 if one.program.alive(one.program.port) else one.misses + 1
        now = time.monotonic()
        one.ask_at = now + ALIVE_EVERY_SECONDS
        if now - child.started > HEALTHY_AFTER_SECONDS:
            one.failures = 0
        if one.misses >= MISSES_ALLOWED:
            child.kill()
            self._failed(one, "hangs (its /livez does not say that it lives)")

    def _failed(self, one: Watched, what: str) -> None:
        one.child, one.ready, one.misses = None, False, 0
        one.failures += 1
        one.start_at = time.monotonic() + one.back_off
        self._say(f"{one.program.name} {what}; starting it again in {one.back_off:g} s. Its log: {one.program.log}")

    def _start_again(self, one: Watched) -> None:
        try:
            self._start(one)
        except (CannotStartError, OSError) as refusal:
            self._failed(one, f"could not be started: {refusal}")

    def _start(self, one: Watched) -> None:
        # A child that the state file does not know would be nobody's.
        with self._interruption.held():
            one.child = start(one.program)
            children = [other.child for other in self._watched if other.child and other is not one]
            self._state.write([*children, one.child])


def _last_words(one: Watched) -> str:
    """The last line of the log of a program that never became ready: there it says why."""
    words = "" if one.ready else last_lines(one.program.log, 1).strip()
    return f": {words[:LAST_WORDS_LENGTH]}" if words else ""


def describe(status: int) -> str:
    """An exit status in words."""
    return f"killed by signal {-status}" if status < 0 else f"status {status}"
