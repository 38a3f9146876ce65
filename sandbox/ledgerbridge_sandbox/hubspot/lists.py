"""The lists (segments) of one account with their members (hubspot.md 13)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from ledgerbridge_sandbox.hubspot.errors import invalid, not_found
from ledgerbridge_sandbox.hubspot.values import milliseconds_text

STATIC = frozenset({"MANUAL", "SNAPSHOT"})
PROCESSING = STATIC | {"DYNAMIC"}
_RESTORABLE = timedelta(days=90)


class RecordList:
    """One list. `members` are record ids with the moments at which they joined, in the order of joining."""

    def __init__(self, shown: dict[str, Any], members: dict[str, str], deleted_at: datetime | None = None) -> None:
        self.shown = shown
        self.members = members
        self.deleted_at = deleted_at

    @property
    def list_id(self) -> str:
        """The id, a number as text."""
        return str(self.shown["listId"])

    @property
    def type_id(self) -> str:
        """The object type of the members."""
        return str(self.shown["objectTypeId"])

    def refuse_dynamic(self) -> None:
        """Members of a dynamic list are not written; the words are a guess."""
        if self.shown["processingType"] not in STATIC:
            raise invalid(f"List {self.list_id} is DYNAMIC: its memberships cannot be changed")

    def add(self, record_ids: Iterable[str], stamp: str) -> list[str]:
        """Take members in; answers those that were none before."""
        added = [one for one in dict.fromkeys(record_ids) if one not in self.members]
        self.members.update(dict.fromkeys(added, stamp))
        return added

    def remove(self, record_ids: Iterable[str]) -> list[str]:
        """Let members go; answers those that were some."""
        return [one for one in dict.fromkeys(record_ids) if self.members.pop(one, None) is not None]


class ListShelf:
    """All lists of an account, deleted ones too."""

    def __init__(self) -> None:
        self._lists: dict[str, RecordList] = {}

    def create(self, name: str, type_id: str, processing: str, now: datetime, filters: Any) -> RecordList:
        """A new list; raises 400 for a name that another list of the type has (words a guess)."""
        self._refuse_name(name, type_id)
        stamp = milliseconds_text(now)
        list_id = str(len(self._lists) + 1)
        shown = {
            "listId": list_id,
            "listVersion": 1,
            "name": name,
            "objectTypeId": type_id,
            "processingType": processing,
            "processingStatus": "COMPLETE",
            "createdAt": stamp,
            "updatedAt": stamp,
            "filtersUpdatedAt": stamp,
            "createdById": "100",
            "updatedById": "100",
        }
        if filters is not None:
            shown["filterBranch"] = filters
        self._lists[list_id] = RecordList(shown, {})
        return self._lists[list_id]

    def get(self, list_id: str) -> RecordList:
        """A list that is not deleted; raises 404."""
        found = self._lists.get(list_id)
        if found is None or found.deleted_at:
            raise not_found(f"List does not exist with ID {list_id}.")
        return found

    def named(self, type_id: str, name: str) -> RecordList:
        """The list of that name, in any case of letters; raises 404."""
        for found in self.living():
            if found.type_id == type_id and str(found.shown["name"]).lower() == name.lower():
                return found
        raise not_found(f"List does not exist with name {name}.")

    def living(self) -> list[RecordList]:
        """The lists that are not deleted, oldest first."""
        return [found for found in self._lists.values() if not found.deleted_at]

    def rename(self, list_id: str, name: str, now: datetime) -> RecordList:
        """Give a list another name."""
        found = self.get(list_id)
        if name != found.shown["name"]:
            self._refuse_name(name, found.type_id, but=list_id)
            version = found.shown["listVersion"] + 1
            found.shown = {**found.shown, "name": name, "listVersion": version, "updatedAt": milliseconds_text(now)}
        return found

    def delete(self, list_id: str, now: datetime) -> None:
        """Delete a list; it can be restored for 90 days."""
        self.get(list_id).deleted_at = now

    def restore(self, list_id: str, now: datetime) -> None:
        """Bring a deleted list back; raises 404 after 90 days."""
        found = self._lists.get(list_id)
        if found is None or (found.deleted_at and now - found.deleted_at > _RESTORABLE):
            raise not_found(f"List does not exist with ID {list_id}.")
        if found.deleted_at:
            self._refuse_name(str(found.shown["name"]), found.type_id, but=list_id)
        found.deleted_at = None

    def moved(self, type_id: str, gone: str, survivor: str) -> None:
        """A record was merged away: the survivor stands in its lists (guess)."""
        for found in self._lists.values():
            if found.type_id == type_id and gone in found.members:
                found.members.setdefault(survivor, found.members.pop(gone))

    def snapshot(self) -> object:
        """The whole state."""
        return [(found.shown, dict(found.members), found.deleted_at) for found in self._lists.values()]

    def recover(self, state: Any) -> None:
        """Take an earlier state."""
        lists = [RecordList(shown, dict(members), deleted_at) for shown, members, deleted_at in state]
        self._lists = {found.list_id: found for found in lists}

    def _refuse_name(self, name: str, type_id: str, but: str = "") -> None:
        for found in self.living():
            same = found.type_id == type_id and str(found.shown["name"]).lower() == name.lower()
            if same and found.list_id != but:
                raise invalid(
                    f"A list with the name {name} already exists for {type_id}.",
                    subCategory="ILS.DUPLICATE_LIST_NAMES",
                )
