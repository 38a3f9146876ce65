"""The chain of bare loops that `bench.latency` compares with: `python -m bench.chain door|worker`, each a process.

The door checks QuickBooks' signature, produces the array as it came and answers when the broker has it. The worker
reads each invoice with one call and writes its number to the deal with one call. Nothing is stored, claimed, compared,
counted or retried; both chains meet the same sandbox and the same broker. Settings come as `BENCH_…`.
"""

import asyncio
import os
import sys
from contextlib import suppress
from typing import Any

import httpx
import msgspec
import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.bare import body_of, signed

INVOICE_EVENT = "qbo.invoice."


class Door:
    """A bare ASGI function with a producer: HubSpot's webhooks are answered and forgotten."""

    def __init__(self) -> None:
        self._producer: Any = None
        self._verifier = os.environ["BENCH_VERIFIER"].encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        body = await body_of(receive)
        asked = scope["path"] == "/webhooks/quickbooks"
        status = await self._take(scope, body) if asked else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _take(self, scope: dict[str, Any], body: bytes) -> int:
        if not signed(scope, body, self._verifier):
            return 401
        await self._producer.send_and_wait(os.environ["BENCH_TOPIC"], body)
        return 204

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        self._producer = AIOKafkaProducer(bootstrap_servers=os.environ["BENCH_KAFKA"], acks="all")
        await self._producer.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._producer.stop()
        await send({"type": "lifespan.shutdown.complete"})


class Worker:
    """A bare consumer with a plain httpx client: read the invoice, write the deal."""

    def __init__(self) -> None:
        self._deals: dict[str, dict[str, str]] = msgspec.json.decode(os.environ["BENCH_DEALS"])
        self._tokens: dict[str, str] = msgspec.json.decode(os.environ["BENCH_TOKENS"])
        self._quickbooks, self._hubspot = os.environ["BENCH_QUICKBOOKS"], os.environ["BENCH_HUBSPOT"]

    async def run(self) -> None:
        consumer = AIOKafkaConsumer(
            os.environ["BENCH_TOPIC"], bootstrap_servers=os.environ["BENCH_KAFKA"], auto_offset_reset="earliest"
        )
        await consumer.start()
        async with httpx.AsyncClient(trust_env=False) as http:
            async for record in consumer:
                for event in msgspec.json.decode(record.value or b"[]"):
                    if str(event["type"]).startswith(INVOICE_EVENT):
                        await self._follow(http, str(event["intuitaccountid"]), str(event["intuitentityid"]))

    async def _follow(self, http: httpx.AsyncClient, realm: str, invoice: str) -> None:
        deal = self._deals[realm].get(invoice)
        if deal is None:
            return
        read = await http.get(f"{self._quickbooks}/v3/company/{realm}/invoice/{invoice}", headers=self._headers(realm))
        number = read.raise_for_status().json()["Invoice"]["DocNumber"]
        body = {"inputs": [{"id": deal, "properties": {"ledgerbridge_invoice_number": number}}]}
        written = await http.post(
            f"{self._hubspot}/crm/objects/2026-09/deals/batch/update",
            json=body,
            headers=self._headers("hubspot " + realm),
        )
        written.raise_for_status()

    def _headers(self, whose: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[whose]}", "Accept": "application/json"}


def main(kind: str) -> None:
    """Run one of the two until it is ended."""
    if kind == "door":
        uvicorn.run(Door(), host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), log_config=None, access_log=False)
    else:
        with suppress(KeyboardInterrupt):
            asyncio.run(Worker().run())


if __name__ == "__main__":
    main(sys.argv[1])
