"""Notices and dead letters as events for the outbox."""

from datetime import datetime

from ledgerbridge.accounts.registry import Account
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES, QUICKBOOKS_CHANGES, Topic, dead_letters
from ledgerbridge.messaging import outbox

SERVICE = "webhook-gateway"
DEAD_LETTERS = dead_letters(SERVICE)
TOPIC_OF: dict[str, Topic] = {"hubspot": HUBSPOT_CHANGES, "quickbooks": QUICKBOOKS_CHANGES}
