"""The whole house: `ledgerbridge up --sandbox` on a temporary home, connected, and hands for everything in it.

Used by the demonstration (`tests/story`), end-to-end tests, drills and benchmarks:

    with open_house() as house:
        invoice = house.sandbox.bookkeeper(US).create("invoice", {...})
        house.bus.wait_for("quickbooks-changes", lambda seen: seen.data["record_id"] == invoice["Id"])
"""

from tests.house.bus import Bus, Seen
from tests.house.house import House, Joined, open_house
from tests.house.sandbox import LEGACY_REALM, UK_PORTAL, UK_REALM, US_PORTAL, US_REALM, Sandbox

__all__ = [
    "LEGACY_REALM",
    "UK_PORTAL",
    "UK_REALM",
    "US_PORTAL",
    "US_REALM",
    "Bus",
    "House",
    "Joined",
    "Sandbox",
    "Seen",
    "open_house",
]
