"""How PostgreSQL's jsonb becomes Python and back, exact to the last digit."""

import json
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec


def encode_json(value: Any) -> str:
    """Write a value as JSON; Decimal becomes a string, so that no reader can make it a float."""
    return msgspec.json.encode(value).decode()


def decode_json(text: str) -> Any:
    """Read JSON; numbers with a fraction become Decimal."""
    return json.loads(text, parse_float=Decimal)


async def register(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Use these codecs on a new connection (asyncpg's `init` hook)."""
    await connection.set_type_codec("jsonb", encoder=encode_json, decoder=decode_json, schema="pg_catalog")
