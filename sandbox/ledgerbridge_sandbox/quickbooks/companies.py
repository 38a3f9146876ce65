"""QuickBooks as a whole: all companies, the consents given to the app, and the webhooks of every change."""

from typing import Any

from ledgerbridge_sandbox.quickbooks.company import Change, Company, Profile
from ledgerbridge_sandbox.quickbooks.events import cloud_event
from ledgerbridge_sandbox.quickbooks.grants import Grants
from ledgerbridge_sandbox.quickbooks.metering import Meter
from ledgerbridge_sandbox.world import World


def declare_settings(world: World) -> None:
    """What differs between companies or is a guess, each with the value at the start."""
    world.settings["quickbooks"].declare(
        round_tax_by_line=False,
        round_half_to_even=False,
        warn_about_duplicate_numbers=False,
        tell_indirect_changes=False,
        kill_grant_on_concurrent_refresh=False,
        rotate_at_every_refresh=False,
        schema_drift=False,
        xml_when_anything_is_accepted=False,
        batch_items_before_throttle=0,
        webhook_verb_voided=False,
        webhook_events="",
        redirect_uris="",
        closed_books_are_6200=False,
        capture_refuses_older=False,
    )


class QuickBooks:
    """The vendor's state. `silent` holds webhooks back while the seed is sown."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.companies: dict[str, Company] = {}
        self.grants = Grants(world.clock, world.settings["quickbooks"], world.random)
        self.meter = Meter(world.limits["quickbooks"], world.clock)
        world.counts.append(self.meter.forget)
        self.silent = False

    def open_company(self, profile: Profile) -> Company:
        """A new, empty company."""
        company = Company(profile, self._world.clock, self._world.settings["quickbooks"], self._tell)
        self.companies[profile.realm] = company
        return company

    def redirects(self) -> list[str]:
        """The redirect addresses that the app registered, compared letter by letter; none: any will do."""
        return str(self._world.settings["quickbooks"]["redirect_uris"]).split()

    def _tell(self, company: Company, change: Change) -> None:
        if self.silent:
            return
        event = cloud_event(company, change, self._world.random)
        if event is not None:
            self._world.webhooks["quickbooks"].put(event, company.realm)

    def snapshot(self) -> object:
        """The whole state as an object that no later change reaches."""
        companies = {realm: (each.profile, each.snapshot()) for realm, each in self.companies.items()}
        return self.grants.snapshot(), companies

    def restore(self, state: Any) -> None:
        """Take an earlier state; companies that it does not know are closed, those that are not there opened."""
        grants, companies = state
        self.grants.restore(grants)
        for realm in self.companies.keys() - companies.keys():
            del self.companies[realm]
        for realm, (profile, saved) in companies.items():
            (self.companies.get(realm) or self.open_company(profile)).restore(saved)
