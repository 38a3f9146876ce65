"""`ledgerbridge up --sandbox` as a process of its own, on a home of its own and on free ports."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
from ledgerbridge.embedded.running import Running, running_installation
from ledgerbridge.testing.waiting import wait_until_sync

START_SECONDS = 600.0
"""The first start on a machine downloads Kafka."""
STOP_SECONDS = 40.0
FREE_PORTS = {
    f"LEDGERBRIDGE_{name}_PORT": "0"
    for name in ("SANDBOX_CONTROL", "SANDBOX_HUBSPOT", "SANDBOX_QUICKBOOKS", "WEBHOOK_GATEWAY", "INVOICE_SERVICE")
}
_KEPT = ("LEDGERBRIDGE_CACHE", "LEDGERBRIDGE_MAVEN_REPOSITORY")


class Installation:
    """One home; `start` and `stop` may be repeated, the data stay until `remove`."""

    up: tuple[str, ...] = ("up", "--sandbox")

    def __init__(self, *arguments: str, **environment: str) -> None:
        """`environment` is added to what `ledgerbridge up` and the commands are told, `arguments` to `up`'s own."""
        self.arguments = arguments
        # Not below pytest's own folders: PostgreSQL, which is not root, must be able to pass through.
        self.folder = Path(tempfile.mkdtemp(prefix="ledgerbridge-house-"))
        self.folder.chmod(0o755)
        self.home = self.folder / "home"
        self.output = self.folder / "output"
        self.process: subprocess.Popen[bytes] | None = None
        others = {name: value for name, value in os.environ.items() if not name.startswith("LEDGERBRIDGE_")}
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self.environment = {**others, **kept, **FREE_PORTS, "LEDGERBRIDGE_HOME": str(self.home), **environment}

    def start(self, say: Callable[[str], None] = lambda _line: None) -> Running:
        """Start and wait until it says that it is up, passing its lines on. RuntimeError with its words if it ends."""
        with self.output.open("wb") as output:
            self.process = process = subprocess.Popen(
                [sys.executable, "-m", "ledgerbridge.command_line", *self.up, *self.arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        told = 0

        def ready() -> bool:
            nonlocal told
            ended = process.poll() is not None
            lines = self.said.splitlines(keepends=True)
            whole = [line.rstrip() for line in lines if line.endswith("\n")]
            for line in whole[told:]:
                say(line)
            told = len(whole)
            return ended or any(line.startswith("  clients ") for line in whole)

        wait_until_sync(ready, START_SECONDS, "ledgerbridge up")
        if process.poll() is not None:
            raise RuntimeError(f"`ledgerbridge up` ended with status {process.returncode}:\n{self.said}")
        return self.running

    @property
    def running(self) -> Running:
        """Where everything answers."""
        found = running_installation(self.home)
        assert found is not None, self.said
        return found

    @property
    def said(self) -> str:
        """What `ledgerbridge up` has printed."""
        return self.output.read_text()

    def children(self) -> dict[str, psutil.Process]:
        """The processes of broker, database, sandbox and services by name, for drills that kill them."""
        state = self.home / "state.json"
        rows: list[dict[str, Any]] = json.loads(state.read_text()) if state.exists() else []
        return {row["name"]: psutil.Process(row["pid"]) for row in rows if psutil.pid_exists(row["pid"])}

    def command(
        self, *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run `ledgerbridge <arguments>` on this installation. RuntimeError with its words where it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "ledgerbridge.command_line", *arguments],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"ledgerbridge {' '.join(arguments[:2])}: {done.stderr or done.stdout}")
        return done

    def stop(self) -> int:
        """Stop in order, as Ctrl-C does; answers the status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def remove(self) -> None:
        """Stop, end what a killed supervisor has left, and remove the folder."""
        left = {}
        if self.process is not None:
            self.stop()
            left = self.children()
        for child in left.values():
            child.kill()
        psutil.wait_procs(left.values(), timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)
