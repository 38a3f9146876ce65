"""Ports on 127.0.0.1."""

import contextlib
import socket

import psutil

from ledgerbridge.embedded.errors import CannotStartError

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens on now."""
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]


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
