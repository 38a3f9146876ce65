"""`ledgerbridge up`: the whole product on one machine, in one command (design.md 9)."""

import asyncio
import json
import os
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from ledgerbridge.embedded.downloads import Report, class_path
from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.installation import Installation
from ledgerbridge.embedded.interruption import Interruption, StopRequested
from ledgerbridge.embedded.kafka import kafka_program
from ledgerbridge.embedded.ports import LOOPBACK, free_ports, is_free
from ledgerbridge.embedded.postgres import admin_dsn, postgres_program
from ledgerbridge.embedded.preparations import make_database_once, prepare_all
from ledgerbridge.embedded.programs import Layer, Program
from ledgerbridge.embedded.running import CLIENT_FILE, Running, announce, withdraw
from ledgerbridge.embedded.secrets import InstallationSecrets
from ledgerbridge.embedded.services import port_of, sandbox_environment, sandbox_program, service_program
from ledgerbridge.embedded.settings import EmbeddedSettings
from ledgerbridge.embedded.state import StateFile, held_alone
from ledgerbridge.embedded.supervisor import Supervisor
from ledgerbridge.service.description import ServiceDescription, installed_services

DATABASE_NAME = "ledgerbridge"
# Services whose own address is a setting, which a person may have set to a public one.
ADDRESS_SETTINGS = {"webhook-gateway": "LEDGERBRIDGE_PUBLIC_BASE", "invoice-service": "LEDGERBRIDGE_PAGES_BASE"}
# A server whose processes were killed may need a moment before it can start again.
SERVER_TRIES = 4


def run_up(settings: EmbeddedSettings, say: Report, *, sandbox: bool, only: Collection[str] | None = None) -> None:
    """Start everything, print the addresses, watch until SIGINT or SIGTERM, stop all in order.

    `only` names the services to start (default: all that are installed). Raises CannotStartError.
    """
    interruption = Interruption()
    with held_alone(settings.home), interruption.listening():
        up = _Up(settings, say, interruption)
        try:
            up.start(sandbox=sandbox, services=_wanted_services(only))
            up.supervisor.watch()
        except StopRequested:
            pass
        finally:
            interruption.hold_for_good()
            say("Stopping")
            withdraw(settings.home)
            up.supervisor.stop_all()
            say("All is stopped")


def _wanted_services(only: Collection[str] | None) -> list[ServiceDescription]:
    try:
        return installed_services(only)
    except LookupError as missing:
        raise CannotStartError(str(missing)) from missing


class _Up:
    """The start, step by step."""

    def __init__(self, settings: EmbeddedSettings, say: Report, interruption: Interruption) -> None:
        self.settings = settings
        self.say = say
        self.state = StateFile(settings.home)
        self.supervisor = Supervisor(self.state, say, interruption)
        self.logs = settings.home / "logs"

    def start(self, *, sandbox: bool, services: list[ServiceDescription]) -> None:
        self.logs.mkdir(exist_ok=True)
        withdraw(self.settings.home)
        if stopped := self.state.stop_leftovers():
            self.say(f"Stopped what a killed supervisor had left: {', '.join(stopped)}")
        ports = {service.name: port_of(service) for service in services}
        bases = {name: _base_of(name, port) for name, port in ports.items() if name in ADDRESS_SETTINGS}
        vendors = sandbox_program(self.settings, self.logs, bases.get("webhook-gateway")) if sandbox else None
        if vendors:
            # First, since it needs nobody: it comes up while the servers' folders are made.
            self.supervisor.start(vendors)
        servers = self._servers()
        begun = [*servers.values(), *([vendors] if vendors else [])]
        self.say(f"Starting {', '.join(program.name for program in begun) or 'nothing but the services'}")
        for program in servers.values():
            self.supervisor.start(program)
        self.supervisor.wait_until_ready(servers.values(), tries=SERVER_TRIES)
        installation = self._prepared(servers, services)
        if vendors:
            self.supervisor.wait_until_ready([vendors], tries=SERVER_TRIES)
            installation.environment.update(sandbox_environment(vendors))
        installation.environment.update({ADDRESS_SETTINGS[name]: base for name, base in bases.items()})
        started = self._start_services(installation, ports)
        self.supervisor.wait_until_ready(started)
        self._announce(installation, begun, started)

    def _servers(self) -> dict[str, Program]:
        """Database and broker, as far as they are not given, by name."""
        settings, remembered = self.settings, _Ports(self.settings.home)
        with ThreadPoolExecutor() as together:
            making: dict[str, Future[Program]] = {}
            if settings.database is None:
                port = settings.database_port or remembered.take("postgres")
                making["postgres"] = together.submit(postgres_program, settings.home / "postgres", port=port)
            if settings.kafka is None:
                jars = class_path(settings.cache, self.say, settings.maven_repository)
                port = settings.kafka_port or remembered.take("kafka")
                controller_port = remembered.take("kafka-controller")
                making["kafka"] = together.submit(
                    kafka_program, settings.home / "kafka", port=port, controller_port=controller_port, jars=jars
                )
            remembered.save()
            servers = {name: made.result() for name, made in making.items()}
        return {name: replace(program, log=self.logs / f"{name}.log") for name, program in servers.items()}

    def _prepared(self, servers: dict[str, Program], services: list[ServiceDescription]) -> Installation:
        installation = Installation(
            settings=self.settings,
            services=services,
            secrets=InstallationSecrets(self.settings.home),
            kafka=self.settings.kafka or f"{LOOPBACK}:{servers['kafka'].port}",
            admin_dsn=self._admin_dsn(servers),
        )
        asyncio.run(prepare_all(installation))
        return installation

    def _admin_dsn(self, servers: dict[str, Program]) -> str:
        if self.settings.database is not None:
            return self.settings.database.get_secret_value()
        folder, port = self.settings.home / "postgres", servers["postgres"].port
        asyncio.run(make_database_once(admin_dsn(folder, port), DATABASE_NAME))
        return admin_dsn(folder, port, DATABASE_NAME)

    def _start_services(self, installation: Installation, ports: Mapping[str, int]) -> list[Program]:
        programs = [
            service_program(service, ports[service.name], installation, self.logs) for service in installation.services
        ]
        self.say(f"Starting {', '.join(program.name for program in programs)}")
        for program in programs:
            self.supervisor.start(program)
        return programs

    def _announce(self, installation: Installation, begun: list[Program], started: list[Program]) -> None:
        addresses = _addresses([*begun, *started])
        announce(
            self.settings.home,
            Running(
                kafka=installation.kafka,
                topic_prefix=self.settings.topic_prefix,
                partitions=self.settings.partitions,
                replicas=self.settings.replicas,
                admin_dsn=installation.admin_dsn,
                addresses=addresses,
                environment={program.name: dict(program.environment) for program in started},
            ),
        )
        rows = {"kafka": installation.kafka, **addresses, "logs": str(self.logs)}
        if "sandbox" in addresses:
            rows["sandbox-pages"] = f"{addresses['sandbox']}/pages/"
        for program in begun:
            if program.layer is Layer.DATABASE:
                password = self.settings.home / "postgres" / "superuser-password"
                rows["postgres"] = f"{LOOPBACK}:{program.port}, database {DATABASE_NAME} (password: {password})"
        clients = self.settings.home / CLIENT_FILE
        rows["clients"] = str(clients) if clients.exists() else f"{clients} (`ledgerbridge connect` makes it)"
        self.say("Ledgerbridge is up:")
        for name, where in rows.items():
            self.say(f"  {name:<18} {where}")


def _base_of(service: str, port: int) -> str:
    """The service's address for people and vendors: what a person set, else where it listens on this machine."""
    return os.environ.get(ADDRESS_SETTINGS[service]) or f"http://{LOOPBACK}:{port}"


def _addresses(programs: list[Program]) -> dict[str, str]:
    """The HTTP addresses of services and sandbox, by name."""
    found = {}
    for program in programs:
        if program.layer in (Layer.SERVICE, Layer.SANDBOX):
            found[program.name] = f"http://{LOOPBACK}:{program.port}"
        if program.layer is Layer.SANDBOX:
            hubspot, quickbooks = program.more_ports
            found["sandbox-hubspot"] = f"http://{LOOPBACK}:{hubspot}"
            found["sandbox-quickbooks"] = f"http://{LOOPBACK}:{quickbooks}"
    return found


class _Ports:
    """The free ports that were taken last time, taken again if they are still free: addresses stay what they were."""

    def __init__(self, home: Path) -> None:
        self._path = home / "ports.json"
        self._known: dict[str, int] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def take(self, name: str) -> int:
        port = self._known.get(name)
        if port is None or not is_free(port):
            port = free_ports(1)[0]
        self._known[name] = port
        return port

    def save(self) -> None:
        self._path.write_text(json.dumps(self._known))
