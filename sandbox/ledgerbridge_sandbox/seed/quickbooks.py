"""Three believable QuickBooks companies: 80 customers, 60 items, 150 invoices in every stage, awkward cases on purpose.

The books are kept by the engine itself, day by day from half a year ago to the start, so that every sum holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ledgerbridge_sandbox.clock import SandboxClock
from ledgerbridge_sandbox.quickbooks.companies import QuickBooks
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import existing, send, submit
from ledgerbridge_sandbox.quickbooks.money import Record, cents
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.taxes import TaxMode, tax_mode
from ledgerbridge_sandbox.seed.cast import (
    EMPLOYEES,
    REALMS,
    UK_REALM,
    US_AUTOMATED_REALM,
    US_LEGACY_REALM,
    VENDORS,
    Address,
    CastCompany,
    CastPerson,
    customers_in,
)
from ledgerbridge_sandbox.seed.quickbooks_lists import (
    PROFILES,
    REDUCED_VAT,
    RETIRED,
    STANDARD_VAT,
    ZERO_VAT,
    Ware,
    sow_lists,
    wares_of,
)
from ledgerbridge_sandbox.seed.quickbooks_preferences import LEGACY_CODE

_HISTORY = timedelta(days=180)
_INVOICES = {US_AUTOMATED_REALM: 59, UK_REALM: 47, US_LEGACY_REALM: 35}
_QUANTITIES = tuple(Decimal(text) for text in ("1", "2", "3", "0.125", "10", "1.375", "4", "7.5", "12", "0.333"))
_FIRST_NUMBER = 1000
# Ids of attachments have nineteen digits (recorded).
_FIRST_ATTACHMENT = 5_000_000_000_000_500_000


class _SeedClock:
    """The day on which the bookkeeper of the seed works."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def go_to(self, moment: datetime) -> None:
        """Never back; every act takes a second."""
        self.moment = max(moment, self.moment + timedelta(seconds=1))


@dataclass
class _Books:
    """One company while it is sown. `customers` are (id, currency), `items` (id, ware)."""

    company: Company
    clock: _SeedClock
    start: datetime
    customers: list[Record]
    items: list[tuple[str, Ware]]


def sow(quickbooks: QuickBooks, clock: SandboxClock) -> None:
    """Open the three companies and give the app its consents."""
    quickbooks.silent = True
    start = clock.now()
    for number, profile in enumerate(PROFILES, start=1):
        company = quickbooks.open_company(profile)
        seed_clock = _SeedClock(start - _HISTORY - timedelta(days=1))
        company.clock = seed_clock
        _sow_company(company, seed_clock, start)
        company.clock = clock
        quickbooks.grants.seed(
            REALMS[number - 1], f"sandbox-quickbooks-access-{number}", f"sandbox-quickbooks-refresh-{number}"
        )
    quickbooks.silent = False


def _sow_company(company: Company, clock: _SeedClock, start: datetime) -> None:
    sow_lists(company)
    customers = _sow_customers(company)
    for entity, names in (("Vendor", VENDORS), ("Employee", EMPLOYEES)):
        for name in names[company.realm]:
            first, _, last = name.partition(" ")
            parts = {"GivenName": first, "FamilyName": last} if entity == "Employee" else {"CompanyName": name}
            submit(company, KINDS[entity], {"DisplayName": name, **parts})
    wares = {ware.sku: ware for ware in wares_of(company.realm)}
    shelf = company.shelves["Item"]
    items = [(identifier, wares[(shelf.get(identifier) or {})["Sku"]]) for identifier in shelf.ids()]
    company.sequences["DocNumber"] = company.sequences["EstimateNumber"] = _FIRST_NUMBER
    company.sequences["Attachables"] = _FIRST_ATTACHMENT
    books = _Books(company, clock, start, customers, items)
    _sow_invoices(books)
    _retire_item(books)


def _sow_customers(company: Company) -> list[Record]:
    made: dict[str, Record] = {}
    for member in customers_in(company.realm):
        given = _of_company(company, member) if isinstance(member, CastCompany) else _of_person(company, member)
        if isinstance(member, CastCompany) and member.parent:
            given["ParentRef"] = {"value": made[member.parent]["Id"]}
            given["Job"] = True
        made[member.key] = submit(company, KINDS["Customer"], given)
    return list(made.values())


def _of_company(company: Company, member: CastCompany) -> Record:
    given: Record = {"DisplayName": member.quickbooks_name, "Taxable": member.taxable, **_currency(company, member)}
    if not member.parent:
        given["CompanyName"] = member.quickbooks_name
    if member.quickbooks_email:
        given["PrimaryEmailAddr"] = {"Address": member.quickbooks_email}
    if member.phone:
        given["PrimaryPhone"] = {"FreeFormNumber": member.phone}
    return given | _address(member.address)


def _of_person(company: Company, member: CastPerson) -> Record:
    given: Record = {"GivenName": member.first, "FamilyName": member.last, **_currency(company, member)}
    if member.email:
        given["PrimaryEmailAddr"] = {"Address": member.email}
    return given | {"PrimaryPhone": {"FreeFormNumber": member.phone}} | _address(member.address)


def _currency(company: Company, member: CastCompany | CastPerson) -> Record:
    return {"CurrencyRef": {"value": member.currency}} if company.multicurrency else {}


def _address(address: Address | None) -> Record:
    if address is None:
        return {}
    written = {
        "Line1": address.line,
        "City": address.city,
        "CountrySubDivisionCode": address.region,
        "PostalCode": address.postal_code,
        "Country": address.country,
    }
    return {"BillAddr": written, "ShipAddr": written}


def _sow_invoices(books: _Books) -> None:
    count = _INVOICES[books.company.realm]
    for at in range(count):
        # The last ones are of this week, so that some are neither due nor overdue.
        age = timedelta(days=max(175 - at * 175 // (count - 1), 0))
        books.clock.go_to(books.start - age - timedelta(hours=2))
        invoice = _invoice(books, at)
        _STORIES[at % len(_STORIES)](books, invoice)
    _one_payment_for_three(books)
    _deleted_one(books)


def _invoice(books: _Books, at: int) -> Record:
    customer = books.customers[at * 7 % len(books.customers)]
    lines = [_line(books, at, step, customer) for step in range(1 + at % 3)]
    given: Record = {"CustomerRef": {"value": customer["Id"]}, "Line": lines, "EmailStatus": "NotSet"}
    if books.company.multicurrency:
        given["CurrencyRef"] = {"value": customer["CurrencyRef"]["value"]}
    if tax_mode(books.company) is TaxMode.LEGACY:
        given["DocNumber"] = f"PL-{_FIRST_NUMBER + at}"
        given["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": LEGACY_CODE}}
    if tax_mode(books.company) is TaxMode.CODES and at % 9 == 4:  # noqa: PLR2004 - now and then
        given["GlobalTaxCalculation"] = "TaxInclusive"
    if at % 11 == 5:  # noqa: PLR2004 - now and then
        lines.append(_discount())
    if at % 25 == 20:  # noqa: PLR2004 - a real invoice over nothing, neither void nor paid by anyone
        lines[:] = [{**line, "Amount": 0} | _free(line) for line in lines if "SalesItemLineDetail" in line]
    if at % 5 == 0:
        given["SalesTermRef"] = {"value": str(1 + at % 5)}
    if at % 6 == 1:
        given["CustomerMemo"] = {"value": "Thank you, it was a pleasure to work with you."}
    if customer.get("PrimaryEmailAddr"):
        given["BillEmail"] = customer["PrimaryEmailAddr"]
    return submit(books.company, KINDS["Invoice"], given)


def _free(line: Record) -> Record:
    return {"SalesItemLineDetail": {**line["SalesItemLineDetail"], "UnitPrice": 0}}


def _line(books: _Books, at: int, step: int, customer: Record) -> Record:
    identifier, ware = books.items[(at * 5 + step * 3) % len(books.items)]
    count = _QUANTITIES[(at + step) % len(_QUANTITIES)]
    detail: Record = {"ItemRef": {"value": identifier}, "Qty": count, "UnitPrice": ware.price}
    if books.company.profile.country != "US":
        code = (STANDARD_VAT if step % 2 == 0 else REDUCED_VAT) if ware.taxable else ZERO_VAT
        detail["TaxCodeRef"] = {"value": ZERO_VAT if customer["CurrencyRef"]["value"] == "EUR" else code}
    else:
        detail["TaxCodeRef"] = {"value": "TAX" if ware.taxable and customer.get("Taxable") else "NON"}
    amount = cents(count * ware.price)
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "Description": ware.name,
        "SalesItemLineDetail": detail,
    }


def _discount() -> Record:
    return {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 5},
    }


def _wait(books: _Books, days: float) -> bool:
    """Let days pass; False where that is in the future, which has not been written yet."""
    wanted = books.clock.now() + timedelta(days=days)
    if wanted >= books.start:
        return False
    books.clock.go_to(wanted)
    return True


def _left_alone(_books: _Books, _invoice: Record) -> None:
    """Created and never sent."""


def _sent(books: _Books, invoice: Record) -> None:
    if _wait(books, 0.1) and invoice.get("BillEmail"):
        send(books.company, KINDS["Invoice"], invoice["Id"], None)


def _pay(books: _Books, invoice: Record, share: Decimal) -> None:
    amount = cents(Decimal(str(invoice["Balance"])) * share)
    if amount and _wait(books, 0.2):
        line = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        given = {"CustomerRef": invoice["CustomerRef"], "TotalAmt": amount, "Line": [line]}
        submit(books.company, KINDS["Payment"], {**given, "CurrencyRef": invoice["CurrencyRef"]})


def _partly_paid(books: _Books, invoice: Record) -> None:
    _sent(books, invoice)
    _pay(books, invoice, Decimal("0.4"))


def _paid(books: _Books, invoice: Record) -> None:
    _sent(books, invoice)
    _pay(books, invoice, Decimal(1))


def _voided(books: _Books, invoice: Record) -> None:
    if _wait(books, 0.3):
        current = existing(books.company, KINDS["Invoice"], invoice["Id"])
        submit(books.company, KINDS["Invoice"], {"Id": current["Id"], "SyncToken": current["SyncToken"]}, "void")


def _credited(books: _Books, invoice: Record) -> None:
    """Half of it credited by a credit memo, applied with a payment of zero."""
    balance = Decimal(str(invoice["Balance"]))
    line = next(line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail")
    detail = {"ItemRef": line["SalesItemLineDetail"]["ItemRef"]}
    us = books.company.profile.country == "US"
    detail["TaxCodeRef"] = {"value": "NON" if us else ZERO_VAT}
    share = cents(balance / 2)
    if not share or not _wait(books, 0.2):
        return
    who = {"CustomerRef": invoice["CustomerRef"], "CurrencyRef": invoice["CurrencyRef"]}
    sale = {"Amount": share, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    memo = submit(books.company, KINDS["CreditMemo"], {**who, "Line": [sale]})
    links = [(invoice["Id"], "Invoice"), (memo["Id"], "CreditMemo")]
    lines = [{"Amount": share, "LinkedTxn": [{"TxnId": each, "TxnType": kind}]} for each, kind in links]
    submit(books.company, KINDS["Payment"], {**who, "TotalAmt": 0, "Line": lines})


def _one_payment_for_three(books: _Books) -> None:
    """Three invoices of one customer, settled by one payment that leaves ten units over."""
    customer = books.customers[0]
    books.clock.go_to(books.start - timedelta(hours=1))
    open_ones = [_plain_invoice(books, customer, step) for step in range(3)]
    lines = [
        {"Amount": invoice["Balance"], "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        for invoice in open_ones
    ]
    total = sum((Decimal(str(invoice["Balance"])) for invoice in open_ones), Decimal(10))
    given: Record = {"CustomerRef": {"value": customer["Id"]}, "CurrencyRef": customer["CurrencyRef"], "Line": lines}
    submit(books.company, KINDS["Payment"], {**given, "TotalAmt": total, "PaymentRefNum": "WIRE 4711"})


def _plain_invoice(books: _Books, customer: Record, step: int) -> Record:
    given: Record = {"CustomerRef": {"value": customer["Id"]}, "Line": [_line(books, step, 0, customer)]}
    if books.company.multicurrency:
        given["CurrencyRef"] = customer["CurrencyRef"]
    if tax_mode(books.company) is TaxMode.LEGACY:
        given["DocNumber"] = f"PL-9{step:02}"
    return submit(books.company, KINDS["Invoice"], given)


def _deleted_one(books: _Books) -> None:
    """Made by mistake and deleted: only change data capture still knows it."""
    books.clock.go_to(books.start - timedelta(minutes=30))
    made = _plain_invoice(books, books.customers[1], 8)
    submit(books.company, KINDS["Invoice"], {"Id": made["Id"], "SyncToken": "0"}, "delete")


def _retire_item(books: _Books) -> None:
    identifier = next(identifier for identifier, ware in books.items if ware.sku == RETIRED)
    item = existing(books.company, KINDS["Item"], identifier)
    retiring = {"Id": identifier, "SyncToken": item["SyncToken"], "sparse": True, "Active": False}
    submit(books.company, KINDS["Item"], retiring)


_STORIES: Sequence[Callable[[_Books, Record], None]] = (
    _paid,
    _sent,
    _partly_paid,
    _left_alone,
    _paid,
    _sent,
    _credited,
    _left_alone,
    _voided,
    _partly_paid,
)
