"""The values that a property had before (hubspot.md 9: newest first, their number capped)."""

from collections.abc import Collection, Iterable
from typing import Any

from ledgerbridge_sandbox.records import Record

Entry = dict[str, Any]

_KEPT = 20
"""How many values of one property are kept: a guess (hubspot.md 20.8)."""


class History:
    """
    What changed since a record was made, by record and property.

    A property that never changed costs nothing: its one entry is told from the record itself.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], dict[str, tuple[Entry, ...]]] = {}

    def note(
        self, type_id: str, before: Record, values: dict[str, str], changed: Iterable[str], source: tuple[str, str]
    ) -> None:
        """Remember that the properties `changed` now have other values; `values` holds them all."""
        entries = dict(self._entries.get((type_id, before["id"]), {}))
        stamp = values.get("hs_lastmodifieddate") or values.get("lastmodifieddate") or before["u"]
        for name in sorted(changed):
            earlier = entries.get(name) or tuple(self._first(before, name))
            entries[name] = (_entry(values.get(name, ""), stamp, *source), *earlier)[:_KEPT]
        self._entries[type_id, before["id"]] = entries

    def of(self, type_id: str, record: Record, names: Iterable[str]) -> dict[str, list[Entry]]:
        """The values of each property, newest first."""
        entries = self._entries.get((type_id, record["id"]), {})
        return {name: list(entries.get(name) or self._first(record, name)) for name in names}

    def forget(self, type_id: str, record_id: str) -> None:
        """A record is gone for ever."""
        self._entries.pop((type_id, record_id), None)

    def snapshot(self) -> object:
        """The whole state; what a record's entry holds is never changed in place."""
        return dict(self._entries)

    def recover(self, state: Any) -> None:
        """Take an earlier state."""
        self._entries = dict(state)

    @staticmethod
    def _first(record: Record, name: str) -> Collection[Entry]:
        values = record["p"]
        if name not in values:
            return ()
        source = (values.get("hs_object_source", "CRM_UI"), values.get("hs_object_source_id", ""))
        return (_entry(values[name], record["c"], *source),)


def _entry(value: str, stamp: str, source: str, source_id: str) -> Entry:
    entry = {"value": value, "timestamp": stamp, "sourceType": source, "sourceId": source_id, "sourceLabel": None}
    user = source_id.removeprefix("userId:")
    return {**entry, "updatedByUserId": int(user)} if user != source_id else entry
