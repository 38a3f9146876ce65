"""Every topic of design.md 5, declared once: name, key and retention."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Topic:
    """A topic without the installation's prefix.

    `kept` is None where it is compacted. `numbered` topics carry a gapless `sequence` per key; notices carry none:
    their order means nothing, and their keys are too many to remember.
    """

    name: str
    key: str
    kept: timedelta | None
    content: str
    numbered: bool = True

    @property
    def compacted(self) -> bool:
        """Whether only the newest record of each key is kept."""
        return self.kept is None


HUBSPOT_CHANGES = Topic(
    "hubspot-changes", "portal:type:id", timedelta(days=7), "Notices that records of HubSpot changed", numbered=False
)
QUICKBOOKS_CHANGES = Topic(
    "quickbooks-changes",
    "realm:entity:id",
    timedelta(days=7),
    "Notices that records of QuickBooks changed",
    numbered=False,
)
INVOICES = Topic("invoices", "tenant:invoice", timedelta(days=30), "What happened to invoices")
INVOICE_STATES = Topic("invoice-states", "tenant:invoice", None, "The whole state of each invoice")
INVOICE_COMMANDS = Topic("invoice-commands", "tenant:subject", timedelta(days=30), "What is asked of invoice-service")
COMMAND_RESULTS = Topic("command-results", "tenant:command", timedelta(days=30), "What became of each command")

TOPICS = (HUBSPOT_CHANGES, QUICKBOOKS_CHANGES, INVOICES, INVOICE_STATES, INVOICE_COMMANDS, COMMAND_RESULTS)


def dead_letters(service: str) -> Topic:
    """The topic of what a service could not read, byte for byte."""
    return Topic(
        f"dead-letters.{service}", "as it came", timedelta(days=90), f"What {service} could not read", numbered=False
    )
