"""The sandbox as a process, and hands for what people do in it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

US, UK, CHICAGO = "9130350000000001", "9130350000000002", "9130350000000003"
DOLLARS, POUNDS = "24000001", "24000002"
ZONES = {US: "America/Los_Angeles", UK: "Europe/London", CHICAGO: "America/Chicago"}
START = "2026-11-23T18:00:00Z"


@contextmanager
def sandbox_process() -> Iterator[dict[str, str]]:
    """A sandbox on free ports: the addresses of its doors."""
    ports = ("--hubspot-port", "0", "--quickbooks-port", "0", "--control-port", "0")
    command = (sys.executable, "-m", "ledgerbridge_sandbox", "--print-json", "--start", START, *ports)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


@dataclass
class Sandbox:
    """The control door."""

    addresses: Mapping[str, str]
    http: httpx.AsyncClient

    async def ask(self, method: str, path: str, content: Any = None, **query: Any) -> Any:
        answer = await self.http.request(method, path, json=content, params=query)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.ask("GET", "/clock"))["now"])

    async def today(self, realm: str) -> date:
        return (await self.now()).astimezone(ZoneInfo(ZONES[realm])).date()

    async def calls(self, vendor: str | None = None) -> list[dict[str, Any]]:
        """The calls received since the journal was forgotten, without those for tokens."""
        found = await self.ask("GET", "/journal", **({"vendor": vendor} if vendor else {}))
        return [one for one in found if "oauth" not in one["path"]]

    async def company(self, realm: str, entity: str, identifier: str) -> dict[str, Any]:
        """What QuickBooks really holds."""
        found: dict[str, Any] = await self.ask("GET", f"/quickbooks/{realm}/{entity}/{identifier}")
        return found


@dataclass
class Bookkeeper:
    """A person in QuickBooks' pages."""

    sandbox: Sandbox
    realm: str = US

    @property
    def desk(self) -> str:
        return f"/people/bookkeeper/{self.realm}"

    async def invoice(self, total: str = "100.00", *, due_in_days: int | None = 30, **fields: Any) -> str:
        """Write an untaxed invoice and answer its id; `due_in_days` counts from today in the company's zone."""
        tax_code = "NON" if self.realm != UK else await self._untaxed_code()
        detail = {"ItemRef": {"value": "2"}, "TaxCodeRef": {"value": tax_code}}
        content: dict[str, Any] = {
            "CustomerRef": {"value": "1"},
            "Line": [{"Amount": total, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}],
            **fields,
        }
        if due_in_days is not None:
            today = await self.sandbox.today(self.realm)
            content["DueDate"] = (today + timedelta(days=due_in_days)).isoformat()
        made = await self.sandbox.ask("POST", f"{self.desk}/invoice", content)
        return str(made["Id"])

    async def act(self, entity: str, identifier: str, act: str, **content: Any) -> dict[str, Any]:
        """send, print, void, delete, edit, pay, unapply."""
        done: dict[str, Any] = await self.sandbox.ask("POST", f"{self.desk}/{entity}/{identifier}/{act}", content)
        return done

    async def pay(self, shares: Mapping[str, str]) -> str:
        """One payment over several invoices."""
        made = await self.sandbox.ask("POST", f"{self.desk}/payment", {"invoices": dict(shares)})
        return str(made["Id"])

    async def credit(self, invoice: str, amount: str) -> str:
        """A credit memo, applied."""
        made = await self.sandbox.ask("POST", f"{self.desk}/creditmemo", {"invoice": invoice, "amount": amount})
        return str(made["Id"])

    async def _untaxed_code(self) -> str:
        codes = await self.sandbox.ask("GET", f"/quickbooks/{self.realm}/taxcode")
        return next(str(one["Id"]) for one in codes if one["Name"].startswith(("No VAT", "0.0%", "Exempt")))


@dataclass
class Salesperson:
    """A person in HubSpot's pages."""

    sandbox: Sandbox
    portal: str = DOLLARS

    async def deal(self, name: str = "A deal") -> str:
        stage = {"pipeline": "default", "dealstage": "appointmentscheduled"}
        return await self.create("deals", {"dealname": name, **stage})

    async def create(self, object_type: str, properties: Mapping[str, str]) -> str:
        content = {"properties": dict(properties)}
        made = await self.sandbox.ask("POST", f"/people/salesperson/{self.portal}/objects/{object_type}", content)
        return str(made["id"])

    async def change(self, deal_id: str, properties: Mapping[str, str]) -> None:
        path = f"/people/salesperson/{self.portal}/objects/deals/{deal_id}"
        await self.sandbox.ask("PATCH", path, {"properties": dict(properties)})

    async def delete(self, deal_id: str) -> None:
        await self.sandbox.ask("DELETE", f"/people/salesperson/{self.portal}/objects/deals/{deal_id}")

    async def restore(self, deal_id: str) -> None:
        await self.sandbox.ask("POST", f"/people/salesperson/{self.portal}/objects/deals/{deal_id}/restore")

    async def merge(self, survivor: str, loser: str) -> str:
        content = {"primaryObjectId": survivor, "objectIdToMerge": loser}
        merged = await self.sandbox.ask("POST", f"/people/salesperson/{self.portal}/objects/deals/merge", content)
        return str(merged["id"])
