"""Exact numbers: JSON in and out without a float, rounding to the cent, and the form that QuickBooks writes."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import msgspec

from ledgerbridge_sandbox.nesting_depth import too_deep
from ledgerbridge_sandbox.quickbooks.faults import malformed, number_invalid

Record = dict[str, Any]

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")
_LIMIT = Decimal(10) ** 15

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")

encode = _encoder.encode


def decode(body: bytes) -> Any:
    """The JSON value; numbers with a point are Decimals. Raises the fault 2010 for what is no JSON, or too deep."""
    if too_deep(body):
        raise malformed("nested too deep")
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(str(error)) from error


def decode_record(body: bytes) -> Record:
    """A JSON object; anything else is the fault 2010."""
    value = decode(body)
    if not isinstance(value, dict):
        raise malformed("Can not deserialize instance out of START_ARRAY token")
    return value


def number(value: Any, field: str) -> Decimal:
    """A JSON number or a numeric string; raises 2080 for another value or more than fifteen digits."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise number_invalid(field, value)
    try:
        result = Decimal(value)
    except InvalidOperation as error:
        raise number_invalid(field, value) from error
    if not result.is_finite() or abs(result) >= _LIMIT:
        raise number_invalid(field, value)
    return result


def number_in(record: Mapping[str, Any], field: str) -> Decimal:
    """The number of that field, zero where it is absent."""
    value = record.get(field)
    return ZERO if value is None else number(value, field)


def cents(value: Decimal, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Rounded to the cent, half up. Raises 2080 for an amount beyond all digits.

    Guess: QuickBooks does not publish its rounding (quickbooks.md 14), hence `Company.cents` for what it computes.
    """
    try:
        return value.quantize(_CENT, rounding)
    except InvalidOperation as error:
        raise number_invalid("Amount", value) from error


def amount(value: Decimal) -> Decimal | int:
    """An amount as recorded answers write it: 0, 100.0, 29.96."""
    rounded = cents(value)
    if not rounded:
        return 0
    shorter = rounded.quantize(_TENTH) if rounded == rounded.quantize(_TENTH, ROUND_HALF_UP) else rounded
    return +shorter


def quantity(value: Decimal) -> Decimal | int:
    """A quantity, price or rate as recorded answers write it: 4, 4.5, 0.125."""
    if value == value.to_integral_value():
        return int(value)
    return value.normalize()
