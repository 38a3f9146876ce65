"""One request as the fuzzer holds it, and how it is written: JSON that no library would write included."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_SHOWN = 600
_MOST_HEAD = 60_000
"""How long a web server must take a request's head to be."""


class Raw(bytes):
    """A piece of JSON, or of what is none, as it stands."""

    __slots__ = ()


class Pairs(list):  # type: ignore[type-arg]
    """The members of an object whose names may come twice."""


def written(value: Any) -> bytes:
    """The value as JSON; what is raw as it stands."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, Pairs | dict):
        members = value if isinstance(value, Pairs) else value.items()
        return b"{%s}" % b",".join(written(str(name)) + b":" + written(each) for name, each in members)
    if isinstance(value, list | tuple):
        return b"[%s]" % b",".join(map(written, value))
    return json.dumps(value).encode()


@dataclass(frozen=True)
class Call:
    """`body` is what becomes JSON, or bytes; `path` is as it stands on the wire, without the query."""

    door: str
    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        return bytes(self.body) if isinstance(self.body, bytes) else written(self.body)

    @property
    def target(self) -> str:
        """Path and query, as they stand on the wire."""
        query = "&".join(f"{name}={value}" if value is not None else name for name, value in self.query)
        return f"{self.path}?{query}" if query else self.path

    def on_the_wire(self) -> bytes:
        """The whole request; one that leaves with its length, unless it says that it comes in chunks."""
        content = self.content
        headers = {"host": "sandbox.example", **self.headers}
        if headers.get("transfer-encoding") == "chunked":
            content = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in _chunks(content)) + b"0\r\n\r\n"
        else:
            headers["content-length"] = str(len(content))
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + content

    @property
    def is_http(self) -> bool:
        """Whether a web server must take it for HTTP; what is none may be refused before any vendor sees it."""
        if len(self.target) + sum(map(len, self.headers.values())) > _MOST_HEAD:
            return False
        printable = self.target.isascii() and self.target.isprintable() and " " not in self.target
        fine = all(value.isprintable() and value == value.strip() for value in self.headers.values())
        return printable and fine and self.method in METHODS

    def shown(self) -> str:
        """For people, shortened."""
        content = self.content
        body = content if len(content) <= _SHOWN else content[:_SHOWN] + b" ... %d bytes" % len(content)
        return f"{self.door}: {self.method} {self.target[:_SHOWN]}\n  {dict(self.headers)}\n  {body!r}"


def _chunks(content: bytes) -> list[bytes]:
    middle = len(content) // 2
    return [part for part in (content[:middle], content[middle:]) if part]
