"""Whether a draft can become an invoice of this company, step by step, and the review that people see (S-36).

The same checks run again at the moment of creating, for drafts and commands alike.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledgerbridge.errors import Refused

from invoice_service.catalogue.buyers import check_currency
from invoice_service.catalogue.items import CatalogueItem, check_items_active
from invoice_service.catalogue.taxes import CustomerTax, TaxRules
from invoice_service.catalogue.terms import Term, check_open_books, due_date_for
from invoice_service.drafts.draft import STEPS, Draft, Step
from invoice_service.drafts.payloads import InvoiceRequest
from invoice_service.drafts.quotes import PUBLISHED, Quote, check_quote
from invoice_service.drafts.totals import Totals, review
from invoice_service.lines import InvoiceLine, check_lines, subtotal

BOOKS_AMOUNT = "Creating books the amount to receivables; nothing is sent to the customer."
NO_ADDRESS = "The customer has no address, so QuickBooks may compute no sales tax on the taxable lines."
DEAL_CHANGED = "The deal changed since the draft was made."


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What a QuickBooks company and its connection's settings say about creating invoices.

    `custom_numbers` is Preferences' CustomTxnNumbers, `numbers_supplied` the setting that lets people give the number.
    `today` is the date in the company's zone. `fill_bill_email` is a setting, on.
    """

    name: str
    today: date
    home_currency: str
    rules: TaxRules
    terms: Mapping[str, Term]
    items: Mapping[str, CatalogueItem]
    multicurrency: bool = False
    custom_numbers: bool = False
    numbers_supplied: bool = False
    books_closed_until: date | None = None
    discounts_allowed: bool = True
    fill_bill_email: bool = True
    default_term_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read for a draft just now: its quote with HubSpot's day and zone, its customer, the deal."""

    quote: Quote | None = None
    hubspot_today: date | None = None
    hubspot_zone: str = ""
    published: Collection[str] = PUBLISHED
    customer_tax: CustomerTax = CustomerTax(has_address=True)  # noqa: RUF009 - frozen
    customer_term_id: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class StepState:
    """A step of the wizard: done, or with a problem, as code, field, sentence and remedy."""

    step: Step
    state: Literal["done", "problem"]
    problem: Refused | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The review screen: the amounts, the dates as they will be sent, and what a person should know."""

    totals: Totals
    invoice_date: date
    due_date: date | None
    warnings: tuple[str, ...]
    note: str = BOOKS_AMOUNT


def steps(draft: Draft, company: Company, reading: Reading) -> list[StepState]:
    """Every step with the first thing that is wrong with it; all done means that the draft can be created."""
    states: list[StepState] = []
    for step in STEPS:
        try:
            _CHECKS[step](draft, company, reading)
        except Refused as refusal:
            states.append(StepState(step, "problem", refusal))
        else:
            states.append(StepState(step, "done"))
    return states


def check(draft: Draft, company: Company, reading: Reading) -> None:
    """Refuse what cannot be created: the first refusal in the order of the steps."""
    for step in STEPS:
        _CHECKS[step](draft, company, reading)


def review_of(draft: Draft, company: Company, reading: Reading) -> Review:
    """The review of a draft that passed `check`."""
    lines, rules = completed_lines(draft, company), company.rules
    customer = customer_tax_of(draft, reading)
    invoice_date = draft.invoice_date or company.today
    warnings = [NO_ADDRESS] if rules.warns_of_address(lines, customer) else []
    if draft.source and reading.fingerprint and draft.source.fingerprint != reading.fingerprint:
        warnings.append(DEAL_CHANGED)
    totals = review(lines, draft.discount, rules, customer)
    return Review(totals, invoice_date, _due_date(draft, company, reading), tuple(warnings))


def request_of(draft: Draft, company: Company, reading: Reading, *, customer_id: str, marker: str) -> InvoiceRequest:
    """What QuickBooks will be asked; `customer_id` is known by now, also of a new customer."""
    email = draft.bill_email if draft.bill_email is not None else draft.buyer.email
    return InvoiceRequest(
        customer_id=customer_id,
        lines=completed_lines(draft, company),
        discount=draft.discount,
        rules=company.rules,
        customer_tax=customer_tax_of(draft, reading),
        currency=draft.currency,
        multicurrency=company.multicurrency,
        invoice_date=draft.invoice_date or company.today,
        due_date=_due_date(draft, company, reading),
        term_id=_term_id(draft, company, reading),
        message=draft.message,
        bill_email=email if company.fill_bill_email else "",
        number=draft.number if company.custom_numbers and company.numbers_supplied else None,
        marker=marker,
    )


def completed_lines(draft: Draft, company: Company) -> tuple[InvoiceLine, ...]:
    """The lines with the tax code of the item, else of the connection, where a line has none (product.md, Commands)."""
    lines = [_with_item_tax(line, company.items.get(line.item_id or "")) for line in draft.lines]
    return tuple(company.rules.with_defaults(lines))


def _with_item_tax(line: InvoiceLine, item: CatalogueItem | None) -> InvoiceLine:
    if item is None:
        return line
    taxable = item.taxable if line.taxable is None else line.taxable
    return line.model_copy(update={"tax_code_id": line.tax_code_id or item.sales_tax_code, "taxable": taxable})


def customer_tax_of(draft: Draft, reading: Reading) -> CustomerTax:
    """The tax side of the customer; a new one is taxable and has the address that it will be made with."""
    if draft.buyer.new is None:
        return reading.customer_tax
    return CustomerTax(has_address=any(draft.buyer.new.address.model_dump().values()))


def _term_id(draft: Draft, company: Company, reading: Reading) -> str | None:
    """The chosen terms, else the customer's, else the company's; an inactive one of the latter two does not count."""
    if draft.term_id:
        return draft.term_id
    usual = (reading.customer_term_id or "", company.default_term_id or "")
    return next((each for each in usual if each in company.terms and company.terms[each].active), None)


def _due_date(draft: Draft, company: Company, reading: Reading) -> date | None:
    term = company.terms.get(_term_id(draft, company, reading) or "")
    return due_date_for(draft.invoice_date or company.today, term=term, chosen=draft.due_date)


def check_numbering(draft: Draft, company: Company) -> None:
    """S-52: refuse while custom transaction numbers are on, unless people supply the number; then ask for it."""
    if not company.custom_numbers:
        return
    if not company.numbers_supplied:
        raise Refused("CUSTOM_TRANSACTION_NUMBERS", field="connection_id", company=company.name)
    if not draft.number:
        raise Refused("INVALID", field="number", problem="the company's invoices need a number")


def _check_connection(draft: Draft, company: Company, _reading: Reading) -> None:
    if draft.connection_id is None:
        raise Refused("INVALID", field="connection_id", problem="choose a QuickBooks company")
    check_numbering(draft, company)


def _check_source(draft: Draft, _company: Company, reading: Reading) -> None:
    if draft.source is None:
        raise Refused("INVALID", field="source", problem="choose a quote, or start from scratch")
    if draft.source.kind == "quote":
        check_source_quote(reading)


def check_source_quote(reading: Reading) -> None:
    """Refuse a quote that is not published or has expired (S-20); NOT_FOUND where there is none."""
    if reading.quote is None or reading.hubspot_today is None:
        raise Refused("NOT_FOUND", field="source.quote_id", what="The quote")
    check_quote(reading.quote, today=reading.hubspot_today, zone=reading.hubspot_zone, published=reading.published)


def _check_buyer(draft: Draft, company: Company, _reading: Reading) -> None:
    buyer = draft.buyer
    if not buyer.settled:
        if buyer.certainty == "several":
            names = ", ".join(f"{each.name} (id {each.customer_id})" for each in buyer.candidates)
            raise Refused("AMBIGUOUS_CUSTOMER", field="buyer", buyer=draft.deal_name or "the deal", candidates=names)
        raise Refused("NO_BUYER", field="buyer")
    if buyer.new is not None:
        buyer.new.check_names()
    check_currency(draft.currency, buyer.name, buyer.currency or company.home_currency)


def _check_lines(draft: Draft, company: Company, _reading: Reading) -> None:
    lines = completed_lines(draft, company)
    check_lines(lines)
    check_items_active(lines, company.items)
    company.rules.check(lines)
    if draft.discount and not company.discounts_allowed:
        raise Refused("DISCOUNT_NOT_ALLOWED", field="discount", company=company.name)
    if subtotal(lines) < (draft.discount.amount if draft.discount else 0):
        raise Refused("INVALID", field="lines", problem="the total would be below zero")


def _check_terms(draft: Draft, company: Company, reading: Reading) -> None:
    if draft.term_id and not (draft.term_id in company.terms and company.terms[draft.term_id].active):
        raise Refused("INVALID", field="term_id", problem=f"the company has no active terms {draft.term_id}")
    check_open_books(draft.invoice_date or company.today, company.books_closed_until, company.name)
    _due_date(draft, company, reading)


def _check_nothing(_draft: Draft, _company: Company, _reading: Reading) -> None:
    """The message's length is checked when it is entered; the review itself asks nothing."""


_CHECKS: Mapping[Step, Callable[[Draft, Company, Reading], None]] = {
    "connection": _check_connection,
    "source": _check_source,
    "buyer": _check_buyer,
    "lines": _check_lines,
    "terms": _check_terms,
    "message": _check_nothing,
    "review": _check_nothing,
}
