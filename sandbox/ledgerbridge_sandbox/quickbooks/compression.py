"""Bodies packed with gzip or deflate, in requests and in answers (Intuit's SDKs use both)."""

import gzip
import zlib

from ledgerbridge_sandbox.quickbooks.accepting import weights
from ledgerbridge_sandbox.quickbooks.faults import malformed

_MOST = 110 * 1024 * 1024
"""What a request may become: a file of 100 MB and what is around it."""
_LEAST = 1_400
"""Smaller answers fit a packet and stay as they are (guess at the figure)."""
_ANY_HEADER = 32
"""Added to the window's size: zlib sees by itself whether gzip or zlib was written."""
_FAST = 1
_GZIP = b"\x1f\x8b"


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body of a request. Raises 2010 (guess) for another encoding, a broken body or one that grows too large."""
    encoding = encoding.strip().lower()
    if not body or encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise malformed(f"Content-Encoding {encoding}")
    try:
        return _inflated(body, zlib.MAX_WBITS + _ANY_HEADER)
    except zlib.error as error:
        raise malformed("Not in GZIP format") from error


def _inflated(body: bytes, window: int) -> bytes:
    """What is packed, in one gzip stream or several behind each other (Intuit's SDK packs each file by itself)."""
    content, rest = b"", body
    while rest:
        machine = zlib.decompressobj(window)
        content += machine.decompress(rest, max(1, _MOST - len(content)))
        if machine.unconsumed_tail or not machine.eof:
            raise malformed("the packed body is cut off or too large")
        rest = machine.unused_data if machine.unused_data.startswith(_GZIP) else b""
    return content


def packed(body: bytes, content_type: str, accepted: str) -> tuple[bytes, str]:
    """The body of an answer and its encoding, "" where it stays as it is; files are not packed."""
    if len(body) < _LEAST or not content_type.startswith(("application/json", "application/xml")):
        return body, ""
    weighed = weights(accepted)
    if weighed.get("gzip"):
        return gzip.compress(body, _FAST, mtime=0), "gzip"
    if weighed.get("deflate"):
        return zlib.compress(body, _FAST), "deflate"
    return body, ""
