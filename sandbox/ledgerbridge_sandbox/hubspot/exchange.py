"""One call on HubSpot's door: what came, and what goes back."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlencode

import msgspec

from ledgerbridge_sandbox.hubspot import shapes
from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.crm import Crm
from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid, missing_scopes
from ledgerbridge_sandbox.hubspot.events import INTEGRATION
from ledgerbridge_sandbox.nesting_depth import too_deep
from ledgerbridge_sandbox.world import World

NEWEST = "2026-09"
"""The version from which on the account's own rules bind apps too."""
_MOST_DIGITS = 20
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: bytes, or anything that becomes JSON; None is no body."""

    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Exchange:
    """
    A call by an app that was let in. `steps` is the path without its area and version.

    `version` is the version as the path names it, such as 2026-09 or v3; `address` is how the caller reached the
    place, without the query.
    """

    world: World
    account: Account
    scopes: tuple[str, ...]
    method: str
    version: str
    steps: list[str]
    query_string: str
    content_type: str
    body: bytes
    address: str

    @property
    def query(self) -> dict[str, list[str]]:
        """Query parameters, repeated ones in order."""
        return parse_qs(self.query_string, keep_blank_values=True) if self.query_string else {}

    def crm(self) -> Crm:
        """The operations on the account's records, done by the app."""
        return Crm(self.world, self.account, INTEGRATION, validates=self.version == NEWEST)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises 415 and 400."""
        found = self.json_value()
        if not isinstance(found, dict):
            raise invalid("Invalid input JSON on line 1, column 1: an object is expected")
        shapes.check(found)
        return found

    def json_value(self) -> Any:
        """The body as any JSON value; raises 415 and 400."""
        if not self.content_type.startswith("application/json"):
            body = {"status": "error", "message": "Unsupported Media Type"}
            raise RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, body)
        if too_deep(self.body):
            raise invalid("Invalid input JSON on line 1, column 1: nested too deep")
        try:
            return _decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise invalid(f"Invalid input JSON on line 1, column 1: {error}") from error

    def inputs(self, most: int) -> list[dict[str, Any]]:
        """The `inputs` of a batch; raises 400 above `most`."""
        inputs = self.json().get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
            raise invalid("Invalid input JSON: inputs must be a list of objects")
        if len(inputs) > most:
            raise invalid(f"Number of inputs {len(inputs)} exceeds the maximum of {most}")
        return inputs

    def listed(self, name: str) -> list[str]:
        """A query parameter that may be repeated or separated by commas."""
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]

    def one(self, name: str, default: str = "") -> str:
        """A query parameter that stands once."""
        return self.query.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false."""
        return self.one(name).lower() == "true"

    def number(self, name: str, default: int, most: int) -> int:
        """A query parameter between 1 and `most`; raises 400."""
        text = self.one(name) or str(default)
        found = whole_number(text)
        if found is None or not 1 <= found <= most:
            raise invalid(f"{name} must be between 1 and {most}, was {text}")
        return found

    def after(self) -> int:
        """Where the page begins; raises 400 for a cursor that no answer gave (guess)."""
        text = self.one("after") or "0"
        found = whole_number(text)
        if found is None:
            raise invalid(f"after is not a cursor of this list: {text}")
        return found

    def following(self, after: str) -> dict[str, Any]:
        """The `paging` that leads to the next page: its link repeats the query, `after` last (as recorded)."""
        kept = {name: values for name, values in self.query.items() if name != "after"}
        link = f"{self.address}?{urlencode({**kept, 'after': after}, doseq=True)}"
        return {"next": {"after": after, "link": link}}

    def need(self, *any_of: str) -> None:
        """Refuse a token that has none of these scopes."""
        if not any(scope in self.scopes for scope in any_of):
            raise missing_scopes([any_of[0]])


def whole_number(text: str) -> int | None:
    """The number that a text of ASCII digits writes, None for any other text and for more digits than any id has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def method_not_allowed() -> RefusalError:
    """405."""
    return RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, {"status": "error", "message": "Method Not Allowed"})
