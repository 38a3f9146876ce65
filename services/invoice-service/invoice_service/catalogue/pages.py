"""Pages of lists that are sorted by a name: the next one begins after the last name and its id."""

import base64
import binascii
from dataclasses import dataclass
from typing import Self

import msgspec
from ledgerbridge.errors import Refused


@dataclass(frozen=True, slots=True)
class NamePlace:
    """Where a page ended: the normalised name of its last record, and the id, since names may be equal."""

    name_key: str = ""
    quickbooks_id: str = ""

    def written(self) -> str:
        """For an address; `read` reads it again."""
        return base64.urlsafe_b64encode(msgspec.json.encode([self.name_key, self.quickbooks_id])).decode()

    @classmethod
    def read(cls, written: str) -> Self:
        """The place that `written` wrote. Raises Refused (INVALID)."""
        try:
            name_key, quickbooks_id = msgspec.json.decode(base64.urlsafe_b64decode(written), type=tuple[str, str])
        except (binascii.Error, msgspec.DecodeError, ValueError):
            raise Refused("INVALID", field="after", problem="is not from an earlier page") from None
        if "\0" in name_key + quickbooks_id:
            raise Refused("INVALID", field="after", problem="is not from an earlier page")
        return cls(name_key, quickbooks_id)


BEGINNING = NamePlace()
"""Before every record."""
