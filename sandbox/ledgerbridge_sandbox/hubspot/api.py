"""HubSpot's HTTP application."""

from datetime import datetime

import msgspec
from starlette.applications import Starlette
from starlette.types import ASGIApp, Scope

from ledgerbridge_sandbox.door import VendorDoor
from ledgerbridge_sandbox.hubspot.accounts import HubSpot
from ledgerbridge_sandbox.webhooks import Event, WebhookSender
from ledgerbridge_sandbox.world import World


def build(world: World) -> ASGIApp:
    """Join HubSpot to the world and answer its door."""
    world.join("hubspot", HubSpot(), WebhookSender("hubspot", _request, world.clock, world.random))
    return VendorDoor(Starlette(), "hubspot", world, _identify)


def _identify(_scope: Scope) -> tuple[str, str]:
    return "", ""


def _request(_url: str, events: list[Event], _attempt: int, _now: datetime) -> tuple[bytes, dict[str, str]]:
    return msgspec.json.encode(events), {"content-type": "application/json"}
