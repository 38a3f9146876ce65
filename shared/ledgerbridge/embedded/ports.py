"""Ports on 127.0.0.1."""

import itertools
import random
import socket

import psutil

from ledgerbridge.embedded.errors import CannotStartError

LOOPBACK = "127.0.0.1"
OURS = range(20_000, 32_000)
"""Below those that systems give to outgoing connections, which could take a port between its choice and its use."""


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens on now, chosen at random. Raises CannotStartError."""
    tried = random.SystemRandom().sample(OURS, len(OURS))
    found = list(itertools.islice((port for port in tried if is_free(port)), count))
    if len(found) < count:
        raise CannotStartError(f"of the ports {OURS.start} to {OURS.stop - 1} no {count} are free")
    return found


def answers(port: int) -> bool:
    """Whether something accepts connections on the port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def refuse_taken_port(wanted_by: str, port: int, setting: str | None = None) -> None:
    """Raises CannotStartError, with the holder's name where it can be known, if the port is taken."""
    if is_free(port):
        return
    remedy = f"stop it, or set {setting} to another port" if setting else "stop it, or choose another port"
    raise CannotStartError(f"port {port} for {wanted_by} is taken by {holder_of(port)}; {remedy}")


def holder_of(port: int) -> str:
    """The name and pid of the process that listens on the port, as far as this user may see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            address = connection.laddr
            if connection.status == psutil.CONN_LISTEN and connection.pid and address and address.port == port:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        pass
    return "another process"
