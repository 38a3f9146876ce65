"""What all scenes share: who acts, what the vendors hold, what Kafka told, and how long it took."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
from ledgerbridge.testing.waiting import wait_until_sync

from tests.house import UK_PORTAL, US_PORTAL, House, Seen
from tests.house.sandbox import RefusedByVendorError
from tests.story.deals import Sales
from tests.story.telling import Telling
from tests.story.wizard import RefusedError

SECONDS = 15.0
ORDERING = ("order", "command")
"""Where the time is counted from an order of ours, the vendor's own part is told beside it."""
UNDONE = (
    AssertionError,
    RefusedByVendorError,
    RefusedError,
    LookupError,
    StopIteration,
    TypeError,
    ValueError,
    httpx.HTTPError,
)
"""What a scene meets where a service cannot do its part: a failed check, not the end of the story."""


@dataclass(frozen=True)
class Held:
    """An invoice of the story: where it is, and the deal that shows it."""

    realm: str
    portal: str
    quickbooks_id: str
    deal: str
    number: str | None


class Tale:
    """The house, the people, and the invoices by the names that the scenes give them."""

    def __init__(self, house: House, telling: Telling) -> None:
        """Begin."""
        self.house = house
        self.telling = telling
        self.sales = {portal: Sales(house, portal) for portal in (US_PORTAL, UK_PORTAL)}
        self.invoices: dict[str, Held] = {}
        self.milliseconds: list[float] = []
        self._began = time.monotonic()
        self._place = 0

    def play(self, title: str, scene: "Callable[[Tale], None]") -> None:
        """One scene; what cannot be done is a failed check."""
        self.telling.scene(title, (scene.__doc__ or "").strip())
        self.acts()
        try:
            scene(self)
        except UNDONE as undone:
            self.check(f"{' '.join(str(undone).split())[:300]} ({type(undone).__name__})", holds=False)

    def acts(self, seconds_from_now: float = 0) -> None:
        """The change happens now, or in so many seconds: times and events are counted from here."""
        self._began = time.monotonic() + seconds_from_now
        self._place = self.house.bus.place()

    def check(self, sentence: str, *, holds: bool) -> None:
        """Tell and count a check."""
        self.telling.check(sentence, holds=holds)

    def invoice(self, name: str) -> Held:
        """An invoice of an earlier scene. LookupError where that scene failed."""
        if name not in self.invoices:
            raise LookupError(f"an earlier scene made no invoice ({name})")
        return self.invoices[name]

    def quickbooks(self, held: Held) -> dict[str, Any]:
        """The invoice as QuickBooks really holds it."""
        return self.house.sandbox.quickbooks(held.realm, "invoice", held.quickbooks_id)

    def created(self, name: str, realm: str, portal: str, deal: str) -> Held:
        """The invoice that was just made for the deal, found by its event and looked up in QuickBooks."""
        told = self.house.bus.wait_for(
            "invoices",
            lambda seen: seen.type == "invoice.created" and seen.data["invoice"]["links"]["deal_id"] == deal,
            SECONDS,
            self._place,
            "InvoiceCreated for the deal",
        )
        quickbooks_id = told.data["invoice"]["quickbooks_id"]
        truth = self.house.sandbox.quickbooks(realm, "invoice", quickbooks_id)
        held = Held(realm, portal, quickbooks_id, deal, truth.get("DocNumber"))
        self.invoices[name] = held
        return held

    def deal_follows(self, held: Held, stage: str, since: str = "from QuickBooks' change") -> None:
        """The deal's five properties become what QuickBooks holds; told with the time that it took."""
        wanted = self._wanted(held, stage)
        sales = self.sales[held.portal]

        def agrees() -> bool:
            return _same(sales.held(held.deal), wanted)

        try:
            wait_until_sync(agrees, SECONDS, "the deal's properties")
            took = (time.monotonic() - self._began) * 1000
            self.milliseconds.append(took)
        except AssertionError:
            took = float("nan")
        now = self.show_deal(held)
        beside = f", {self._from_create(held):.0f} ms from QuickBooks' create" if since.endswith(ORDERING) else ""
        self.telling.fact("time", f"{took:.0f} ms {since} to the property{beside}")
        self.check(f"the deal shows what QuickBooks holds: {_said(wanted)}", holds=_same(now, wanted))

    def _from_create(self, held: Held) -> float:
        """Milliseconds from QuickBooks' answer to our create to HubSpot's answer to our write, by their journal."""
        create = {"method": "POST", "path": f"/v3/company/{held.realm}/invoice"}
        made = self.house.sandbox.journal(vendor="quickbooks", **create)[-1]
        calls = self.house.sandbox.journal(vendor="hubspot", account=held.portal, after=str(made["seq"]))
        written = next(one for one in calls if one["method"] == "PATCH" or one["path"].endswith("/update"))
        return (_moment(written) - _moment(made)) * 1000

    def show_deal(self, held: Held) -> Mapping[str, str | None]:
        """Tell the deal's five properties as HubSpot holds them now, and answer them."""
        now = self.sales[held.portal].held(held.deal)
        short = {name.removeprefix("invoiced_").removeprefix("invoice_"): value or "-" for name, value in now.items()}
        self.telling.fields("HubSpot", short)
        return now

    def _wanted(self, held: Held, stage: str) -> dict[str, str | None]:
        truth = self.quickbooks(held)
        if truth.get("status") == "Deleted":
            return {"invoiced_amount": "0", "invoice_number": held.number, "invoice_status": stage}
        return {
            "invoiced_amount": str(truth["TotalAmt"]),
            "invoice_recipient": truth["CustomerRef"]["name"],
            "invoice_number": truth.get("DocNumber"),
            "invoice_status": stage,
            "invoice_due_date": truth.get("DueDate"),
        }

    def kafka_tells(self, held: Held, *facts: str, unlike: Sequence[str] = ()) -> list[Seen]:
        """Since the act Kafka tells at least these facts of the invoice, none of `unlike`, without a gap."""

        def of_invoice(seen: Seen) -> bool:
            state = (seen.data or {}).get("invoice") or {}
            return (state.get("quickbooks_company"), state.get("quickbooks_id")) == (held.realm, held.quickbooks_id)

        def all_told() -> bool:
            return set(facts) <= {
                seen.type for seen in self.house.bus.seen("invoices", self._place) if of_invoice(seen)
            }

        with suppress(AssertionError):
            wait_until_sync(all_told, SECONDS, "the invoice's events")
        told = [seen for seen in self.house.bus.seen("invoices", self._place) if of_invoice(seen)]
        self.telling.fact("Kafka", "   ".join(f"#{seen.sequence} {_fact(seen)}" for seen in told) or "nothing")
        kinds = [seen.type for seen in told]
        numbers = [seen.sequence or 0 for seen in told]
        gapless = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
        wanted = f"Kafka told {', '.join(facts)}" + (f" and no {', '.join(unlike)}" if unlike else "")
        self.check(
            f"{wanted}, numbered without a gap",
            holds=set(facts) <= set(kinds) and not set(unlike) & set(kinds) and gapless,
        )
        return told

    def result(self, command: str, *kinds: str) -> list[Seen]:
        """What became of a command: exactly these results, in this order."""

        def told() -> list[Seen]:
            return [seen for seen in self.house.bus.seen("command-results") if seen.data["command_id"] == command]

        with suppress(AssertionError):
            wait_until_sync(lambda: len(told()) >= len(kinds), SECONDS, "the command's results")
        results = told()
        self.telling.fact("Kafka", "   ".join(_result(seen) for seen in results) or "nothing")
        self.check(
            f"the command's results are {', '.join(kinds)}", holds=[seen.type for seen in results] == list(kinds)
        )
        return results


def _moment(call: Mapping[str, Any]) -> float:
    """When a call of the journal was answered, in seconds."""
    return datetime.fromisoformat(call["at"]).timestamp()


def _same(now: Mapping[str, str | None], wanted: Mapping[str, str | None]) -> bool:
    for name, value in wanted.items():
        held = now[name]
        if name == "invoiced_amount" and held is not None and value is not None:
            if Decimal(held) != Decimal(value):
                return False
        elif held != value:
            return False
    return True


def _said(wanted: Mapping[str, str | None]) -> str:
    return ", ".join(str(value) for value in wanted.values())


def _fact(seen: Seen) -> str:
    if seen.type == "invoice.status-changed":
        return f"{seen.type} ({seen.data['old_stage']} to {seen.data['new_stage']})"
    if seen.type in {"payment.received", "payment.reversed"}:
        why = f", {seen.data['why']}" if "why" in seen.data else ""
        return f"{seen.type} ({seen.data['applied']} {seen.data['currency']}{why})"
    return seen.type


def _result(seen: Seen) -> str:
    return f"{seen.type} {seen.data.get('code') or seen.data.get('number') or ''}".strip()
