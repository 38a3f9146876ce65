"""QuickBooks did the work, its answer was lost: nothing is made or sent twice; what nobody can know is listed."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.counting import MARKER, doubled, finals_of, unfinished
from tests.drills.desks import Desks
from tests.drills.load import CREATE
from tests.drills.rows import Row, Scale, none_of
from tests.drills.standing import DrillHouse
from tests.house import US_PORTAL, US_REALM, Bus, Seen

APP, SECRET, SCOPE = "sandbox-quickbooks-app", "sandbox-quickbooks-secret", "com.intuit.quickbooks.accounting"
SEND = "ledgerbridge.invoice.send.v1"
LOST: dict[str, Any] = {"account": US_REALM, "method": "POST", "lose_answer": True}
WRITES = "/(invoice|customer|send)$"
LOST_SHARE = 0.6
ROUND_SECONDS = 240.0
MOST_ROUNDS = 40
ORDERS_A_ROUND = 40
"""At full scale; the tail of a round waits for the growing gaps of one order that is struck again and again."""
SHORT_ORDERS_A_ROUND = 8


def drill(house: DrillHouse, scale: Scale) -> list[Row]:
    """Orders and sends in rounds until so many answers were lost; meanwhile people edit and order again."""
    desks = Desks(house, Random(scale.seed))
    house.sandbox.forget_journal()
    house.sandbox.fault("quickbooks", **LOST, path=WRITES, times=scale.lost_answers, probability=LOST_SHARE)
    with house.reading() as bus:
        orders = _Orders(house, desks, bus, SHORT_ORDERS_A_ROUND if scale.short else ORDERS_A_ROUND)
        for number in range(MOST_ROUNDS):
            orders.round(number)
            if _lost(house) >= scale.lost_answers:
                break
        house.sandbox.clear_faults()
        unknown = orders.send_that_nobody_knows()
        rows = orders.rows(scale.lost_answers, unknown)
    without = _repeated(house, desks, scale.lost_answers // 5, with_request_id=False)
    with_id = _repeated(house, desks, scale.lost_answers // 5, with_request_id=True)
    return [
        *rows,
        Row("red control: duplicates of the same posts without requestid", str(without), "more than 0", without > 0),
        Row("the same posts with requestid make duplicates", str(with_id), "0", with_id == 0),
    ]


def _lost(house: DrillHouse) -> int:
    return sum(call["status"] == 0 for call in house.sandbox.journal(vendor="quickbooks"))


class _Orders:
    """All orders and sends of the drill."""

    def __init__(self, house: DrillHouse, desks: Desks, bus: Bus, per_round: int) -> None:
        self._per_round = per_round
        self._house = house
        self._books = desks
        self._bus = bus
        self._creates: dict[str, str] = {}
        self._again: list[str] = []
        self._sends: dict[str, str] = {}
        self._edited: set[str] = set()

    def round(self, number: int) -> None:
        """Order, order the same again, edit what is there while nobody has the answer; then send, twice."""
        deals = [self._books.deal(f"Drill: lost {number}-{one}") for one in range(self._per_round)]
        made = {self._create(deal, customer=bool(place % 2)): deal for place, deal in enumerate(deals)}
        self._creates |= made
        self._again += [self._create(deal, customer=False) for deal in deals]
        self._edit_meanwhile(made)
        done = [found[0] for found in finals_of(self._bus, made).values() if found]
        sends = {self._send(seen): seen.data["quickbooks_id"] for seen in done if seen.type == "command.succeeded"}
        self._sends |= sends
        self._await(sends)
        self._again += [self._create(deal, customer=False) for deal in deals]
        self._await(self._again)

    def _edit_meanwhile(self, commands: Iterable[str]) -> None:
        """The bookkeeper edits each new invoice as soon as it is there, answer or not."""

        def all_done() -> bool:
            for one in self._house.sandbox.all_quickbooks(US_REALM, "invoice"):
                if one["Id"] not in self._edited and MARKER.search(str(one.get("PrivateNote", ""))):
                    self._edited.add(one["Id"])
                    self._house.sandbox.bookkeeper(US_REALM).act(one["Id"], "edit", CustomerMemo={"value": "Edited"})
            return not unfinished(self._bus, commands)

        wait_until_sync(all_done, ROUND_SECONDS, "every order has its result")

    def _await(self, commands: Iterable[str]) -> None:
        known = list(commands)
        wait_until_sync(lambda: not unfinished(self._bus, known), ROUND_SECONDS, "every command has its result")

    def _create(self, deal: str, *, customer: bool) -> str:
        data: dict[str, object] = {"hubspot_account": US_PORTAL, "quickbooks_company": US_REALM, "deal_id": deal}
        if customer:
            data["buyer"] = {"new": {"display_name": f"Drill customer {deal}"}}
        return self._bus.send("invoice-commands", f"{US_PORTAL}:{deal}", CREATE, data)

    def _send(self, created: Seen) -> str:
        data = {"hubspot_account": US_PORTAL, "invoice_id": created.data["invoice_id"], "to": "ap@example.com"}
        return self._bus.send("invoice-commands", f"{US_PORTAL}:{created.data['invoice_id']}", SEND, data)

    def send_that_nobody_knows(self) -> str:
        """A send that was answered 504 without being done: only a person can say. Answers its command."""
        self._house.sandbox.fault("quickbooks", account=US_REALM, method="POST", path="/send$", times=1, status=504)
        first = next(iter(finals_of(self._bus, [next(iter(self._creates))]).values()))[0]
        command = self._send(first)
        wait_until_sync(self._listed, 60, "the uncertain send is listed")
        return command

    def _listed(self) -> list[object]:
        answer = self._house.invoices().ask("GET", "/records", state="failed", kind="order")
        assert answer.status == 200, answer.data
        records = answer.data["records"]
        return [one for one in records if one["reason_code"] == "OUTCOME_UNKNOWN"]

    def rows(self, wanted: int, unknown: str) -> list[Row]:
        """What was found."""
        lost, house = _lost(self._house), self._house
        finals = finals_of(self._bus, [*self._creates, *self._sends, unknown])
        wrong = [
            one for one in [*self._creates, *self._sends] if [s.type for s in finals[one]] != ["command.succeeded"]
        ]
        again = [one for one, found in finals_of(self._bus, self._again).items() if _codes(found) != ["refused"]]
        customers = Counter(one["DisplayName"] for one in house.sandbox.all_quickbooks(US_REALM, "customer"))
        deals = len(self._creates)
        listed = len(self._listed())
        return [
            Row("answers lost after the work was done", str(lost), f"{wanted}", lost >= wanted),
            none_of("orders and sends without exactly one good result", wrong, of=str(len(self._creates) * 2)),
            none_of("duplicate invoices at QuickBooks", doubled(house), of=f"{deals} orders"),
            none_of("duplicate customers", [name for name, count in customers.items() if count > 1]),
            none_of("second creates of the same deal not refused", again, of=str(len(self._again))),
            none_of("invoices sent twice", self._sent_twice(), of=str(len(self._sends))),
            Row(
                "a send that nobody can know is listed as uncertain, without result",
                f"{listed} listed, {len(finals[unknown])} results",
                "1 listed, 0 results",
                (listed, len(finals[unknown])) == (1, 0),
            ),
        ]

    def _sent_twice(self) -> list[str]:
        """Invoices that were mailed under more than one request id; under one id QuickBooks mails once."""
        ids: dict[str, set[str]] = defaultdict(set)
        for call in self._house.sandbox.journal(vendor="quickbooks"):
            if call["path"].endswith("/send") and call["status"] in (0, 200):
                ids[call["path"]].add(parse_qs(call["query"]).get("requestid", [""])[0])
        return [path for path, found in ids.items() if len(found) > 1]


def _codes(found: Iterable[Seen]) -> list[str]:
    return [seen.type.removeprefix("command.") for seen in found]


def _repeated(house: DrillHouse, desks: Desks, count: int, *, with_request_id: bool) -> int:
    """A plain client posts invoices, loses each first answer and posts again: how many there are too many."""
    house.sandbox.fault("quickbooks", **LOST, path="/invoice$", times=count)
    house.sandbox.ask("PUT", "/limits/quickbooks", {"on": False})
    before = len(house.sandbox.all_quickbooks(US_REALM, "invoice"))
    url = f"{house.running.addresses['sandbox-quickbooks']}/v3/company/{US_REALM}/invoice"
    with httpx.Client(trust_env=False) as http:
        http.headers["Authorization"] = f"Bearer {_consented(house, http)}"
        for number in itertools.islice(itertools.count(), count):
            query = {"requestid": f"drill-{number}"} if with_request_id else {}
            _post_until_answered(http, url, query, desks)
    house.sandbox.clear_faults()
    house.sandbox.ask("PUT", "/limits/quickbooks", {"on": True})
    return len(house.sandbox.all_quickbooks(US_REALM, "invoice")) - before - count


def _consented(house: DrillHouse, http: httpx.Client) -> str:
    """An access token by a consent of its own: an hour may have gone by since the seeded one was given."""
    redirect, vendor = "http://127.0.0.1/drill", house.running.addresses["sandbox-quickbooks"]
    asked = {"client_id": APP, "redirect_uri": redirect, "response_type": "code", "state": "drill", "scope": SCOPE}
    page = {"vendor": "quickbooks", "account": US_REALM, "url": f"{vendor}/connect/oauth2?{urlencode(asked)}"}
    location = house.sandbox.ask("POST", "/people/administrator/authorize", page)["location"]
    form = {"grant_type": "authorization_code", "code": parse_qs(urlsplit(location).query)["code"][0]}
    answer = http.post(f"{vendor}/oauth2/v1/tokens/bearer", data={**form, "redirect_uri": redirect}, auth=(APP, SECRET))
    return str(answer.raise_for_status().json()["access_token"])


def _post_until_answered(http: httpx.Client, url: str, query: dict[str, str], desks: Desks) -> None:
    while True:
        try:
            answer = http.post(url, params=query, json=desks.plain_invoice(), headers={"Accept": "application/json"})
        except httpx.TransportError:
            continue
        assert answer.status_code == httpx.codes.OK, answer.text
        assert Decimal(str(answer.json()["Invoice"]["TotalAmt"])) > 0
        return
