"""What all messages have in common: immutable, exact amounts, nothing unknown, at most 512 kB."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
)
from pydantic.json_schema import WithJsonSchema

LARGEST_VALUE = 512 * 1024
"""The most bytes of one message's value (design.md 5)."""

_DECIMAL = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"


def _exact(value: Any) -> Decimal:
    """Take a Decimal or a decimal string; a float or a JSON number has already lost digits somewhere."""
    if isinstance(value, Decimal):
        text = format(value, "f")
    elif isinstance(value, str):
        text = value
    else:
        raise ValueError('an amount is a decimal string such as "12.50"')  # noqa: TRY004 - pydantic reports ValueError
    if not re.fullmatch(_DECIMAL, text):
        raise ValueError(
            'an amount is a decimal string such as "12.50", at most 15 digits before and 12 after the point'
        )
    return Decimal(text)


def _no_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("text must not contain the character NUL")
    return value


def plain(number: Decimal) -> str:
    """A decimal string, the same for the same number however many zeros it came with."""
    text = format(number or Decimal(0), "f")  # no -0
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(amount: Decimal) -> str:
    """A decimal string with two places at least."""
    whole, _point, places = plain(amount).partition(".")
    return f"{whole}.{places:<02}"


Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _DECIMAL, "examples": ["2.5"]}),
]
"""A quantity, a price, a percentage or a rate: a Decimal in Python, a decimal string in JSON, never a number."""

Money = Annotated[
    Decimal,
    BeforeValidator(_exact),
    PlainSerializer(money, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _DECIMAL, "examples": ["1250.00"]}),
]
"""An amount of money, as `Amount`; written with two places at least."""

Text = Annotated[str, AfterValidator(_no_nul)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_no_nul)]
"""An id of ours or of a vendor; always text."""
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Moment = AwareDatetime
"""A point in time with its offset."""


class Part(BaseModel):
    """A piece of a message."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(Part):
    """The data of one type of message; `type` is the CloudEvents type."""

    type: ClassVar[str]

    def encode(self) -> bytes:
        """The JSON value. Raises ValueError where it is larger than 512 kB and nothing may be left out."""
        value = self.model_dump_json().encode()
        if len(value) > LARGEST_VALUE:
            return self._shortened()
        return value

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Read a value that this or a newer version wrote: unknown fields are passed over.

        Raises pydantic.ValidationError.
        """
        return cls.model_validate_json(value, extra="ignore")

    @classmethod
    def dataschema(cls) -> str:
        """The name of the committed JSON Schema, as a URI."""
        return f"urn:ledgerbridge:schema:{cls.type}"

    def _shortened(self) -> bytes:
        raise ValueError(f"{self.type}: the value is larger than {LARGEST_VALUE} bytes")


class Command(Message):
    """A message of another producer: read strictly, so that a misspelt field is refused and not passed over."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Read a value; an unknown field is an error. Raises pydantic.ValidationError."""
        return cls.model_validate_json(value)


def as_text(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC with microseconds, e.g. ``2026-11-23T10:00:00.000000+00:00``."""
    return moment.isoformat(timespec="microseconds")
