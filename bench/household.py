"""A house that can be broken: its vendors live in a process of their own, and its addresses outlive a restart."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from ledgerbridge.embedded.ports import free_ports
from ledgerbridge.embedded.services import answers_ok
from ledgerbridge.testing.waiting import wait_until_sync

from tests.house.bus import Bus
from tests.house.house import House
from tests.house.installation import Installation

RETRY_SECONDS = [1, 1, 2, 2, 3, 3, 5, 5, 10, 10, 20, 20, 30, 30]
"""The sandbox repeats a webhook that was not accepted after these gaps."""


class BreakableHouse(House):
    """A house whose processes may be killed, frozen and started again."""

    def restart(self) -> None:
        """Start `ledgerbridge up` again, after its supervisor was killed; everything answers where it did before."""
        process = self.installation.process
        if process is not None and process.poll() is None:
            self.installation.stop()
        running = self.installation.start()
        assert (running.kafka, running.addresses["webhook-gateway"]) == (
            self.running.kafka,
            self.running.addresses["webhook-gateway"],
        )

    def reopen_bus(self) -> None:
        """Read a new broker from its beginning."""
        self.bus = Bus(self.running.kafka, self.running.topic_prefix)

    def process(self, name: str) -> psutil.Process:
        """One of its processes, `supervisor` included."""
        if name == "supervisor":
            assert self.installation.process is not None
            return psutil.Process(self.installation.process.pid)
        return self.installation.children()[name]

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Until every service answers."""
        for name in ("webhook-gateway", "invoice-service"):
            port = int(self.running.addresses[name].rsplit(":", 1)[1])
            wait_until_sync(lambda port=port: answers_ok(port, "/readyz"), seconds, f"{name} is ready")  # type: ignore[misc]

    def point_webhooks(self) -> None:
        """Webhooks as always, repeated quickly where they are not accepted."""
        for vendor in ("hubspot", "quickbooks"):
            self.send_webhooks(vendor, drop=0.0, duplicate=0.0, shuffle=False, paused=False)

    def send_webhooks(self, vendor: str, **style: object) -> None:
        """Where and how one vendor's webhooks go."""
        url = f"{self.running.addresses['webhook-gateway']}/webhooks/{vendor}"
        self.sandbox.send_webhooks_to(vendor, url, retry_seconds=RETRY_SECONDS, **style)


@contextmanager
def _vendors(folder: Path) -> Iterator[dict[str, str]]:
    """The sandbox in a process of its own; answers the settings that name it."""
    control, hubspot, quickbooks = free_ports(3)
    ports = {"CONTROL": control, "HUBSPOT": hubspot, "QUICKBOOKS": quickbooks}
    given = {f"LEDGERBRIDGE_SANDBOX_{name}_PORT": str(port) for name, port in ports.items()}
    with (folder / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "ledgerbridge_sandbox"), env={**os.environ, **given}, stdout=log, stderr=log
        )
    try:
        wait_until_sync(lambda: answers_ok(control, "/health"), 60, "the sandbox")
        yield _named(control, hubspot, quickbooks)
    finally:
        process.terminate()
        process.wait(20)


def _named(control: int, hubspot: int, quickbooks: int) -> dict[str, str]:
    vendors = {
        "SANDBOX_CLOCK": f"http://127.0.0.1:{control}",
        "HUBSPOT_API": f"http://127.0.0.1:{hubspot}",
        "HUBSPOT_APP_ID": "sandbox-hubspot-app",
        "HUBSPOT_APP_SECRET": "sandbox-hubspot-secret",
        "QUICKBOOKS_API": f"http://127.0.0.1:{quickbooks}",
        "QUICKBOOKS_TOKEN": f"http://127.0.0.1:{quickbooks}/oauth2/v1/tokens/bearer",
        "QUICKBOOKS_REVOKE": f"http://127.0.0.1:{quickbooks}/v2/oauth2/tokens/revoke",
        "QUICKBOOKS_APP_ID": "sandbox-quickbooks-app",
        "QUICKBOOKS_APP_SECRET": "sandbox-quickbooks-secret",
        "QUICKBOOKS_VERIFIER": "sandbox-verifier",
    }
    gateway, invoices = free_ports(2)
    ports = {"WEBHOOK_GATEWAY_PORT": str(gateway), "INVOICE_SERVICE_PORT": str(invoices)}
    return {f"LEDGERBRIDGE_{name}": value for name, value in {**vendors, **ports}.items()}


@contextmanager
def open_breakable_house() -> Iterator[BreakableHouse]:
    """Started and connected; at its end all is stopped and removed."""
    installation = Installation()
    installation.up = ("up",)
    try:
        with _vendors(installation.folder) as named:
            installation.environment.update(named)
            running = installation.start()
            running.addresses["sandbox"] = named["LEDGERBRIDGE_SANDBOX_CLOCK"]
            house = BreakableHouse(installation, running)
            try:
                house.connect()
                house.point_webhooks()
                house.sandbox.ask("PUT", "/limits/hubspot", {"on": False})
                house.sandbox.ask("PUT", "/limits/quickbooks", {"on": False})
                yield house
            finally:
                house.close()
                installation.remove()
    finally:
        installation.remove()
