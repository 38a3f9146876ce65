"""Change data capture (quickbooks.md 10): several kinds in one call, 1,000 objects in all, 30 days back."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.moments import parse_moment, stamp
from ledgerbridge_sandbox.quickbooks.money import encode
from ledgerbridge_sandbox.quickbooks.schema import KINDS, kind_called
from ledgerbridge_sandbox.quickbooks.showing import shown

HORIZON = timedelta(days=30)
MOST = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MILLISECONDS = 10**13


class _Entry(NamedTuple):
    at: datetime
    entity: str
    identifier: str
    gone: bool


def captured(company: Company, parameters: Mapping[str, str]) -> bytes:
    """The JSON below `CDCResponse`. Raises 2020 without a parameter, 4001 for a kind that is not captured (guess)."""
    return b"[%s]" % _captured(company, parameters.get("entities") or "", parameters.get("changedSince") or "")


def captured_in_batch(company: Company, asked: Any) -> bytes:
    """What a batch's item asks for by Entities and ChangedSince: one object, as Intuit's SDK for Java reads it.

    That SDK writes the moment in JSON as milliseconds since 1970. Raises as `captured` does, 2010 for another form.
    """
    if not isinstance(asked, dict):
        raise faults.malformed("Can not construct instance of com.intuit.schema.finance.v3.CDCQuery")
    since = asked.get("ChangedSince") or ""
    if isinstance(since, int) and not isinstance(since, bool) and abs(since) < _MOST_MILLISECONDS:
        since = stamp(_EPOCH + timedelta(milliseconds=since))
    return _captured(company, str(asked.get("Entities") or ""), str(since))


def _captured(company: Company, names: str, moment: str) -> bytes:
    kinds = _kinds(names)
    asked, horizon = _since(moment), company.now() - HORIZON
    if asked < horizon and company.switches["capture_refuses_older"]:
        raise faults.invalid_query("changedSince is more than 30 days ago")  # guess at code and words
    since = max(asked, horizon)
    # Guess: of more than a thousand the earliest over all kinds are answered, so that going on from the highest
    # LastUpdatedTime loses nothing.
    entries = islice(merge(*(_entries(company, kind, since) for kind in kinds), _gone(company, kinds, since)), MOST)
    found: dict[str, list[_Entry]] = {kind.name: [] for kind in kinds}
    for entry in entries:
        if (entry.entity, entry.identifier) in company.poisoned:
            raise faults.unprocessable_query("To email address entered is invalid")
        found[entry.entity].append(entry)
    for rows in found.values():
        rows.sort(key=lambda row: row.gone)  # what is left stands before what is gone (recorded)
    blocks = b",".join(_block(company, name, rows) for name, rows in found.items())
    return b'{"QueryResponse":[%s]}' % blocks


def _kinds(names: str) -> list[Kind]:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted:
        raise faults.required("entities")
    kinds = []
    for name in wanted:
        kind = kind_called(name)
        if kind is None or not kind.captured:
            raise faults.invalid_query(f"invalid context declaration: {name}")
        kinds.append(kind)
    return list(dict.fromkeys(kinds))


def _since(text: str) -> datetime:
    if not text:
        raise faults.required("changedSince")
    try:
        return parse_moment(text.replace(" ", "+"))
    except ValueError as error:
        raise faults.date_invalid("changedSince", text) from error


def _entries(company: Company, kind: Kind, since: datetime) -> Iterable[_Entry]:
    shelf = company.shelves[kind.name]
    for identifier in shelf.since(since):
        yield _Entry(shelf.changed_at(identifier), kind.name, identifier, gone=False)


def _gone(company: Company, kinds: list[Kind], since: datetime) -> Iterable[_Entry]:
    names = {kind.name for kind in kinds}
    stubs = (stub for stub in company.stubs if stub.entity in names and stub.at >= since)
    return sorted(_Entry(stub.at, stub.entity, stub.identifier, gone=True) for stub in stubs)


def _block(company: Company, entity: str, rows: list[_Entry]) -> bytes:
    if not rows:
        return b"{}"
    shelf = company.shelves[entity]
    bodies = b",".join(_stub(row) if row.gone else shown(company, entity, shelf.body(row.identifier)) for row in rows)
    placed = b"" if all(row.gone for row in rows) else b',"startPosition":1'
    counted = b',"totalCount":%d' % len(rows) if KINDS[entity].counted else b""
    return b'{"%s":[%s]%s,"maxResults":%d%s}' % (entity.encode(), bodies, placed, len(rows), counted)


def _stub(row: _Entry) -> bytes:
    meta = {"LastUpdatedTime": stamp(row.at)}
    return encode({"domain": "QBO", "status": "Deleted", "Id": row.identifier, "MetaData": meta})
