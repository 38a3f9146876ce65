"""How deep a JSON text is nested: what is deeper than any document of a vendor is refused before it is read."""

import re

MOST = 100
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"


def too_deep(body: bytes) -> bool:
    """Whether arrays and objects stand more than a hundred deep in each other."""
    if body.count(b"[") + body.count(b"{") <= MOST:
        return False
    depth = 0
    for mark in _STRING.sub(b"", body):
        if mark in _OPENING:
            depth += 1
            if depth > MOST:
                return True
        elif mark in _CLOSING:
            depth -= 1
    return False
