"""HubSpot's property definitions and groups, to provision our own (hubspot.md 9)."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge.errors import LedgerbridgeError, Permanent
from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.hubspot.models import PropertyDefinition
from ledgerbridge.vendors.hubspot.reading import results_of, understand
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.seam import VendorHttp
from ledgerbridge.vendors.versions import Versions


class Definitions:
    """Properties and groups of an object type. Creating needs ``crm.schemas.*.write``, else Paused MISSING_SCOPE."""

    def __init__(self, http: VendorHttp, versions: Versions) -> None:
        """Use the seam and a family of paths."""
        self._http = http
        self._all = versions.path("properties") + "/{type}"

    async def list_all(self, account: AccountRef, object_type: str) -> dict[str, PropertyDefinition]:
        """Every property of a type by name; the list is not paged."""
        answer = await self._http.call(account, Call("GET", self._all, {"type": object_type}))
        definitions = understand(lambda document: [definition_of(one) for one in results_of(document)], answer.document)
        return {one.name: one for one in definitions}

    async def get(self, account: AccountRef, object_type: str, name: str) -> PropertyDefinition | None:
        """One property, or None."""
        call = Call("GET", self._all + "/{name}", {"type": object_type, "name": name})
        return understand(definition_of, document) if (document := await self._found(account, call)) else None

    async def create(self, account: AccountRef, object_type: str, definition: Mapping[str, Any]) -> None:
        """Create a property (name, label, type, fieldType, groupName, …). One that is there already is no error.

        HubSpot's answer for an existing name is not established; any 409 counts as "exists" (hubspot.md 6, 20).
        """
        await self._create(account, self._all, object_type, definition)

    async def update(self, account: AccountRef, object_type: str, name: str, changes: Mapping[str, Any]) -> None:
        """Change label, options, description or group; never the name."""
        fill = {"type": object_type, "name": name}
        await self._http.call(account, _effect("PATCH", self._all + "/{name}", fill, changes))

    async def archive(self, account: AccountRef, object_type: str, name: str) -> None:
        """Archive a property."""
        await self._http.call(account, _effect("DELETE", self._all + "/{name}", {"type": object_type, "name": name}))

    async def group_exists(self, account: AccountRef, object_type: str, name: str) -> bool:
        """Whether a group is there."""
        call = Call("GET", self._all + "/groups/{name}", {"type": object_type, "name": name})
        return await self._found(account, call) is not None

    async def create_group(self, account: AccountRef, object_type: str, name: str, label: str) -> None:
        """Create a group; one that is there already is no error."""
        group = {"name": name, "label": label, "displayOrder": -1}
        await self._create(account, self._all + "/groups", object_type, group)

    async def _found(self, account: AccountRef, call: Call) -> Document | None:
        try:
            document: Document = (await self._http.call(account, call)).document
        except Permanent as error:
            if error.code == "GONE":
                return None
            raise
        return document

    async def _create(self, account: AccountRef, route: str, object_type: str, document: Mapping[str, Any]) -> None:
        try:
            await self._http.call(account, _effect("POST", route, {"type": object_type}, document))
        except LedgerbridgeError as error:
            if error.code != "ALREADY_THERE":
                raise


def _effect(method: str, route: str, fill: Mapping[str, str], document: Mapping[str, Any] | None = None) -> Call:
    # A definition created twice is a 409, which counts as there: repeating is safe.
    return Call(
        method,
        route,
        fill,
        document=None if document is None else dict(document),
        kind="write",
        expected="nothing",
        effect=True,
        repeatable=True,
    )


def definition_of(document: Mapping[str, Any]) -> PropertyDefinition:
    """Read one definition."""
    metadata = document.get("modificationMetadata") or {}
    return PropertyDefinition(
        name=document["name"],
        label=document.get("label") or "",
        type=document["type"],
        field_type=document.get("fieldType") or "",
        group_name=document.get("groupName") or "",
        options=tuple((str(one["value"]), str(one.get("label") or "")) for one in document.get("options") or ()),
        read_only=bool(metadata.get("readOnlyValue", False)),
        calculated=bool(document.get("calculated", False)),
        unique=bool(document.get("hasUniqueValue", False)),
        archived=bool(document.get("archived", False)),
        document=document,
    )
