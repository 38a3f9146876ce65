"""The three legacy custom fields of sales forms (quickbooks.md 9): texts, which people define in the preferences.

The enhanced ones (`include=enhancedAllCustomFields`, GraphQL) are outside the sandbox, and invisible on this path.
"""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record

NUMBERS = ("1", "2", "3")
_USE, _NAME = "SalesFormsPrefs.UseSalesCustom", "SalesFormsPrefs.SalesCustomName"
# Reported of QuickBooks' pages, unverified (quickbooks.md 9).
_LIMIT = 31


def definitions(company: Company) -> Mapping[str, str]:
    """The names of the fields that are switched on, by DefinitionId."""
    groups = company.preferences("SalesFormsPrefs").get("CustomField") or ()
    told = {each["Name"]: each for group in groups for each in group["CustomField"]}
    used = (number for number in NUMBERS if (told.get(_USE + number) or {}).get("BooleanValue"))
    return {number: told[_NAME + number]["StringValue"] for number in used}


def definition_groups(names: Mapping[str, str]) -> list[Record]:
    """The two groups by which the preferences tell which fields are in use, and their names (recorded)."""
    used = [_field(_USE + number, "BooleanType", number in names) for number in reversed(NUMBERS)]
    named = [_field(_NAME + number, "StringType", names[number]) for number in reversed(NUMBERS) if number in names]
    return [{"CustomField": used}, {"CustomField": named}]


def _field(name: str, sort: str, value: object) -> Record:
    return {"Name": name, "Type": sort, sort.replace("Type", "Value"): value}


def set_custom_fields(company: Company, record: Record) -> None:
    """Every field in use, with its text if it has one (recorded). Raises 2050 for a text that is too long.

    Guess: what is sent for a field that is not in use is passed over.
    """
    known = definitions(company)
    texts = {str(each.get("DefinitionId")): _text(each) for each in record.get("CustomField") or ()}
    record["CustomField"] = [
        {"DefinitionId": number, "Name": name, "Type": "StringType"}
        | ({"StringValue": texts[number]} if texts.get(number) else {})
        for number, name in known.items()
    ]


def _text(given: Mapping[str, Any]) -> str:
    text = str(given.get("StringValue") or "")
    if len(text) > _LIMIT:
        raise faults.too_long("StringValue", _LIMIT)
    return text
