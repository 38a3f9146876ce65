"""HubSpot's batch endpoints: 100 inputs a call, any 2xx read as results plus errors (hubspot.md 4).

A 207 says COMPLETE and holds both; ids that were merged away are simply not there; the order is not kept. So every
input of a write carries a trace id, and what came back is compared with what was asked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ledgerbridge.errors import LedgerbridgeError, Refused, Uncertain
from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.hubspot.faults import refusal
from ledgerbridge.vendors.hubspot.models import Batch, HubSpotRecord, NewRecord, record_of
from ledgerbridge.vendors.hubspot.reading import chunks, results_of, understand
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.seam import VendorHttp

LARGEST = 100


class Batches:
    """Batches of one family of paths; `Records` is the door to them."""

    def __init__(self, http: VendorHttp, route: str) -> None:
        """`route` is the template of an object type's path."""
        self._http = http
        self._route = route

    async def read(
        self,
        account: AccountRef,
        object_type: str,
        ids: Iterable[str],
        properties: Sequence[str],
        id_property: str | None,
        *,
        archived: bool,
    ) -> Batch:
        """Read by id or by a unique property; an error of a whole call is raised, since reads can be repeated."""
        wanted = list(properties) + ([id_property] if id_property and id_property not in properties else [])
        query = [("archived", "true")] if archived else []
        found = _Outcome()
        for lot in chunks(ids, LARGEST):
            document: Document = {"inputs": [{"id": one} for one in lot], "properties": wanted}
            document |= {"idProperty": id_property} if id_property else {}
            call = Call("POST", self._route + "/batch/read", {"type": object_type}, query, document=document)
            answer = await self._http.call(account, call)
            found.add(lot, answer.document, _by_property(id_property, lot) if id_property else _by_id)
        return found.batch()

    async def create(self, account: AccountRef, object_type: str, records: Mapping[str, NewRecord]) -> Batch:
        """Create; the trace id of each is its key."""
        inputs = {key: record.document() for key, record in records.items()}
        return await self._write(account, object_type, "create", inputs, _by_trace)

    async def update(self, account: AccountRef, object_type: str, changes: Mapping[str, Mapping[str, str]]) -> Batch:
        """Update by record id; absolute values, so a call may be repeated."""
        inputs = {one: {"id": one, "properties": dict(change)} for one, change in changes.items()}
        return await self._write(account, object_type, "update", inputs, _by_id_or_trace)

    async def upsert(
        self, account: AccountRef, object_type: str, id_property: str, changes: Mapping[str, Mapping[str, str]]
    ) -> Batch:
        """Create or update by a unique property."""
        inputs = {
            one: {"id": one, "idProperty": id_property, "properties": dict(change)} for one, change in changes.items()
        }
        by_value = _by_property(id_property, list(changes))
        return await self._write(account, object_type, "upsert", inputs, lambda one: _by_trace(one) or by_value(one))

    async def archive(self, account: AccountRef, object_type: str, ids: Iterable[str]) -> None:
        """Archive; raises at the first lot that fails."""
        for lot in chunks(ids, LARGEST):
            document: Document = {"inputs": [{"id": one} for one in lot]}
            await self._http.call(account, self._effect(object_type, "archive", document, expected_nothing=True))

    def _effect(self, object_type: str, verb: str, document: Document, *, expected_nothing: bool = False) -> Call:
        return Call(
            "POST",
            self._route + "/batch/" + verb,
            {"type": object_type},
            document=document,
            kind="write",
            expected="nothing" if expected_nothing else "json",
            effect=True,
            repeatable=verb != "create",
        )

    async def _write(
        self, account: AccountRef, object_type: str, verb: str, inputs: Mapping[str, Document], key_of: "KeyOf"
    ) -> Batch:
        """Write lots. A refusal of a whole lot is narrowed down by halves: one bad record never fails the others."""
        done = _Outcome()
        lots = list(chunks(inputs, LARGEST))
        while lots:
            lot = lots.pop()
            document: Document = {"inputs": [inputs[key] | {"objectWriteTraceId": key} for key in lot]}
            try:
                answer = await self._http.call(account, self._effect(object_type, verb, document))
                done.add(lot, answer.document, key_of, effect=verb)
            except Refused as error:
                if len(lot) == 1:
                    done.fail(lot, error)
                else:
                    lots += [lot[: len(lot) // 2], lot[len(lot) // 2 :]]
            except LedgerbridgeError as error:
                done.fail(lot, error)
        return done.batch()


KeyOf = Callable[[HubSpotRecord], str | None]


def _by_id(record: HubSpotRecord) -> str | None:
    return record.id


def _by_trace(record: HubSpotRecord) -> str | None:
    return record.trace


def _by_id_or_trace(record: HubSpotRecord) -> str | None:
    return record.trace or record.id


def _by_property(name: str, asked: Sequence[str]) -> KeyOf:
    # HubSpot lower-cases e-mail addresses and compares unique values without case.
    keys = {one.casefold(): one for one in asked}
    return lambda record: keys.get((record.properties.get(name) or "").casefold())


class _Outcome:
    """Gathers what the lots of one batch did."""

    def __init__(self) -> None:
        self._records: dict[str, HubSpotRecord] = {}
        self._failures: dict[str, LedgerbridgeError] = {}
        self._missing: set[str] = set()

    def add(self, lot: Sequence[str], document: Document, key_of: KeyOf, *, effect: str | None = None) -> None:
        """Sort an answer's results and errors to the keys of the lot."""
        results = understand(_records, document, effect=effect is not None)
        open_keys = set(lot)
        for record in results:
            # One input and one result belong together, whatever the result calls itself.
            key = lot[0] if len(lot) == 1 and len(results) == 1 else key_of(record)
            if key in open_keys:
                self._records[key] = record
                open_keys.discard(key)
        for key, error in _failures(document, open_keys).items():
            self._failures[key] = error
            open_keys.discard(key)
        if effect in {"create", "upsert"}:
            # Nothing is known of them: HubSpot answered without saying which result is whose.
            self.fail(sorted(open_keys), Uncertain("ANSWER_LOST", vendor="HubSpot", cause="no result for this input"))
        else:
            self._missing |= open_keys

    def fail(self, keys: Sequence[str], error: LedgerbridgeError) -> None:
        """The same error for each of these."""
        self._failures.update(dict.fromkeys(keys, error))

    def batch(self) -> Batch:
        """What was gathered."""
        return Batch(self._records, self._failures, frozenset(self._missing))


def _records(document: Document) -> list[HubSpotRecord]:
    return [record_of(one) for one in results_of(document)]


def _failures(document: Document, keys: set[str]) -> dict[str, LedgerbridgeError]:
    """Errors by key. Records that are not there are no failures: they stay over, and are reported as missing."""
    failures: dict[str, LedgerbridgeError] = {}
    for entry in document.get("errors") or ():
        context = entry.get("context") or {}
        named = [str(one) for one in context.get("objectWriteTraceId") or context.get("ids") or ()]
        if entry.get("category") == "OBJECT_NOT_FOUND":
            continue
        failures |= {key: refusal(entry, 207) for key in named if key in keys}
    return failures
