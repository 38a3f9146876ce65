"""The hands of both vendors, and a running gateway to knock at."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from ledgerbridge.accounts.callers import Role
from ledgerbridge.contracts.topics import Topic
from ledgerbridge.storage import Database
from ledgerbridge.testing.service_databases import ServiceDatabase
from ledgerbridge.testing.services import RunningService
from ledgerbridge.testing.waiting import wait_until
from webhook_gateway import store
from webhook_gateway.sweeper import Sweeper

PORTAL, REALM = "24000001", "9130350000000001"
PUBLIC = "https://bridge.example.com"


@dataclass
class Gateway:
    """A running gateway, and the hands of both vendors."""

    service: RunningService
    database: ServiceDatabase
    kafka: str
    prefix: str
    http: httpx.AsyncClient
    read: dict[str, int] = field(default_factory=dict)

    async def quickbooks(self, body: bytes, verifier: str = "new-verifier", **headers: str | bytes) -> httpx.Response:
        signature = b64encode(hmac.digest(verifier.encode(), body, hashlib.sha256)).decode()
        return await self.http.post(
            "/webhooks/quickbooks", content=body, headers={"intuit-signature": signature, **headers}
        )

    async def hubspot(
        self, body: bytes, secret: str = "new-secret", at: datetime | None = None, **headers: str
    ) -> httpx.Response:
        stamp = str(int((at or datetime.now(UTC)).timestamp() * 1000))
        message = b"POST" + f"{PUBLIC}/webhooks/hubspot".encode() + body + stamp.encode()
        signature = b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()
        return await self.http.post(
            "/webhooks/hubspot",
            content=body,
            headers={"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": stamp, **headers},
        )

    async def token(self, role: Role, tenant: int | None = None) -> dict[str, str]:
        """The header of a client with this role, of the HubSpot account's tenant unless another is named."""
        callers = self.service.app.state.access.callers
        account = await self.service.state.accounts.by_external("hubspot", PORTAL)
        client = await callers.make_client(tenant or account.tenant_id, "test", role)
        answer = await self.http.post("/token", data={"client_id": client.id, "client_secret": client.secret})
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def count(self, table: str) -> int:
        database = await self.database.connect(size=2)
        try:
            async with database.engine() as tx:
                return int(await tx.fetchval(f"select count(*) from {table}"))  # noqa: S608 - our own tests' names
        finally:
            await database.close()

    async def receipts(self) -> int:
        """How many receipts there are when everything accepted is told."""

        async def all_told() -> bool:
            return await self.count("deliveries") == 0

        await wait_until(all_told, what="all deliveries are told")
        return await self.count("receipts")

    async def notices(self, topic: Topic, count: int) -> list[dict[str, Any]]:
        """The next `count` records of a topic, as their JSON."""
        return [json.loads(value) for value in await self.records(topic, count)]

    async def notice_of(self, topic: Topic, object_type: str, record_id: str) -> dict[str, Any]:
        """The next notice of a record."""
        while True:
            for one in await self.notices(topic, 1):
                if (one["object_type"], one["record_id"]) == (object_type, record_id):
                    return one

    async def records(self, topic: Topic, count: int) -> list[bytes]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, enable_auto_commit=False, fetch_max_wait_ms=20)
        await consumer.start()
        try:
            partition = TopicPartition(self.prefix + topic.name, 0)
            consumer.assign([partition])
            consumer.seek(partition, self.read.get(topic.name, 0))
            found: list[bytes] = []

            async def enough() -> bool:
                lots = await consumer.getmany(timeout_ms=20)
                found.extend(record.value for lot in lots.values() for record in lot)
                return len(found) >= count

            await wait_until(enough, what=f"{count} records of {topic.name}")
            self.read[topic.name] = self.read.get(topic.name, 0) + len(found)
            return found
        finally:
            await consumer.stop()


@dataclass
class Control:
    """The people at both vendors, and what the vendors saw."""

    http: httpx.AsyncClient

    async def post(self, path: str, /, **body: Any) -> Any:
        answer = await self.http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def advance(self, **span: float) -> None:
        await self.post("/clock/advance", seconds=timedelta(**span).total_seconds())

    async def forget(self) -> None:
        assert (await self.http.delete("/journal")).is_success

    async def calls(self, vendor: str) -> list[dict[str, Any]]:
        """The calls that a vendor received since `forget`, renewals of tokens aside."""
        entries = (await self.http.get("/journal", params={"vendor": vendor})).json()
        found = entries if isinstance(entries, list) else entries["entries"]
        return [one for one in found if "oauth" not in one["path"]]

    async def touch_invoice(self, number: int = 0) -> str:
        """A bookkeeper sends an invoice; answers its id."""
        answer = await self.http.get(f"/quickbooks/{REALM}/invoice")
        invoices = answer.json()
        rows = invoices if isinstance(invoices, list) else next(iter(invoices.values()))
        record = str(rows[number]["Id"])
        await self.post(f"/people/bookkeeper/{REALM}/invoice/{record}/print")
        return record

    async def touch_deal(self, number: int = 0) -> str:
        """A salesperson renames a deal; answers its id."""
        deals = (await self.http.get(f"/hubspot/{PORTAL}/objects/deals")).json()["results"]
        record = str(deals[number]["id"])
        answer = await self.http.patch(
            f"/people/salesperson/{PORTAL}/objects/deals/{record}", json={"properties": {"dealname": "Renamed"}}
        )
        assert answer.is_success, answer.text
        return record


@dataclass
class Sweeping:
    """Sweepers whose looks a test calls, and what they leave in the database."""

    database: Database
    make: Callable[[], Sweeper]

    async def told(self) -> list[dict[str, Any]]:
        """The notices in the outbox, in their order."""
        async with self.database.engine() as tx:
            rows = await tx.fetch("select data from outbox order by position")
        return [json.loads(row["data"]) for row in rows]

    async def state(self, stream: str) -> Any:
        async with self.database.engine() as tx:
            return await tx.fetchrow("select * from sweeps where stream = $1", stream)

    async def onboarding_requests(self) -> int:
        """How often services were asked to read the companies anew."""
        async with self.database.engine() as tx:
            return int(await tx.fetchval("select sum(onboard_requested) from connections"))

    async def hear(self, at: datetime) -> None:
        """Note that webhooks of every account arrive."""
        async with self.database.engine() as tx:
            rows = await tx.fetch("select id, tenant_id from accounts")
            await store.webhooks_seen(tx, [(row["id"], row["tenant_id"]) for row in rows], at)


def quickbooks_event(entity: str = "invoice", verb: str = "updated", record: str = "12", **more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{entity}-{verb}-{record}",
        "source": "intuit.test",
        "type": f"qbo.{entity}.{verb}.v1",
        "time": "2026-11-23T10:00:00.123456789Z",
        "intuitentityid": record,
        "intuitaccountid": REALM,
        "data": {},
        **more,
    }


def hubspot_event(change: str = "propertyChange", record: int = 77, **more: Any) -> dict[str, Any]:
    return {
        "eventId": 1,
        "subscriptionId": 25,
        "portalId": int(PORTAL),
        "appId": 1,
        "occurredAt": 1790000000000,
        "subscriptionType": f"deal.{change}",
        "attemptNumber": 0,
        "objectId": record,
        "propertyName": "dealstage",
        "propertyValue": "closedwon",
        "changeSource": "CRM_UI",
        **more,
    }


def body_of(*events: Any) -> bytes:
    return json.dumps(list(events)).encode()
