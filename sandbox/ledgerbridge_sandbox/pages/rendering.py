"""Pages as HTML: one environment of templates in which everything is escaped, and what all pages show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import unquote, urlencode, urlsplit

import jinja2
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ledgerbridge_sandbox.pages import wording
from ledgerbridge_sandbox.world import World

ROOT = "/pages"


@dataclass(frozen=True)
class Refusal:
    """What a vendor, or the page itself, did not do: which form, why, what was entered, and the `fields` it names."""

    form: str
    sentences: tuple[str, ...]
    code: str
    entered: FormData
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    fields: frozenset[str] = frozenset()


class Show(Protocol):
    """Renders a page anew with a refusal beside its form."""

    def __call__(self, request: Request, refusal: Refusal | None = None) -> Response: ...


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("ledgerbridge_sandbox.pages"),
    autoescape=True,
    # Records are open dictionaries: what one does not hold is nothing.
    undefined=jinja2.ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "money": wording.money,
    "figure": wording.figure,
    "plain": wording.plain,
    "price": wording.price,
    "day": wording.day,
    "moment": wording.moment,
    "unquoted": unquote,
}


class Pages:
    """Renders every page of one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def show(
        self,
        request: Request,
        template: str,
        refusal: Refusal | None = None,
        status: int = HTTPStatus.OK,
        **context: Any,
    ) -> Response:
        """The page; with a refusal its status and what was entered."""
        clock = self.world.clock
        shared = {
            "root": ROOT,
            "path": request.url.path,
            "here": _here(request),
            "all_accounts": list(self.world.hubspot.accounts.values()),
            "all_companies": list(self.world.quickbooks.companies.values()),
            "now": clock.now(),
            "utc": UTC,
            "frozen": clock.frozen,
            "late": clock.late_followers(),
            "done": wording.DONE.get(request.query_params.get("done", "")),
            "refusal": refusal,
            "kept": _keeper(refusal),
            "doors": self.world.addresses,
        }
        text = _TEMPLATES.get_template(template).render(shared | context)
        if refusal and refusal.sentences and f'id="refusal-{refusal.form}"' not in text:
            # The page has no such form any more: what is refused is said above it.
            text = _TEMPLATES.get_template(template).render(shared | context | {"stray": True})
        return HTMLResponse(text, refusal.status if refusal else status)


def _here(request: Request) -> str:
    """Where a form of the frame returns to; after a refusal the page on which the refused form stood."""
    if request.method == "POST":
        return urlsplit(request.headers.get("referer", "")).path
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "done"]
    return request.url.path + ("?" + urlencode(query) if query else "")


def _keeper(refusal: Refusal | None) -> Callable[[str, str, object], str]:
    """In templates `kept(form, field, value)`: what was entered if the form was refused, else `value`."""

    def kept(form: str, field: str, value: object = "") -> str:
        if refusal is not None and refusal.form == form:
            return str(refusal.entered.get(field, ""))
        return "" if value is None else str(value)

    return kept


def to(address: str, done: str = "") -> Response:
    """Back to a page after an act, with its sentence."""
    mark = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{mark}done={done}" if done else address, HTTPStatus.SEE_OTHER)
