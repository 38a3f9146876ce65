"""What is entered into a form: done by the vendor's own engine, or refused in its words with nothing lost."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ledgerbridge_sandbox.hubspot.errors import RefusalError
from ledgerbridge_sandbox.pages.rendering import Refusal, Show
from ledgerbridge_sandbox.quickbooks.faults import Fault

Work = Callable[[FormData], Response]
"""Does what the form asks and answers where to go then; raises the vendor's refusals or EntryError."""


_NAMED_BY_QUICKBOOKS = {
    "TxnDate": "date",
    "DueDate": "due",
    "BillEmail": "email",
    "PrimaryEmailAddr": "email",
    "CustomerMemo": "memo",
    "PaymentRefNum": "number",
    "DocNumber": "number",
    "Amount": "amount",
    "TotalAmt": "amount",
}
"""The fields of forms that are called otherwise than the properties by which QuickBooks names them."""


class EntryError(Exception):
    """The page cannot pass on what was entered: a sentence that says what is missing, and in which field."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


async def entered(request: Request, form: str, work: Work, show: Show) -> Response:
    """Let `work` do what was entered into the form of that name; its refusal is shown beside the form."""
    given = await request.form()
    try:
        return work(given)
    except Fault as fault:
        element = fault.element or ""
        named = {_NAMED_BY_QUICKBOOKS.get(element, element)}
        refusal = Refusal(form, (fault.message, fault.detail), fault.code, given, fields=frozenset(named))
    except RefusalError as refused:
        refusal = Refusal(form, tuple(_sentences(refused)), _code(refused), given, fields=frozenset(_named(refused)))
    except EntryError as error:
        refusal = Refusal(form, (str(error),), "", given, fields=frozenset({error.field}))
    return show(request, refusal)


def _sentences(refused: RefusalError) -> Iterator[str]:
    """HubSpot's message, or that of each property where the message only wraps them as JSON text."""
    errors: list[dict[str, Any]] = refused.body.get("errors") or []
    if not any(error.get("message") for error in errors):
        names = (refused.body.get("context") or {}).get("properties") or []
        yield str(refused.body["message"])
        if names:
            yield ", ".join(names)
    for error in errors:
        named = (error.get("context") or {}).get("propertyName") or []
        if error.get("message"):
            yield f"{', '.join(named)}: {error['message']}" if named else error["message"]


def _named(refused: RefusalError) -> Iterator[str]:
    """The properties that HubSpot names."""
    yield from (refused.body.get("context") or {}).get("properties") or ()
    for error in refused.body.get("errors") or ():
        yield from (error.get("context") or {}).get("propertyName") or ()


def _code(refused: RefusalError) -> str:
    return str(refused.body.get("category") or HTTPStatus(refused.status).phrase)


def word(form: FormData, field: str) -> str:
    """The trimmed text of a field, "" where it is empty or absent."""
    value = form.get(field)
    return value.strip() if isinstance(value, str) else ""


def needed(form: FormData, field: str, name: str) -> str:
    """The trimmed text of a field; raises EntryError with its `name` where it is empty."""
    found = word(form, field)
    if not found:
        raise EntryError(f"{name} is empty.", field)
    return found


def ticked(form: FormData, field: str) -> bool:
    """Whether a box is ticked."""
    return word(form, field) != ""
