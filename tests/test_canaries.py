"""Every secret is known to this test; both services run through successes and failures; nothing that came out has one.

Read are: logs at the lowest level, every answer, metrics, traces, every topic, and every row of the whole database.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import io
import json
import logging
import secrets as randomness
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from invoice_service.app import SERVICE as INVOICES
from ledgerbridge.accounts.grants import Grants
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.service import logs
from ledgerbridge.service.clocks import SystemBusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.testing.collectors import collecting
from ledgerbridge.testing.waiting import wait_until, wait_until_sync

from tests.two_services import PORTAL, REALM, Office, Secrets, open_office

CANARY = "canary7f3a"
ROLES = ("webhook_gateway_app", "webhook_gateway_engine", "invoice_service_app", "invoice_service_engine")


@pytest.fixture
def loud() -> Iterator[io.StringIO]:
    """Logs as a service writes them, at the lowest level; as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        logs.configure("canaries", level="debug")
    try:
        yield written
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()


def planted() -> Secrets:
    """Canaries where the secret is ours to choose; the vendors' own are as telling."""
    raw = f"{CANARY}-key-".encode().ljust(32, b"k")
    return Secrets(
        secret_key=f"first:{base64.b64encode(raw).decode()}",
        passwords={role: f"{CANARY}-{role}-{randomness.token_hex(8)}" for role in ROLES},
    )


@pytest.mark.timeout(180)
def test_no_secret_comes_out(postgres_server: str, kafka_server: str, loud: io.StringIO) -> None:
    secrets, prefix = planted(), f"test-{uuid.uuid4().hex[:12]}."
    with collecting() as collector:
        with open_office(postgres_server, kafka_server, prefix, secrets, traces=collector.url) as office:
            visit = Visit(office)
            visit.everything()
            grants = asyncio.run(stored_tokens(office, secrets))
            assert all(password in str(vars(office.roles[INVOICES.schema])) for password in of_invoices(secrets))
            outputs = {
                "answers": "\n".join(visit.said),
                "topics": asyncio.run(every_record(kafka_server, prefix)),
                "database": asyncio.run(every_row(office.admin_dsn)),
            }
        outputs["traces"] = "\n".join(body.decode("latin-1") for body in collector.bodies)
    outputs["logs"] = loud.getvalue()
    for output, expected in EXPECTED.items():
        assert expected in outputs[output], f"the {output} are not what was meant"
    hits = [
        (output, name)
        for output, text in outputs.items()
        for name, secret in [*named(secrets), *grants, *visit.given]
        for form in forms(secret)
        if form in text
    ]
    assert hits == []


EXPECTED = {
    "answers": "ledgerbridge_webhook_events_total",
    "topics": REALM,
    "database": "receipt_keys",
    "traces": "POST /webhooks/{vendor}",
    "logs": "vendor_call",
}


def of_invoices(secrets: Secrets) -> list[str]:
    """The passwords that invoice-service really logs in with."""
    return [password for role, password in secrets.passwords.items() if role.startswith("invoice_service")]


def named(secrets: Secrets) -> list[tuple[str, str]]:
    """Every secret with a name that may be shown."""
    return [
        ("the key", secrets.secret_key.partition(":")[2]),
        ("the key's bytes", f"{CANARY}-key-"),
        ("HubSpot's token", secrets.hubspot_token),
        ("QuickBooks' access token", secrets.access_token),
        ("QuickBooks' refresh token", secrets.refresh_token),
        ("HubSpot's app secret", secrets.hubspot_app_secret),
        ("Intuit's app secret", secrets.quickbooks_app_secret),
        ("Intuit's verifier", secrets.quickbooks_verifier),
        *((f"the password of {role}", password) for role, password in secrets.passwords.items()),
        ("any other canary", CANARY),
    ]


def forms(secret: str) -> list[str]:
    """A secret as it is, as bytes in a database's text, and in base64."""
    return [secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode().rstrip("=")]


class Visit:
    """Everything that may be asked of both services, well and badly; keeps what they said."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.gateway, self.invoices = office.urls["webhook-gateway"], office.urls["invoice-service"]
        self.control = httpx.Client(base_url=office.sandbox["control"], timeout=20)
        self.said: list[str] = []
        self.given: list[tuple[str, str]] = [("the client's secret", office.client_secret)]

    def everything(self) -> None:
        self.strangers()
        self.token = {"Authorization": f"Bearer {self.tokens()}"}
        self.webhooks()
        self.callbacks()
        self.work()
        self.failures()
        for url in (self.gateway, self.invoices):
            for path in ("/metrics", "/livez", "/readyz", "/openapi.json", "/nowhere"):
                self.ask("GET", url + path)

    def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        answer = httpx.request(method, url, timeout=30, **more)
        self.said.append(f"{answer.status_code} {answer.headers} {answer.text}")
        return answer

    def strangers(self) -> None:
        for url in (self.gateway, self.invoices):
            wrong = {"client_id": self.office.client_id, "client_secret": f"{CANARY}-wrong"}
            assert self.ask("POST", f"{url}/token", data=wrong).status_code == 401
        for header in (f"Bearer {CANARY}", f"Basic {base64.b64encode(f'{CANARY}:{CANARY}'.encode()).decode()}", CANARY):
            for path in ("/invoices", "/deals/1", "/records"):
                answer = self.ask("GET", self.invoices + path, headers={"Authorization": header})
                assert answer.status_code == 401

    def tokens(self) -> str:
        """A token; it is a secret itself, so its answer is not kept."""
        data = {"client_id": self.office.client_id, "client_secret": self.office.client_secret}
        token = str(httpx.post(f"{self.invoices}/token", data=data).json()["access_token"])
        self.given.append(("the caller's token", token))
        return token

    def webhooks(self) -> None:
        good = json.dumps([self.event("12"), {"type": "nonsense"}]).encode()
        signature = base64.b64encode(hmac.digest(b"sandbox-verifier", good, hashlib.sha256)).decode()
        url = f"{self.gateway}/webhooks/quickbooks"
        assert self.ask("POST", url, content=good, headers={"intuit-signature": signature}).status_code == 204
        assert self.ask("POST", url, content=good, headers={"intuit-signature": CANARY}).status_code == 401
        assert self.ask("POST", url, content=b"x" * 3_000_000, headers={"intuit-signature": CANARY}).status_code == 413
        for vendor in ("hubspot", "quickbooks"):
            body = {"url": f"{self.gateway}/webhooks/{vendor}"}
            assert self.control.put(f"/webhooks/{vendor}", json=body).is_success

    def event(self, record: str) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": uuid.uuid4().hex,
            "source": "intuit.test",
            "type": "qbo.invoice.updated.v1",
            "time": datetime.now(UTC).isoformat(),
            "intuitentityid": record,
            "intuitaccountid": REALM,
            "data": {},
        }

    def callbacks(self) -> None:
        url = f"{self.gateway}/oauth/quickbooks/callback"
        query = {"state": "unknown", "code": f"{CANARY}-code", "realmId": REALM}
        assert self.ask("GET", url, params=query).status_code == 422
        assert self.ask("GET", url, params={"code": f"{CANARY}-code", "state": ""}).status_code == 422

    def work(self) -> None:
        """An existing invoice is linked to a deal, changed and paid; a draft is made; things are asked for."""
        deals = self.control.get(f"/hubspot/{PORTAL}/objects/deals").json()["results"]
        found = self.ask(
            "GET",
            f"{self.invoices}/existing-invoices",
            params={"connection": self.office.connection_id},
            headers=self.token,
        ).json()
        number = str(found["invoices"][0]["quickbooks_id"])
        body = {
            "connection_id": self.office.connection_id,
            "quickbooks_ids": [number],
            "deal_id": str(deals[0]["id"]),
        }
        assert self.ask("POST", f"{self.invoices}/links", json=body, headers=self.token).is_success
        self.ask("POST", f"{self.invoices}/drafts", json={"deal_id": str(deals[1]["id"])}, headers=self.token)
        assert self.control.post(f"/people/bookkeeper/{REALM}/invoice/{number}/print").is_success
        self.written(str(deals[0]["id"]))
        for path in ("/invoices", "/connections", "/records/counts", f"/deals/{deals[0]['id']}"):
            assert self.ask("GET", self.invoices + path, headers=self.token).is_success

    def written(self, deal: str) -> None:
        def property_there() -> bool:
            shown = self.control.get(f"/hubspot/{PORTAL}/objects/deals/{deal}").json()
            return bool(shown["properties"].get("ledgerbridge_invoice_status")) or self.failed_records()

        wait_until_sync(property_there, 20, "the deal was written, or the record says why not")

    def failed_records(self) -> bool:
        answer = self.ask("GET", f"{self.invoices}/records", params={"kind": "deal-properties"}, headers=self.token)
        return bool(answer.json()["records"])

    def failures(self) -> None:
        """An expired token is renewed; the vendor breaks, refuses, and at last is disconnected."""
        query = {"connection": self.office.connection_id}
        existing = f"{self.invoices}/existing-invoices"
        assert self.control.post(f"/people/administrator/quickbooks/{REALM}/expire").is_success
        assert self.ask("GET", existing, params=query, headers=self.token).is_success
        for fault in ({"status": 500, "body": "<html>oops</html>"}, {"status": 403}):
            # Until it is taken away: the workers ask too, and would use up a number of times.
            rule = {"vendor": "quickbooks", "path": "/query", **fault}
            assert self.control.post("/faults", json=rule).is_success
            assert not self.ask("GET", existing, params=query, headers=self.token).is_success
            assert self.control.delete("/faults").is_success
        assert self.control.post(f"/people/administrator/quickbooks/{REALM}/revoke").is_success
        assert self.ask("GET", existing, params=query, headers=self.token).status_code == 409
        assert self.ask("POST", f"{self.invoices}/links", json={"nonsense": CANARY[:4]}, headers=self.token).is_error


async def stored_tokens(office: Office, secrets: Secrets) -> list[tuple[str, str]]:
    """The vendors' tokens as they are now, after renewals."""
    roles = office.roles[INVOICES.schema]
    database = await Database.connect(roles.app_dsn, roles.engine_dsn, roles.schema)
    try:
        accounts = Accounts(database)
        grants = Grants(database, Sealer.from_setting(secrets.secret_key), SystemBusinessClock())
        found = []
        for account in await accounts.accounts():
            grant = await grants.read(account)
            tokens = {"access": grant.access_token, "refresh": grant.refresh_token}
            found += [(f"{account.vendor}'s {name} token now", token) for name, token in tokens.items() if token]
        return found
    finally:
        await database.close()


async def every_record(kafka: str, prefix: str) -> str:
    """Keys, headers and values of every topic of this installation."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, fetch_max_wait_ms=20)
    await consumer.start()
    try:
        names = [name for name in await consumer.topics() if name.startswith(prefix)]
        places = [TopicPartition(name, 0) for name in names]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, 0)
        said: list[str] = []

        async def read_to_the_end() -> bool:
            for lot in (await consumer.getmany(timeout_ms=20)).values():
                said.extend(f"{one.topic} {one.key!r} {one.headers} {one.value!r}" for one in lot)
            return all([await consumer.position(place) >= end for place, end in ends.items()])

        await wait_until(read_to_the_end)
        return "\n".join(said)
    finally:
        await consumer.stop()


async def every_row(dsn: str) -> str:
    """Every row of every table, as text; bytes in hexadecimal."""
    admin = await asyncpg.connect(dsn)
    with contextlib.suppress(asyncpg.PostgresError):
        await admin.execute("set row_security = off")
    try:
        tables = await admin.fetch(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        )
        said = []
        for schema, table in tables:
            rows = await admin.fetch(f'select t::text as row from "{schema}"."{table}" t')  # noqa: S608 - its own names
            said += [f"{schema}.{table} {row['row']}" for row in rows]
        return "\n".join(said)
    finally:
        await admin.close()


def test_the_search_finds_a_secret_in_every_form() -> None:
    sample = "said-secret"
    row = f"(1,\\x{sample.encode().hex()})"
    assert [form in row for form in forms(sample)] == [False, True, False]
