"""The fields of a record's form: what stands in them, and what of it a person changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.pages.entering import word
from ledgerbridge_sandbox.pages.hubspot.values import owners


@dataclass(frozen=True)
class Field:
    """One field: `form` is text, number, date, area or choice."""

    name: str
    label: str
    form: str
    value: str
    options: tuple[tuple[str, str], ...] = ()


def fields_of(account: Account, type_id: str, names: Iterable[str], values: Mapping[str, str]) -> list[Field]:
    """The fields with what the record holds."""
    return [_field(account, type_id, name, values.get(name, "")) for name in names]


def changed(
    account: Account, type_id: str, names: Iterable[str], values: Mapping[str, str], form: FormData
) -> dict[str, str]:
    """What the form says differently from what its fields showed; a day alone does not move a moment within it."""
    shown = {field.name: field.value for field in fields_of(account, type_id, names, values)}
    return {name: word(form, name) for name, value in shown.items() if name in form and word(form, name) != value}


def _field(account: Account, type_id: str, name: str, value: str) -> Field:
    definition = account.properties[type_id].definitions[name]
    label = definition["label"]
    if definition.get("referencedObjectType") == "OWNER":
        return Field(name, label, "choice", value, tuple(owners(account)))
    if name in {"deal_currency_code", "hs_currency"}:
        codes = (account.currency, *account.additional_currencies)
        return Field(name, label, "choice", value, tuple((code, code) for code in codes))
    if definition["type"] in {"enumeration", "bool"} and definition["options"]:
        return Field(name, label, "choice", value, tuple((o["value"], o["label"]) for o in definition["options"]))
    if definition["type"] in {"date", "datetime"}:
        return Field(name, label, "date", value[:10])
    if definition["fieldType"] == "textarea":
        return Field(name, label, "area", value)
    return Field(name, label, "number" if definition["type"] == "number" else "text", value)
