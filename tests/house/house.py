"""The house: an installation with the sandbox's accounts connected, and hands for everything in it."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from ledgerbridge.command_line.client_file import ClientFile
from ledgerbridge.embedded.running import Running

from tests.house.bus import Bus
from tests.house.installation import Installation
from tests.house.sandbox import LEGACY_REALM, UK_PORTAL, UK_REALM, US_PORTAL, US_REALM, Sandbox
from tests.house.services import ServiceHands

Say = Callable[[str], None]
HUBSPOT_TOKENS = {US_PORTAL: "pat-na1-sandbox-1", UK_PORTAL: "pat-eu1-sandbox-2"}


@dataclass(frozen=True)
class Joined:
    """A QuickBooks company, the HubSpot account that it is joined with, and its number among the seeded grants."""

    realm: str
    portal: str
    grant: int


CONNECTIONS = (Joined(US_REALM, US_PORTAL, 1), Joined(UK_REALM, UK_PORTAL, 2), Joined(LEGACY_REALM, US_PORTAL, 3))


class House:
    """Everything of one running installation. Build it by `open_house`."""

    def __init__(self, installation: Installation, running: Running) -> None:
        """Take hold of what runs; nothing is connected yet."""
        self.installation = installation
        self.running = running
        self.sandbox = Sandbox(running.addresses["sandbox"])
        self.bus = Bus(running.kafka, running.topic_prefix)
        self.connections: dict[str, int] = {}
        """The number of each company's connection, by realm."""
        self._hands: dict[tuple[str, str], ServiceHands] = {}

    def service(self, name: str, portal: str = US_PORTAL) -> ServiceHands:
        """A service, asked by the account's own client that `ledgerbridge connect` made."""
        if (name, portal) not in self._hands:
            client = ClientFile(self.installation.home).choose(portal)
            self._hands[name, portal] = ServiceHands(self.running.addresses[name], client)
        return self._hands[name, portal]

    def invoices(self, portal: str = US_PORTAL) -> ServiceHands:
        """invoice-service."""
        return self.service("invoice-service", portal)

    def connect(self, say: Say = lambda _line: None, connections: Sequence[Joined] = CONNECTIONS) -> None:
        """Connect the sandbox's accounts through the command line."""
        with ThreadPoolExecutor(2) as pool:
            accounts = list(pool.map(self._connect_account, dict.fromkeys(one.portal for one in connections)))
            companies = list(pool.map(self._connect_company, connections))
        for line in "".join([*accounts, *companies]).splitlines():
            say(line)
        for joined, told in zip(connections, companies, strict=True):
            found = re.search(r"connection (\d+)", told)
            assert found, told
            self.connections[joined.realm] = int(found[1])

    def _connect_account(self, portal: str) -> str:
        token = {"LEDGERBRIDGE_HUBSPOT_TOKEN": HUBSPOT_TOKENS[portal]}
        return self.installation.command("connect", "hubspot", environment=token).stdout

    def _connect_company(self, joined: Joined) -> str:
        tokens = {
            f"LEDGERBRIDGE_QUICKBOOKS_{kind.upper()}_TOKEN": f"sandbox-quickbooks-{kind}-{joined.grant}"
            for kind in ("access", "refresh")
        }
        arguments = ("connect", "quickbooks", "--account", joined.portal, "--realm", joined.realm)
        return self.installation.command(*arguments, environment=tokens).stdout

    def point_webhooks(self) -> None:
        """Let the vendors send their webhooks to the gateway, where `up` did not start them and tell them so."""
        gateway = self.running.addresses["webhook-gateway"]
        for vendor in ("hubspot", "quickbooks"):
            self.sandbox.send_webhooks_to(vendor, f"{gateway}/webhooks/{vendor}")

    def close(self) -> None:
        """Let go; the installation is not stopped."""
        for hands in self._hands.values():
            hands.close()
        self.bus.close()
        self.sandbox.close()


@contextmanager
def open_house(
    say: Say = lambda _line: None, *arguments: str, connected: bool = True, **environment: str
) -> Iterator[House]:
    """A house of its own, connected; at its end everything is stopped and removed."""
    installation = Installation(*arguments, **environment)
    try:
        house = House(installation, installation.start(say))
        try:
            if connected:
                house.connect(say)
            yield house
        finally:
            house.close()
    finally:
        installation.remove()
