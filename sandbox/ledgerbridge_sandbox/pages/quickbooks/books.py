"""A company's pages: which company, which of its objects, and the frame that all its pages have."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ledgerbridge_sandbox.pages.entering import EntryError, Work, entered, word
from ledgerbridge_sandbox.pages.rendering import ROOT, Pages, Refusal, Show, to
from ledgerbridge_sandbox.quickbooks.columns import name_key
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.desk_acts import ACTS
from ledgerbridge_sandbox.quickbooks.engine import submit
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.schema import KINDS

BASE = "/quickbooks/{realm}"
_TABS = (
    ("invoices", "Invoices"),
    ("customers", "Customers"),
    ("items", "Products and services"),
    ("payments", "Payments"),
    ("creditmemos", "Credit memos"),
    ("preferences", "Account and settings"),
)
_SUGGESTED = 200


class Books:
    """What the pages of QuickBooks share."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def company(self, request: Request) -> Company:
        """The company of the address."""
        found: Company | None = self.pages.world.quickbooks.companies.get(request.path_params["realm"])
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such company.")
        return found

    def object(self, request: Request, entity: str) -> Record:
        """The object of the address."""
        company, identifier = self.company(request), request.path_params["id"]
        found = company.get(entity, identifier)
        if found is None:
            gone = (entity, identifier) in company.deleted
            raise HTTPException(HTTPStatus.NOT_FOUND, "It was deleted." if gone else "There is no such object.")
        return found

    def show(
        self, request: Request, template: str, tab: str, refusal: Refusal | None = None, **context: Any
    ) -> Response:
        """A page of the company."""
        company = self.company(request)
        base = address(company)
        tabs = [(words, f"{base}/{name}", name == tab) for name, words in _TABS]
        return self.pages.show(
            request, f"quickbooks/{template}", refusal, company=company, base=base, tabs=tabs, **context
        )

    async def act(self, request: Request, form: str, work: Work, show: Show) -> Response:
        """Let a form's work be done, or show its page with the refusal."""
        return await entered(request, form, work, show)


def address(company: Company, *parts: str) -> str:
    """The address of a company's page."""
    return "/".join((f"{ROOT}/quickbooks/{company.realm}", *parts))


def deed(books: Books, entity: str, act: str, page: Show, *, done: str, fields: Mapping[str, str] | None = None) -> Any:
    """A handler that does a bookkeeper's act to the object of the address; `fields` name them for the act."""

    async def handler(request: Request) -> Response:
        company, record = books.company(request), books.object(request, entity)

        def work(form: Any) -> Response:
            given = {name: word(form, field) for field, name in (fields or {}).items() if word(form, field)}
            ACTS[act](company, KINDS[entity], record["Id"], given)
            there = company.get(entity, record["Id"]) is not None
            path = request.url.path.rsplit("/", 1)[0]
            return to(path if there else path.rsplit("/", 1)[0], done)

        return await books.act(request, act, work, page)

    return handler


def edited(company: Company, entity: str, record: Record, token: str, changes: Mapping[str, Any]) -> Record:
    """Change the object sparsely as the person saw it: a form that is older than the object is refused as stale."""
    versioned = {"Id": record["Id"], "SyncToken": token or record["SyncToken"], "sparse": True}
    return submit(company, KINDS[entity], {**changes, **versioned})


def called(company: Company, entity: str, text: str, noun: str, field: str = "") -> Record:
    """The object with that name, full name, number or id; raises EntryError. An exact name needs no search."""
    indexes = {"Customer": ("DisplayName", "FullyQualifiedName"), "Invoice": ("DocNumber",)}
    shelf = company.shelves[entity]
    found = [
        each
        for index in indexes.get(entity, ("FullyQualifiedName", "Name"))
        for each in shelf.find(index, name_key(text))
    ]
    record = shelf.get(found[0]) if text and found else None
    if record is None and text.isascii() and text.isdigit():
        record = shelf.get(text)
    if record is None:
        sentence = f"There is no {noun} called “{text}”." if text else f"Choose the {noun}."
        raise EntryError(sentence, field or entity.lower())
    return record


def suggested(company: Company, entity: str, words: Callable[[Record], str]) -> list[tuple[str, str]]:
    """Names to suggest in a field, with words beside them: the active ones that changed last."""
    name = "FullyQualifiedName" if entity in {"Customer", "Item"} else "DocNumber"
    found: list[tuple[str, str]] = []
    for identifier in company.shelves[entity].newest():
        record = company.get(entity, identifier)
        if record is not None and record.get("Active") is not False and record.get(name):
            found.append((record[name], words(record)))
        if len(found) == _SUGGESTED:
            break
    return sorted(found)


def get(path: str, handler: Any) -> Route:
    """A page."""
    return Route(BASE + path, handler, methods=["GET"])


def post(path: str, handler: Any) -> Route:
    """Where a form is sent."""
    return Route(BASE + path, handler, methods=["POST"])
