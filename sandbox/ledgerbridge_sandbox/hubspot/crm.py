"""What can be done to the records of one account: create, update, archive, restore, merge, associate."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ledgerbridge_sandbox.hubspot import amounts, lifecycle, merging, record_rules, ties, uniqueness
from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.association_types import AssociationType
from ledgerbridge_sandbox.hubspot.connections import Connection, ends_of, read_connection
from ledgerbridge_sandbox.hubspot.errors import invalid_properties, not_found
from ledgerbridge_sandbox.hubspot.events import CALCULATION, INTEGRATION, Actor, Announcer
from ledgerbridge_sandbox.hubspot.object_types import INVOICE, LINE_ITEM, QUOTE, ObjectType, object_type
from ledgerbridge_sandbox.hubspot.values import milliseconds_text, read_properties
from ledgerbridge_sandbox.hubspot.writing import Joined, Writing
from ledgerbridge_sandbox.records import Record
from ledgerbridge_sandbox.world import World

Properties = dict[str, Any]


class Crm:
    """The operations, done by one actor at one moment. All raise HubSpot's refusals and then change nothing."""

    def __init__(
        self, world: World, account: Account, actor: Actor, now: datetime | None = None, *, validates: bool = True
    ) -> None:
        """`validates`: whether the account's own rules for values are enforced (not on the older API versions)."""
        self._world = world
        self._settings = world.settings["hubspot"]
        self._account = account
        self._actor = actor
        self._now = now or world.clock.now()
        # An event tells the moment that the record's own time tells, not a millisecond later.
        self._announce = Announcer(world, account.portal, self._now)
        self._validates = validates
        self._stamp = milliseconds_text(self._now)

    def prepare(
        self, kind: ObjectType, given: Properties, associations: Sequence[dict[str, Any]]
    ) -> tuple[dict[str, str], list[Connection]]:
        """Check a new record whole, without making it: its values, and its associations by type."""
        taken = self._taken(kind, given, {})
        values = {name: value for name, value in taken.items() if value != ""}
        record_rules.complete(self._account, self._settings, kind, values)
        self._validate(kind, {}, values, values)
        uniqueness.refuse_taken(self._account, kind, values, None)
        connections = [read_connection(self._account, kind, item) for item in associations]
        for types, to_id in connections:
            self._present(types[0].to_type, to_id)
        ties.refuse_new(self._account, self._settings, connections)
        writing = self._writing(kind, "1", {}, values, ends_of(connections))
        record_rules.refuse(writing)
        record_rules.calculated(writing)
        return values, connections

    def create(self, kind: ObjectType, values: dict[str, str], connections: Iterable[Connection]) -> Record:
        """Make a record that was prepared."""
        record_id = self._world.hubspot.take_id()
        told = dict(values)
        connections = list(connections)
        values |= {
            kind.created_property: values.get(kind.created_property) or self._stamp,
            kind.modified_property: self._stamp,
            "hs_object_id": record_id,
            "hs_object_source": self._actor.source,
            "hs_object_source_id": self._actor.source_id,
        }
        values |= record_rules.calculated(self._writing(kind, record_id, {}, values, ends_of(connections)))
        record = {"id": record_id, "p": _filled(values), "c": self._stamp, "u": self._stamp}
        self._remember(kind, record_id)
        self._account.keep(kind.type_id, record)
        self._announce.creation(kind, record_id, self._actor, told)
        for types, to_id in connections:
            self.connect(types, record_id, to_id, replace=False)
        self._recount(kind, record_id)
        return self.read(kind, record_id) if connections else record

    def read(self, kind: ObjectType, record_id: str) -> Record:
        """A live record, also by an id that was merged away; raises 404."""
        record = self._account.find(kind.type_id, record_id)
        if record is None:
            raise not_found()
        return record

    def update(self, kind: ObjectType, record_id: str, given: Properties) -> tuple[Record, set[str]]:
        """Change a record; answers it with the names of what changed. Equal values change nothing (a guess)."""
        record = self.read(kind, record_id)
        changes = self.changes(kind, record, given)
        if not changes:
            return record, set()
        return self._write(kind, record, changes)

    def changes(self, kind: ObjectType, record: Record, given: Properties) -> dict[str, str]:
        """What an update would change, without changing it."""
        before: dict[str, str] = record["p"]
        if self._actor is INTEGRATION:
            most = self._settings["locks_after_writes_a_second"]
            self._account.strains.refuse_locked(record["id"], self._now, most)
        taken = self._taken(kind, given, before)
        self._validate(kind, before, {**before, **taken}, taken)
        changes = {name: value for name, value in taken.items() if before.get(name, "") != value}
        joined = self._joined(kind, record["id"])
        record_rules.refuse(self._writing(kind, record["id"], before, {**before, **taken}, joined))
        uniqueness.refuse_taken(self._account, kind, changes, record["id"])
        return changes

    def refresh(self, kind: ObjectType, record_id: str) -> None:
        """Calculate anew what follows from something outside the record, such as its stage's probability."""
        record = self.read(kind, record_id)
        writing = self._writing(kind, record_id, record["p"], record["p"], self._joined(kind, record_id))
        found = record_rules.calculated(writing)
        if any(record["p"].get(name, "") != value for name, value in found.items()):
            by_hubspot = Crm(self._world, self._account, CALCULATION, self._now)
            by_hubspot._write(kind, record, {})

    def archive(self, kind: ObjectType, record_id: str) -> None:
        """Put a record into the recycle bin. A quote takes its line items with it (hubspot.md 8)."""
        record_id = self._account.surviving(kind.type_id, record_id)
        record = self._account.live[kind.type_id].get(record_id)
        if record is None:
            return
        self.refuse_archive(kind, record_id)
        if kind.type_id == QUOTE:
            for line_id in list(self._account.associations.of(QUOTE, record_id, LINE_ITEM)):
                self.archive(object_type(LINE_ITEM), line_id)
        self._remember(kind, record_id)
        self._account.live[kind.type_id].remove(record_id)
        self._account.archived[kind.type_id].put(record_id, {**record, "u": self._stamp, "a": self._stamp})
        self._announce.deletion(kind, record_id, self._actor)
        self._recount(kind, record_id)

    def purge(self, kind: ObjectType, record_id: str) -> None:
        """Delete a contact for ever, as privacy laws ask; nothing of it stays. Raises 404."""
        record = self._account.find(kind.type_id, record_id) or self._account.archived[kind.type_id].get(record_id)
        if record is None:
            raise not_found()
        for edge in list(self._account.associations.all_of(kind.type_id, record["id"])):
            self._account.associations.cut(kind.type_id, record["id"], edge.kind.to_type, edge.to_id)
        self._remember(kind, record["id"])
        self._account.live[kind.type_id].remove(record["id"])
        self._account.archived[kind.type_id].remove(record["id"])
        self._account.history.forget(kind.type_id, record["id"])
        self._announce.privacy_deletion(kind, record["id"], self._actor)

    def refuse_archive(self, kind: ObjectType, record_id: str) -> None:
        """Raise 400 for a record that must stay."""
        record = self._account.find(kind.type_id, record_id)
        if record is not None:
            record_rules.refuse_archive(self._settings, kind, record)

    def restore(self, kind: ObjectType, record_id: str) -> Record:
        """Take a record out of the recycle bin; its associations are there again (guess). Raises 404 and 409."""
        record = self._account.archived[kind.type_id].get(record_id)
        if record is None:
            raise not_found()
        uniqueness.refuse_taken(self._account, kind, record["p"], record_id)
        self._account.archived[kind.type_id].remove(record_id)
        record.pop("a")
        record["u"] = record["p"][kind.modified_property] = self._stamp
        self._account.keep(kind.type_id, record)
        self._announce.restore(kind, record_id, self._actor)
        self._recount(kind, record_id)
        return record

    def merge(self, kind: ObjectType, primary_id: str, merged_id: str) -> Record:
        """Make two records one: the primary's values win, the other fills the gaps; associations move."""
        primary, other = self.read(kind, primary_id), self.read(kind, merged_id)
        merging.refuse(kind, primary, other)
        moved = sum(1 for name in other["p"] if name not in primary["p"])
        survivor_id = self._world.hubspot.take_id() if self._settings["merge_new_id"] else primary["id"]
        self._forget(kind, primary)
        self._forget(kind, other)
        values = merging.merged_values(kind, primary, other, survivor_id, self._stamp)
        record = {"id": survivor_id, "p": values, "c": primary["c"], "u": self._stamp}
        self._account.keep(kind.type_id, record)
        for gone in sorted({primary["id"], other["id"]} - {survivor_id}):
            self._account.merged[kind.type_id, gone] = survivor_id
            merging.move_ties(self._account, kind, gone, survivor_id)
        self._announce.merge(kind, primary["id"], other["id"], survivor_id, self._actor, moved=moved)
        return record

    def connect(self, types: Sequence[AssociationType], from_id: str, to_id: str, *, replace: bool) -> None:
        """Associate two live records; raises 404 if one of them is not there."""
        start, end = types[0].from_type, types[0].to_type
        from_id, to_id = self._present(start, from_id), self._present(end, to_id)
        ties.refuse(self._account, self._settings, types, from_id, to_id)
        for edge in self._account.associations.connect(types, from_id, to_id, replace=replace):
            self._announce.association(edge, self._actor, removed=False)
        self._recount_ends(start, from_id, end, to_id)

    def disconnect(
        self, start: ObjectType, from_id: str, end: ObjectType, to_id: str, only: set[int] | None = None
    ) -> None:
        """Take associations between two records away."""
        for edge in self._account.associations.cut(start.type_id, from_id, end.type_id, to_id, only):
            self._announce.association(edge, self._actor, removed=True)
        self._recount_ends(start.type_id, from_id, end.type_id, to_id)

    @property
    def _by_hubspot(self) -> bool:
        return self._actor is CALCULATION

    def _taken(self, kind: ObjectType, given: Properties, present: dict[str, str]) -> dict[str, str]:
        taken, problems = read_properties(self._account, kind.type_id, given, present, by_hubspot=self._by_hubspot)
        if problems:
            raise invalid_properties(problems, self._account.portal)
        refuses = self._settings["lifecycle_backwards"] == "refused"
        return lifecycle.forwards_only(self._account, kind.type_id, present, taken, refuses=refuses)

    def _validate(
        self, kind: ObjectType, before: dict[str, str], values: dict[str, str], taken: dict[str, str]
    ) -> None:
        """The account's own rules, not for what HubSpot itself writes."""
        if not self._validates or self._by_hubspot:
            return
        rules = self._account.validation_rules
        if problems := rules.problems(kind.type_id, taken):
            raise invalid_properties(problems, self._account.portal)
        rules.refuse(kind.type_id, before, values, taken)

    def _writing(
        self, kind: ObjectType, record_id: str, before: dict[str, str], values: dict[str, str], joined: Joined
    ) -> Writing:
        by_app = self._actor is INTEGRATION
        return Writing(self._account, self._settings, kind, record_id, before, values, joined, self._now, by_app)

    def _present(self, type_id: str, record_id: str) -> str:
        living = self._account.surviving(type_id, record_id)
        if living not in self._account.live[type_id]:
            raise not_found(f"{object_type(type_id).upper} {record_id} does not exist")
        return living

    def _write(self, kind: ObjectType, record: Record, changes: dict[str, str]) -> tuple[Record, set[str]]:
        record_id, before = record["id"], record["p"]
        values = {**before, **changes, kind.modified_property: self._stamp}
        joined = self._joined(kind, record_id)
        values |= record_rules.calculated(self._writing(kind, record_id, before, values, joined))
        changed = {name for name, value in values.items() if before.get(name, "") != value}
        self._account.history.note(
            kind.type_id,
            record,
            values,
            changed - {kind.modified_property},
            (self._actor.source, self._actor.source_id),
        )
        record = {**record, "p": _filled(values), "u": self._stamp}
        self._remember(kind, record_id)
        self._account.keep(kind.type_id, record)
        self._announce.changes(kind, record_id, self._actor, changes)
        self._recount(kind, record_id)
        return record, changed

    def _joined(self, kind: ObjectType, record_id: str) -> Joined:
        """The living ends of what has rules about them."""
        found: dict[str, list[str]] = {}
        if kind.type_id in {QUOTE, INVOICE}:
            for edge in self._account.associations.all_of(kind.type_id, record_id):
                if edge.to_id in self._account.live[edge.kind.to_type]:
                    found.setdefault(edge.kind.to_type, []).append(edge.to_id)
        return found

    def _remember(self, kind: ObjectType, record_id: str) -> None:
        """Keep what search still shows while its index lags."""
        self._account.index_lag.remember(kind.type_id, record_id, self._account.live[kind.type_id].encoded(record_id))

    def _recount(self, kind: ObjectType, record_id: str) -> None:
        """A record changed: the amounts of its deal, quote and invoice follow."""
        for parent, parent_id in amounts.parents_of(self._account, kind.type_id, record_id):
            self._follow(parent, parent_id)

    def _recount_ends(self, start: str, from_id: str, end: str, to_id: str) -> None:
        """An association came or went: the amounts of the parent follow."""
        if end in amounts.PARENTS.get(start, ()):
            self._follow(end, to_id)
        elif start in amounts.PARENTS.get(end, ()):
            self._follow(start, from_id)

    def _follow(self, parent: str, parent_id: str) -> None:
        record = self._account.live[parent].get(parent_id)
        if record is None:
            return
        changes = amounts.followed(self._account, self._settings, parent, record, self._stamp)
        if changes:
            by_hubspot = Crm(self._world, self._account, CALCULATION, self._now)
            by_hubspot._write(object_type(parent), record, changes)

    def _forget(self, kind: ObjectType, record: Record) -> None:
        self._remember(kind, record["id"])
        self._account.live[kind.type_id].remove(record["id"])


def _filled(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value != ""}
