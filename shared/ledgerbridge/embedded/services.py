"""Every installed service, and the sandbox, as programs."""

import http.client
import os
import sys
from pathlib import Path

from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.installation import Installation
from ledgerbridge.embedded.ports import LOOPBACK, free_ports
from ledgerbridge.embedded.programs import Layer, Program
from ledgerbridge.embedded.settings import EmbeddedSettings
from ledgerbridge.service.description import ServiceDescription

ASK_SECONDS = 2.0


def port_setting(service: ServiceDescription) -> str:
    """The setting that names the service's port, as LEDGERBRIDGE_INVOICE_SERVICE_PORT."""
    return f"LEDGERBRIDGE_{service.package.upper()}_PORT"


def port_of(service: ServiceDescription) -> int:
    """The service's port under `ledgerbridge up`: its own, or what its setting says; 0 takes a free one."""
    given = os.environ.get(port_setting(service)) or str(service.port)
    if not given.isdigit():
        raise CannotStartError(f"{port_setting(service)} is {given!r}; it must be a port number")
    return int(given) or free_ports(1)[0]


def service_program(service: ServiceDescription, port: int, installation: Installation, logs: Path) -> Program:
    """How the service is started: `python -m <package>`, told everything by its environment."""
    return Program(
        name=service.name,
        command=(sys.executable, "-m", service.package),
        port=port,
        port_setting=port_setting(service),
        log=logs / f"{service.name}.log",
        layer=Layer.SERVICE,
        ready=lambda port: answers_ok(port, "/readyz"),
        alive=lambda port: answers_ok(port, "/livez"),
        environment={
            "LEDGERBRIDGE_KAFKA": installation.kafka,
            "LEDGERBRIDGE_TOPIC_PREFIX": installation.settings.topic_prefix,
            "LEDGERBRIDGE_SECRET_KEY": installation.secrets.secret_key,
            **installation.environment,
            **installation.environment_of.get(service.name, {}),
            "LEDGERBRIDGE_HTTP_HOST": LOOPBACK,
            "LEDGERBRIDGE_HTTP_PORT": str(port),
        },
        stop_seconds=20,
    )


def sandbox_program(settings: EmbeddedSettings, logs: Path, gateway: str | None) -> Program:
    """How the simulated vendors are started, their webhooks going to the gateway. Its port is the control door's."""
    given = (settings.sandbox_control_port, settings.sandbox_hubspot_port, settings.sandbox_quickbooks_port)
    control, hubspot, quickbooks = (port or free for port, free in zip(given, free_ports(3), strict=True))
    names = ("CONTROL", "HUBSPOT", "QUICKBOOKS")
    variables = [f"LEDGERBRIDGE_SANDBOX_{name}_PORT" for name in names]
    ports = dict(zip(variables, (control, hubspot, quickbooks), strict=True))
    return Program(
        name="sandbox",
        command=(sys.executable, "-m", "ledgerbridge_sandbox"),
        port=control,
        port_setting=variables[0],
        more_ports={hubspot: variables[1], quickbooks: variables[2]},
        log=logs / "sandbox.log",
        layer=Layer.SANDBOX,
        ready=lambda port: answers_ok(port, "/health"),
        alive=lambda port: answers_ok(port, "/health"),
        environment={name: str(port) for name, port in ports.items()} | (_webhooks(gateway) if gateway else {}),
    )


def _webhooks(gateway: str) -> dict[str, str]:
    vendors = ("hubspot", "quickbooks")
    return {f"LEDGERBRIDGE_SANDBOX_{vendor.upper()}_WEBHOOKS": f"{gateway}/webhooks/{vendor}" for vendor in vendors}


def sandbox_environment(sandbox: Program) -> dict[str, str]:
    """What tells a service to take the sandbox for the vendors (the fixed credentials are no secrets)."""
    hubspot, quickbooks = (f"http://{LOOPBACK}:{port}" for port in sandbox.more_ports)
    return {
        "LEDGERBRIDGE_SANDBOX_CLOCK": f"http://{LOOPBACK}:{sandbox.port}",
        "LEDGERBRIDGE_HUBSPOT_API": hubspot,
        "LEDGERBRIDGE_HUBSPOT_AUTHORIZE": f"{hubspot}/oauth/authorize",
        "LEDGERBRIDGE_HUBSPOT_APP_ID": "sandbox-hubspot-app",
        "LEDGERBRIDGE_HUBSPOT_APP_SECRET": "sandbox-hubspot-secret",
        "LEDGERBRIDGE_QUICKBOOKS_API": quickbooks,
        "LEDGERBRIDGE_QUICKBOOKS_AUTHORIZE": f"{quickbooks}/connect/oauth2",
        "LEDGERBRIDGE_QUICKBOOKS_TOKEN": f"{quickbooks}/oauth2/v1/tokens/bearer",
        "LEDGERBRIDGE_QUICKBOOKS_REVOKE": f"{quickbooks}/v2/oauth2/tokens/revoke",
        "LEDGERBRIDGE_QUICKBOOKS_APP_ID": "sandbox-quickbooks-app",
        "LEDGERBRIDGE_QUICKBOOKS_APP_SECRET": "sandbox-quickbooks-secret",
        "LEDGERBRIDGE_QUICKBOOKS_VERIFIER": "sandbox-verifier",
    }


def answers_ok(port: int, path: str) -> bool:
    """Whether the server on the port answers the path with 200 in time."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
