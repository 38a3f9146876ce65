"""The first page: both accounts, the three companies, clock, journal, webhooks, and the faults in force."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ledgerbridge_sandbox.hubspot.object_types import COMPANY, CONTACT, DEAL, OBJECT_TYPES, PRODUCT, QUOTE
from ledgerbridge_sandbox.journal import CallFilter
from ledgerbridge_sandbox.pages.rendering import ROOT, Pages, to
from ledgerbridge_sandbox.quickbooks.engine import subscription_state

_COUNTED = {"HubSpot": (DEAL, CONTACT, COMPANY, PRODUCT, QUOTE), "QuickBooks": ("Invoice", "Customer", "Item")}
_LATEST_CALLS = 8


def routes(pages: Pages) -> list[BaseRoute]:
    """The first page, and taking a fault away."""
    home = Home(pages)
    return [
        Route("/", home.show, methods=["GET"]),
        Route("/faults/{id}/remove", home.remove_fault, methods=["POST"]),
    ]


class Home:
    """What the sandbox holds and does, at a glance."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._world = pages.world

    async def show(self, request: Request) -> Response:
        """The page."""
        return self._pages.show(
            request,
            "home.html",
            account_facts=list(self._accounts()),
            company_facts=list(self._companies()),
            webhooks=[(vendor, sender.style, sender.counts, sender.waiting) for vendor, sender in self._senders()],
            faults=self._world.faults.listed(),
            calls=self._world.journal.newest(CallFilter(), _LATEST_CALLS),
        )

    async def remove_fault(self, request: Request) -> Response:
        """Take one fault away; one that is used up is gone already."""
        if not self._world.faults.remove(request.path_params["id"]):
            raise HTTPException(HTTPStatus.NOT_FOUND, "That fault is not in force any more.")
        return to(f"{ROOT}/", "fault")

    def _accounts(self) -> Iterator[tuple[Any, dict[str, int]]]:
        for account in self._world.hubspot.accounts.values():
            kinds = [OBJECT_TYPES[type_id] for type_id in _COUNTED["HubSpot"]]
            yield account, {kind.plural: len(account.live[kind.type_id]) for kind in kinds}

    def _companies(self) -> Iterator[tuple[Any, dict[str, int], str]]:
        for company in self._world.quickbooks.companies.values():
            counts = {f"{name}s".lower(): len(company.shelves[name]) for name in _COUNTED["QuickBooks"]}
            yield company, counts, subscription_state(company)

    def _senders(self) -> Iterator[tuple[str, Any]]:
        names = {"hubspot": "HubSpot", "quickbooks": "QuickBooks"}
        for vendor, sender in self._world.webhooks.items():
            yield names.get(vendor, vendor), sender
