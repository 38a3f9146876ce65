"""From the vendor's webhook to the deal's property: ours, and a chain of bare loops beside it, in turns.

The bookkeeper changes numbers of invoices that deals show; every number is new. A change begins when the sandbox sends
its webhook (`at` of the delivery) and ends when HubSpot has written that number to the deal (`occurredAt` of the echo
that HubSpot sends about it): both are the sandbox's own clock, in both chains. Where a later number overtook an earlier
one before it was written, the later one ends both.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from ledgerbridge.contracts.topics import Topic
from ledgerbridge.embedded.ports import free_ports
from ledgerbridge.embedded.services import answers_ok
from ledgerbridge.messaging import topics
from ledgerbridge.testing.waiting import wait_until_sync

from bench.household import BreakableHouse, open_breakable_house
from bench.rows import Row
from tests.house import UK_PORTAL, UK_REALM, US_PORTAL, US_REALM
from tests.house.house import HUBSPOT_TOKENS

COMPANIES = {US_REALM: US_PORTAL, UK_REALM: UK_PORTAL}
INVOICES = 20
ROUNDS = int(os.environ.get("LEDGERBRIDGE_BENCH_ROUNDS", "2"))
SECONDS = float(os.environ.get("LEDGERBRIDGE_BENCH_SECONDS", "30"))
BUSY_SECONDS, BUSY_RATE, RATE = 15.0, 20.0, 2.0
P50, P99, TIMES = 40.0, 120.0, 3.0
NUMBER = "ledgerbridge_invoice_number"
TOPIC = Topic("bench-latency", "none", timedelta(days=1), "what the bare door was told", numbered=False)


@dataclass
class Run:
    """Changes made in one run: numbers by deal in their order, and how many vendor calls they cost."""

    numbers: dict[str, list[str]] = field(default_factory=dict)
    invoices: dict[str, str] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)
    calls: int = 0

    @property
    def changes(self) -> int:
        return sum(map(len, self.numbers.values()))

    def percentile(self, share: float) -> float:
        """The time below which this share of the changes stayed, in milliseconds."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Latency:
    """Invoices joined to deals in two companies, and runs over them."""

    def __init__(self, house: BreakableHouse) -> None:
        self.house = house
        self._sandbox = house.sandbox
        self._made = 0
        self.deals = {realm: self._join(realm) for realm in COMPANIES}

    def _join(self, realm: str) -> dict[str, str]:
        """Open invoices of the seed in the account's currency, each joined to a new deal: invoice to deal."""
        portal = COMPANIES[realm]
        currency = {US_REALM: "USD", UK_REALM: "GBP"}[realm]
        open_ones = [
            str(one["Id"])
            for one in self._sandbox.all_quickbooks(realm, "invoice")
            if one.get("Balance") and one["Balance"] == one["TotalAmt"] and one["CurrencyRef"]["value"] == currency
        ][:INVOICES]
        person, found = self._sandbox.salesperson(portal), {}
        for invoice in open_ones:
            deal = person.create("deals", {"dealname": f"Latency {invoice}", "dealstage": "contractsent"})
            body = {"connection_id": self.house.connections[realm], "quickbooks_ids": [invoice], "deal_id": deal}
            answer = self.house.invoices(portal).ask("POST", "/links", body)
            assert answer.status == 201, answer.data
            found[invoice] = deal
        for deal in found.values():
            wait_until_sync(lambda deal=deal: self._number(portal, deal), 30, "the deal shows its invoice")  # type: ignore[misc]
        return found

    def _number(self, portal: str, deal: str) -> str:
        return self._sandbox.hubspot(portal, "deals", deal)["properties"].get(NUMBER) or ""

    def run(self, realms: Sequence[str], rate: float, seconds: float) -> Run:
        """Changes at `rate` a second on each company, evenly spread, until all are written."""
        run, sent = Run(), _last(self._deliveries("quickbooks"))
        written = _last(self._deliveries("hubspot"))
        self._sandbox.forget_journal()
        begin = time.monotonic()
        for number in range(int(rate * seconds)):
            for place, realm in enumerate(realms):
                time.sleep(max(0.0, begin + (number + place / len(realms)) / rate - time.monotonic()))
                self._change(run, realm, number)
        self._until_written(run, realms)
        run.calls = len(self._sandbox.journal())
        self._sandbox.settle_webhooks()
        told = self._told(run, self._deliveries("quickbooks", sent))
        shown = _shown(self._deliveries("hubspot", written))
        run.milliseconds = [
            (ended - told[invoice][place]).total_seconds() * 1000
            for deal, invoice in run.invoices.items()
            for place, ended in enumerate(_ends(run.numbers[deal], shown.get(deal, {})))
        ]
        return run

    def _change(self, run: Run, realm: str, number: int) -> None:
        self._made += 1
        invoices = list(self.deals[realm])
        invoice = invoices[number % len(invoices)]
        text = f"L{self._made}"
        self._sandbox.bookkeeper(realm).act(invoice, "edit", DocNumber=text)
        deal = self.deals[realm][invoice]
        run.numbers.setdefault(deal, []).append(text)
        run.invoices[deal] = f"{realm} {invoice}"

    def _until_written(self, run: Run, realms: Sequence[str]) -> None:
        last = {deal: numbers[-1] for deal, numbers in run.numbers.items()}
        for realm in realms:
            for deal in self.deals[realm].values():
                if deal in last:
                    wait_until_sync(
                        lambda realm=realm, deal=deal: self._number(COMPANIES[realm], deal) == last[deal],  # type: ignore[misc]
                        30,
                        "every change is written",
                    )

    def _deliveries(self, vendor: str, after: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._sandbox.ask("GET", f"/webhooks/{vendor}/deliveries", None, after=str(after))
        return found

    def _told(self, run: Run, deliveries: Sequence[Mapping[str, Any]]) -> dict[str, list[datetime]]:
        """When each change of an invoice was sent, in their order."""
        told: dict[str, list[datetime]] = {invoice: [] for invoice in run.invoices.values()}
        for one in deliveries:
            for event in one["events"]:
                whose = f"{event['intuitaccountid']} {event['intuitentityid']}"
                if event["type"].startswith("qbo.invoice.") and whose in told and one["attempt"] == 0:
                    told[whose].append(datetime.fromisoformat(one["at"]))
        for deal, invoice in run.invoices.items():
            assert len(told[invoice]) == len(run.numbers[deal]), f"{invoice}: a webhook for each change"
        return told


def _last(deliveries: Sequence[Mapping[str, Any]]) -> int:
    return max((int(one["seq"]) for one in deliveries), default=0)


def _shown(deliveries: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, datetime]]:
    """When HubSpot wrote each number, by deal."""
    found: dict[str, dict[str, datetime]] = {}
    for one in deliveries:
        for event in one["events"]:
            if event.get("propertyName") == NUMBER:
                moment = datetime.fromtimestamp(event["occurredAt"] / 1000, UTC)
                found.setdefault(str(event["objectId"]), {}).setdefault(event["propertyValue"], moment)
    return found


def _ends(numbers: Sequence[str], shown: Mapping[str, datetime]) -> list[datetime]:
    """When each number, or the next one that was written, was written."""
    ends: list[datetime] = []
    for number in reversed(numbers):
        ends.append(shown[number] if number in shown else ends[-1])
    return ends[::-1]


@contextmanager
def bare_chain(house: BreakableHouse, deals: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The two bare processes; answers the address to which webhooks go."""
    running = house.running
    topic = running.topic_prefix + TOPIC.name
    asyncio.run(topics.create(running.kafka, running.topic_prefix, (TOPIC,), running.partitions))
    (port,) = free_ports(1)
    settings = house.installation.environment
    tokens = {realm: f"sandbox-quickbooks-access-{place}" for place, realm in enumerate(COMPANIES, 1)}
    tokens |= {f"hubspot {realm}": HUBSPOT_TOKENS[portal] for realm, portal in COMPANIES.items()}
    given = {
        "BENCH_KAFKA": running.kafka,
        "BENCH_TOPIC": topic,
        "BENCH_PORT": str(port),
        "BENCH_VERIFIER": settings["LEDGERBRIDGE_QUICKBOOKS_VERIFIER"],
        "BENCH_QUICKBOOKS": settings["LEDGERBRIDGE_QUICKBOOKS_API"],
        "BENCH_HUBSPOT": settings["LEDGERBRIDGE_HUBSPOT_API"],
        "BENCH_DEALS": msgspec.json.encode(deals).decode(),
        "BENCH_TOKENS": msgspec.json.encode(tokens).decode(),
    }
    with ExitStack() as stack:
        for kind in ("door", "worker"):
            process = subprocess.Popen((sys.executable, "-m", "bench.chain", kind), env={**os.environ, **given})
            stack.callback(process.wait)
            stack.callback(process.terminate)
        wait_until_sync(lambda: answers_ok(port, "/"), 30, "the bare door")
        yield f"http://127.0.0.1:{port}"


def point(house: BreakableHouse, address: str | None = None) -> None:
    """Send the webhooks to ours, or to this address."""
    if address is None:
        house.point_webhooks()
    else:
        for vendor in ("hubspot", "quickbooks"):
            house.sandbox.send_webhooks_to(vendor, f"{address}/webhooks/{vendor}", retry_seconds=[0.2] * 100)


def measure() -> list[Row]:
    """Both chains in turns at the quiet rate, then ours when one company is busy."""
    with open_breakable_house() as house:
        latency = Latency(house)
        ours, theirs = [], []
        with bare_chain(house, latency.deals) as bare:
            for place in range(ROUNDS + 1):  # the first round warms both up
                seconds = SECONDS if place else 4.0
                point(house, bare)
                theirs.append(latency.run(list(COMPANIES), RATE, seconds))
                point(house)
                ours.append(latency.run(list(COMPANIES), RATE, seconds))
        busy = latency.run([US_REALM], BUSY_RATE, BUSY_SECONDS)
    return [*_quiet_rows(ours[1:], theirs[1:]), _busy_row(busy)]


def _quiet_rows(ours: Sequence[Run], theirs: Sequence[Run]) -> list[Row]:
    own, bare = (Run(milliseconds=[one for run in runs for one in run.milliseconds]) for runs in (ours, theirs))
    p50, p99 = own.percentile(0.5), own.percentile(0.99)
    times = p50 / bare.percentile(0.5)
    changes = f"{len(own.milliseconds)} changes, {RATE:g} a second on each of {len(COMPANIES)} companies"
    return [
        Row(f"webhook sent to deal written, p50 ({changes})", f"{p50:.1f} ms", f"at most {P50:g} ms", p50 <= P50),
        Row("webhook sent to deal written, p99", f"{p99:.1f} ms", f"at most {P99:g} ms", p99 <= P99),
        Row(
            "webhook sent to deal written against a chain of bare loops, p50",
            f"{times:.2f} x ({bare.percentile(0.5):.1f} ms; p99 {bare.percentile(0.99):.1f} ms)",
            f"at most {TIMES:g} x",
            times <= TIMES,
        ),
    ]


def _busy_row(run: Run) -> Row:
    return Row(
        f"webhook sent to deal written, {BUSY_RATE:g} a second on one company",
        f"p50 {run.percentile(0.5):.1f} ms, p99 {run.percentile(0.99):.1f} ms, "
        f"{run.calls / run.changes:.2f} vendor calls a change",
    )
