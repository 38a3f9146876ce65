"""What an account under strain answers to any call: moving between data centres, locked records (hubspot.md 6)."""

import math
from datetime import datetime, timedelta
from typing import Any

from ledgerbridge_sandbox.hubspot.errors import RefusalError, refusal

_MIGRATING = 477
_LOCKED = 423
_LOCK = timedelta(seconds=2)
_WINDOW = timedelta(seconds=1)


class Strains:
    """The state of one account that has nothing to do with its records' values."""

    def __init__(self) -> None:
        self.migrates_until: datetime | None = None
        self._writes: dict[str, tuple[datetime, ...]] = {}
        self._locked_until: dict[str, datetime] = {}

    def refuse_migrating(self, now: datetime) -> None:
        """477 with the seconds that are left; the body is a guess."""
        if self.migrates_until is None or now >= self.migrates_until:
            return
        refused = refusal(_MIGRATING, "MIGRATION_IN_PROGRESS", "This account is being migrated to another data centre.")
        seconds = math.ceil((self.migrates_until - now).total_seconds())
        raise RefusalError(_MIGRATING, refused.body, {"Retry-After": str(seconds)})

    def refuse_locked(self, record_id: str, now: datetime, most: int) -> None:
        """
        423 for two seconds after more than `most` writes of one record in a second (0: never).

        That heavy writes lock, and for how long, is documented; how many are heavy is not.
        """
        if not most:
            return
        recent = (*(one for one in self._writes.get(record_id, ()) if one > now - _WINDOW), now)
        self._writes[record_id] = recent
        if len(recent) > most:
            self._locked_until[record_id] = now + _LOCK
            self._writes[record_id] = ()
        if now < self._locked_until.get(record_id, now):
            raise refusal(_LOCKED, "LOCKED", f"Record {record_id} is locked by another write. Try again in 2 seconds.")

    def snapshot(self) -> object:
        """The whole state."""
        return self.migrates_until, dict(self._writes), dict(self._locked_until)

    def recover(self, state: Any) -> None:
        """Take an earlier state."""
        self.migrates_until, self._writes, self._locked_until = state[0], dict(state[1]), dict(state[2])
