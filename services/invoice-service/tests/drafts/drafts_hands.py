"""The simulated vendors in a process of their own, and a tenant of the service connected to them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from ledgerbridge.accounts.callers import Role
from ledgerbridge.accounts.grants import GivenGrant, Grants
from ledgerbridge.accounts.joining import join, store_account
from ledgerbridge.accounts.registry import Account, Accounts, Connection
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.testing.service_databases import ServiceDatabase
from ledgerbridge.testing.services import SECRET_KEY, RunningService

PORTALS = {"us": ("24000001", "pat-na1-sandbox-1"), "uk": ("24000002", "pat-eu1-sandbox-2")}
REALMS = {"us": "9130350000000001", "uk": "9130350000000002", "legacy": "9130350000000003"}
ZONES = {"us": "America/Los_Angeles", "uk": "Europe/London", "legacy": "America/Chicago"}
FACTS: Mapping[str, Mapping[str, Any]] = {
    "us": {"zone": "America/New_York", "currency": "USD", "additional_currencies": ["EUR", "GBP"]},
    "uk": {"zone": "Europe/London", "currency": "GBP", "additional_currencies": ["EUR", "USD"]},
}

SHELF = {"name": "Oak Display Shelf", "hs_sku": "PRD-200", "price": "189.90", "quantity": "3"}
SURVEY = {"name": "Site Survey", "price": "240.00", "quantity": "0.125"}
UNKNOWN = {"name": "Something else", "price": "10.00", "quantity": "2"}
HERON = "Blue Heron Coffee"


@dataclass
class Sandbox:
    """Where the doors are, and the hands of the people behind the vendors' pages."""

    hubspot: str
    quickbooks: str
    control: str
    http: httpx.AsyncClient

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, self.control + path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def reset(self) -> None:
        await self.ask("POST", "/reset", {"to": "seed", "clock": False})
        await self.ask("DELETE", "/faults")
        for vendor in ("hubspot", "quickbooks"):
            await self.ask("PUT", f"/limits/{vendor}", {"on": False})

    async def found(self, portal: str, kind: str, **properties: str) -> str:
        """The id of the seeded record with these properties."""
        names = ",".join(properties)
        answer = await self.ask("GET", f"/hubspot/{PORTALS[portal][0]}/objects/{kind}?properties={names}")
        for record in answer["results"]:
            if all(record["properties"].get(name) == value for name, value in properties.items()):
                return str(record["id"])
        raise AssertionError(f"no {kind} with {properties}")

    async def make(self, portal: str, kind: str, properties: Mapping[str, str]) -> str:
        """What a salesperson makes in HubSpot's pages."""
        path = f"/people/salesperson/{PORTALS[portal][0]}/objects/{kind}"
        return str((await self.ask("POST", path, {"properties": dict(properties)}))["id"])

    async def change(self, portal: str, kind: str, record_id: str, **properties: str) -> None:
        path = f"/people/salesperson/{PORTALS[portal][0]}/objects/{kind}/{record_id}"
        await self.ask("PATCH", path, {"properties": properties})

    async def associate(self, portal: str, kind: str, record_id: str, other: str, other_id: str) -> None:
        path = f"/people/salesperson/{PORTALS[portal][0]}/objects/{kind}/{record_id}/associations/{other}/{other_id}"
        await self.ask("PUT", path, {})

    async def deal(self, portal: str, *lines: Mapping[str, str], company: str = "", **properties: str) -> str:
        """A deal with line items, and a company by its name."""
        deal_id = await self.make(portal, "deals", {"dealname": "Fit-out", "dealstage": "contractsent", **properties})
        for line in lines:
            line_id = await self.make(portal, "line_items", line)
            await self.associate(portal, "line_items", line_id, "deals", deal_id)
        if company:
            company_id = await self.found(portal, "companies", name=company)
            await self.associate(portal, "deals", deal_id, "companies", company_id)
        return deal_id

    async def quote(self, portal: str, deal_id: str, *lines: Mapping[str, str], **properties: str) -> str:
        """A quote of a deal, a draft until it is published."""
        given = {"hs_title": "Offer", "hs_expiration_date": "2099-12-31", "hs_language": "en", **properties}
        quote_id = await self.make(portal, "quotes", given)
        await self.associate(portal, "quotes", quote_id, "deals", deal_id)
        template = await self.found(portal, "quote_template", hs_name="Larkspur standard quote")
        await self.associate(portal, "quotes", quote_id, "quote_template", template)
        for line in lines:
            line_id = await self.make(portal, "line_items", line)
            await self.associate(portal, "line_items", line_id, "quotes", quote_id)
        return quote_id

    async def records(self, company: str, entity: str) -> list[dict[str, Any]]:
        """What QuickBooks really holds."""
        answer = await self.ask("GET", f"/quickbooks/{REALMS[company]}/{entity}")
        found = answer if isinstance(answer, list) else answer.get("results", answer)
        return list(found)


@contextmanager
def running_sandbox() -> Iterator[dict[str, str]]:
    """The addresses of a sandbox on free ports; its process ends with the block."""
    ports = ("--hubspot-port", "0", "--quickbooks-port", "0", "--control-port", "0")
    process = subprocess.Popen(
        (sys.executable, "-m", "ledgerbridge_sandbox", "--print-json", *ports), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(15)


@dataclass
class Tenant:
    """A HubSpot account with its connections, by the names of REALMS."""

    hubspot: Account
    connections: dict[str, Connection]


async def connect(database: ServiceDatabase, portal: str, *companies: str) -> Tenant:
    """Store a HubSpot account and join these companies to it, with the grants that hold at the sandbox's start."""
    pools = await database.connect(size=2)
    try:
        clock = SystemBusinessClock()
        accounts, grants = Accounts(pools), Grants(pools, Sealer.from_setting(SECRET_KEY), clock)
        external_id, token = PORTALS[portal]
        hubspot = await store_account(
            pools,
            accounts,
            grants,
            vendor="hubspot",
            external_id=external_id,
            app="static",
            grant=GivenGrant(token),
            facts=FACTS[portal],
            now=clock.now(),
        )
        joined = {}
        for company in companies:
            number = list(REALMS).index(company) + 1
            quickbooks = await store_account(
                pools,
                accounts,
                grants,
                vendor="quickbooks",
                external_id=REALMS[company],
                app="sandbox-quickbooks-app",
                grant=GivenGrant(
                    f"sandbox-quickbooks-access-{number}", f"sandbox-quickbooks-refresh-{number}", expires_in=3500
                ),
                facts={"zone": ZONES[company]},
                now=clock.now(),
                tenant_id=hubspot.tenant_id,
            )
            joined[company] = await join(pools, accounts, hubspot, quickbooks, actor="test", now=clock.now())
        return Tenant(hubspot, joined)
    finally:
        await pools.close()


@dataclass
class Wizard:
    """A person at the service's door."""

    service: RunningService
    http: httpx.AsyncClient
    tenant: Tenant
    header: dict[str, str]
    sandbox: Sandbox

    @property
    def portal(self) -> str:
        return next(name for name, (portal, _) in PORTALS.items() if portal == self.tenant.hubspot.external_id)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.http.request(method, path, json=body, headers={**self.header, **headers})

    async def get(self, path: str) -> Any:
        return self._good(await self.ask("GET", path))

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._good(await self.ask("POST", path, body, **headers))

    async def put(self, path: str, body: Any, **headers: str) -> Any:
        return self._good(await self.ask("PUT", path, body, **headers))

    async def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """The status and the problem of a request that must be refused."""
        answer = await self.ask(method, path, body, **headers)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()

    async def person(self, role: Role = "sales") -> "Wizard":
        """Another person of the same tenant."""
        callers = self.service.app.state.access.callers
        client = await callers.make_client(self.tenant.hubspot.tenant_id, "test", role)
        answer = await self.http.post("/token", data={"client_id": client.id, "client_secret": client.secret})
        token = answer.json()["access_token"]
        return Wizard(self.service, self.http, self.tenant, {"Authorization": f"Bearer {token}"}, self.sandbox)

    async def settings(self, company: str, **choices: Any) -> None:
        """What an administrator sets on a connection."""
        accounts: Accounts = self.service.state.accounts
        await accounts.change_settings(self.tenant.connections[company].id, "test", choices)

    @staticmethod
    def _good(answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


async def begun(wizard: Wizard, *lines: dict[str, str], company: str = HERON, **properties: str) -> dict[str, Any]:
    """A draft from scratch of a new deal."""
    deal = await wizard.sandbox.deal(wizard.portal, *lines, company=company, **properties)
    draft = await wizard.post("/drafts", {"deal_id": deal})
    return dict(await wizard.put(f"/drafts/{draft['draft_id']}/source", {"kind": "scratch"}))


def problems(draft: dict[str, Any]) -> dict[str, str]:
    return {each["step"]: each["problem"]["code"] for each in draft["steps"] if each["problem"]}
