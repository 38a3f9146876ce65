"""Facts of an account: info, owners, currencies (hubspot.md 8, 14, 16)."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ledgerbridge_sandbox.hubspot.errors import invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange
from ledgerbridge_sandbox.hubspot.values import milliseconds_text

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.limits import Limiter

_MOST_A_PAGE = 100
_CURRENCY_NAMES = {"USD": "US Dollar", "GBP": "British Pound", "EUR": "Euro", "CAD": "Canadian Dollar"}
_READ = ("settings.currencies.read", "multi-currency-read")
_WRITE = ("settings.currencies.write", "multi-currency-write")


def account_info(exchange: Exchange, limiter: "Limiter") -> Answer:
    """`/account-info/…`: needs no scope but `oauth`."""
    match exchange.steps:
        case ["details"]:
            return Answer(HTTPStatus.OK, _details(exchange))
        case ["api-usage", "daily", "private-apps"]:
            return Answer(HTTPStatus.OK, {"results": [_usage(exchange, limiter)]})
    raise not_found()


def _details(exchange: Exchange) -> dict[str, Any]:
    account = exchange.account
    offset = exchange.world.clock.now().astimezone(account.zone).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return {
        "portalId": account.portal,
        "accountType": "STANDARD",
        "timeZone": account.zone.key,
        "companyCurrency": account.currency,
        "additionalCurrencies": list(account.additional_currencies),
        "utcOffset": f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }


def _usage(exchange: Exchange, limiter: "Limiter") -> dict[str, Any]:
    now = exchange.world.clock.now()
    local = now.astimezone(exchange.account.zone)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limiter.daily_of(exchange.account),
        "currentUsage": limiter.used_today(exchange.account),
        "collectedAt": milliseconds_text(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": milliseconds_text(midnight),
    }


def owners(exchange: Exchange) -> Answer:
    """`/crm/owners`."""
    exchange.need("crm.objects.owners.read")
    match exchange.steps:
        case []:
            return Answer(HTTPStatus.OK, _owners_page(exchange))
        case [owner_id]:
            key = "userId" if exchange.one("idProperty") == "userId" else "id"
            for owner in exchange.account.owners:
                if str(owner[key]) == owner_id:
                    return Answer(HTTPStatus.OK, owner)
    raise not_found()


def _owners_page(exchange: Exchange) -> dict[str, Any]:
    email, archived = exchange.one("email").lower(), exchange.flag("archived")
    limit, after = exchange.number("limit", _MOST_A_PAGE, 500), exchange.after()
    found = [
        owner
        for owner in exchange.account.owners
        if owner["archived"] == archived and (not email or owner["email"].lower() == email)
    ]
    page: dict[str, Any] = {"results": found[after : after + limit]}
    if after + limit < len(found):
        page["paging"] = exchange.following(str(after + limit))
    return page


def currencies(exchange: Exchange) -> Answer:
    """`/settings/currencies`."""
    exchange.need(*(_READ if exchange.method == "GET" else _WRITE))
    account = exchange.account
    match exchange.method, exchange.steps:
        case "GET", ["company-currency"]:
            return Answer(HTTPStatus.OK, {"id": account.currency, "createdAt": "2020-01-01T00:00:00.000Z"})
        case "GET", ["codes"]:
            names = [{"currencyCode": code, "currencyName": name} for code, name in _CURRENCY_NAMES.items()]
            return Answer(HTTPStatus.OK, {"results": names})
        case "GET", ["central-fx-rates", "information"]:
            return Answer(HTTPStatus.OK, {"centralExchangeRatesEnabled": False})
        case "GET", ["exchange-rates", "current"]:
            return Answer(HTTPStatus.OK, {"results": _current_rates(exchange)})
        case "GET", ["exchange-rates"]:
            return Answer(HTTPStatus.OK, {"results": _rate_history(exchange)})
        case "POST", ["exchange-rates"]:
            return Answer(HTTPStatus.CREATED, _add_rate(exchange, exchange.json()))
    raise not_found()


def _current_rates(exchange: Exchange) -> list[dict[str, Any]]:
    now = milliseconds_text(exchange.world.clock.now())
    newest: dict[str, dict[str, Any]] = {}
    for rate in sorted(exchange.account.rates, key=lambda one: str(one["effectiveAt"])):
        if rate["effectiveAt"] <= now:
            newest[rate["fromCurrencyCode"]] = rate
    return list(newest.values())


def _rate_history(exchange: Exchange) -> list[dict[str, Any]]:
    wanted = {key: exchange.one(key) for key in ("fromCurrencyCode", "toCurrencyCode") if exchange.one(key)}
    found = [r for r in exchange.account.rates if all(r[key] == value for key, value in wanted.items())]
    return sorted(found, key=lambda one: str(one["effectiveAt"]), reverse=True)


def _add_rate(exchange: Exchange, body: dict[str, Any]) -> dict[str, Any]:
    account, now = exchange.account, milliseconds_text(exchange.world.clock.now())
    currency = body.get("fromCurrencyCode")
    if currency not in account.additional_currencies:
        raise invalid(f"Currency {currency} is not configured in this account")
    try:
        conversion = Decimal(str(body.get("conversionRate")))
        told = body.get("effectiveAt")
        effective = milliseconds_text(datetime.fromisoformat(str(told))) if told else now
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise invalid(f"Invalid exchange rate: {error}") from error
    rate = {
        "id": str(len(account.rates) + 1),
        "fromCurrencyCode": currency,
        "toCurrencyCode": account.currency,
        "conversionRate": float(conversion),
        "effectiveAt": effective,
        "visibleInUI": True,
        "createdAt": now,
        "updatedAt": now,
    }
    account.rates.append(rate)
    return rate
