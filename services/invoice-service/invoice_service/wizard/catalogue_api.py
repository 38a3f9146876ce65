"""Companies to invoice from, and their reference data to choose from: customers, items, terms, accounts, tax codes."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from ledgerbridge.accounts.callers import Caller
from ledgerbridge.contracts.model import Money
from ledgerbridge.service.access import require
from ledgerbridge.service.problems import PROBLEM_ANSWERS, Problem
from pydantic import BaseModel, Field

from invoice_service.catalogue.pages import BEGINNING, NamePlace
from invoice_service.catalogue.taxes import TaxMode
from invoice_service.lanes import as_person
from invoice_service.wizard.answers import CustomerAnswer, TaxCodeAnswer
from invoice_service.wizard.choosing import Choosing
from invoice_service.wizard.requests import ConnectionId, Text
from invoice_service.wizard.views import customer_answer, problem_of, tax_codes_answer

router = APIRouter(tags=["catalogue"], responses=PROBLEM_ANSWERS, dependencies=[Depends(as_person)])
Reader = Annotated[Caller, Depends(require("records:read"))]
Company = Annotated[ConnectionId, Query(alias="connection", description="id of the connection")]
Beginning = Annotated[Text, Query(max_length=100, description="what the name, company, address or SKU begins with")]
After = Annotated[str | None, Query(max_length=5000, description="`after` of the page before")]


class ConnectionAnswer(BaseModel):
    """A connection that invoices can be created on, unless `cannot_create` says why not."""

    connection_id: int
    mode: Literal["legacy", "strict"]
    state: str
    company: str
    realm: str
    country: str
    home_currency: str
    multicurrency: bool
    tax_mode: TaxMode | None = Field(description="null until the company's facts were read")
    zone: str | None
    asks_number: bool = Field(description="whether a person gives the invoice number")
    cannot_create: Problem | None


class Connections(BaseModel):
    """The tenant's connections."""

    connections: list[ConnectionAnswer]


class Customers(BaseModel):
    """A page of customers; `after` is where the next begins."""

    customers: list[CustomerAnswer]
    after: str | None


class ItemAnswer(BaseModel):
    """An item to sell."""

    item_id: str
    name: str
    full_name: str
    sku: str
    description: str
    unit_price: Money | None
    taxable: bool
    tax_code_id: str | None


class Items(BaseModel):
    """A page of items; `after` is where the next begins."""

    items: list[ItemAnswer]
    after: str | None


class AccountAnswer(BaseModel):
    """An account of the company's ledger; `kind` and `subkind` in QuickBooks' words."""

    account_id: str
    name: str
    kind: str
    subkind: str


class LedgerAccounts(BaseModel):
    """The company's active accounts."""

    accounts: list[AccountAnswer]


class TermAnswer(BaseModel):
    """Payment terms (S-31): days after the invoice date, or a day of the month."""

    terms_id: str
    name: str
    due_days: int | None
    day_of_month: int | None


class Terms(BaseModel):
    """The company's active terms; `default` is the company's own."""

    terms: list[TermAnswer]
    default: str | None


class TaxCodes(BaseModel):
    """Active tax codes with their rates (S-28); `required` outside the US with sales tax on (S-27, S-30)."""

    required: bool
    tax_codes: list[TaxCodeAnswer]


@router.get("/connections")
async def connections(request: Request, caller: Reader) -> Connections:
    """The QuickBooks companies to choose from (S-15); with one alone the step is skipped."""
    found = await _choosing(request).companies(caller.tenant)
    return Connections(
        connections=[
            ConnectionAnswer(
                connection_id=each.connection.id,
                mode=each.connection.mode,
                state=each.connection.quickbooks.state,
                company=each.name,
                realm=each.connection.quickbooks.external_id,
                country=each.country,
                home_currency=each.home_currency,
                multicurrency=each.multicurrency,
                tax_mode=each.tax_mode,
                zone=each.connection.zone,
                asks_number=each.asks_number,
                cannot_create=problem_of(each.refusal) if each.refusal else None,
            )
            for each in found
        ]
    )


@router.get("/customers")
async def customers(
    request: Request, caller: Reader, connection: Company, search: Beginning = "", after: After = None
) -> Customers:
    """Active customers by the beginning of their name, company or address (S-18, S-22)."""
    found, following = await _choosing(request).customers(caller.tenant, connection, search, _place(after))
    return Customers(
        customers=[customer_answer(each) for each in found], after=following.written() if following else None
    )


@router.get("/items")
async def items(
    request: Request, caller: Reader, connection: Company, search: Beginning = "", after: After = None
) -> Items:
    """Active items by the beginning of their name or SKU (S-25)."""
    found, following = await _choosing(request).items(caller.tenant, connection, search, _place(after))
    return Items(
        items=[
            ItemAnswer(
                item_id=each.quickbooks_id,
                name=each.name,
                full_name=each.full_name,
                sku=each.sku,
                description=each.description,
                unit_price=each.unit_price,
                taxable=each.taxable,
                tax_code_id=each.sales_tax_code,
            )
            for each in found
        ],
        after=following.written() if following else None,
    )


@router.get("/terms")
async def terms(request: Request, caller: Reader, connection: Company) -> Terms:
    """The company's payment terms."""
    found, default = await _choosing(request).terms(caller.tenant, connection)
    return Terms(
        terms=[
            TermAnswer(
                terms_id=each.quickbooks_id, name=each.name, due_days=each.due_days, day_of_month=each.day_of_month
            )
            for each in found
        ],
        default=default,
    )


@router.get("/accounts")
async def accounts(request: Request, caller: Reader, connection: Company) -> LedgerAccounts:
    """The accounts of the company's ledger."""
    found = await _choosing(request).accounts(caller.tenant, connection)
    return LedgerAccounts(
        accounts=[
            AccountAnswer(account_id=each.quickbooks_id, name=each.name, kind=each.kind, subkind=each.subkind)
            for each in found
        ]
    )


@router.get("/tax-codes")
async def tax_codes(request: Request, caller: Reader, connection: Company) -> TaxCodes:
    """The company's tax codes with their rates."""
    found, mode = await _choosing(request).tax_codes(caller.tenant, connection)
    required = mode is TaxMode.CODES
    return TaxCodes(required=required, tax_codes=tax_codes_answer(found) if required else [])


def _place(after: str | None) -> NamePlace:
    return NamePlace.read(after) if after else BEGINNING


def _choosing(request: Request) -> Choosing:
    choosing: Choosing = request.app.state.service.choosing
    return choosing
