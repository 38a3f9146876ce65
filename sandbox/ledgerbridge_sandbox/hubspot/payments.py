"""Payments that HubSpot keeps: those that came in outside it are written by apps (hubspot.md 8)."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot.errors import invalid, refusal
from ledgerbridge_sandbox.hubspot.writing import Writing
from ledgerbridge_sandbox.switches import Switches

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

_OWN_PROCESSOR = "hs_payments"


def complete(account: "Account", settings: Switches, values: dict[str, str]) -> None:
    """Defaults of a new payment; raises 403 where the account has no payments set up (status and words a guess)."""
    if not settings["payments_set_up"]:
        raise refusal(
            HTTPStatus.FORBIDDEN, "BANNED", "This account is not set up for payments (HubSpot payments or Stripe)."
        )
    values.setdefault("hs_currency_code", account.currency)
    values.setdefault("hs_latest_status", "succeeded")
    values.setdefault("hs_processor_type", "none")


def refuse(writing: Writing) -> None:
    """A payment that HubSpot itself processed cannot be changed by an app; the words are a guess."""
    if writing.by_app and not writing.new and writing.before.get("hs_processor_type") == _OWN_PROCESSOR:
        raise invalid("Payments processed by HubSpot cannot be modified")
