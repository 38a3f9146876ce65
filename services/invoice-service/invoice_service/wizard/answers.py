"""What the drafts' HTTP door answers. Amounts are decimal strings."""

from datetime import date, datetime
from typing import Literal

from ledgerbridge.contracts.model import Amount, Money
from ledgerbridge.service.problems import Problem
from pydantic import BaseModel, Field

from invoice_service.catalogue.buyers import Certainty, Reason
from invoice_service.drafts.draft import Step
from invoice_service.wizard.requests import NewBuyer


class CustomerAnswer(BaseModel):
    """A QuickBooks customer to choose."""

    customer_id: str
    name: str
    email: str = ""
    currency: str = ""


class SourceAnswer(BaseModel):
    """Where the lines come from."""

    kind: Literal["quote", "scratch"]
    quote_id: str | None = None


class BuyerAnswer(BaseModel):
    """Who is invoiced: how the customer was found and how sure that is; candidates where several fit."""

    customer_id: str | None
    name: str
    email: str
    currency: str
    how: Reason | Literal["picked", "new"]
    certainty: Certainty
    candidates: list[CustomerAnswer]
    new: NewBuyer | None


class LineAnswer(BaseModel):
    """A line as it stands, and how its item was found (`link`, `sku`, `name`, `default`, `picked`, or not at all)."""

    key: str
    item_id: str | None
    item_name: str
    description: str
    quantity: Amount | None
    unit_price: Money | None
    amount: Money
    taxable: bool | None
    tax_code_id: str | None
    period: str
    product_name: str
    matched_by: str


class DiscountAnswer(BaseModel):
    """A discount on the whole order."""

    percent: Amount | None
    amount: Money
    label: str


class TermsAnswer(BaseModel):
    """What a person chose; null where terms and dates follow the customer, the company and today."""

    terms_id: str | None
    invoice_date: date | None
    due_date: date | None
    message: str
    number: str | None
    email: str | None


class StepAnswer(BaseModel):
    """A step of the wizard, done or with the first thing that is wrong with it."""

    step: Step
    state: Literal["done", "problem"]
    problem: Problem | None = None


class Existing(BaseModel):
    """What the deal already has."""

    kind: Literal["invoice", "order", "draft"]
    id: str
    words: str


class Question(BaseModel):
    """What a person must decide: `ALREADY_INVOICED` with what there is, `AMBIGUOUS_CUSTOMER` with the candidates."""

    code: Literal["ALREADY_INVOICED", "AMBIGUOUS_CUSTOMER"]
    sentence: str
    remedy: str
    existing: list[Existing] = Field(default_factory=list)
    candidates: list[CustomerAnswer] = Field(default_factory=list)


class DealAnswer(BaseModel):
    """The HubSpot deal."""

    deal_id: str
    name: str
    currency: str


class DraftSummary(BaseModel):
    """A draft in a list."""

    draft_id: str
    version: int
    owner: str
    created_at: datetime
    changed_at: datetime
    deal: DealAnswer
    connection_id: int | None
    buyer_name: str
    lines: int
    subtotal: Money
    locked: bool


class DraftAnswer(BaseModel):
    """A draft: all that was entered, what each step still needs, and what a person must decide.

    `step` is the first step with a problem, else `review`. `locked`: an order of it is running or made the invoice
    `invoice_id`; nothing can be changed then.
    """

    draft_id: str
    version: int
    owner: str
    created_at: datetime
    changed_at: datetime
    resumed: bool = False
    locked: bool
    order_id: str | None
    order_state: str | None
    invoice_id: str | None
    deal: DealAnswer
    connection_id: int | None
    source: SourceAnswer | None
    buyer: BuyerAnswer
    lines: list[LineAnswer]
    discount: DiscountAnswer | None
    terms: TermsAnswer
    step: Step
    steps: list[StepAnswer]
    problems: list[Problem]
    questions: list[Question]


class DraftPage(BaseModel):
    """A page of drafts; `after` is where the next begins."""

    drafts: list[DraftSummary]
    after: str | None


class QuoteAnswer(BaseModel):
    """A quote of the deal: usable, or the refusal (S-20)."""

    quote_id: str
    title: str
    status: str
    expires_on: date | None
    usable: bool
    problem: Problem | None = None


class Quotes(BaseModel):
    """The quotes of the deal."""

    quotes: list[QuoteAnswer]


class Buyers(BaseModel):
    """Who may be meant, how that was found and how sure it is; and what a new customer would be made of.

    `cannot_create` says why no customer can be made on this connection (strict mode).
    """

    how: Reason
    certainty: Certainty
    customers: list[CustomerAnswer]
    proposal: NewBuyer | None
    cannot_create: Problem | None


class TaxRateAnswer(BaseModel):
    """A rate of a tax code, in per cent."""

    name: str
    percent: Amount


class TaxCodeAnswer(BaseModel):
    """A tax code with its rates (S-28)."""

    tax_code_id: str
    name: str
    description: str
    rates: list[TaxRateAnswer]


class ReviewLine(BaseModel):
    """A line as it will be sent."""

    key: str
    item_id: str
    item_name: str
    description: str
    quantity: Amount | None
    unit_price: Money | None
    amount: Money
    tax_code: str | None = Field(description="the code's name; in the US TAX or NON")
    tax_percent: Amount | None


class TaxAnswer(BaseModel):
    """The tax of one rate."""

    name: str
    percent: Amount
    net: Money
    tax: Money


class Review(BaseModel):
    """Every amount of the invoice to be, to the cent (S-36).

    `computed_by` is `quickbooks` where QuickBooks alone computes the tax; tax and total are null then. `certainty` is
    `exact`, `expected` (QuickBooks' rounding is a guess here), or `by_quickbooks`.
    """

    draft_id: str
    version: int
    deal: DealAnswer
    company: str
    buyer: BuyerAnswer
    currency: str
    lines: list[ReviewLine]
    prices_contain_tax: bool
    subtotal: Money
    discount: Money
    taxes: list[TaxAnswer]
    tax: Money | None
    total: Money | None
    computed_by: Literal["ledgerbridge", "quickbooks"]
    certainty: Literal["exact", "expected", "by_quickbooks"]
    terms: str | None
    invoice_date: date
    due_date: date | None
    message: str
    number: str | None
    email: str
    warnings: list[str]
    note: str
    questions: list[Question]
