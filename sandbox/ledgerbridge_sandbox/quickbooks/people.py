"""What people do in QuickBooks's pages."""

from starlette.routing import BaseRoute

from ledgerbridge_sandbox.world import World


def routes(_world: World) -> list[BaseRoute]:
    """The routes on the control door."""
    return []
