"""Account and settings: the preferences that an integration meets, the closing date, the subscription."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.pages.entering import EntryError, ticked, word
from ledgerbridge_sandbox.pages.quickbooks.books import Books, address, get, post
from ledgerbridge_sandbox.pages.rendering import Pages, Refusal, to
from ledgerbridge_sandbox.quickbooks.desk_company import (
    PREFERENCES,
    SUBSCRIPTIONS,
    set_preferences,
    set_subscription,
)
from ledgerbridge_sandbox.quickbooks.engine import subscription_state
from ledgerbridge_sandbox.quickbooks.moments import parse_date

_SWITCHES: Mapping[str, tuple[str, str]] = {
    "CustomTxnNumbers": ("Custom transaction numbers", "On: QuickBooks gives no numbers, whoever writes gives them."),
    "AllowDiscount": ("Discount", ""),
    "AllowDeposit": ("Deposit", ""),
    "AllowShipping": ("Shipping", ""),
    "AutoApplyCredit": ("Automatically apply credits", ""),
    "ClassTrackingPerTxn": ("Track classes, one to a transaction", ""),
    "ClassTrackingPerTxnLine": ("Track classes, one to a line", ""),
    "TrackDepartments": ("Track locations", ""),
    "MultiCurrencyEnabled": ("Multicurrency", "QuickBooks lets nobody turn it off again; the sandbox does."),
}


def routes(pages: Pages) -> list[BaseRoute]:
    """The settings' page and its forms."""
    desk = SettingsDesk(Books(pages))
    return [
        get("/preferences", desk.open),
        post("/preferences", desk.change),
        post("/preferences/subscription", desk.subscribe),
    ]


class SettingsDesk:
    """The handlers."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def open(self, request: Request) -> Response:
        """What is set."""
        return self._show(request)

    def _show(self, request: Request, refusal: Refusal | None = None) -> Response:
        company = self._books.company(request)
        on = {name: bool(company.preferences(PREFERENCES[name]).get(name)) for name in _SWITCHES}
        return self._books.show(
            request,
            "preferences.html",
            "preferences",
            refusal,
            switches=[(name, label, hint, on[name]) for name, (label, hint) in _SWITCHES.items()],
            closed=company.preferences("AccountingInfoPrefs").get("BookCloseDate"),
            subscription=subscription_state(company),
            states=[(state, state.capitalize()) for state in SUBSCRIPTIONS],
        )

    async def change(self, request: Request) -> Response:
        """Switches, and the day up to which the books are closed."""
        company = self._books.company(request)

        def work(form: FormData) -> Response:
            set_preferences(company, _said(form))
            return to(address(company, "preferences"), "saved")

        return await self._books.act(request, "preferences", work, self._show)

    async def subscribe(self, request: Request) -> Response:
        """The subscription's state."""
        company = self._books.company(request)

        def work(form: FormData) -> Response:
            set_subscription(company, word(form, "status"))
            return to(address(company, "preferences"), "saved")

        return await self._books.act(request, "subscription", work, self._show)


def _said(form: FormData) -> dict[str, Any]:
    said: dict[str, Any] = {name: ticked(form, name) for name in _SWITCHES}
    if said["ClassTrackingPerTxn"] and said["ClassTrackingPerTxnLine"]:
        raise EntryError("Classes are tracked by transaction or by line, not both.")
    closed = word(form, "BookCloseDate")
    return said | {"BookCloseDate": parse_date(closed, "BookCloseDate").isoformat() if closed else None}
