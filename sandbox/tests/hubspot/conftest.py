"""The American account as an app and its salesperson see it, over HTTP."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from ledgerbridge_sandbox.world import World

CRM = "/crm/objects/2026-09"


@dataclass
class Portal:
    """Calls that must succeed answer their content; `call` answers whatever comes."""

    world: World
    api: httpx.AsyncClient
    control: httpx.AsyncClient

    async def call(self, method: str, path: str, given: Any = None, **parameters: Any) -> httpx.Response:
        content = {} if given is None else {"json": given}
        return await self.api.request(method, path, params=parameters or None, **content)

    async def make(self, kind: str, ends: Iterable[tuple[int, str]] = (), **properties: Any) -> dict[str, Any]:
        """A new record with its associations as (type id, other id)."""
        answer = await self.try_make(kind, ends, **properties)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def try_make(self, kind: str, ends: Iterable[tuple[int, str]] = (), **properties: Any) -> httpx.Response:
        associations = [
            {"to": {"id": other}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
            for type_id, other in ends
        ]
        return await self.call("POST", f"{CRM}/{kind}", {"properties": properties, "associations": associations})

    async def deal(self, ends: Iterable[tuple[int, str]] = (), **properties: Any) -> str:
        return (await self.make("deals", ends, **{"dealname": "D", "dealstage": "contractsent", **properties}))["id"]

    async def line(self, ends: Iterable[tuple[int, str]] = (), **properties: Any) -> str:
        return (await self.make("line_items", ends, **{"name": "L", "price": "10", "quantity": "2", **properties}))[
            "id"
        ]

    async def change(self, kind: str, record_id: str, **properties: Any) -> httpx.Response:
        return await self.call("PATCH", f"{CRM}/{kind}/{record_id}", {"properties": properties})

    async def changed(self, kind: str, record_id: str, **properties: Any) -> dict[str, Any]:
        answer = await self.change(kind, record_id, **properties)
        assert answer.status_code == 200, answer.text
        return answer.json()["properties"]

    async def values(self, kind: str, record_id: str, *names: str) -> dict[str, Any]:
        answer = await self.call("GET", f"{CRM}/{kind}/{record_id}", properties=",".join(names))
        assert answer.status_code == 200, answer.text
        return answer.json()["properties"]

    async def join(self, kind: str, record_id: str, other: str, other_id: str) -> None:
        """By the default endpoint."""
        answer = await self.call("PUT", f"{CRM}/{kind}/{record_id}/associations/default/{other}/{other_id}")
        assert answer.status_code == 200, answer.text

    async def settings(self, **settings: Any) -> None:
        answer = await self.control.put("/settings/hubspot", json=settings)
        assert answer.status_code == 200, answer.text

    async def advance(self, seconds: float) -> None:
        await self.control.post("/clock/advance", json={"seconds": seconds})

    async def person(self, method: str, path: str, given: Any = None) -> httpx.Response:
        """What a salesperson does."""
        return await self.control.request(method, f"/people/salesperson/24000001/{path}", json=given or {})

    async def grant(self, *scopes: str) -> None:
        """Every token of the account has these scopes only."""
        await self.control.put("/people/administrator/hubspot/24000001/scopes", json={"scopes": list(scopes)})


@pytest.fixture
async def portal(world: World, hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> Portal:
    await control.put("/limits/hubspot", json={"on": False})
    return Portal(world, hubspot, control)
