"""The lists of deals, contacts, companies, products, quotes and invoices."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.hubspot.object_types import DEAL
from ledgerbridge_sandbox.pages.hubspot.sales import Sales, address, get
from ledgerbridge_sandbox.pages.hubspot.values import chip_of, owners, stage_choices
from ledgerbridge_sandbox.pages.listing import holds, leaf_of
from ledgerbridge_sandbox.pages.rendering import Pages
from ledgerbridge_sandbox.records import Record

_ALSO_FOUND_BY = ("email", "domain", "hs_sku", "hs_quote_number", "company", "phone")


def routes(pages: Pages) -> list[BaseRoute]:
    """An account's address, and a list of each type."""
    lists = Lists(Sales(pages))
    return [get("", lists.lead_in), get("/{type}", lists.show)]


class Lists:
    """The handlers."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales

    async def lead_in(self, request: Request) -> Response:
        """An account's address means its deals."""
        return RedirectResponse(address(self._sales.account(request), "deals"), HTTPStatus.SEE_OTHER)

    async def show(self, request: Request) -> Response:
        """Newest change first; search over names and what else people know; deals also by stage; the recycle bin."""
        account, view = self._sales.account(request), self._sales.view(request)
        asked = {name: request.query_params.get(name, "").strip() for name in ("q", "stage", "archived")}
        store = (account.archived if asked["archived"] else account.live)[view.kind.type_id]

        def fits(record: Record) -> bool:
            values = record["p"]
            stage = f"{values.get('pipeline')}:{values.get('dealstage')}"
            return asked["stage"] in {"", stage} and (
                not asked["q"]
                or holds(asked["q"], view.name(record), record["id"], *(values.get(name) for name in _ALSO_FOUND_BY))
            )

        filtered = asked["q"] or asked["stage"]
        leaf = leaf_of(request, store.ids_by_change(), store.get, fits if filtered else None)
        now = self._sales.pages.world.clock.now()
        return self._sales.show(
            request,
            "list.html",
            view.kind.plural,
            view=view,
            leaf=leaf,
            rows=[
                (record, view.name(record), chip_of(account, view.kind.type_id, record, now)) for record in leaf.rows
            ],
            asked=asked,
            owner_names=dict(owners(account)),
            stages=stage_choices(account) if view.kind.type_id == DEAL else [],
        )
