"""
Calculated properties of our own: `calculationFormula` of fieldType `calculation_equation`.

Only what an address made from a record id needs: text in quotes, property names, numbers, `+`, and the functions
concatenate, concat, string and number_to_string. Anything else is refused (guess: HubSpot's own language is larger).
"""

import re
from collections.abc import Callable

Lookup = Callable[[str], str | None]
"""From a property's name to its value."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z_]\w*)|(?P<mark>[(),+]))"""
)
_FUNCTIONS = {"concatenate", "concat", "string", "number_to_string"}


class FormulaError(Exception):
    """The formula cannot be read."""


class Formula:
    """A formula read once, evaluated for any record."""

    def __init__(self, source: str) -> None:
        self._tokens = _tokens(source)
        self._at = 0
        self.names: set[str] = set()
        self._expression = self._sum()
        if self._at < len(self._tokens):
            raise FormulaError(f"unexpected {self._tokens[self._at][1]}")

    def value(self, lookup: Lookup) -> str:
        """The value for the record whose properties `lookup` answers."""
        return self._expression(lookup)

    def _sum(self) -> Callable[[Lookup], str]:
        parts = [self._term()]
        while self._peek() == "+":
            self._at += 1
            parts.append(self._term())
        return lambda lookup: "".join(part(lookup) for part in parts)

    def _term(self) -> Callable[[Lookup], str]:
        if self._at >= len(self._tokens):
            raise FormulaError("unexpected end")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "text":
            return lambda _lookup: text[1:-1]
        if kind == "number":
            return lambda _lookup: text
        if kind == "name" and self._peek() == "(":
            return self._call(text)
        if kind == "name":
            self.names.add(text)
            return lambda lookup: lookup(text) or ""
        raise FormulaError(f"unexpected {text}")

    def _call(self, function: str) -> Callable[[Lookup], str]:
        if function not in _FUNCTIONS:
            raise FormulaError(f"unknown function {function}")
        parts = []
        while self._peek() != ")":
            self._at += 1
            parts.append(self._sum())
            if self._peek() not in {",", ")"}:
                raise FormulaError("a parenthesis is open")
        self._at += 1
        return lambda lookup: "".join(part(lookup) for part in parts)

    def _peek(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None


def _tokens(source: str) -> list[tuple[str, str]]:
    found, at = [], 0
    source = source.rstrip()
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            raise FormulaError(f"cannot read from {source[at:]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found
