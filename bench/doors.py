"""The doors that `bench.webhook_door` knocks at, each a process: `python -m bench.doors KIND PORT`.

`durable` is webhook-gateway as it is. `forgetful` is the same, but its group commit writes nothing, and it
neither tells nor relays. `raw` is a bare ASGI function that checks the signature and answers.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import uvicorn
from ledgerbridge.service import logs
from ledgerbridge.service.runner import Context, create_app, fronted, serve
from webhook_gateway.app import ROUTERS, SERVICE, compose
from webhook_gateway.deliveries import Delivery
from webhook_gateway.door import Door
from webhook_gateway.group_commit import GroupCommit
from webhook_gateway.settings import Settings

from bench.bare import body_of, signed

VERIFIER = "bench-verifier"


async def _write_nothing(_deliveries: Sequence[Delivery]) -> None:
    return None


async def compose_forgetful(context: Context[Settings]) -> Door:
    """The gateway's own parts, with a group commit that keeps nothing; what is stored is the other door's to tell."""
    door = await compose(context)
    forgetful = GroupCommit(_write_nothing)
    others = [part for part in context.parts if part.name not in {"teller", "relay", door.deliveries.name}]
    context.parts[:] = [*others, forgetful]
    return replace(door, deliveries=forgetful)


async def raw(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Signature and answer, nothing else."""
    if scope["type"] != "http":
        return
    good = signed(scope, await body_of(receive), VERIFIER.encode())
    await send({"type": "http.response.start", "status": 204 if good else 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def main(kind: str, port: int) -> None:
    """Serve one door as `ledgerbridge.service.runner.run` serves the gateway."""
    if kind == "raw":
        uvicorn.run(raw, host="127.0.0.1", port=port, log_config=None, access_log=False)
        return
    logs.configure(SERVICE.name, form="json", level="error")
    settings = Settings()
    composing = compose if kind == "durable" else compose_forgetful
    app = create_app(SERVICE, settings, composing, ROUTERS)
    serve(fronted(SERVICE, settings, app), settings, port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
