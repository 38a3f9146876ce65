"""How many others a record may be associated with (hubspot.md 7, 8)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot.association_types import AssociationType
from ledgerbridge_sandbox.hubspot.errors import invalid
from ledgerbridge_sandbox.hubspot.object_types import DEAL, DISCOUNT, FEE, INVOICE, LINE_ITEM, QUOTE, TAX
from ledgerbridge_sandbox.switches import Switches

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

_CHILDREN = frozenset({LINE_ITEM, DISCOUNT, FEE, TAX})
_PARENTS = frozenset({DEAL, QUOTE, INVOICE})


def refuse(account: "Account", settings: Switches, types: Iterable[AssociationType], from_id: str, to_id: str) -> None:
    """Raise 400 for one association too many, seen from either end; the words are a guess."""
    for kind in types:
        for way, start, end in ((kind, from_id, to_id), (kind.turned(), to_id, from_id)):
            _refuse_above_limit(account, way, start, end)
            if settings["single_parent"] and way.from_type in _CHILDREN and way.to_type in _PARENTS:
                _refuse_second_parent(account, way.from_type, start, (way.to_type, end))


def refuse_new(
    account: "Account", settings: Switches, connections: Iterable[tuple[tuple[AssociationType, ...], str]]
) -> None:
    """Raise 400 where a record that is to be made would have, or make, one association too many."""
    made: dict[tuple[str, int], set[str]] = {}
    parents: set[tuple[str, str]] = set()
    for types, to_id in connections:
        refuse(account, settings, types, "", to_id)
        for kind in types:
            made.setdefault((kind.to_type, kind.type_id), set()).add(to_id)
            most = account.labels.limit(kind)
            if most is not None and len(made[kind.to_type, kind.type_id]) > most:
                raise invalid(f"The limit of {most} associations of type {kind.type_id} has been reached")
            if settings["single_parent"] and kind.from_type in _CHILDREN and kind.to_type in _PARENTS:
                parents.add((kind.to_type, to_id))
    if len(parents) > 1:
        raise invalid("A record of this type belongs to one deal, quote or invoice")


def _refuse_above_limit(account: "Account", kind: AssociationType, from_id: str, to_id: str) -> None:
    most = account.labels.limit(kind)
    if most is None:
        return
    others = account.associations.of(kind.from_type, from_id, kind.to_type)
    bearing = [other for other, type_ids in others.items() if kind.type_id in type_ids and other != to_id]
    if len(bearing) >= most:
        raise invalid(
            f"The limit of {most} associations of type {kind.type_id} from {kind.from_type} to {kind.to_type} "
            f"has been reached for record {from_id}"
        )


def _refuse_second_parent(account: "Account", type_id: str, child_id: str, parent: tuple[str, str]) -> None:
    """A line item, discount, fee or tax belongs to one deal, quote or invoice: HubSpot says so, yet takes more."""
    for kind in _PARENTS:
        for other in account.associations.of(type_id, child_id, kind):
            if (kind, other) != parent and other in account.live[kind]:
                raise invalid(f"Record {child_id} already belongs to {kind} {other}")
