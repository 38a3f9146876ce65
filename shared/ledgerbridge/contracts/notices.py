"""Notices: "this record changed", ids and the verb only (design.md 4). What changed is read from the vendor."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledgerbridge.contracts.model import Id, Message, Moment, Text

Vendor = Literal["hubspot", "quickbooks"]


class RecordChanged(Message):
    """A vendor's record changed, as a webhook, a sweep or a replay tells.

    Verb, time, `merged_ids` and `properties` are hints: webhooks are late, doubled, out of order or lost. `exact` says
    that `changed_at` is finer than a second. `account` is the HubSpot portal or the QuickBooks realm; `merged_ids` are
    the records that were merged into this one.
    """

    type: ClassVar[str] = "ledgerbridge.record.changed.v1"

    vendor: Vendor
    account: Id
    object_type: Annotated[str, Field(min_length=1, max_length=100, description="e.g. deal, contact, Invoice, Payment")]
    record_id: Id
    verb: Annotated[
        str,
        Field(
            max_length=50,
            description="created, changed, deleted, restored, merged, void, emailed, associated or another of a vendor",
        ),
    ]
    changed_at: Moment | None = None
    exact: bool = False
    merged_ids: tuple[Id, ...] = ()
    properties: tuple[Text, ...] = ()
    found_by: Literal["webhook", "sweep", "replay"]

    @property
    def key(self) -> str:
        """The key on the topic: account, type and id."""
        return f"{self.account}:{self.object_type}:{self.record_id}"

    @property
    def moment(self) -> datetime | None:
        """The time of the change as the vendor tells it."""
        return self.changed_at
