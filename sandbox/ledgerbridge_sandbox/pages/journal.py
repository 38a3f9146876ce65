"""The journal: the latest calls on the vendors' doors, what was asked, and how it ended."""

from collections.abc import Iterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ledgerbridge_sandbox.journal import Call, CallFilter
from ledgerbridge_sandbox.pages.listing import address
from ledgerbridge_sandbox.pages.rendering import Pages

_SHOWN = 100
_FILTERS = ("vendor", "account", "method", "path", "status")


def routes(pages: Pages) -> list[BaseRoute]:
    """The journal's page."""
    return [Route("/journal", JournalPage(pages).show, methods=["GET"])]


class JournalPage:
    """The newest calls that fit the filters."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._journal = pages.world.journal

    async def show(self, request: Request) -> Response:
        """Filters are in the address; `live` asks a browser without scripts to load the page again and again."""
        asked = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
        wanted = msgspec.convert(
            {name: value for name, value in asked.items() if value and name != "status"}, CallFilter
        )
        ended = asked["status"]
        calls = self._journal.newest(wanted, _SHOWN, lambda call: _ended(call, ended))
        live = "live" in request.query_params
        return self._pages.show(
            request,
            "journal.html",
            calls=calls,
            asked=asked,
            live=live,
            toggle=address(request, live="" if live else "1"),
            known=list(self._known()),
        )

    def _known(self) -> Iterator[tuple[str, str]]:
        """Accounts to choose from, with their names."""
        for account in self._pages.world.hubspot.accounts.values():
            yield str(account.portal), account.name
        for company in self._pages.world.quickbooks.companies.values():
            yield company.realm, company.profile.name


def _ended(call: Call, wanted: str) -> bool:
    """Whether a call ended so: `2` to `5` for the hundreds, `0` for a connection that was cut."""
    return not wanted or str(call.status // 100) == wanted
