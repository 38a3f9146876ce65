"""How a valid call is spoiled. Each way takes a call, a number that says where, and something odd to put there."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from fuzz.call import METHODS, Call, Pairs, Raw
from fuzz.odd import BYTES, HEADERS, SEGMENTS, STATEMENT_TOKENS, TEXTS, VALUES

Mutation = Callable[[Call, int, Any], Call]
_MOST_COPIES = 300
_TOKEN = re.compile(r"'(?:\\.|[^'])*'|\w+|\S|\s+")


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything in a document, the whole first."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in members:
        yield from _places(each, (*path, name))


def _changed(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """A copy of the document in which what stands at `path` is changed."""
    if not path:
        return change(value)
    name, *rest = path
    if isinstance(value, dict):
        return {**value, name: _changed(value[name], tuple(rest), change)}
    return [_changed(each, tuple(rest), change) if at == name else each for at, each in enumerate(value)]


def _at(call: Call, where: int, change: Callable[[Any], Any], *, most: int = 10**9) -> Call:
    if not isinstance(call.body, dict | list):
        return _spoil_bytes(call, where, b"{")
    places = list(_places(call.body))
    return replace(call, body=_changed(call.body, places[where % min(len(places), most)], change))


def _put(call: Call, where: int, odd: Any) -> Call:
    return _at(call, where, lambda _: odd)


def _wrap(call: Call, where: int, odd: Any) -> Call:
    return _at(call, where, lambda value: [value] if where % 2 else {"value": value})


def _drop(call: Call, where: int, odd: Any) -> Call:
    def dropped(value: Any) -> Any:
        if isinstance(value, dict) and value:
            gone = list(value)[where % len(value)]
            return {name: each for name, each in value.items() if name != gone}
        return value[1:] if isinstance(value, list) else None

    return _at(call, where, dropped)


def _add(call: Call, where: int, odd: Any) -> Call:
    def added(value: Any) -> Any:
        if isinstance(value, dict):
            return {**value, TEXTS[where % len(TEXTS)][:200]: odd}
        return [*value, odd] if isinstance(value, list) else [value, odd]

    return _at(call, where, added)


def _twice(call: Call, where: int, odd: Any) -> Call:
    """Names that come twice, or one element many times."""

    def doubled(value: Any) -> Any:
        if isinstance(value, dict) and value:
            names = list(value)
            return Pairs([*value.items(), (names[where % len(names)], odd)])
        return value * (where % _MOST_COPIES) if isinstance(value, list) else [value, value]

    return _at(call, where, doubled)


def _rename(call: Call, where: int, odd: Any) -> Call:
    def renamed(value: Any) -> Any:
        if not isinstance(value, dict) or not value:
            return odd
        old = list(value)[where % len(value)]
        new = (old.swapcase(), old + "x", "value", "Id", "sparse", "properties")[where % 6]
        return {new if name == old else name: each for name, each in value.items()}

    return _at(call, where, renamed)


def _body(call: Call, where: int, odd: Any) -> Call:
    return replace(call, body=odd)


def _spoil_bytes(call: Call, where: int, odd: Any) -> Call:
    content, piece = call.content, BYTES[where % len(BYTES)]
    at = where % (len(content) + 1)
    ways = (content[:at], content[at:], content[:at] + piece + content[at:], content[:at] + piece + content[at + 1 :])
    return replace(call, body=Raw(ways[where % len(ways)]))


def _query_value(call: Call, where: int, odd: Any) -> Call:
    text = TEXTS[where % len(TEXTS)]
    value = quote(text, errors="surrogatepass") if where % 3 else text
    if not call.query:
        return replace(call, query=[(("query", "limit", "after", "properties", "requestid")[where % 5], value)])
    at = where % len(call.query)
    return replace(call, query=[(name, value if at == here else old) for here, (name, old) in enumerate(call.query)])


def _query_shape(call: Call, where: int, odd: Any) -> Call:
    query = list(call.query) or [("minorversion", "75")]
    at = where % len(query)
    ways = (query[:at] + query[at + 1 :], [*query, query[at]], [*query, (TEXTS[where % len(TEXTS)], "1")])
    swapped = [(name.swapcase(), value) if here == at else (name, value) for here, (name, value) in enumerate(query)]
    return replace(call, query=(*ways, swapped)[where % 4])


def _statement(call: Call, where: int, odd: Any) -> Call:
    """A statement of the query language with one token more, less or another."""
    given = dict(call.query).get("query")
    tokens = _TOKEN.findall(unquote(given)) if given else ["select", " ", "*", " ", "from", " ", "Invoice"]
    at, token = where % len(tokens), STATEMENT_TOKENS[where % len(STATEMENT_TOKENS)]
    ways = (
        [*tokens[:at], *tokens[at + 1 :]],
        [*tokens[:at], token, *tokens[at + 1 :]],
        [*tokens[:at], " ", token, " ", *tokens[at:]],
        [*tokens[:at], *tokens[: at + 1 : -1]],
        tokens * (where % 40 + 1),
    )
    statement = "".join(ways[where % len(ways)])
    if call.method == "POST" and not given:
        return replace(call, body=Raw(statement.encode("utf-8", "surrogatepass")))
    return replace(call, query=[("query", quote(statement, errors="surrogatepass"))])


def _path(call: Call, where: int, odd: Any) -> Call:
    steps, segment = call.path.split("/"), SEGMENTS[where % len(SEGMENTS)]
    at = 1 + where % max(len(steps) - 1, 1)
    ways = (
        [*steps[:at], segment, *steps[at + 1 :]],
        [*steps[:at], *steps[at + 1 :]],
        [*steps[:at], segment, *steps[at:]],
        [*steps, segment],
        [step.swapcase() if here == at else step for here, step in enumerate(steps)],
    )
    return replace(call, path="/".join(ways[where % len(ways)]) or "/")


def _header(call: Call, where: int, odd: Any) -> Call:
    name, value = HEADERS[where % len(HEADERS)]
    if value is None:
        return replace(call, headers={each: told for each, told in call.headers.items() if each != name})
    return replace(call, headers={**call.headers, name: value})


def _method(call: Call, where: int, odd: Any) -> Call:
    return replace(call, method=(*METHODS, "TRACE", "PROPFIND", "get", "P\0ST")[where % (len(METHODS) + 4)])


def _shuffled(call: Call, where: int, odd: Any) -> Call:
    """Two values of the body in each other's places."""
    if not isinstance(call.body, dict | list):
        return _spoil_bytes(call, where, odd)
    places = [place for place in _places(call.body) if place]
    if not places:
        return _put(call, where, odd)
    chance = random.Random(where)  # noqa: S311 - the place says it all
    one, other = chance.choice(places), chance.choice(places)
    taken = call.body
    for name in other:
        taken = taken[name]
    return replace(call, body=_changed(call.body, one, lambda _: taken))


MUTATIONS: Sequence[Mutation] = (
    _put,
    _put,
    _drop,
    _add,
    _twice,
    _rename,
    _wrap,
    _shuffled,
    _body,
    _spoil_bytes,
    _query_value,
    _query_shape,
    _statement,
    _path,
    _header,
    _method,
)


BYTES_A_CALL = 20
_MOST_CHANGES = 4


def spoiled(calls: Sequence[Call], choice: bytes, invented: Sequence[Any]) -> Call:
    """A call with up to four things wrong, the later ones on top of the earlier; the bytes choose all of it."""
    call = calls[int.from_bytes(choice[:2], "big") % len(calls)]
    for at in range(1 + choice[2] % _MOST_CHANGES):
        kind, high, low, odd = choice[3 + 4 * at : 7 + 4 * at]
        values = invented if odd > len(VALUES) and invented else VALUES
        call = MUTATIONS[kind % len(MUTATIONS)](call, high << 8 | low, values[odd % len(values)])
    return call
