"""The sandbox at scale: a company of a million invoices, on one core, asked from another one.

The snapshots are made once and kept in `build/`. `LEDGERBRIDGE_BENCH_INVOICES` says how many invoices the large one has
(default 1,000,000; a tenth as many customers). Reads go over eight connections, limits are off. A rate is what the
sandbox answers in a second of its own processor's time, which is what one core can do; beside it stands what came by
the clock, less where the machine has other work.
"""

# ruff: noqa: S608 - statements of QuickBooks' query language, not SQL

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil
import uvloop
from ledgerbridge_sandbox.generate.generating import ACCESS, HUBSPOT_TOKEN, REALM

from bench.rows import RESULTS, Row

INVOICES = int(os.environ.get("LEDGERBRIDGE_BENCH_INVOICES", "1000000"))
SMALL = 45_000
"""Invoices of a snapshot with 100,000 records in all."""
CONNECTIONS, SECONDS = 8, 3.0
READS_A_SECOND, PAGES_A_MINUTE, START_SECONDS, MOST_BYTES = 1_000, 120, 10.0, 4 * 2**30
WRITES = 300
START = "2026-11-23T10:00:00+00:00"


@dataclass(frozen=True)
class Asked:
    """A request and how it is written."""

    vendor: str
    method: str
    path: str
    body: bytes = b""

    def written(self, host: str) -> bytes:
        """The bytes of the request."""
        token = ACCESS if self.vendor == "quickbooks" else HUBSPOT_TOKEN
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        length = f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n\r\n"
        return (head + length).encode() + self.body


@dataclass(frozen=True)
class Rate:
    """Answers in a second of the sandbox's own time, and by the clock."""

    own: float
    clock: float

    def row(self, name: str, unit: str, least: float | None = None) -> Row:
        """The figure; with a goal where one core has to do `least` of them a second."""
        times = 60 if unit == "minute" else 1
        value = f"{self.own * times:,.0f} a {unit} of one core ({self.clock * times:,.0f} by the clock)"
        if least is None:
            return Row(name, value)
        return Row(name, value, f"{least:,} a {unit} on one core", self.own * times >= least)


def measure() -> list[Row]:
    """One run; the machine's two cores are one for the sandbox and one for its caller."""
    large, seconds = _snapshot(INVOICES)
    made = "kept from before" if seconds is None else f"{seconds:.0f} s"
    size = large.stat().st_size / 2**30
    rows = [Row(f"sandbox generate, {INVOICES:,} invoices", f"{made}, {size:.2f} GB on disk")]
    small, _ = _snapshot(SMALL)
    with _open(small) as sandbox:
        value = f"{sandbox.started:.1f} s ({_records(sandbox):,} records in the large company and account)"
        rows.append(
            Row("start from a snapshot of 100,000 records", value, "under 10 s", sandbox.started < START_SECONDS)
        )
    with _open(large) as sandbox:
        rows.append(Row(f"start from a snapshot of {INVOICES:,} invoices", f"{sandbox.started:.1f} s"))
        rows += _reads(sandbox)
        rows += _pages(sandbox)
        rows += _writes(sandbox)
        rows.append(_memory(sandbox))
    return rows


@dataclass
class _Sandbox:
    process: psutil.Process
    addresses: dict[str, str]
    started: float

    def ask(self, asked: Asked) -> httpx.Response:
        """One call by an ordinary client."""
        token = ACCESS if asked.vendor == "quickbooks" else HUBSPOT_TOKEN
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        url = self.addresses[asked.vendor] + asked.path
        answer = httpx.request(asked.method, url, content=asked.body, headers=headers, timeout=120)
        answer.raise_for_status()
        return answer

    def rate(self, requests: Sequence[Asked]) -> Rate:
        """How many of these are answered, asked in turn for some seconds."""
        before, began = self._worked(), time.perf_counter()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            count = runner.run(self._count(requests))
        return Rate(count / (self._worked() - before), count / (time.perf_counter() - began))

    def _worked(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    async def _count(self, requests: Sequence[Asked]) -> int:
        host = self.addresses[requests[0].vendor].removeprefix("http://")
        written = [asked.written(host) for asked in requests]
        began = time.perf_counter()
        counts = await asyncio.gather(*(self._worker(host, written, turn, began) for turn in range(CONNECTIONS)))
        return sum(counts)

    @staticmethod
    async def _worker(host: str, written: Sequence[bytes], turn: int, began: float) -> int:
        reader, writer = await asyncio.open_connection(*host.split(":"), limit=2**26)
        count = 0
        while time.perf_counter() - began < SECONDS:
            writer.write(written[(turn + count * CONNECTIONS) % len(written)])
            head = await reader.readuntil(b"\r\n\r\n")
            if head[9:12] not in {b"200", b"207"}:
                raise RuntimeError(head.decode())
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(int(length.split(b":")[1]))
            count += 1
        writer.close()
        return count


def _snapshot(invoices: int) -> tuple[Path, float | None]:
    """The file, and how long it took to make; None where it was there. One of another version is made anew."""
    path = RESULTS.parent / f"sandbox-{invoices}.snapshot"
    if path.exists():
        try:
            with _open(path):
                return path, None
        except RuntimeError:
            path.unlink()
    path.parent.mkdir(exist_ok=True)
    sizes = ("--customers", str(invoices // 10), "--invoices", str(invoices), "--seed", "7", "--start", START)
    since = time.monotonic()
    command = (sys.executable, "-m", "ledgerbridge_sandbox", "generate", *sizes, "--out", str(path))
    subprocess.run(command, check=True)
    return path, time.monotonic() - since


@contextmanager
def _open(path: Path) -> Iterator[_Sandbox]:
    """A sandbox on the first core; this process keeps to the others."""
    ports = [word for door in ("hubspot", "quickbooks", "control") for word in (f"--{door}-port", "0")]
    command = (sys.executable, "-m", "ledgerbridge_sandbox", "--print-json", *ports, "--snapshot", str(path))
    since = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        _keep_to(running.pid, 0)
        _keep_to(os.getpid(), -1)
        try:
            line = running.stdout.readline() if running.stdout else ""
            if not line:
                raise RuntimeError("the sandbox did not open")
            addresses = json.loads(line)
            started = time.monotonic() - since
            for vendor in ("hubspot", "quickbooks"):
                httpx.put(f"{addresses['control']}/limits/{vendor}", json={"on": False}).raise_for_status()
            yield _Sandbox(psutil.Process(running.pid), addresses, started)
        finally:
            running.terminate()


def _keep_to(pid: int, core: int) -> None:
    """Linux alone lets a process be kept to one core; where there is but one, both share it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {sorted(os.sched_getaffinity(pid) | {0})[core]})


def _query(statement: str) -> Asked:
    return Asked("quickbooks", "GET", f"/v3/company/{REALM}/query?query={quote(statement)}")


def _hubspot(path: str, content: object = None) -> Asked:
    body = b"" if content is None else json.dumps(content).encode()
    return Asked("hubspot", "POST" if body else "GET", f"/crm/objects/2026-09/{path}", body)


def _records(sandbox: _Sandbox) -> int:
    counted = [
        sandbox.ask(_query(f"select count(*) from {entity}")).json()["QueryResponse"]["totalCount"]
        for entity in ("Invoice", "Payment", "Customer")
    ]
    found = [_hubspot(f"{plural}/search", {"limit": 1}) for plural in ("contacts", "companies", "deals", "line_items")]
    return sum(counted) + sum(sandbox.ask(one).json()["total"] for one in found)


def _spread(entity: str, sandbox: _Sandbox) -> list[str]:
    """A thousand ids from all over the company."""
    total = sandbox.ask(_query(f"select count(*) from {entity}")).json()["QueryResponse"]["totalCount"]
    ids = []
    for start in range(1, total, max(total // 10, 1)):
        found = sandbox.ask(_query(f"select * from {entity} startposition {start} maxresults 100"))
        ids += [one["Id"] for one in found.json()["QueryResponse"][entity]]
    return ids


def _reads(sandbox: _Sandbox) -> list[Row]:
    invoices = [Asked("quickbooks", "GET", f"/v3/company/{REALM}/invoice/{one}") for one in _spread("Invoice", sandbox)]
    deals = [one["id"] for one in sandbox.ask(_hubspot("deals/search", {"limit": 200})).json()["results"]]
    single = [_hubspot(f"deals/{one}?properties=dealname,amount,dealstage&associations=contacts") for one in deals]
    rows = []
    for name, asked in (("QuickBooks, invoices", invoices), ("HubSpot, deals with their contacts", single)):
        rows.append(sandbox.rate(asked).row(f"single reads ({name})", "second", READS_A_SECOND))
    hundred = {"inputs": [{"id": one} for one in deals[:100]], "properties": ["dealname", "amount"]}
    rate = sandbox.rate([_hubspot("deals/batch/read", hundred)])
    return [*rows, rate.row("batch reads of 100 (HubSpot, deals)", "second")]


def _pages(sandbox: _Sandbox) -> list[Row]:
    """Pages as the product asks for them, deep ones, and ones that need another index."""
    changed, many = "MetaData.LastUpdatedTime", range(1, INVOICES * 6 // 10, 17_001)
    since = f"{changed} >= '2025-06-01T00:00:00Z' orderby {changed} asc"
    kinds = {
        "by last change, deep": [
            f"select * from Invoice where {since} startposition {at} maxresults 1000" for at in many
        ],
        "newest first, deep": [f"select * from Invoice startposition {at} maxresults 1000" for at in many],
        "open ones, by due date": ["select * from Invoice where Balance > '0' orderby DueDate maxresults 1000"],
        "customers by name": ["select * from Customer where Active in (true, false) maxresults 1000"],
        "payments of a month": [
            "select * from Payment where TxnDate >= '2026-03-01' and TxnDate < '2026-04-01' maxresults 1000"
        ],
    }
    rows = []
    for name, statements in kinds.items():
        rate = sandbox.rate([_query(one) for one in statements])
        rows.append(rate.row(f"pages of 1,000 ({name})", "minute", PAGES_A_MINUTE))
    filters = [{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "1740000000000"}]
    search = {"filterGroups": [{"filters": filters}], "sorts": ["hs_lastmodifieddate"], "limit": 200}
    rate = sandbox.rate([_hubspot("deals/search", {**search, "after": str(at)}) for at in range(0, 9_801, 200)])
    rows.append(rate.row("search pages of 200 (HubSpot, by last change)", "minute"))
    counts = ["", " where Balance > '0'", " where DueDate < '2026-11-01' and Balance > '0'"]
    rate = sandbox.rate([_query("select count(*) from Invoice" + one) for one in counts])
    return [*rows, rate.row("counts (all, open, overdue in turn)", "minute")]


def _writes(sandbox: _Sandbox) -> list[Row]:
    """Invoices made one after the other, with webhooks to an address where nobody listens, and a reset."""
    httpx.put(f"{sandbox.addresses['control']}/webhooks/quickbooks", json={"url": "http://127.0.0.1:9/"})
    detail = {"ItemRef": {"value": "2"}, "Qty": 1, "UnitPrice": 85, "TaxCodeRef": {"value": "NON"}}
    line = {"Amount": 85, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    seconds = []
    url = f"{sandbox.addresses['quickbooks']}/v3/company/{REALM}/invoice"
    with httpx.Client(headers={"authorization": f"Bearer {ACCESS}"}) as client:
        for number in range(WRITES):
            began = time.perf_counter()
            given = {"CustomerRef": {"value": str(1 + number % 50)}, "Line": [line]}
            client.post(url, json=given).raise_for_status()
            seconds.append(time.perf_counter() - began)
    seconds.sort()
    value = f"{seconds[WRITES // 2] * 1000:.1f} ms in the middle, {seconds[WRITES * 99 // 100] * 1000:.1f} ms at 99 %"
    rows = [Row(f"an invoice made beside {INVOICES:,} others", f"{value} (client included)")]
    control = sandbox.addresses["control"]
    for name, path, body in (("snapshot kept in memory", "/snapshots/bench", {}), ("reset to the file", "/reset", {})):
        began = time.perf_counter()
        httpx.post(control + path, json=body, timeout=60).raise_for_status()
        rows.append(Row(name, f"{(time.perf_counter() - began) * 1000:.0f} ms"))
    return rows


def _memory(sandbox: _Sandbox) -> Row:
    """After every invoice and payment was read once."""
    for entity in ("Invoice", "Payment", "Customer"):
        for statement in (f"select count(*) from {entity} where MetaData.CreateTime > '2000-01-01T00:00:00Z'",):
            sandbox.ask(_query(statement))
    resident = sandbox.process.memory_info().rss
    own = resident - getattr(sandbox.process.memory_info(), "shared", 0)
    value = f"{resident / 2**30:.2f} GB resident, of which {own / 2**20:.0f} MB its own and the rest the file's pages"
    return Row(f"memory with {INVOICES:,} invoices, all read", value, "at most 4 GB", resident <= MOST_BYTES)
