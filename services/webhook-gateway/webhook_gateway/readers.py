"""The reader of each vendor's events."""

from ledgerbridge.contracts.notices import RecordChanged

from webhook_gateway import arrays, hubspot_events, quickbooks_events

READERS = {"hubspot": hubspot_events.read, "quickbooks": quickbooks_events.read}


def read(vendor: str, body: bytes) -> arrays.ReadArray:
    """What a body tells; never raises."""
    return arrays.read(body, READERS[vendor])


def notices(vendor: str, body: bytes) -> list[RecordChanged]:
    """Only the notices."""
    return [one.notice for one in read(vendor, body).told]
