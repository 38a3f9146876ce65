"""QuickBooks' query language: statement in, conditions out (quickbooks.md 4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ledgerbridge_sandbox.quickbooks.faults import Fault, invalid_query, unparsable

PAGE, MOST = 100, 1000
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<operator><=|>=|=|<|>)|(?P<mark>[(),*])|(?P<word>[A-Za-z0-9_.:+\-]+)|(?P<end>$))""",
    re.DOTALL,
)
_INTEGER = re.compile(r"[0-9]{1,10}")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# NULL is recorded, the others are a guess.
_RESERVED = {"NULL", "SELECT", "FROM", "WHERE", "AND", "IN", "LIKE", "ORDERBY", "STARTPOSITION", "MAXRESULTS"}
_OPERATORS = {"=", "<", ">", "<=", ">=", "IN", "LIKE"}


@dataclass(frozen=True, slots=True)
class Condition:
    """`property operator value`; IN has several values, the others one."""

    name: str
    operator: str
    values: tuple[str, ...]


@dataclass
class Query:
    """One statement. `order` is (property, descending) in turn."""

    entity: str
    counting: bool
    conditions: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    start: int = 1
    most: int = PAGE


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse_query(statement: str) -> Query:
    """Raises 4000 for what is no statement, 4001 for numbers out of range."""
    return _Parser(statement).query()


def _tokens(statement: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while True:
        found = _TOKEN.match(statement, at)
        if found is None:
            at += len(statement[at:]) - len(statement[at:].lstrip())
            shown = f'"{statement[at]}" ({ord(statement[at])}), after : ""'
            raise unparsable(f"Lexical error at {_place(statement, at)}.  Encountered: {shown}")
        kind = found.lastgroup or "end"
        tokens.append(_Token(kind, found.group(kind), found.start(kind)))
        if kind == "end":
            return tokens
        at = found.end()


def _place(statement: str, at: int) -> str:
    before = statement[:at].split("\n")
    return f"line {len(before)}, column {len(before[-1]) + 1}"


class _Parser:
    def __init__(self, statement: str) -> None:
        self._statement = statement
        self._tokens: Sequence[_Token] = _tokens(statement)
        self._at = 0

    def query(self) -> Query:
        self._expect("SELECT")
        counting = self._selection()
        self._expect("FROM")
        query = Query(self._name(), counting)
        if self._take("WHERE"):
            query.conditions.append(self._condition())
            while self._take("AND"):
                query.conditions.append(self._condition())
        self._endings(query)
        if self._peek.kind != "end":
            raise self._unexpected()
        return query

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._peek
        if token.kind != "end":
            self._at += 1
        return token

    def _take(self, word: str) -> bool:
        if self._peek.kind in {"word", "mark", "operator"} and self._peek.text.upper() == word:
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected(word)

    def _unexpected(self, *expected: str) -> Fault:
        token = self._peek
        shown = "<EOF>" if token.kind == "end" else f' "{token.text.lower()}" "{token.text} "'
        wanted = " ".join(word if word[0] == "<" else f'"{word.lower()}"' for word in expected) or "<IDENTIFIER>"
        place = _place(self._statement, token.at)
        return unparsable(f'Encountered "{shown}" at {place}.\nWas expecting:\n    {wanted} ...\n    ')

    def _selection(self) -> bool:
        if self._take("*"):
            while self._take(
                ","
            ):  # `select *, Sku`: python-quickbooks asks so for items; the answer is the full object
                self._name()
            return False
        self._expect("COUNT")
        for mark in "(*)":
            self._expect(mark)
        return True

    def _name(self) -> str:
        if self._peek.kind != "word" or self._peek.text.upper() in _RESERVED:
            raise self._unexpected()
        return self._next().text

    def _condition(self) -> Condition:
        name = self._name()
        operator = self._peek.text.upper()
        if operator not in _OPERATORS or self._peek.kind == "text":
            raise self._unexpected("=")
        self._next()
        if operator != "IN":
            return Condition(name, operator, (self._value(),))
        self._expect("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._expect(")")
        return Condition(name, operator, tuple(values))

    def _value(self) -> str:
        token = self._peek
        if token.kind == "text":
            self._at += 1
            return _ESCAPED.sub(r"\1", token.text[1:-1])
        # Booleans and CURRENT_DATE stand bare; guess: so may numbers.
        if token.kind == "word":
            self._at += 1
            return token.text
        raise self._unexpected("'")

    def _endings(self, query: Query) -> None:
        while self._peek.kind != "end":
            if self._take("ORDERBY") or self._two_words("ORDER", "BY"):
                self._order(query)
            elif self._take("STARTPOSITION"):
                query.start = self._count(1, None)
            elif self._take("MAXRESULTS"):
                query.most = self._count(1, MOST)
            else:
                raise self._unexpected()

    def _two_words(self, first: str, second: str) -> bool:
        if not self._take(first):
            return False
        self._expect(second)
        return True

    def _order(self, query: Query) -> None:
        while True:
            name = self._name()
            descending = self._take("DESC")
            if not descending:
                self._take("ASC")
            query.order.append((name, descending))
            if not self._take(","):
                return

    def _count(self, least: int, most: int | None) -> int:
        if not _INTEGER.fullmatch(self._peek.text):
            raise self._unexpected("<INTEGER>")
        value = int(self._next().text)
        if value < least:
            raise invalid_query(f"value {value} is too small. Min allowed value is {least}")
        if most is not None and value > most:
            raise invalid_query(f"value {value} is too large. Max allowed value is {most}")
        return value
