"""What changes cost in vendor calls, counted in the sandbox's journal, in the whole house."""

import time
from collections.abc import Callable
from typing import Any

from ledgerbridge.testing.waiting import wait_until_sync

from bench.books import Books
from bench.household import open_breakable_house
from bench.rows import Row
from tests.house import US_REALM
from tests.story.deals import Line

QUIET_SECONDS = 2.0
MANY = 100


def journal(books: Books) -> list[dict[str, Any]]:
    """The calls since the journal was forgotten, without those for tokens."""
    return [one for one in books.house.sandbox.journal() if "oauth" not in one["path"]]


def quiet(books: Books) -> None:
    """Until no call was received for a while: the echoes are over."""
    last, since = -1, time.monotonic()

    def still() -> bool:
        nonlocal last, since
        calls = books.house.sandbox.calls()
        if calls != last:
            last, since = calls, time.monotonic()
        return time.monotonic() - since > QUIET_SECONDS

    wait_until_sync(still, 120, "no more calls")


def counted(books: Books, act: Callable[[], object]) -> tuple[int, int, str]:
    """Calls until the deal was written, calls after that (the echoes' cost), and the former by name."""
    quiet(books)
    books.house.sandbox.forget_journal()
    act()
    quiet(books)
    calls = journal(books)
    writes = [place for place, one in enumerate(calls) if _writes_deals(one)]
    end = writes[-1] + 1 if writes else len(calls)
    return end, len(calls) - end, ", ".join(_said(one) for one in calls)


def _writes_deals(one: dict[str, Any]) -> bool:
    return one["vendor"] == "hubspot" and "/deals" in one["path"] and _is_write(one)


def _is_write(one: dict[str, Any]) -> bool:
    return bool(one["method"] == "PATCH" or one["path"].endswith("/batch/update"))


def _said(one: dict[str, Any]) -> str:
    tail = one["path"].split("/objects/")[-1].split(f"/company/{US_REALM}/")[-1]
    return f"{one['method']} {one['vendor']} {tail}"


def _row(name: str, found: tuple[int, int, str], most: int) -> Row:
    calls, echoes, said = found
    return Row(
        f"calls: {name}", f"{calls}, and {echoes} for the echoes ({said[:400]})", f"at most {most}", calls <= most
    )


def _swept(books: Books) -> bool:
    return any(one["path"].endswith(f"/company/{US_REALM}/cdc") for one in journal(books))


def _order(books: Books, deal: str) -> Callable[[], None]:
    def act() -> None:
        books.order(deal)
        books.wait_until_done()

    return act


def _creates(books: Books) -> list[Row]:
    lines = [Line("SVC-100", "8"), Line("PRD-210", "4"), Line("PRD-260", "1")]

    def deal(company: str) -> str:
        return books.sales.deal("Bench", company, lines)

    name = f"Bench {time.time():.0f}"
    linked, other = f"{name} linked", f"{name} other"
    for company in (linked, other):
        books.company(company)
    # An invoice touches its customer: the sweep that follows connecting would tell of it, and it be read again.
    wait_until_sync(lambda: _swept(books), 60, "the company was swept once")
    # The first one fills the catalogue; a customer that we made is linked with its company from then on.
    _order(books, deal("Redwood Dental Group"))()
    rows = [_row("create with a new customer, Preferences fresh", counted(books, _order(books, deal(linked))), 6)]
    rows.append(_row("create command, Preferences fresh", counted(books, _order(books, deal(linked))), 4))
    again, first = deal(linked), deal(other)
    quiet(books)
    books.house.sandbox.advance(61)
    rows.append(_row("create command, Preferences 60 s old", counted(books, _order(books, again)), 5))
    quiet(books)
    books.house.sandbox.advance(61)
    rows.append(_row("create with a new customer, Preferences 60 s old", counted(books, _order(books, first)), 7))
    return rows


def _changes(books: Books) -> list[Row]:
    one, *_others = books.add(1)
    first = counted(books, lambda: books.bookkeeper.act(one.invoice, "send", to="bench@example.com"))
    second = counted(books, lambda: books.pay(one))
    return [
        _row("status change told by an invoice event", first, 2),
        _row("status change told by a payment event", second, 3),
    ]


def _many(books: Books) -> list[Row]:
    kept = books.add(MANY)
    house = books.house
    quiet(books)
    house.send_webhooks("quickbooks", drop=1.0)
    for one in kept:
        books.bookkeeper.act(one.invoice, "send", to="bench@example.com")
    house.point_webhooks()
    events = [
        {
            "specversion": "1.0",
            "id": f"bench-{one.invoice}",
            "source": "intuit.bench",
            "type": "qbo.invoice.emailed.v1",
            "time": house.sandbox.now().isoformat().replace("+00:00", "Z"),
            "intuitentityid": one.invoice,
            "intuitaccountid": US_REALM,
            "data": {},
        }
        for one in kept
    ]

    def at_once() -> None:
        house.sandbox.ask("POST", "/webhooks/quickbooks/send", {"events": events})
        books.wait_until_equal(kept)

    took: list[float] = []

    def spread() -> None:
        begin = time.monotonic()
        for number, one in enumerate(kept):
            time.sleep(max(0.0, begin + number * 2 / MANY - time.monotonic()))
            books.bookkeeper.act(one.invoice, "edit", DocNumber=f"B{one.invoice}")
        took.append(time.monotonic() - begin)
        books.wait_until_equal(kept)

    array, apart = counted(books, at_once), counted(books, spread)
    return [
        _row(f"{MANY} changes of one company in one webhook array", array, 6),
        _row(f"{MANY} changes of one company spread over 2 s", apart, 40),
        Row(f"calls: those {MANY} changes really took", f"{took[0]:.1f} s"),
    ]


PARTS = (_creates, _changes, _many)


def measure() -> list[Row]:
    """One house for all."""
    with open_breakable_house() as house:
        books = Books(house)
        rows: list[Row] = []
        for part in PARTS:
            try:
                rows += part(books)
            except AssertionError as failed:
                rows.append(Row(f"calls: {part.__name__}", str(failed)[:500], "counted", holds=False))
        return rows
