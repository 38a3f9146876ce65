"""Property values: everything is stored and answered as text; what is not valid is refused (hubspot.md 3, 6, 9)."""

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ledgerbridge_sandbox.hubspot.errors import Problem

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

_MILLISECONDS = re.compile(r"-?[0-9]{1,20}")
_MAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_MOST_PLACES = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_NOT_MILLISECONDS = 10**11
"""A date-time below this is in seconds, which HubSpot rejects (hubspot.md 19.5; for date-times a guess)."""


LONGEST_TEXT = 65_536
"""Characters of a text property: figure and code are a guess."""


class _ValueRefusedError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def text_of(value: object) -> str:
    """How HubSpot writes any JSON value down."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def milliseconds_text(moment: datetime) -> str:
    """A moment as HubSpot writes it: 2026-04-01T10:00:00.000Z."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def milliseconds(text: str) -> int:
    """Milliseconds since 1970 of a moment as HubSpot writes it."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def read_properties(
    account: "Account", type_id: str, given: dict[str, Any], present: dict[str, str], *, by_hubspot: bool = False
) -> tuple[dict[str, str], list[Problem]]:
    """
    The values to store ("" clears), and what is wrong with the others.

    `present` are the record's values before; `by_hubspot` lets calculated properties pass (HubSpot's own pages and
    the seed set them).
    """
    definitions = account.properties[type_id].definitions
    taken: dict[str, str] = {}
    problems: list[Problem] = []
    merged = {**present, **{name: text_of(value) for name, value in given.items()}}
    for name, value in given.items():
        definition = definitions.get(name)
        if definition is None:
            problems.append(Problem(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
            continue
        if definition["modificationMetadata"]["readOnlyValue"] and not by_hubspot:
            message = f'"{name}" is a calculated property; its value cannot be set'
            problems.append(Problem(name, "READ_ONLY_VALUE", message))
            continue
        try:
            taken[name] = _normal(account, definition, text_of(value), merged)
        except _ValueRefusedError as error:
            problems.append(Problem(name, error.code, str(error)))
    return taken, problems


def _normal(account: "Account", definition: dict[str, Any], text: str, merged: dict[str, str]) -> str:
    if text == "":
        return ""
    special = _SPECIAL.get(definition["name"])
    if special is not None:
        return special(account, text, merged)
    if definition.get("referencedObjectType") == "OWNER":
        return _owner(account, text)
    return _BY_KIND.get(definition["type"], _text)(definition, text, merged)


def _text(_definition: dict[str, Any], text: str, _merged: dict[str, str]) -> str:
    if len(text) > LONGEST_TEXT:
        raise _ValueRefusedError("INVALID_STRING", f"The value is longer than {LONGEST_TEXT} characters.")
    return text


def _number(_definition: dict[str, Any], text: str, _merged: dict[str, str]) -> str:
    """Machine code: the documentation shows INVALID_INTEGER (hubspot.md 20.10)."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    # Guess at what is too much, and at the words for it; HubSpot names no bounds.
    if not number.is_finite() or not -_MOST_PLACES <= number.adjusted() <= _MOST_PLACES:
        raise _ValueRefusedError("INVALID_INTEGER", f"{text} was not a valid number.")
    return format(number, "f")


def _yes_no(_definition: dict[str, Any], text: str, _merged: dict[str, str]) -> str:
    return _one_of(text.lower(), ("true", "false"))


def _option(definition: dict[str, Any], text: str, merged: dict[str, str]) -> str:
    if definition["fieldType"] == "checkbox":
        return _several(definition, text, merged)
    if definition["externalOptions"]:
        return text
    return _one_of(text, [option["value"] for option in definition["options"]])


def _several(definition: dict[str, Any], text: str, _merged: dict[str, str]) -> str:
    values = [value for value in text.split(";") if value]
    if not definition["externalOptions"]:
        for value in values:
            _one_of(value, [option["value"] for option in definition["options"]])
    return ";".join(dict.fromkeys(values))


def _one_of(text: str, allowed: Collection[str]) -> str:
    if text not in allowed:
        raise _ValueRefusedError("INVALID_OPTION", f"{text} was not one of the allowed options: [{', '.join(allowed)}]")
    return text


def _date(_definition: dict[str, Any], text: str, _merged: dict[str, str]) -> str:
    if _MILLISECONDS.fullmatch(text):
        moment = _moment_of(int(text), text)
        if moment.time() != datetime.min.time():
            hour = f"{moment.hour}:{moment.minute}:{moment.second}.{moment.microsecond // 1000}"
            raise _ValueRefusedError("INVALID_DATE", f"{text} is at {hour} UTC, not midnight!")
        return moment.date().isoformat()
    try:
        return date.fromisoformat(text[:10] if _is_midnight(text) else text).isoformat()
    except ValueError as error:
        raise _ValueRefusedError("INVALID_DATE", f"{text} was not a valid date.") from error


def _is_midnight(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT00:00(:00(\.0+)?)?(Z|\+00:00)", text))


def _date_time(_definition: dict[str, Any], text: str, _merged: dict[str, str]) -> str:
    if _MILLISECONDS.fullmatch(text):
        if 0 < abs(int(text)) < _SECONDS_NOT_MILLISECONDS:
            raise _ValueRefusedError("INVALID_DATE", f"{text} was not a valid timestamp in milliseconds.")
        return milliseconds_text(_moment_of(int(text), text))
    try:
        moment = datetime.fromisoformat(text)
        return milliseconds_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:  # The first and last hours of the calendar are not there in UTC.
        raise _ValueRefusedError("INVALID_DATE", f"{text} was not a valid date.") from error


def _moment_of(milliseconds: int, text: str) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise _ValueRefusedError("INVALID_DATE", f"{text} was not a valid date.") from error


def _email(_account: "Account", text: str, _merged: dict[str, str]) -> str:
    if not _MAIL.fullmatch(text.strip()):
        raise _ValueRefusedError("INVALID_EMAIL", f"Email address {text} is invalid")
    return text.strip().lower()


def _owner(account: "Account", text: str) -> str:
    if not any(owner["id"] == text and not owner["archived"] for owner in account.owners):
        raise _ValueRefusedError("INVALID_OWNER_ID", f"{text} is not a valid owner id")
    return text


def _pipeline(account: "Account", text: str, _merged: dict[str, str]) -> str:
    return _one_of(text, [pipeline["id"] for pipeline in account.pipelines.live])


def _stage(account: "Account", text: str, merged: dict[str, str]) -> str:
    wanted = merged.get("pipeline") or account.pipelines.live[0]["id"]
    stages = [stage["id"] for found in account.pipelines.live if found["id"] == wanted for stage in found["stages"]]
    return _one_of(text, stages)


def _currency(account: "Account", text: str, _merged: dict[str, str]) -> str:
    return _one_of(text, [account.currency, *account.additional_currencies])


_SPECIAL: dict[str, Callable[["Account", str, dict[str, str]], str]] = {
    "email": _email,
    "pipeline": _pipeline,
    "dealstage": _stage,
    "deal_currency_code": _currency,
    "hs_currency": _currency,
    "hs_currency_code": _currency,
}
_BY_KIND: dict[str, Callable[[dict[str, Any], str, dict[str, str]], str]] = {
    "number": _number,
    "bool": _yes_no,
    "enumeration": _option,
    "date": _date,
    "datetime": _date_time,
}
