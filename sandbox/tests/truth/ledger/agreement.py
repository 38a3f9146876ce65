"""Whether all that a company answers agrees with the reference, and with itself."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from ledger.door import Door
from ledger.reference import ZERO, Form, Kept, Ledger, Person, Receipt, cents, sums_of

FORMS = ("Invoice", "CreditMemo", "Estimate", "SalesReceipt", "RefundReceipt")
KINDS = (*FORMS, "Payment", "Customer")
MOST = 30
TOLD = ("type", "intuitentityid", "data")


def check(door: Door, ledger: Ledger, counts: dict[str, int]) -> None:
    """Every object in every way of asking for it; raises AssertionError."""
    ledger.settle()
    shown = _by_id(door, ledger)
    for kept in (*ledger.forms.values(), *ledger.receipts.values(), *ledger.people.values()):
        found = shown[kind_of(kept), kept.identifier]
        check_version(kept, found)
        if isinstance(kept, Form):
            check_form(ledger, kept, found)
        elif isinstance(kept, Receipt):
            check_receipt(kept, found)
        elif isinstance(kept, Person):
            check_person(ledger, kept, found)
    check_changes(door, ledger, shown)
    check_counts(door, ledger, counts)
    check_told(ledger, door.told(TOLD))


def kind_of(kept: Kept) -> str:
    return kept.kind if isinstance(kept, Form) else "Payment" if isinstance(kept, Receipt) else "Customer"


def moment_of(found: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(found["MetaData"]["LastUpdatedTime"])


def check_version(kept: Kept, found: dict[str, Any]) -> None:
    assert kept.changed is not None
    moved = kept.changed.replace(microsecond=0)
    assert (found["SyncToken"], moment_of(found)) == (str(kept.token), moved), (kept, found)


def check_form(ledger: Ledger, form: Form, found: dict[str, Any]) -> None:
    sums, left = sums_of(form, ledger.rules), ledger.open(form)
    lines = [line for line in found["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    discounts = [line["Amount"] for line in found["Line"] if line["DetailType"] == "DiscountLineDetail"]
    taxes = [line["Amount"] for line in found["TxnTaxDetail"].get("TaxLine", [])]
    sold, total_tax = sum(line["Amount"] for line in lines), found["TxnTaxDetail"]["TotalTax"]
    assert found["TotalAmt"] == sold - sum(discounts) + total_tax, found
    assert total_tax == sum(taxes), found
    assert (found["TotalAmt"], total_tax) == (sums.total, sums.tax), (form, sums, found)
    assert found["CustomerRef"]["value"] == form.customer
    assert form.number is None or found["DocNumber"] == form.number
    if form.kind != "Estimate":
        assert found["Balance"] == left, (form, left, found)
        links = {link["TxnId"] for link in found.get("LinkedTxn", []) if link["TxnType"] == "Payment"}
        assert links == set(ledger.payers((form.kind, form.identifier))), found
    if form.kind == "CreditMemo":
        assert found["RemainingCredit"] == left
    if "HomeTotalAmt" in found or ledger.rules.mode == "codes":
        home = (found["HomeTotalAmt"], found.get("HomeBalance"))
        expected = cents(sums.total * form.rate), cents(left * form.rate) if form.kind != "Estimate" else None
        assert home == expected, found


def check_receipt(receipt: Receipt, found: dict[str, Any]) -> None:
    shares: dict[tuple[str, str], Decimal] = {}
    for line in found["Line"]:
        [link] = line["LinkedTxn"]
        key = (link["TxnType"], link["TxnId"])
        shares[key] = shares.get(key, ZERO) + line["Amount"]
    assert shares == receipt.shares, (receipt, found)
    assert (found["TotalAmt"], found["UnappliedAmt"]) == (receipt.total, receipt.unapplied), (receipt, found)
    assert receipt.unapplied >= 0


def check_person(ledger: Ledger, person: Person, found: dict[str, Any]) -> None:
    assert (found["Balance"], found["BalanceWithJobs"]) == person.shown, (person, found)
    assert (found["Active"], found["FullyQualifiedName"]) == (person.active, ledger.full_name(person)), found
    assert found["CurrencyRef"]["value"] == person.currency


def _ids(ledger: Ledger, kind: str) -> list[str]:
    every = (*ledger.forms.values(), *ledger.receipts.values(), *ledger.people.values())
    return [kept.identifier for kept in every if kind_of(kept) == kind]


def _active(kind: str) -> str:
    return " and Active in (true, false)" if kind == "Customer" else ""


def ask(door: Door, statements: Iterable[str]) -> list[dict[str, Any]]:
    """Several questions in batches."""
    items = [{"bId": str(at), "Query": statement} for at, statement in enumerate(statements)]
    found: list[dict[str, Any]] = []
    for at in range(0, len(items), MOST):
        status, answer = door.call("POST", "batch", {"BatchItemRequest": items[at : at + MOST]})
        assert status == 200, answer
        found += [item["QueryResponse"] for item in answer["BatchItemResponse"]]
    return found


def _by_id(door: Door, ledger: Ledger) -> dict[tuple[str, str], dict[str, Any]]:
    """As queries by id and by the moment of the last change show them, which must be the same."""
    kinds = [kind for kind in KINDS if _ids(ledger, kind)]
    quoted = {kind: ", ".join(f"'{identifier}'" for identifier in _ids(ledger, kind)) for kind in kinds}
    answers = ask(
        door,
        [f"select * from {kind} where Id in ({quoted[kind]}){_active(kind)} maxresults 1000" for kind in kinds],  # noqa: S608
    )
    rows = {(kind, row["Id"]): row for kind, answer in zip(kinds, answers, strict=True) for row in answer.get(kind, [])}
    assert len(rows) == sum(len(_ids(ledger, kind)) for kind in kinds), "something is not found by its id"
    return rows


def check_changes(door: Door, ledger: Ledger, shown: dict[tuple[str, str], dict[str, Any]]) -> None:
    """What changed in this step, as change data capture, queries and single reads tell it: that and nothing else."""
    since = door.now.isoformat()
    every = (*ledger.forms.values(), *ledger.receipts.values(), *ledger.people.values())
    changed = {(kind_of(kept), kept.identifier) for kept in every if kept.changed == door.now}
    gone = {key for key, moment in ledger.gone.items() if moment == door.now}
    status, answer = door.call("GET", "cdc", None, entities=",".join(KINDS), changedSince=since)
    assert status == 200, answer
    captured = {
        (kind, row["Id"]): row
        for block in answer["CDCResponse"][0]["QueryResponse"]
        for kind in KINDS
        for row in block.get(kind, [])
    }
    assert {key for key, row in captured.items() if row.get("status") == "Deleted"} == gone
    assert captured.keys() - gone == changed, (captured.keys() - gone) ^ changed
    second = door.now.replace(microsecond=0).isoformat()
    answers = ask(
        door,
        [f"select * from {kind} where MetaData.LastUpdatedTime >= '{second}'{_active(kind)}" for kind in KINDS],  # noqa: S608
    )
    queried = {
        (kind, row["Id"]): row for kind, found in zip(KINDS, answers, strict=True) for row in found.get(kind, [])
    }
    assert queried.keys() == changed, queried.keys() ^ changed
    for key in changed:
        status, read = door.call("GET", f"{key[0].lower()}/{key[1]}")
        assert status == 200, read
        assert read[key[0]] == captured[key] == queried[key] == shown[key]
    for kind, identifier in gone:
        assert door.call("GET", f"{kind.lower()}/{identifier}")[1]["Fault"]["Error"][0]["code"] == "610"


def check_counts(door: Door, ledger: Ledger, before: dict[str, int]) -> None:
    """Counted, by the customer, and by what is open."""
    customers = {form.customer for form in ledger.forms.values()}
    asked = [f"select count(*) from {kind}" for kind in FORMS]  # noqa: S608
    asked += [f"select * from Invoice where CustomerRef = '{customer}' and Balance > '0'" for customer in customers]  # noqa: S608
    found = ask(door, asked)
    for kind, answer in zip(FORMS, found, strict=False):
        assert answer["totalCount"] == before[kind] + len(_ids(ledger, kind)), kind
    owing = {row["Id"] for answer in found[len(FORMS) :] for row in answer.get("Invoice", [])}
    assert owing == {form.identifier for form in ledger.forms.values() if form.kind == "Invoice" and ledger.open(form)}


def check_told(ledger: Ledger, told: Any) -> None:
    assert told == ledger.told, (told - ledger.told, ledger.told - told)
