"""Every topic of design.md 5, declared once: name, retention, who reads it by which key."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Topic:
    """A topic without the installation's prefix. `kept` is None where it is compacted."""

    name: str
    key: str
    kept: timedelta | None
    content: str

    @property
    def compacted(self) -> bool:
        """Whether only the newest record of each key is kept."""
        return self.kept is None


HUBSPOT_CHANGES = Topic("hubspot-changes", "portal:type:id", timedelta(days=7), "RecordChanged notices of HubSpot")
QUICKBOOKS_CHANGES = Topic(
    "quickbooks-changes", "realm:entity:id", timedelta(days=7), "RecordChanged notices of QuickBooks"
)
INVOICES = Topic("invoices", "tenant:invoice", timedelta(days=30), "What happened to invoices")
INVOICE_COMMANDS = Topic("invoice-commands", "tenant:subject", timedelta(days=30), "What is asked of invoice-service")
COMMAND_RESULTS = Topic("command-results", "tenant:command", timedelta(days=30), "What became of each command")

TOPICS = (HUBSPOT_CHANGES, QUICKBOOKS_CHANGES, INVOICES, INVOICE_COMMANDS, COMMAND_RESULTS)


def dead_letters(service: str) -> Topic:
    """The topic of what a service could not read, byte for byte."""
    return Topic(f"dead-letters.{service}", "as it came", timedelta(days=90), f"What {service} could not read")
