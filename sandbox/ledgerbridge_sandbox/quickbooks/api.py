"""QuickBooks's HTTP application."""

from datetime import datetime

import msgspec
from starlette.applications import Starlette
from starlette.types import ASGIApp, Scope

from ledgerbridge_sandbox.door import VendorDoor
from ledgerbridge_sandbox.quickbooks.companies import QuickBooks
from ledgerbridge_sandbox.webhooks import Event, WebhookSender
from ledgerbridge_sandbox.world import World


def build(world: World) -> ASGIApp:
    """Join QuickBooks to the world and answer its door."""
    world.join("quickbooks", QuickBooks(), WebhookSender("quickbooks", _request, world.clock, world.random))
    return VendorDoor(Starlette(), "quickbooks", world, _identify)


def _identify(_scope: Scope) -> tuple[str, str]:
    return "", ""


def _request(_url: str, events: list[Event], _attempt: int, _now: datetime) -> tuple[bytes, dict[str, str]]:
    return msgspec.json.encode(events), {"content-type": "application/json"}
