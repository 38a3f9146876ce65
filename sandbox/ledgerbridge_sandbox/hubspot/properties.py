"""The property registry of one object type in one account, and the rules for making properties (hubspot.md 9)."""

import re
from collections.abc import Callable
from typing import Any

from ledgerbridge_sandbox.hubspot.definitions import first_group, first_properties
from ledgerbridge_sandbox.hubspot.errors import RefusalError, conflict, invalid, not_found
from ledgerbridge_sandbox.hubspot.formula import Formula, FormulaError

Definition = dict[str, Any]

_FIELD_TYPES = {
    "string": {"text", "textarea", "html", "file", "phonenumber", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "bool": {"booleancheckbox", "calculation_equation"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "phone_number": {"phonenumber"},
}
_REQUIRED = ("groupName", "name", "label", "type", "fieldType")
_CHANGEABLE = {
    "label", "groupName", "description", "options", "hidden", "fieldType", "type", "displayOrder", "formField",
    "numberDisplayHint", "showCurrencySymbol", "currencyPropertyName", "textDisplayHint", "calculationFormula",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MOST_UNIQUE = 10
_MOST_CUSTOM = 1000


class PropertyRegistry:
    """The properties and groups of one object type. Definitions are replaced, never changed in place."""

    def __init__(self, type_id: str) -> None:
        group = first_group(type_id)
        self.definitions: dict[str, Definition] = {found["name"]: found for found in first_properties(type_id)}
        self.groups: dict[str, dict[str, Any]] = {group["name"]: group}
        self.archived: dict[str, Definition] = {}
        self.unique_names: tuple[str, ...] = ()
        self.formulas: dict[str, Formula] = {}
        self._derive()

    def snapshot(self) -> object:
        """The whole state."""
        return dict(self.definitions), dict(self.groups), dict(self.archived)

    def restore(self, state: Any) -> None:
        """Take an earlier state."""
        self.definitions, self.groups, self.archived = (dict(part) for part in state)
        self._derive()

    def get(self, name: str) -> Definition:
        """The definition; raises HubSpot's 404."""
        found = self.definitions.get(name)
        if found is None:
            raise not_found(f"Property {name} does not exist")
        return found

    def create(self, wanted: Definition, moment: str, *, formulas_taken: bool, orders_required: bool) -> Definition:
        """Add a property; raises 400 and 409. The 409's words are a guess (hubspot.md 20.1)."""
        if orders_required:
            _refuse_unordered(wanted)
        self._check(wanted, formulas_taken=formulas_taken)
        name = wanted["name"]
        if name in self.definitions:
            raise conflict(
                f"Property with name {name} already exists",
                subCategory="Properties.PROPERTY_EXISTS",
                context={"propertyName": [name]},
            )
        definition = _completed(wanted, moment)
        self.archived.pop(name, None)
        self.definitions[name] = definition
        self._derive()
        return definition

    def change(self, name: str, changes: Definition, moment: str) -> Definition:
        """Change a property of one's own; HubSpot's own keep their definition."""
        present = self.get(name)
        if present["modificationMetadata"]["readOnlyDefinition"]:
            raise invalid(f"Property {name} is read only and cannot be changed")
        kept = {key: value for key, value in changes.items() if key in _CHANGEABLE}
        self._check({**present, **kept}, formulas_taken=True)
        changed = _completed({**present, **kept}, present["createdAt"]) | {"updatedAt": moment}
        self.definitions[name] = changed
        self._derive()
        return changed

    def archive(self, name: str, moment: str) -> None:
        """Archive a property of one's own."""
        present = self.refuse_archive(name)
        self.archived[name] = {**present, "archived": True, "archivedAt": moment}
        del self.definitions[name]
        self._derive()

    def refuse_archive(self, name: str) -> Definition:
        """The property, if it can be archived; raises 400 and 404."""
        present = self.get(name)
        if not present["modificationMetadata"]["archivable"]:
            raise invalid(f"Property {name} is HubSpot defined and cannot be archived")
        return present

    def create_group(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Add a group; raises 400 and 409 (its words are a guess)."""
        name = wanted.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name) or not wanted.get("label"):
            raise invalid("Property group needs a name of lower case letters, digits and underscores, and a label")
        if name in self.groups:
            raise conflict(
                f"Property group with name {name} already exists",
                subCategory="Properties.GROUP_EXISTS",
                context={"groupName": [name]},
            )
        order = wanted.get("displayOrder", -1)
        self.groups[name] = {"name": name, "label": wanted["label"], "displayOrder": order, "archived": False}
        return self.groups[name]

    def _derive(self) -> None:
        self.unique_names = tuple(name for name, found in self.definitions.items() if found["hasUniqueValue"])
        self.formulas = {
            name: Formula(found["calculationFormula"])
            for name, found in self.definitions.items()
            if found.get("calculationFormula")
        }

    def _check(self, wanted: Definition, *, formulas_taken: bool) -> None:
        for problem in _problems(wanted):
            raise invalid(problem)
        if wanted["groupName"] not in self.groups:
            raise invalid(f"Property group {wanted['groupName']} does not exist")
        if wanted["fieldType"] == "calculation_equation":
            self._check_formula(wanted, taken=formulas_taken)
        others = [found for found in self.definitions.values() if found["name"] != wanted["name"]]
        _room(others, lambda found: not found["hubspotDefined"], _MOST_CUSTOM, "custom properties")
        if wanted.get("hasUniqueValue"):
            _room(others, lambda found: bool(found["hasUniqueValue"]), _MOST_UNIQUE, "unique properties")

    def _check_formula(self, wanted: Definition, *, taken: bool) -> None:
        """Whether HubSpot takes formulas through the API at all is not established; a setting decides (guess)."""
        if not taken:
            raise invalid("Calculated properties cannot be created through this API")
        try:
            names = Formula(wanted.get("calculationFormula") or "").names
        except FormulaError as error:
            raise invalid(f"Invalid calculation formula: {error}") from error
        for name in names - self.definitions.keys():
            raise invalid(f"Invalid calculation formula: property {name} does not exist")


def _problems(wanted: Definition) -> list[str]:
    problems = [f"Required field {key} is missing" for key in _REQUIRED if not wanted.get(key)]
    if problems:
        return problems
    if not isinstance(wanted["name"], str) or not _NAME.fullmatch(wanted["name"]):
        problems.append(f"Property name {wanted['name']} is invalid: use lower case letters, digits and underscores")
    if wanted["type"] not in _FIELD_TYPES:
        problems.append(f"{wanted['type']} is not a property type")
    elif wanted["fieldType"] not in _FIELD_TYPES[wanted["type"]]:
        problems.append(f"fieldType {wanted['fieldType']} is not allowed for type {wanted['type']}")
    elif wanted["type"] in {"enumeration", "bool"} and wanted["fieldType"] != "calculation_equation":
        problems.extend(_option_problems(wanted))
    return problems


def _refuse_unordered(wanted: Definition) -> None:
    """The order of every option must be told since 2026-09 (hubspot.md 9)."""
    options = wanted.get("options")
    if isinstance(options, list) and any("displayOrder" not in one for one in options if isinstance(one, dict)):
        raise invalid("options[].displayOrder is required")


def _option_problems(wanted: Definition) -> list[str]:
    options = wanted.get("options") or []
    if not options and not wanted.get("externalOptions"):
        return ["Enumeration properties need at least one option"]
    if any("label" not in option or "value" not in option for option in options):
        return ["Every option needs a label and a value"]
    values = [option["value"] for option in options]
    labels = [option["label"] for option in options]
    if len(set(values)) < len(values) or len(set(labels)) < len(labels):
        return ["Option values and labels must be unique"]
    return []


def _room(others: list[Definition], counts: Callable[[Definition], bool], most: int, words: str) -> None:
    if sum(1 for found in others if counts(found)) >= most:
        raise invalid(f"You've reached the maximum number of {words}: {most}")


def _completed(wanted: Definition, moment: str) -> Definition:
    calculated = wanted["fieldType"] == "calculation_equation"
    defaults: Definition = {
        "description": "",
        "options": [],
        "displayOrder": -1,
        "externalOptions": False,
        "hasUniqueValue": False,
        "hidden": False,
        "formField": False,
        "dataSensitivity": "non_sensitive",
        "createdUserId": "100",
        "updatedUserId": "100",
    }
    decided = {
        "calculated": calculated,
        "hubspotDefined": False,
        "archived": False,
        "createdAt": moment,
        "updatedAt": moment,
        "modificationMetadata": {
            "archivable": True,
            "readOnlyDefinition": False,
            "readOnlyOptions": False,
            "readOnlyValue": calculated,
        },
    }
    whole = defaults | wanted | decided
    options = [
        {"hidden": False, "description": "", "displayOrder": at, **one} for at, one in enumerate(whole["options"])
    ]
    return {**whole, "options": options}


def missing_property(name: str) -> RefusalError:
    """404 of a property that does not exist."""
    return not_found(f"Property {name} does not exist")
