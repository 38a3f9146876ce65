"""HubSpot's HTTP application: paths and versions through one table, tokens, limits, errors (hubspot.md 1, 2, 16)."""

import re
from collections.abc import Callable
from http import HTTPStatus

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from ledgerbridge_sandbox.door import VendorDoor
from ledgerbridge_sandbox.fault_effects import page
from ledgerbridge_sandbox.hubspot import (
    account_api,
    associations_api,
    lists_api,
    oauth_api,
    objects_api,
    pipelines_api,
    properties_api,
    validations_api,
)
from ledgerbridge_sandbox.hubspot.accounts import HubSpot
from ledgerbridge_sandbox.hubspot.errors import RefusalError, not_found
from ledgerbridge_sandbox.hubspot.events import signed_request
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange
from ledgerbridge_sandbox.hubspot.grants import Access, Grants
from ledgerbridge_sandbox.hubspot.limits import ASSOCIATIONS, DEFAULTS, GENERAL, SEARCH, Limiter
from ledgerbridge_sandbox.hubspot.plans import check_plans
from ledgerbridge_sandbox.hubspot.ready_faults import READY_FAULTS
from ledgerbridge_sandbox.seed import hubspot as seed
from ledgerbridge_sandbox.webhooks import WebhookSender
from ledgerbridge_sandbox.world import World

RETRY_SECONDS = [60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 14400.0, 18000.0, 21600.0]
"""Ten retries over about 24 hours; the gaps are a guess."""
ANSWER_WITHIN_SECONDS = 5.0
LONGEST_ADDRESS = 8192
"""Bytes of path and query: beyond it 414. The figure is a guess (hubspot.md 19.32)."""
_TOO_LONG = 414
_VERSION = re.compile(r"v\d|20\d\d-\d\d(-beta)?")
_VERSIONS = {
    "crm": frozenset({"v3", "v4", "2026-03", "2026-09"}),
    "settings": frozenset({"v3", "2026-03", "2026-09"}),
    "account-info": frozenset({"v3", "2026-03", "2026-09"}),
    "oauth": frozenset({"v1", "v3", "2026-03", "2026-09"}),
}
_encode = msgspec.json.encode


def build(world: World, *, seeded: bool = True) -> ASGIApp:
    """Make HubSpot, with its seed unless it starts from a snapshot, join it to the world, and answer its door."""
    world.limits["hubspot"].declare(**DEFAULTS)
    world.limits["hubspot"].check("plans", check_plans)
    world.settings["hubspot"].declare(
        search_lag_seconds=0.0,
        calculation_equation=True,
        rotate_refresh_token=False,
        merge_new_id=False,
        deal_amount_from_line_items=True,
        property_changes_on_create=True,
        webhook_forms="object",
        legacy_quotes=True,
        mirror_invoices_need_line_items=True,
        delete_open_invoices=False,
        payments_set_up=True,
        single_parent=False,
        lifecycle_backwards="ignored",
        locks_after_writes_a_second=0,
    )
    world.ready_faults["hubspot"] = READY_FAULTS
    sender = WebhookSender("hubspot", signed_request, world.clock, world.random)
    sender.configure({"retry_seconds": RETRY_SECONDS, "timeout_seconds": ANSWER_WITHIN_SECONDS})
    world.join("hubspot", HubSpot(Grants(world.random)), sender)
    if seeded:
        seed.plant(world)
    world.ready_faults["hubspot"] = READY_FAULTS
    app = _HubSpotApp(world)
    return VendorDoor(app, "hubspot", world, app.identify)


class _HubSpotApp:
    """Plain ASGI: a simple call costs well under a millisecond."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limiter = Limiter(world)
        self._areas: dict[str, Callable[[Exchange], Answer]] = {
            "crm/objects": objects_api.serve,
            "crm/associations": associations_api.serve,
            "crm/properties": properties_api.serve,
            "crm/lists": lists_api.serve,
            "crm/property-validations": validations_api.serve,
            "crm/pipelines": pipelines_api.serve,
            "crm/owners": account_api.owners,
            "settings/currencies": account_api.currencies,
            "account-info": lambda exchange: account_api.account_info(exchange, self._limiter),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        trace = self._world.trace_id()
        try:
            answer = self._answer(scope, body)
        except RefusalError as refused:
            content = refused.body if "error" in refused.body else {**refused.body, "correlationId": trace}
            answer = Answer(refused.status, content, refused.headers)
        await _send(answer, trace, send)

    def identify(self, scope: Scope) -> tuple[str, str]:
        """Account and grant of a call, for the journal; an expired token still says whose it was."""
        access = self._world.hubspot.grants.access.get(_token(scope))
        return (str(access.portal), access.who) if access else ("", "")

    def _answer(self, scope: Scope, body: bytes) -> Answer:
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            edge = page(_TOO_LONG, "Request-URI Too Large")
            return Answer(_TOO_LONG, edge["body"].encode(), {"content-type": edge["content_type"]})
        steps = [step for step in scope["path"].split("/") if step]
        area, version, rest = _placed(steps)
        if area == "oauth":
            return self._oauth(scope, version, rest, body)
        handler = self._areas.get(area)
        if handler is None:
            raise not_found()
        access = self._access(scope)
        account = self._world.hubspot.accounts[access.portal]
        account.strains.refuse_migrating(self._world.clock.now())
        headers = self._limiter.admit(account, access, kind=_kind_of_call(area, rest))
        account.index_lag.tick(self._world.clock.now(), self._world.settings["hubspot"]["search_lag_seconds"])
        exchange = Exchange(
            self._world,
            account,
            access.scopes,
            scope["method"],
            version,
            rest,
            scope["query_string"].decode("latin-1"),
            _header(scope, b"content-type"),
            body,
            f"{scope['scheme']}://{_header(scope, b'host')}{scope['path']}",
        )
        return _with_headers(lambda: handler(exchange), headers)

    def _oauth(self, scope: Scope, version: str, rest: list[str], body: bytes) -> Answer:
        query = oauth_api.fields_of(scope["query_string"].decode(errors="replace"))
        fields = oauth_api.fields_of(body.decode(errors="replace"))
        if version == "v1":  # Later versions read the body alone (hubspot.md 2).
            fields = {**query, **fields}
        form = oauth_api.Form(self._world, scope["method"], version, rest, query, fields)
        if version:
            return oauth_api.serve(form)
        match rest:
            case ["authorize"]:
                return oauth_api.authorize(form, None)
            case [account, "authorize"]:
                return oauth_api.authorize(form, account)
        raise not_found()

    def _access(self, scope: Scope) -> Access:
        access: Access | None = self._world.hubspot.grants.access.get(_token(scope))
        if access is None:
            message = (
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
                "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
            )
            raise _unauthorized("INVALID_AUTHENTICATION", message)
        if access.expires_at is not None:
            ago = (self._world.clock.now() - access.expires_at).total_seconds()
            if ago >= 0:
                message = f"The OAuth token used to make this call expired {int(ago)} second(s) ago."
                raise _unauthorized("EXPIRED_AUTHENTICATION", message)
        return access


def _placed(steps: list[str]) -> tuple[str, str, list[str]]:
    """
    Area, version and what follows, whatever the order of the older and the dated families.

    `/crm/v3/objects/…` and `/crm/objects/2026-09/…` are both ("crm/objects", version, …). Raises 404.
    """
    for at in (1, 2):
        if len(steps) > at and _VERSION.fullmatch(steps[at]):
            version = steps[at]
            if version not in _VERSIONS.get(steps[0], ()):
                raise not_found()
            wide = 2 if steps[0] in {"crm", "settings"} else 1
            names = [*steps[:at], *steps[at + 1 :]]
            return "/".join(names[:wide]), version, names[wide:]
    if steps[:1] == ["oauth"]:
        return "oauth", "", steps[1:]
    raise not_found()


def _kind_of_call(area: str, rest: list[str]) -> str:
    """Which allowance a call takes from."""
    if area == "crm/objects" and rest[1:2] == ["search"]:
        return SEARCH
    return ASSOCIATIONS if area == "crm/associations" or rest[2:3] == ["associations"] else GENERAL


def _with_headers(handle: Callable[[], Answer], headers: dict[str, str]) -> Answer:
    try:
        answer = handle()
    except RefusalError as refused:
        refused.headers = {**headers, **refused.headers}
        raise
    return Answer(answer.status, answer.content, {**headers, **answer.headers}) if headers else answer


def _unauthorized(category: str, message: str) -> RefusalError:
    return RefusalError(HTTPStatus.UNAUTHORIZED, {"status": "error", "message": message, "category": category})


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            text: str = value.decode("latin-1")
            return text
    return ""


def _token(scope: Scope) -> str:
    return _header(scope, b"authorization").removeprefix("Bearer ")


async def _body(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        first: bytes = message.get("body", b"")
        return first
    parts = [message.get("body", b"")]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


async def _send(answer: Answer, trace: str, send: Send) -> None:
    content = answer.content
    body = b"" if content is None else content if isinstance(content, bytes) else _encode(content)
    headers = [
        (b"content-type", b"application/json;charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-hubspot-correlation-id", trace.encode()),
    ]
    if "content-type" in answer.headers or content is None:
        headers = headers[1:]
    headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
