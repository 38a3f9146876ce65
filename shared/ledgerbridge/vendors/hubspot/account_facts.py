"""What HubSpot tells of an account: details, owners, pipelines, currencies, usage (hubspot.md 8, 14, 16)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.hubspot.models import AccountDetails, DatedRate, Owner, Pipeline, Stage
from ledgerbridge.vendors.hubspot.reading import next_of, results_of, understand
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.seam import VendorHttp
from ledgerbridge.vendors.versions import Versions


class AccountFacts:
    """Facts of an account, read when connecting and now and then."""

    def __init__(self, http: VendorHttp, versions: Versions) -> None:
        """Use the seam and a family of paths."""
        self._http = http
        self._versions = versions

    async def details(self, account: AccountRef) -> AccountDetails:
        """Portal, zone and currencies; needs the scope ``oauth`` alone."""
        return understand(_details, await self._get(account, self._versions.path("account-info") + "/details"))

    async def pipelines(self, account: AccountRef, object_type: str = "deals") -> tuple[Pipeline, ...]:
        """Pipelines with their stages, in their order."""
        route = self._versions.path("pipelines") + "/{type}"
        document = (await self._http.call(account, Call("GET", route, {"type": object_type}))).document
        return understand(lambda found: tuple(_pipeline(one) for one in _ordered(results_of(found))), document)

    async def owners(self, account: AccountRef, *, archived: bool = False) -> dict[str, Owner]:
        """Every owner by id."""
        owners: dict[str, Owner] = {}
        after: str | None = None
        while True:
            query = [("limit", "100"), ("archived", str(archived).lower())]
            query += [("after", after)] if after else []
            document = await self._get(account, self._versions.path("owners"), query)
            owners |= {one.id: one for one in understand(_owners, document)}
            after = next_of(document)
            if after is None:
                return owners

    async def exchange_rates(self, account: AccountRef, currency: str, company_currency: str) -> list[DatedRate]:
        """HubSpot's rates of a currency over time, the newest first (hubspot.md 14)."""
        route = self._versions.path("currencies") + "/exchange-rates"
        found: list[DatedRate] = []
        after: str | None = None
        while True:
            query = [("fromCurrencyCode", currency), ("toCurrencyCode", company_currency), ("limit", "100")]
            document = await self._get(account, route, query + ([("after", after)] if after else []))
            found += understand(_rates, document)
            after = next_of(document)
            if after is None:
                # The order of HubSpot's answer is not documented.
                return sorted(found, key=lambda one: one.effective_at, reverse=True)

    async def daily_usage(self, account: AccountRef) -> tuple[int, int] | None:
        """Calls used today and the limit, all private apps of the account together; None where HubSpot counts none."""
        route = self._versions.path("account-info") + "/api-usage/daily/private-apps"
        return understand(_usage, await self._get(account, route))

    async def uninstall(self, account: AccountRef) -> None:
        """Take our app out of the account."""
        route = self._versions.path("uninstall")
        await self._http.call(account, Call("DELETE", route, kind="write", expected="nothing", effect=True))

    async def _get(self, account: AccountRef, route: str, query: list[tuple[str, str]] | None = None) -> Document:
        document: Document = (await self._http.call(account, Call("GET", route, None, query or ()))).document
        return document


def _details(document: Mapping[str, Any]) -> AccountDetails:
    return AccountDetails(
        portal_id=str(document["portalId"]),
        account_type=str(document.get("accountType") or ""),
        time_zone=document["timeZone"],
        company_currency=document["companyCurrency"],
        additional_currencies=tuple(document.get("additionalCurrencies") or ()),
        ui_domain=document.get("uiDomain") or "app.hubspot.com",
    )


def _ordered(documents: list[Document]) -> list[Document]:
    return sorted(documents, key=lambda one: int(one.get("displayOrder") or 0))


def _pipeline(document: Mapping[str, Any]) -> Pipeline:
    stages = tuple(_stage(one) for one in _ordered(document["stages"]))
    return Pipeline(str(document["id"]), str(document.get("label") or ""), stages)


def _stage(document: Mapping[str, Any]) -> Stage:
    metadata = document.get("metadata") or {}
    closed = str(metadata.get("isClosed", "false")).lower() == "true"
    won = closed and Decimal(str(metadata.get("probability") or "0")) == 1
    return Stage(str(document["id"]), str(document.get("label") or ""), closed, won)


def _owners(document: Document) -> list[Owner]:
    return [_owner(one) for one in results_of(document)]


def _owner(document: Mapping[str, Any]) -> Owner:
    user = document.get("userId")
    return Owner(
        id=str(document["id"]),
        email=document.get("email"),
        first_name=document.get("firstName") or "",
        last_name=document.get("lastName") or "",
        user_id=None if user is None else str(user),
        archived=bool(document.get("archived", False)),
    )


def _rates(document: Document) -> list[DatedRate]:
    return [
        DatedRate(datetime.fromisoformat(one["effectiveAt"]), Decimal(one["conversionRate"]))
        for one in results_of(document)
    ]


def _usage(document: Document) -> tuple[int, int] | None:
    for one in results_of(document):
        if one.get("name") == "private-apps-api-calls-daily" and one.get("usageLimit") is not None:
            return int(one["currentUsage"]), int(one["usageLimit"])
    return None
