"""Load from three sides at once: the bookkeeper's changes, commands on the bus, webhooks straight to the gateway.

What was accepted is remembered: a command that Kafka acknowledged, a webhook answered with 204.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from ledgerbridge.embedded.kafka import kafka_answers
from ledgerbridge.testing.waiting import wait_until, wait_until_sync

from tests.drills.desks import Desks, Followed
from tests.drills.letters import dead_letters
from tests.drills.standing import BACK_SECONDS, DrillHouse
from tests.house import US_PORTAL, US_REALM

VERIFIER = b"sandbox-verifier"
CREATE = "ledgerbridge.invoice.create.v1"
SENT_SECONDS = 5.0


def signed(body: bytes) -> dict[str, str]:
    """Intuit's signature header (quickbooks.md 11)."""
    return {"intuit-signature": base64.b64encode(hmac.digest(VERIFIER, body, hashlib.sha256)).decode()}


def webhook_event(record_id: str) -> dict[str, object]:
    """An event of an invoice that nobody follows."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "intuit.drills",
        "type": "qbo.invoice.updated.v1",
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "intuitentityid": record_id,
        "intuitaccountid": US_REALM,
        "data": {},
    }


class CommandSender:
    """Sends CreateInvoice commands; one that was not acknowledged is sent again under the same id."""

    def __init__(self, house: DrillHouse) -> None:
        """Nothing is opened yet."""
        self._house = house

    async def send(self, commands: dict[str, str], pause: float, stop: threading.Event, deals: Sequence[str]) -> None:
        """One command for each deal, until stopped; `commands` gets id and deal of those acknowledged."""
        for deal in deals:
            identity = str(uuid.uuid4())
            while not await self._sent(identity, deal):
                await wait_until(self._broker_answers, BACK_SECONDS, "the broker takes commands again")
            commands[identity] = deal
            # The rate of the load: nothing is expected to have happened when it is over.
            if await asyncio.to_thread(stop.wait, pause):
                return

    async def _broker_answers(self) -> bool:
        return await asyncio.to_thread(kafka_answers, int(self._house.running.kafka.rsplit(":", 1)[1]))

    async def _sent(self, identity: str, deal: str) -> bool:
        producer = AIOKafkaProducer(bootstrap_servers=self._house.running.kafka, request_timeout_ms=4000)
        told = {"specversion": "1.0", "id": identity, "source": "tests.drills", "type": CREATE}
        headers = [(f"ce_{name}", text.encode()) for name, text in told.items()]
        data = {"hubspot_account": US_PORTAL, "quickbooks_company": US_REALM, "deal_id": deal}
        try:
            async with asyncio.timeout(SENT_SECONDS):
                await producer.start()
                topic = f"{self._house.running.topic_prefix}invoice-commands"
                key = f"{US_PORTAL}:{deal}".encode()
                await producer.send_and_wait(topic, json.dumps(data).encode(), key=key, headers=headers)
        except (KafkaError, OSError, TimeoutError, AssertionError):
            return False
        finally:
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(SENT_SECONDS):
                    await producer.stop()
        return True


class Load:
    """Runs until it is stopped; `accepted` are record ids of webhooks, `commands` lead from id to deal."""

    def __init__(self, desks: Desks, followed: Sequence[Followed], deals: Sequence[str], seed: int) -> None:
        """`deals` get an invoice each by command, as fast as `pace` lets them."""
        self.desks = desks
        self.house = desks.house
        self.followed = list(followed)
        self.deals = list(deals)
        self.letters = len(dead_letters(self.house))
        """Dead letters that were there before."""
        self.accepted: list[str] = []
        self.refused = 0
        self.changes = 0
        self.commands: dict[str, str] = {}
        self.failures: list[BaseException] = []
        self._name = f"D{seed}-{uuid.uuid4().hex[:6]}"
        self._chance = random.Random(seed)
        self._stop = threading.Event()

    @contextmanager
    def running(self, command_pause: float = 1.0) -> Iterator[None]:
        """The load runs inside; then what was begun is ended. A thread that failed fails the drill."""
        gateway = self.house.running.addresses["webhook-gateway"]
        sending = CommandSender(self.house)
        tasks: tuple[Callable[[], None], ...] = (
            self._change,
            lambda: self._knock(f"{gateway}/webhooks/quickbooks"),
            lambda: asyncio.run(sending.send(self.commands, command_pause, self._stop, self.deals)),
        )
        threads = [threading.Thread(target=self._guarded, args=(task,), daemon=True) for task in tasks]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(60)
        assert not self.failures, self.failures

    def go_on(self, more: int, seconds: float = 60) -> None:
        """Wait until so many further webhooks were accepted or refused: the load does not stand still."""
        target = len(self.accepted) + self.refused + more
        wait_until_sync(lambda: len(self.accepted) + self.refused >= target, seconds, "the load goes on")

    def _guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as failure:  # noqa: BLE001 - told to the drill's own thread
            self.failures.append(failure)

    def _change(self) -> None:
        while not self._stop.wait(0.25):
            self.desks.change(self._chance.choice(self.followed).quickbooks_id)
            self.changes += 1

    def _knock(self, url: str) -> None:
        number = 0
        with httpx.Client(timeout=5, trust_env=False) as http:
            while not self._stop.wait(0.1):
                number += 1
                self._knock_once(http, url, [f"{self._name}-{number}-{place}" for place in range(2)])

    def _knock_once(self, http: httpx.Client, url: str, records: list[str]) -> None:
        body = json.dumps([webhook_event(one) for one in records]).encode()
        try:
            status = http.post(url, content=body, headers=signed(body)).status_code
        except httpx.HTTPError:
            status = 0
        if status == 204:
            self.accepted += records
        else:
            self.refused += len(records)
