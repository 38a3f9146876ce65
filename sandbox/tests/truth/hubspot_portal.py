"""An account of HubSpot through hubspot-api-client; what it reads into its models is held against what was sent."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial, reduce
from importlib import import_module
from types import ModuleType
from typing import Any

from doors import Doors
from hubspot import HubSpot
from hubspot.discovery.discovery_base import DiscoveryBase
from hubspot_kinds import Kind

TOKEN = "pat-na1-sandbox-1"
_PLACES = {
    "notes": "objects.notes",
    "tasks": "objects.tasks",
    "invoices": "commerce.invoices",
    "commerce_payments": "objects",
}
_NUMBERS = {"toObjectId", "fromObjectId"}
"""Numbers in documented and recorded answers, texts in the client's models (hubspot.md 17)."""
_YOUNGER = {"url", "dataSensitivity"}
_YOUNGER_OF = {
    "TokenResponseIF": {"hub_id", "scopes", "token_use", "user_id"},
    "ApiCollectionResponseRecordListMembershipNoPaging": {"isPublicList"},
    "AccessTokenInfoResponse": {"is_private_distribution", "signed_access_token"},
}
"""Members that HubSpot's answers have and the models of this release have not: all models, and those of one."""


def open_portal(doors: Doors, token: str | None = TOKEN, **more: Any) -> HubSpot:
    """A client that enforces its models; the address of its own calls and of plain requests is the sandbox's."""
    address = {"host": doors.hubspot, "base_url": doors.hubspot}
    strict = {"client_side_validation": True, "api_factory": _watched}
    return HubSpot(access_token=token, **address, **{**strict, **more})


class Records:
    """The calls for one kind of records."""

    def __init__(self, portal: HubSpot, kind: Kind) -> None:
        place = _PLACES.get(kind.name, kind.name)
        apis = reduce(getattr, place.split("."), portal.crm)
        self.models: ModuleType = import_module(f"hubspot.crm.{place}")
        self.basic, self.batch, self.search = apis.basic_api, apis.batch_api, apis.search_api
        if place == "objects":  # The client has no calls of their own for some kinds.
            self.basic, self.batch, self.search = (
                _Typed(api, kind.name) for api in (self.basic, self.batch, self.search)
            )

    def make(self, properties: dict[str, str], associations: list[Any] | None = None) -> Any:
        """A new record."""
        wanted = self.models.SimplePublicObjectInputForCreate(properties=properties, associations=associations or [])
        return self.basic.create(wanted)

    def change(self, record_id: str, properties: dict[str, str], **more: Any) -> Any:
        """A changed record."""
        return self.basic.update(record_id, self.models.SimplePublicObjectInput(properties=properties), **more)

    def found(self, **wanted: Any) -> Any:
        """The page that a search finds."""
        return self.search.do_search(self.models.PublicObjectSearchRequest(**wanted))


@dataclass(frozen=True)
class _Typed:
    """The client's calls for any kind of records, with the kind told."""

    api: Any
    kind: str

    def __getattr__(self, name: str) -> Any:
        return partial(getattr(self.api, name), self.kind)


def _watched(package: ModuleType, name: str, config: dict[str, Any]) -> Any:
    """An API of the client as it makes it itself, whose readings are compared."""
    api = DiscoveryBase._default_api_factory(package, name, config)
    client = api.api_client
    read = client.deserialize

    def deserialize(response: Any, kind: Any) -> Any:
        sent = _completed(json.loads(response.data))
        response.data = json.dumps(sent)
        model = read(response, kind)
        lost = differences(sent, client.sanitize_for_serialization(model), _YOUNGER | _YOUNGER_OF.get(kind, set()))
        assert not lost, f"{name} read {kind} otherwise than it was sent: {lost}"
        return model

    client.deserialize = deserialize
    return api


def _completed(answer: dict[str, Any]) -> dict[str, Any]:
    """The models require members of a batch's error entries that HubSpot's answers often lack (hubspot.md 17)."""
    errors = answer.get("errors")
    return answer if errors is None else {**answer, "errors": [{"links": {}, "errors": [], **one} for one in errors]}


def differences(sent: Any, read: Any, younger: set[str], where: str = "") -> list[str]:
    """Places where a model does not hold what was sent: members left out, of another type, or of another value."""
    if isinstance(sent, dict):
        members = {name: value for name, value in sent.items() if value is not None and name not in younger}
        if not isinstance(read, dict):
            return [f"{where}: sent {sent!r}, read {read!r}"]
        filled = {name for name, value in read.items() if value is not None}
        unknown = [f"{where}.{name}: not sent" for name in filled - members.keys()]
        return unknown + [
            problem
            for name, value in members.items()
            for problem in differences(_texted(name, value), read.get(name), younger, f"{where}.{name}")
        ]
    if isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        return [
            problem
            for index, (one, other) in enumerate(zip(sent, read, strict=True))
            for problem in differences(one, other, younger, f"{where}[{index}]")
        ]
    same = type(sent) is type(read) and (sent == read or _moment(sent) == _moment(read))
    return [] if same else [f"{where}: sent {sent!r}, read {read!r}"]


def _texted(name: str, value: Any) -> Any:
    return str(value) if name in _NUMBERS and isinstance(value, int) else value


def _moment(text: Any) -> datetime | Any:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return text
