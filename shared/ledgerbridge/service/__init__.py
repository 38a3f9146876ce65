"""What turns a service's parts into one process: settings, logs, clocks, health, ordered start and bounded stop.

`ledgerbridge.service.runner` runs a service; it is not imported here, because it knows rooms that use the clocks.
"""

from ledgerbridge.service.beats import Beat
from ledgerbridge.service.description import ServiceDescription, installed_services
from ledgerbridge.service.parts import Part, Parts
from ledgerbridge.service.settings import ServiceSettings

__all__ = ["Beat", "Part", "Parts", "ServiceDescription", "ServiceSettings", "installed_services"]
