from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
from ledgerbridge_sandbox.app import Ports, opened
from ledgerbridge_sandbox.world import World

AUTOMATED, UK, LEGACY = "9130350000000001", "9130350000000002", "9130350000000003"
_TOKENS = {
    AUTOMATED: "sandbox-quickbooks-access-1",
    UK: "sandbox-quickbooks-access-2",
    LEGACY: "sandbox-quickbooks-access-3",
}
_read = msgspec.json.Decoder(float_hook=Decimal).decode
_write = msgspec.json.Encoder(decimal_format="number").encode


@dataclass
class Company:
    """A QuickBooks company as an application and a bookkeeper see it."""

    world: World
    realm: str
    api: httpx.AsyncClient
    control: httpx.AsyncClient

    async def call(self, method: str, path: str, given: Any = None, **parameters: str) -> tuple[int, Any]:
        content = given if isinstance(given, bytes) else None if given is None else _write(given)
        answer = await self.api.request(method, f"/v3/company/{self.realm}/{path}", content=content, params=parameters)
        return answer.status_code, _read(answer.content)

    async def write(self, entity: str, given: Any, **parameters: str) -> Any:
        status, answer = await self.call("POST", entity.lower(), given, **parameters)
        assert status == 200, answer
        return answer[entity]

    async def refused(self, entity: str, given: Any, **parameters: str) -> Any:
        status, answer = await self.call("POST", entity.lower(), given, **parameters)
        assert status == 400, answer
        return answer["Fault"]["Error"][0]

    async def read(self, entity: str, identifier: str) -> Any:
        status, answer = await self.call("GET", f"{entity.lower()}/{identifier}")
        assert status == 200, answer
        return answer[entity]

    async def query(self, statement: str) -> Any:
        status, answer = await self.call("GET", "query", query=statement)
        assert status == 200, answer
        return answer["QueryResponse"]

    async def desk(self, path: str, given: Any = None, method: str = "POST") -> Any:
        answer = await self.control.request(
            method, f"/people/bookkeeper/{self.realm}/{path}", content=_write(given or {})
        )
        assert answer.status_code == 200, answer.text
        return _read(answer.content)

    async def item(self, name: str = "Consulting") -> dict[str, str]:
        found = (await self.query(f"select * from Item where Name = '{name}'"))["Item"][0]  # noqa: S608
        return {"value": found["Id"]}

    async def customer(self, name: str, **fields: Any) -> Any:
        return await self.write("Customer", {"DisplayName": name, **fields})

    async def line(self, amount: str, *, item: str = "Consulting", **detail: Any) -> dict[str, Any]:
        sales = {"ItemRef": await self.item(item), **detail}
        return {"Amount": Decimal(amount), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": sales}

    async def invoice(self, customer: str, *amounts: str, **fields: Any) -> Any:
        code = {"TaxCodeRef": {"value": "5"}} if self.realm == UK else {"TaxCodeRef": {"value": "NON"}}
        lines = [await self.line(amount, **code) for amount in amounts]
        return await self.write("Invoice", {"CustomerRef": {"value": customer}, "Line": lines, **fields})

    async def pay(self, customer: str, total: str, **shares: str) -> Any:
        lines = [settling("Invoice", identifier.removeprefix("i"), share) for identifier, share in shares.items()]
        given = {"CustomerRef": {"value": customer}, "TotalAmt": Decimal(total), "Line": lines}
        return await self.write("Payment", given)


def settling(entity: str, identifier: str, share: str) -> dict[str, Any]:
    return {"Amount": Decimal(share), "LinkedTxn": [{"TxnId": identifier, "TxnType": entity}]}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with opened(Ports(0, 0, 0)) as open_world:
        open_world.limits["quickbooks"].turn({"on": False})
        yield open_world


async def _company(world: World, realm: str) -> AsyncIterator[Company]:
    headers = {"Authorization": f"Bearer {_TOKENS[realm]}", "Accept": "application/json"}
    async with (
        httpx.AsyncClient(base_url=world.addresses["quickbooks"], headers=headers) as api,
        httpx.AsyncClient(base_url=world.addresses["control"]) as control,
    ):
        yield Company(world, realm, api, control)


@pytest.fixture
async def automated(world: World) -> AsyncIterator[Company]:
    async for company in _company(world, AUTOMATED):
        yield company


@pytest.fixture
async def uk(world: World) -> AsyncIterator[Company]:
    async for company in _company(world, UK):
        yield company


@pytest.fixture
async def legacy(world: World) -> AsyncIterator[Company]:
    async for company in _company(world, LEGACY):
        yield company
