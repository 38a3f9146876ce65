"""The house of the drills: the simulated vendors are a process apart, so that everything of ours may be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from ledgerbridge.embedded.kafka import kafka_answers
from ledgerbridge.embedded.ports import free_ports
from ledgerbridge.embedded.running import Running
from ledgerbridge.embedded.services import answers_ok
from ledgerbridge.testing.waiting import wait_until_sync

from tests.house import Bus, House
from tests.house.installation import Installation

BACK_SECONDS = 90.0
SERVICES = ("webhook-gateway", "invoice-service")
SERVERS = ("kafka", "postgres")
SUPERVISOR = "supervisor"


class StandingSandbox:
    """The simulated vendors on free ports, in a process of their own."""

    def __init__(self) -> None:
        """Start and wait until all doors are open."""
        self.control, self.hubspot, self.quickbooks = free_ports(3)
        names = ("control", "hubspot", "quickbooks")
        ports = [text for name in names for text in (f"--{name}-port", str(getattr(self, name)))]
        command = [sys.executable, "-m", "ledgerbridge_sandbox", *ports]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until_sync(lambda: answers_ok(self.control, "/health"), 60, "the sandbox's doors")

    @property
    def addresses(self) -> dict[str, str]:
        """As `ledgerbridge up --sandbox` names them."""
        ports = {"sandbox": self.control, "sandbox-hubspot": self.hubspot, "sandbox-quickbooks": self.quickbooks}
        return {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}

    @property
    def environment(self) -> dict[str, str]:
        """What tells services to take it for the vendors (sandbox/README.md)."""
        hubspot, quickbooks = self.addresses["sandbox-hubspot"], self.addresses["sandbox-quickbooks"]
        told = {
            "SANDBOX_CLOCK": self.addresses["sandbox"],
            "HUBSPOT_API": hubspot,
            "HUBSPOT_AUTHORIZE": f"{hubspot}/oauth/authorize",
            "HUBSPOT_APP_ID": "sandbox-hubspot-app",
            "HUBSPOT_APP_SECRET": "sandbox-hubspot-secret",
            "QUICKBOOKS_API": quickbooks,
            "QUICKBOOKS_AUTHORIZE": f"{quickbooks}/connect/oauth2",
            "QUICKBOOKS_TOKEN": f"{quickbooks}/oauth2/v1/tokens/bearer",
            "QUICKBOOKS_REVOKE": f"{quickbooks}/v2/oauth2/tokens/revoke",
            "QUICKBOOKS_APP_ID": "sandbox-quickbooks-app",
            "QUICKBOOKS_APP_SECRET": "sandbox-quickbooks-secret",
            "QUICKBOOKS_VERIFIER": "sandbox-verifier",
        }
        return {f"LEDGERBRIDGE_{name}": value for name, value in told.items()}

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)


class StandingInstallation(Installation):
    """`ledgerbridge up` beside vendors that stand by themselves; its addresses stay when it is started again."""

    up = ("up",)

    def __init__(self, sandbox: StandingSandbox) -> None:
        """A home of its own, on ports that are chosen once."""
        gateway, invoices = free_ports(2)
        ports = {"WEBHOOK_GATEWAY": gateway, "INVOICE_SERVICE": invoices}
        environment = {f"LEDGERBRIDGE_{name}_PORT": str(port) for name, port in ports.items()}
        super().__init__(**sandbox.environment, **environment)
        self._sandbox = sandbox

    @property
    def running(self) -> Running:
        """Where everything answers, the vendors too."""
        found = super().running
        return found.model_copy(update={"addresses": {**found.addresses, **self._sandbox.addresses}})


class DrillHouse(House):
    """A house with hands that break it. Kafka is read by fresh connections: `bus` does not outlive the connecting."""

    def __init__(self, installation: Installation, running: Running) -> None:
        """Take hold of what runs and connect the accounts."""
        super().__init__(installation, running)
        self.connect()
        self.point_webhooks()
        self.bus.close()

    def close(self) -> None:
        """Let go; the installation is not stopped."""
        for hands in self._hands.values():
            hands.close()
        self.sandbox.close()

    def process(self, name: str) -> psutil.Process | None:
        """The process of broker, database or a service as it runs now, or of the supervisor; None while it is away."""
        if name == SUPERVISOR:
            assert self.installation.process is not None
            return psutil.Process(self.installation.process.pid)
        with suppress(psutil.Error, json.JSONDecodeError):
            found = self.installation.children().get(name)
            return found if found and found.status() != psutil.STATUS_ZOMBIE else None
        return None

    def kill(self, name: str) -> int:
        """kill -9, now; answers the pid. It must run."""
        found = wait_until_sync(lambda: self.process(name), BACK_SECONDS, f"{name} runs")
        assert found is not None
        with suppress(psutil.NoSuchProcess):
            found.kill()
        if name == SUPERVISOR:
            assert self.installation.process is not None
            self.installation.process.wait()
        return found.pid

    def bring_back(self, name: str, killed: int) -> float:
        """Seconds until it works again: the supervisor is started by us, all else by the supervisor."""
        began = time.monotonic()
        if name == SUPERVISOR:
            self.installation.start()
        else:
            wait_until_sync(lambda: self._is_back(name, killed), BACK_SECONDS, f"{name} is back")
        return time.monotonic() - began

    def _is_back(self, name: str, killed: int) -> bool:
        found = self.process(name)
        if found is None or found.pid == killed:
            return False
        if name == "kafka":
            return kafka_answers(int(self.running.kafka.rsplit(":", 1)[1]))
        return name in SERVERS or self.is_ready(name)

    def is_ready(self, service: str) -> bool:
        """Whether a service says that it can work."""
        return answers_ok(int(self.running.addresses[service].rsplit(":", 1)[1]), "/readyz")

    @contextmanager
    def away(self, *names: str, hung: bool) -> Iterator[None]:
        """Keep servers or services away: gone (killed), or `hung` (they hold their connections and are silent).

        The supervisor sleeps meanwhile: it would mend that at once.
        """
        supervisor = self.process(SUPERVISOR)
        assert supervisor is not None
        family = [one for name in names for one in self._family(name)]
        supervisor.suspend()
        try:
            _signal(family, signal.SIGSTOP if hung else signal.SIGKILL)
            yield
        finally:
            if hung:
                _signal(family, signal.SIGCONT)
            supervisor.resume()

    def _family(self, name: str) -> list[psutil.Process]:
        found = self.process(name)
        assert found is not None, f"{name} does not run"
        return [found, *found.children(recursive=True)]

    @contextmanager
    def reading(self) -> Iterator[Bus]:
        """All of Kafka from its beginning, read by a connection that saw no failure."""
        bus = Bus(self.running.kafka, self.running.topic_prefix)
        try:
            yield bus
        finally:
            bus.close()


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            os.kill(process.pid, number)


@contextmanager
def standing_house() -> Iterator[DrillHouse]:
    """Vendors, installation and connections; at the end everything is stopped and removed."""
    sandbox = StandingSandbox()
    try:
        installation = StandingInstallation(sandbox)
        try:
            house = DrillHouse(installation, installation.start())
            try:
                # What fails in one drill shall not wait for a minute into the next.
                house.sandbox.ask("PUT", "/webhooks/hubspot", {"retry_seconds": [1.0] * 300})
                yield house
            finally:
                house.close()
        finally:
            installation.remove()
    finally:
        sandbox.stop()
