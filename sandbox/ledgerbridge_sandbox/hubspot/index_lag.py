"""What search does not know yet: the index lags behind the records by a setting (hubspot.md 5)."""

from datetime import datetime, timedelta


class IndexLag:
    """The records changed within the lag, as they were before: bytes, or None for one that did not exist."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._now: datetime | None = None
        self._before: dict[tuple[str, str], tuple[datetime, bytes | None]] = {}

    def tick(self, now: datetime, seconds: float) -> None:
        """Say what time it is and how long the lag lasts; what has become visible is forgotten."""
        self._now, self._seconds = now, seconds
        if self._before:
            self._before = {key: held for key, held in self._before.items() if held[0] > now}

    def remember(self, type_id: str, record_id: str, before: bytes | None) -> None:
        """A record is about to change; the first state within the lag is the one that search goes on showing."""
        if self._seconds and self._now is not None:
            until = self._now + timedelta(seconds=self._seconds)
            earlier = self._before.get((type_id, record_id))
            self._before[type_id, record_id] = (until, earlier[1] if earlier else before)

    def still_shown(self, type_id: str) -> dict[str, bytes | None]:
        """The records of a type that search still shows as they were."""
        return {record_id: held[1] for (kind, record_id), held in self._before.items() if kind == type_id}

    def forget(self) -> None:
        """Everything is visible (a reset)."""
        self._before.clear()
