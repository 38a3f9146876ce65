"""What both vendors' dialects share when they read a refusal."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 24 * 3600.0


def retry_after(headers: Mapping[str, str], default: float) -> float:
    """Seconds that the vendor asks to wait (a number or an HTTP date), at most a day; `default` where it says nothing.

    An HTTP date is measured against the answer's own `Date`, so that our clock takes no part.
    """
    text = headers.get("retry-after", "").strip()
    seconds = _number(text)
    if seconds is None:
        seconds = _until(text, headers.get("date", ""))
    if seconds is None:
        return default
    return min(max(seconds, 0.0), _LONGEST)


def _number(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _until(text: str, date: str) -> float | None:
    try:
        end = parsedate_to_datetime(text)
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return (end - now).total_seconds()
    except (TypeError, ValueError):
        return None


def shorten(text: object, length: int = 500) -> str:
    """A vendor's words, short enough for a table of failures, without control characters."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
    return words if len(words) <= length else words[: length - 1] + "…"
