"""A service that does nothing but answer, for tests of supervision."""

from ledgerbridge.service.description import ServiceDescription

SERVICE = ServiceDescription(name="dummy-service", package="dummy_service", port=0, migrations=())
