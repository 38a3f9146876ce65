"""What turns a service's parts into one process: settings, logs, clocks, health, ordered start and bounded stop."""

from ledgerbridge.service.beats import Beat
from ledgerbridge.service.description import ServiceDescription, installed_services
from ledgerbridge.service.parts import Part, Parts
from ledgerbridge.service.runner import Context, create_app, run
from ledgerbridge.service.settings import ServiceSettings

__all__ = [
    "Beat",
    "Context",
    "Part",
    "Parts",
    "ServiceDescription",
    "ServiceSettings",
    "create_app",
    "installed_services",
    "run",
]
