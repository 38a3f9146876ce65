"""Connections to the doors: many requests are on their way before the first answer is read."""

import gzip
import socket
import zlib
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from fuzz.call import Call

PATIENCE_SECONDS = 15.0
"""Longer than any call of the sandbox may take; what is not answered by then hangs."""
_UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}
_BODILESS = {204, 304}


class UnansweredError(Exception):
    """The connection ended or fell silent before an answer came."""


@dataclass(frozen=True)
class Answer:
    """Status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """One door. What is no HTTP goes over a connection of its own."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._place = (parts.hostname or "", parts.port or 0)
        self._line: tuple[socket.socket, BinaryIO] | None = None
        self._awaited: deque[Call] = deque()

    def put(self, call: Call) -> None:
        """Send a request; its answer is read later, in the same order."""
        if self._line is None:
            self._line = self._opened()
        self._awaited.append(call)
        with suppress(BrokenPipeError, ConnectionResetError):  # An answer on its way may say that the door closes.
            self._line[0].sendall(call.on_the_wire())

    def take(self) -> tuple[Call, Answer]:
        """The next answer. Raises UnansweredError."""
        call = self._awaited.popleft()
        if self._line is None:
            self._line = self._opened()
            self._line[0].sendall(call.on_the_wire())
        try:
            answer = _read(self._line[1], call)
        except (OSError, ValueError, zlib.error) as error:
            self.close()
            raise UnansweredError(f"No answer ({type(error).__name__}: {error}) to\n{call.shown()}") from error
        if answer.headers.get("connection", "").lower() == "close":
            self._again()
        return call, answer

    def alone(self, call: Call) -> Answer | None:
        """The answer over a connection of its own, None where the door hangs up on what is no HTTP."""
        line, reader = self._opened()
        with line, reader:
            try:
                line.sendall(call.on_the_wire())
                return _read(reader, call)
            except ConnectionError:
                return None
            except (OSError, ValueError, zlib.error) as error:
                raise UnansweredError(f"No answer ({type(error).__name__}: {error}) to\n{call.shown()}") from error

    def close(self) -> None:
        """Hang up, whatever is awaited."""
        if self._line is not None:
            for end in reversed(self._line):
                end.close()
        self._line = None
        self._awaited.clear()

    def _again(self) -> None:
        """The door said that it closes: what was sent behind is sent once more."""
        awaited = list(self._awaited)
        self.close()
        for call in awaited:
            self.put(call)

    def _opened(self) -> tuple[socket.socket, BinaryIO]:
        line = socket.create_connection(self._place, PATIENCE_SECONDS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line, line.makefile("rb")


def _read(reader: BinaryIO, call: Call) -> Answer:
    start = reader.readline()
    if not start:
        raise ConnectionResetError("the door hung up without an answer")
    status = int(start.split(b" ", 2)[1])
    headers = {}
    while (line := reader.readline()) not in {b"\r\n", b""}:
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    if call.method == "HEAD" or status in _BODILESS:
        return Answer(status, headers, b"")
    length = int(headers["content-length"]) if "content-length" in headers else -1
    body = reader.read(length)
    if len(body) < length:
        raise ConnectionResetError("the door hung up within an answer")
    return Answer(status, headers, _UNPACK.get(headers.get("content-encoding", ""), bytes)(body))
