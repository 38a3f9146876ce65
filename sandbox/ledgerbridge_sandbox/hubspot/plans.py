"""How many calls an app may make, by the kind of app and the account's subscription (hubspot.md 16)."""

from dataclasses import dataclass
from typing import Any

from ledgerbridge_sandbox.switches import Switches, UnknownSwitchError

_ADD_ON_BURST = 250
_ADD_ON_ASSOCIATIONS = 200
_ADD_ON_DAILY = 1_000_000
_ADD_ON_ASSOCIATIONS_DAILY = 1_000_000
_MOST_ADD_ONS = 2
MARKETPLACE = "marketplace"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Calls in the burst window and a day; None is no limit a day. The associations API has its own figures."""

    burst: int
    daily: int | None
    associations: int
    associations_daily: int


_PLANS = {
    "free": Allowance(100, 250_000, 100, 500_000),
    "starter": Allowance(100, 250_000, 100, 500_000),
    "professional": Allowance(190, 625_000, 150, 500_000),
    "enterprise": Allowance(190, 1_000_000, 150, 500_000),
}
_MARKETPLACE = Allowance(110, None, 150, 500_000)


def allowance(limits: Switches, portal: int, *, oauth: bool) -> Allowance:
    """
    What one app may call in one account.

    `plans` names the account's plan, as in `{"24000001": "enterprise+1"}` with one add-on (at most two); an account
    without one has the figures that stand in the limits themselves. With `distribution` marketplace an OAuth app has
    110 per account and no limit a day. Raises UnknownSwitchError for a plan that is none.
    """
    if oauth and limits["distribution"] == MARKETPLACE:
        return _MARKETPLACE
    plan = limits["plans"].get(str(portal))
    if plan is None:
        return Allowance(limits["burst"], limits["daily"], limits["associations_burst"], limits["associations_daily"])
    return named(str(plan))


def check_plans(plans: dict[str, Any]) -> None:
    """Raise UnknownSwitchError for a plan that is none."""
    for plan in plans.values():
        named(str(plan))


def named(plan: str) -> Allowance:
    """The figures of a plan with its add-ons; raises UnknownSwitchError."""
    name, _, text = plan.partition("+")
    base, add_ons = _PLANS.get(name), int(text) if text.isdigit() else 0
    if base is None or add_ons > _MOST_ADD_ONS or (text and not add_ons):
        raise UnknownSwitchError(f"There is no plan {plan}; there are {', '.join(_PLANS)}, and +1 or +2 for add-ons")
    if not add_ons:
        return base
    daily = (base.daily or 0) + add_ons * _ADD_ON_DAILY
    return Allowance(_ADD_ON_BURST, daily, _ADD_ON_ASSOCIATIONS, _ADD_ON_ASSOCIATIONS_DAILY)
