"""Poison: messages nobody can read, and records that one vendor refuses. The others neither wait nor fail."""

import random
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.desks import Desks, Followed
from tests.drills.letters import dead_letters
from tests.drills.rows import Row, Scale, none_of
from tests.drills.standing import DrillHouse
from tests.house import US_PORTAL, US_REALM, Bus

Headers = list[tuple[str, bytes]]
Poison = Callable[[], None] | None
COMMANDS = "invoice-commands"
VOID = "ledgerbridge.invoice.void.v1"
NOTICE = "ledgerbridge.record.changed.v1"
SECONDS = 60.0
WAIT_SHARE, WAIT_SECONDS = 2.0, 1.0
"""Healthy ones beside poison may take twice as long as without, or a second more: the machine's own noise."""


def drill(house: DrillHouse, scale: Scale) -> list[Row]:
    """Every consumed topic, then one failing record in a lot, at either vendor."""
    desks = Desks(house, random.Random(scale.seed))
    followed = desks.followed(6 if scale.short else 20)
    before = set(dead_letters(house))
    with house.reading() as bus:
        poisoned = _Poisoned(house, desks, bus, followed)
        rows = [
            poisoned.topic(COMMANDS, poisoned.commands, scale),
            poisoned.topic("quickbooks-changes", poisoned.quickbooks_notices, scale),
            poisoned.topic("hubspot-changes", poisoned.hubspot_notices, scale),
        ]
    wait_until_sync(lambda: len(set(dead_letters(house)) - before) >= len(poisoned.poison), SECONDS, "dead letters")
    buried = sorted(set(dead_letters(house)) - before)
    exactly = buried == sorted(poisoned.poison)
    return [
        *rows,
        Row("dead letters are the poison, byte for byte, and nothing else", f"{len(buried)}", "3", exactly),
        *_row_of_quickbooks(house, desks, followed),
        *_deal_that_refuses(house, desks, followed),
    ]


class _Poisoned:
    """Sends healthy messages with and without poison in their middle, and measures the healthy ones."""

    def __init__(self, house: DrillHouse, desks: Desks, bus: Bus, followed: Sequence[Followed]) -> None:
        self._house = house
        self._books = desks
        self._bus = bus
        self._followed = followed
        self.poison: list[bytes] = []

    def topic(self, topic: str, healthy: Callable[[int, Poison], float], scale: Scale) -> Row:
        """The healthy ones' seconds: without poison, then with one in a hundred."""
        healthy(2, None)  # warm
        without = healthy(scale.healthy, None)
        value = f"poison on {topic} {uuid.uuid4()}".encode()
        self.poison.append(value)
        kind = _headers(VOID if topic == COMMANDS else NOTICE)
        beside = healthy(scale.healthy, lambda: self._bus.send_raw(topic, b"poison", value, kind))
        return Row(
            f"{scale.healthy} messages on {topic} with one poison among them: seconds of the healthy ones",
            f"{beside:.2f} with, {without:.2f} without",
            "at most twice, or 1 s more",
            beside <= max(without * WAIT_SHARE, without + WAIT_SECONDS),
        )

    def commands(self, count: int, poison: Poison) -> float:
        """Commands about an invoice that nobody knows are refused at once: the median from each to its result."""
        sent: dict[str, float] = {}
        for number in range(count):
            if poison and number == count // 2:
                poison()
            invoice = str(uuid.uuid4())
            data = {"hubspot_account": US_PORTAL, "invoice_id": invoice}
            began = time.monotonic()
            sent[self._bus.send(COMMANDS, f"{US_PORTAL}:{invoice}", VOID, data)] = began

        def arrived() -> dict[str, float]:
            seen = self._bus.seen("command-results")
            return {one.data["command_id"]: one.arrived for one in seen if one.data["command_id"] in sent}

        wait_until_sync(lambda: len(arrived()) == count, SECONDS, "every command is answered")
        return statistics.median(moment - sent[one] for one, moment in arrived().items())

    def quickbooks_notices(self, count: int, poison: Poison) -> float:
        """Beside many notices of strangers the bookkeeper changes invoices: until all their deals show it."""
        began = time.monotonic()
        self._strangers("quickbooks", US_REALM, "invoice", count, poison)
        for one in self._followed:
            self._books.postpone(one)
        return self._shown(began)

    def hubspot_notices(self, count: int, poison: Poison) -> float:
        """Beside many notices of strangers a salesperson spoils our property on deals: until all are right again."""
        began = time.monotonic()
        self._strangers("hubspot", US_PORTAL, "deal", count, poison)
        person = self._house.sandbox.salesperson(US_PORTAL)
        for one in self._followed:
            person.change("deals", one.deal, ledgerbridge_invoice_number="spoilt")
        return self._shown(began)

    def _shown(self, began: float) -> float:
        differing = self._books.agree(self._followed, SECONDS)
        assert not differing, f"these deals do not show what QuickBooks holds: {differing}"
        return time.monotonic() - began

    def _strangers(self, vendor: str, account: str, kind: str, count: int, poison: Poison) -> None:
        for number in range(count):
            if poison and number == count // 2:
                poison()
            record = f"stranger-{number}"
            told = _notice(vendor, account, kind, record)
            self._bus.send(f"{vendor}-changes", f"{account}:{kind}:{record}", NOTICE, told, tenant="1", connection="1")


def _headers(kind: str) -> Headers:
    told = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "tests.drills", "type": kind}
    return [("content-type", b"application/json"), *((f"ce_{name}", text.encode()) for name, text in told.items())]


def _notice(vendor: str, account: str, kind: str, record: str) -> dict[str, object]:
    moment = datetime.now(UTC).isoformat()
    told = {"vendor": vendor, "account": account, "object_type": kind, "record_id": record, "verb": "changed"}
    return {**told, "changed_at": moment, "exact": True, "merged_ids": [], "properties": [], "found_by": "webhook"}


def _row_of_quickbooks(house: DrillHouse, desks: Desks, followed: Sequence[Followed]) -> list[Row]:
    """A row that QuickBooks cannot read fails every page that holds it (4002); all change at once."""
    bad, others = followed[0], followed[1:]
    desk = f"/people/bookkeeper/{US_REALM}/invoice/{bad.quickbooks_id}/poison"
    house.sandbox.ask("POST", desk, {})
    took = _all_change(desks, others, [bad])
    failed = wait_until_sync(lambda: _failed(house, "invoice"), SECONDS, "the row that fails is listed")
    house.sandbox.ask("POST", desk, {"cured": True})
    house.invoices().ask("POST", "/records/retry", {"kind": "invoice"})
    return [
        _others("one invoice that QuickBooks cannot read, in a lot", took, len(others)),
        Row("failed and listed: that invoice alone", ", ".join(failed), "1", len(failed) == 1),
        none_of("deals that differ after it was cured", desks.agree(followed, SECONDS), of=str(len(followed))),
    ]


def _deal_that_refuses(house: DrillHouse, desks: Desks, followed: Sequence[Followed]) -> list[Row]:
    """One deal of the lot was deleted in HubSpot: the write of the others goes on, and restored it is right again."""
    bad, others = followed[0], followed[1:]
    person = house.sandbox.salesperson(US_PORTAL)
    person.archive("deals", bad.deal)
    took = _all_change(desks, others, [bad])
    person.restore("deals", bad.deal)
    return [
        _others("one deal that takes no write, in a lot", took, len(others)),
        none_of("deals that differ after it was restored", desks.agree(followed, SECONDS), of=str(len(followed))),
    ]


def _all_change(desks: Desks, others: Sequence[Followed], bad: Sequence[Followed]) -> float:
    """Seconds until the deals of the others show their change."""
    began = time.monotonic()
    for one in [*bad, *others]:
        desks.postpone(one)
    differing = desks.agree(others, SECONDS)
    assert not differing, f"these deals wait for one that fails: {differing}"
    return time.monotonic() - began


def _failed(house: DrillHouse, kind: str) -> list[str]:
    answer = house.invoices().ask("GET", "/records", state="failed", kind=kind)
    assert answer.status == 200, answer.data
    return [f"{one['subject_id']} {one['reason_code']}" for one in answer.data["records"]]


def _others(what: str, took: float, count: int) -> Row:
    return Row(f"{what}: seconds until the {count} others are right", f"{took:.2f}", "10", took <= 10)
