"""What a call meets that a fault strikes."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

_STATUSES = (200, 599)
_LONGEST_MILLISECONDS = 600_000
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[ -~]*")


class Effect(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """
    What should go wrong with a call.

    Without `status` and `lose_answer` the call only takes `latency_milliseconds` longer. With `status` it is answered
    so and no work is done. With `lose_answer` the work is done, then the connection is cut without an answer, or, when
    `status` is given too, the answer is replaced (a gateway's 504 after the work was done). `ready` names an answer
    that the vendor has at hand; what else is given goes before it.
    """

    ready: str | None = None
    latency_milliseconds: float = 0.0
    status: int | None = None
    body: object = None
    content_type: str = "application/json"
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    lose_answer: bool = False

    def __post_init__(self) -> None:
        """Refuse what no answer can be (ValueError)."""
        if not 0.0 <= self.latency_milliseconds <= _LONGEST_MILLISECONDS:
            raise ValueError(f"latency lies between 0 and {_LONGEST_MILLISECONDS} milliseconds")
        if self.status is not None and not _STATUSES[0] <= self.status <= _STATUSES[1]:
            raise ValueError(f"status lies between {_STATUSES[0]} and {_STATUSES[1]}")
        told = {"content-type": self.content_type, **self.headers}
        if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in told.items()):
            raise ValueError("headers are names and values that a header may have")

    def body_bytes(self) -> bytes:
        """The body to answer: text as it stands, anything else as JSON."""
        if self.body is None:
            return b""
        return self.body.encode() if isinstance(self.body, str) else msgspec.json.encode(self.body)


SomeEffect = TypeVar("SomeEffect", bound=Effect)
UNDISTURBED = Effect()
Ready = Mapping[str, Mapping[str, Any]]
"""A vendor's answers at hand by name: fields of an effect."""
_PAGE = "<html>\n<head><title>{words}</title></head>\n<body>\n<center><h1>{words}</h1></center>\n</body>\n</html>\n"


def page(status: int, words: str) -> Mapping[str, Any]:
    """What a gateway answers in the vendor's place. That it is HTML is known, its words are a guess."""
    return {"status": status, "content_type": "text/html", "body": _PAGE.format(words=f"{status} {words}")}


GATEWAY: Ready = {
    "bad_gateway": page(502, "Bad Gateway"),
    "unavailable": page(503, "Service Temporarily Unavailable"),
    "gateway_timeout": page(504, "Gateway Time-out"),
    "lost_answer": {"lose_answer": True},
}


def completed(effect: SomeEffect, ready: Ready) -> SomeEffect:
    """The effect with what its answer at hand says; raises ValueError for one that the vendor has not."""
    if effect.ready is None:
        return effect
    if effect.ready not in ready:
        raise ValueError(f"Ready are: {', '.join(sorted(ready))}")
    given = {name: value for name, value in msgspec.structs.asdict(effect).items() if value != _default(effect, name)}
    return type(effect)(**{**ready[effect.ready], **given})


def _default(effect: Effect, name: str) -> object:
    field = next(field for field in msgspec.structs.fields(effect) if field.name == name)
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
