"""The lifecycle stage of contacts and companies moves forward only (hubspot.md 8, 19.22)."""

from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot.errors import invalid

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

STAGE = "lifecyclestage"


def forwards_only(
    account: "Account", type_id: str, before: dict[str, str], taken: dict[str, str], *, refuses: bool
) -> dict[str, str]:
    """
    What is taken of a write: an earlier stage is passed over without a word, or refused with 400 (both a guess).

    Written as "" first, any stage can follow.
    """
    present, wanted = before.get(STAGE), taken.get(STAGE)
    if not present or not wanted:
        return taken
    order = [option["value"] for option in account.properties[type_id].definitions[STAGE]["options"]]
    if order.index(wanted) >= order.index(present):
        return taken
    if refuses:
        raise invalid(f"{STAGE} cannot move back from {present} to {wanted}: clear it first")
    return {name: value for name, value in taken.items() if name != STAGE}
