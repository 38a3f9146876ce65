"""QuickBooks' times: Pacific offset whatever the company's zone (quickbooks.md 2), seconds in MetaData."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ledgerbridge_sandbox.quickbooks.faults import date_invalid

PACIFIC = ZoneInfo("America/Los_Angeles")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MILLISECOND = timedelta(milliseconds=1)
_YEARS = (1900, 2200)
_FRACTION = re.compile(r"\.(\d+)")


def stamp(moment: datetime) -> str:
    """As in MetaData: seconds, Pacific offset."""
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")


def envelope_time(moment: datetime) -> str:
    """As in an answer's `time`: milliseconds, never before the instants that the answer carries."""
    beyond = moment.microsecond % 1000
    later = moment + _MILLISECOND - timedelta(microseconds=beyond) if beyond else moment
    return later.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def event_time(moment: datetime) -> str:
    """As in webhooks: UTC with nine digits (quickbooks.md 11)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def parse_moment(text: str) -> datetime:
    """ISO-8601 with any fraction; a missing offset is read as Pacific (guess). Raises ValueError."""
    shortened = _FRACTION.sub(lambda found: "." + found.group(1)[:6].ljust(6, "0"), text.strip())
    moment = datetime.fromisoformat(shortened)
    return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)


def parse_date(value: object, field: str) -> date:
    """A calendar date, of which QuickBooks ignores a trailing time or offset. Raises the fault 2170."""
    if isinstance(value, str) and (found := _DATE.match(value)):
        try:
            day = date.fromisoformat(found.group())
        except ValueError as error:
            raise date_invalid(field, value) from error
        if _YEARS[0] <= day.year <= _YEARS[1]:
            return day
    raise date_invalid(field, value)
