"""What HubSpot sets on a deal by itself (hubspot.md 8)."""

from ledgerbridge_sandbox.hubspot.calculations import calculate_deal
from ledgerbridge_sandbox.hubspot.values import milliseconds_text
from ledgerbridge_sandbox.hubspot.writing import Writing


def calculated(writing: Writing) -> dict[str, str]:
    """Amounts, probability and closing; the close date comes with a stage that closes, unless one is written."""
    found = calculate_deal(writing.account, writing.values, writing.now)
    closes = not writing.new and writing.changes("dealstage") and not writing.changes("closedate")
    if closes and found["hs_is_closed"] == "true":
        found["closedate"] = milliseconds_text(writing.now)
    return found
