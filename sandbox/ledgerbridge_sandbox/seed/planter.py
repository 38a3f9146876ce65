"""Makes the first HubSpot records one after the other, each a little later than the one before."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.crm import Crm
from ledgerbridge_sandbox.hubspot.events import SALESPERSON
from ledgerbridge_sandbox.hubspot.object_types import object_type
from ledgerbridge_sandbox.world import World

_APART = timedelta(hours=5, minutes=7, seconds=13)


class Planter:
    """A salesperson's work in the past."""

    def __init__(self, world: World, start: datetime, apart: timedelta = _APART) -> None:
        self.world = world
        self._apart = apart
        self.moment = start

    def make(
        self,
        account: Account,
        type_id: str,
        properties: Mapping[str, str],
        associations: Iterable[tuple[int, str]] = (),
    ) -> str:
        """Make a record, associated as (association type id, other id), and answer its id."""
        crm = self._crm(account)
        items: list[dict[str, Any]] = [
            {"to": {"id": to_id}, "types": [{"associationTypeId": kind}]} for kind, to_id in associations
        ]
        kind = object_type(type_id)
        values, connections = crm.prepare(kind, dict(properties), items)
        made: str = crm.create(kind, values, connections)["id"]
        return made

    def change(self, account: Account, type_id: str, record_id: str, properties: Mapping[str, str]) -> None:
        """Change a record."""
        self._crm(account).update(object_type(type_id), record_id, dict(properties))

    def join(self, account: Account, from_type: str, from_id: str, to_id: str, kind: int) -> None:
        """Associate two records."""
        found = account.labels.starting(from_type, kind)
        if found is None:
            raise ValueError(f"no association type {kind} starts at {from_type}")
        self._crm(account).connect([found], from_id, to_id, replace=False)

    def _crm(self, account: Account) -> Crm:
        self.moment += self._apart
        return Crm(self.world, account, SALESPERSON, self.moment)
