"""The parts of a multipart/form-data body, read as leniently as the real service reads what its clients send.

python-quickbooks ends its lines with a bare line feed and writes the file in base64; node-quickbooks and the Ruby
clients send CRLF and the bytes as they are; Intuit's SDK for Java leaves the last boundary out.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from ledgerbridge_sandbox.quickbooks.faults import malformed

_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One part; `filename` is "" where it tells none."""

    name: str
    filename: str
    content_type: str
    content: bytes


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """All parts in their order. Raises 2010 for a body that is no multipart (guess)."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if not boundary:
        raise malformed("multipart boundary")
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    # After what comes before the first boundary: how each boundary ends, and what follows it.
    ends_and_chunks = line.split(body)[1:]
    opened = zip(ends_and_chunks[::2], ends_and_chunks[1::2], strict=True)
    return [_part(chunk) for end, chunk in opened if end is None and chunk.strip()]


def _part(chunk: bytes) -> Part:
    head, _, content = _split_head(chunk)
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace"))
    if str(headers.get("content-transfer-encoding") or "").strip().lower() == "base64":
        content = _decoded(content)
    return Part(
        str(headers.get_param("name", "", header="content-disposition")),
        headers.get_filename("") or "",
        str(headers.get("content-type") or "").strip(),
        content,
    )


def _split_head(chunk: bytes) -> tuple[bytes, bytes, bytes]:
    """Headers, the empty line, and the rest; the line end after the boundary belongs to neither."""
    chunk = chunk.removeprefix(b"\r").removeprefix(b"\n")
    found = _HEAD_END.search(chunk)
    if found is None:
        raise malformed("multipart part")
    return chunk[: found.start()], found[0], chunk[found.end() :]


def _decoded(content: bytes) -> bytes:
    try:
        return base64.b64decode(content)
    except binascii.Error as error:
        raise malformed("base64") from error
