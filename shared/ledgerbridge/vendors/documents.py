"""JSON to and from the vendors, exact to the last digit: numbers with a fraction are Decimal, never float."""

from decimal import Decimal
from typing import Any

import msgspec

Document = dict[str, Any]

_reader = msgspec.json.Decoder(float_hook=Decimal)
_writer = msgspec.json.Encoder(decimal_format="number")


def read_document(body: bytes) -> Any:
    """Parse JSON; raises ValueError for whatever is not JSON, too deep included."""
    try:
        return _reader.decode(body)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


def write_document(value: Any) -> bytes:
    """Write JSON with exact numbers; raises ValueError for a float or a number that is not finite."""
    _check_exact(value)
    return _writer.encode(value)


def _check_exact(value: Any) -> None:
    if isinstance(value, dict):
        for inner in value.values():
            _check_exact(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_exact(inner)
    elif isinstance(value, float) or (isinstance(value, Decimal) and not value.is_finite()):
        raise ValueError("a number for a vendor is a finite Decimal or an int")
