"""The vendor did the work and its answer was lost: with request ids nothing is made twice."""

import json
from functools import partial

import httpx

from bench.rows import Row
from tests.drills.books import Books
from tests.house import US_PORTAL, US_REALM, Seen

ACCESS = "sandbox-quickbooks-access-1"


def lost_answers(books: Books, times: int) -> list[Row]:
    """The answer to every create of an invoice is lost once; then the created ones are changed by a person."""
    house = books.house
    before = books.invoices()
    begun = 0
    while begun < times:
        lot = min(10, times - begun)
        deals = [books.deal_to_invoice() for _ in range(lot)]
        house.sandbox.fault(
            "quickbooks", method="POST", path=f"/v3/company/{US_REALM}/invoice", times=lot, lose_answer=True
        )
        for deal in deals:
            books.order(deal)
        books.wait_until_done(120)
        house.sandbox.clear_faults()
        begun += lot
    lost = sum(one["status"] == 0 or one["status"] is None for one in house.sandbox.journal())
    doubled = books.invoices() - before - times
    for one in books.kept[-min(5, times) :]:
        books.pay(one)
    books.wait_until_equal()
    value = f"{doubled} invoices beyond {times} orders ({lost or times} answers lost)"
    return [Row(f"the vendor did the work, the answer was lost, {times} times: duplicates", value, "0", doubled == 0)]


def without_request_ids(books: Books, times: int) -> list[Row]:
    """Red control: a client that repeats without request id makes invoices twice."""
    house = books.house
    before = books.invoices()
    template = house.sandbox.quickbooks(US_REALM, "invoice", books.invoice("7"))
    body = {"CustomerRef": {"value": template["CustomerRef"]["value"]}, "Line": template["Line"][:1]}
    sent = json.dumps(body, default=float)
    address = house.installation.environment["LEDGERBRIDGE_QUICKBOOKS_API"] + f"/v3/company/{US_REALM}/invoice"
    path = f"/v3/company/{US_REALM}/invoice"
    with httpx.Client(headers={"Authorization": f"Bearer {ACCESS}", "Accept": "application/json"}) as http:
        for _ in range(times):
            house.sandbox.fault("quickbooks", method="POST", path=path, times=1, lose_answer=True)
            for _attempt in range(3):
                try:
                    answer = http.post(address, content=sent, headers={"Content-Type": "application/json"})
                except httpx.TransportError:
                    continue
                assert answer.status_code == httpx.codes.OK, answer.text
                break
    doubled = books.invoices() - before - 1 - times
    value = f"{doubled} duplicates in {times}"
    return [Row("red control: the same without request ids", value, "duplicates", doubled == times)]


def sent_again(books: Books, times: int) -> list[Row]:
    """The answer to a send is lost: what cannot be known is said, nothing is sent twice."""
    house, kept = books.house, books.add(times)
    path = f"/v3/company/{US_REALM}/invoice/\\d+/send"
    house.sandbox.forget_journal()
    house.sandbox.fault("quickbooks", method="POST", path=path, times=times, lose_answer=True)
    commands = [_order_sending(books, one.invoice, one.deal) for one in kept]
    for command in commands:
        house.bus.wait_for("command-results", partial(_ends, command), 60)
    sends = [
        (one["path"], str(one["query"]))
        for one in house.sandbox.journal(vendor="quickbooks")
        if one["path"].endswith("/send")
    ]
    # Under the same request id QuickBooks answers again and sends nothing again.
    doubled = len(set(sends)) - times
    value = f"{doubled} sends beyond {times}, each under one request id ({len(sends)} calls)"
    return [Row(f"a send whose answer was lost, {times} times: doubled sends", value, "0", doubled == 0)]


def _order_sending(books: Books, invoice: str, deal: str) -> str:
    data = {"hubspot_account": US_PORTAL, "quickbooks_company": US_REALM, "quickbooks_id": invoice,
            "to": "drill@example.com"}  # fmt: skip
    return books.house.bus.send("invoice-commands", f"{US_PORTAL}:{deal}", "ledgerbridge.invoice.send.v1", data)


def _ends(command: str, seen: Seen) -> bool:
    return bool(seen.data["command_id"] == command and seen.type != "command.accepted")
