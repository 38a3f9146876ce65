"""A sandbox as a process of its own, for tests and scripts that are not asynchronous."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import msgspec

PATIENCE_SECONDS = 60.0
_FREE_PORTS = ("--hubspot-port", "0", "--quickbooks-port", "0", "--control-port", "0")


@dataclass(frozen=True)
class Doors:
    """The addresses of a running sandbox: two vendors and the control door."""

    hubspot: str
    quickbooks: str
    control: str

    def ask(self, method: str, path: str, content: object = None) -> httpx.Response:
        """Call the control door (`control-door.md`); raises httpx.HTTPStatusError for a refusal."""
        url = self.control + path
        # Plain HTTP: without certificates a call takes a tenth of the time.
        answer = httpx.request(method, url, json=content, timeout=PATIENCE_SECONDS, verify=False)  # noqa: S501
        answer.raise_for_status()
        return answer

    def reset(self) -> None:
        """Everything as it was when the doors opened: records, clock, faults, journal, limits, settings, webhooks."""
        self.ask("POST", "/reset", {"everything": True})

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock on."""
        self.ask("POST", "/clock/advance", {"seconds": seconds})

    def send_webhooks_to(self, vendor: str, url: str) -> None:
        """Say where `hubspot` or `quickbooks` sends its webhooks from now on."""
        self.ask("PUT", f"/webhooks/{vendor}", {"url": url})


@contextmanager
def started(*arguments: str) -> Iterator[Doors]:
    """A sandbox on free ports, ended when left; `arguments` are those of the command. Raises RuntimeError."""
    command = (sys.executable, "-m", "ledgerbridge_sandbox", "--print-json", *_FREE_PORTS, *arguments)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own command
        try:
            line = running.stdout.readline() if running.stdout else ""
            if not line:
                raise RuntimeError(f"The sandbox did not open (status {running.wait()}); its words are on stderr.")
            yield Doors(**msgspec.json.decode(line, type=dict[str, str]))
        finally:
            running.terminate()
