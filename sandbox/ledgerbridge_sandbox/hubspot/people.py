"""What people do in HubSpot's pages, and what HubSpot really holds (see control-door.md)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ledgerbridge_sandbox.control import RefusedError, answer, body_of
from ledgerbridge_sandbox.hubspot import oauth_api, shapes
from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.association_types import ASSOCIATION_TYPES
from ledgerbridge_sandbox.hubspot.crm import Crm
from ledgerbridge_sandbox.hubspot.errors import RefusalError
from ledgerbridge_sandbox.hubspot.events import SALESPERSON
from ledgerbridge_sandbox.hubspot.object_types import OBJECT_TYPES, ObjectType, object_type
from ledgerbridge_sandbox.hubspot.portal_paths import PORTAL
from ledgerbridge_sandbox.hubspot.views import associations_shown, shown, shown_whole
from ledgerbridge_sandbox.nesting_depth import too_deep
from ledgerbridge_sandbox.records import Record
from ledgerbridge_sandbox.world import World

Handler = Callable[[Request], Awaitable[Response]]


def routes(world: World) -> list[BaseRoute]:
    """All routes about HubSpot's people and truth."""
    people = _People(world)
    truth = f"/hubspot/{PORTAL}/objects/{{type}}"
    sales = f"/people/salesperson/{PORTAL}/objects/{{type}}"
    quotes = f"/people/salesperson/{PORTAL}/quotes/{{id}}"
    administrator = f"/people/administrator/hubspot/{PORTAL}"
    return [
        _route(truth, "GET", people.all_objects),
        _route(truth + "/{id}", "GET", people.one_object),
        _route(sales, "POST", people.create),
        _route(sales + "/merge", "POST", people.merge),
        _route(sales + "/{id}", "PATCH", people.change),
        _route(sales + "/{id}", "DELETE", people.archive),
        _route(sales + "/{id}/restore", "POST", people.restore),
        _route(sales + "/{id}/associations/{to_type}/{to_id}", "PUT", people.connect),
        _route(sales + "/{id}/associations/{to_type}/{to_id}", "DELETE", people.disconnect),
        _route(quotes + "/publish", "POST", people.publish),
        _route(quotes + "/expire", "POST", people.expire),
        _route(administrator + "/revoke", "POST", people.revoke),
        _route(administrator + "/expire", "POST", people.expire_tokens),
        _route(administrator + "/required", "PUT", people.require),
        _route(administrator + "/migration", "PUT", people.migrate),
        _route(administrator + "/scopes", "PUT", people.limit_scopes),
    ]


def authorize(world: World, account: str, url: str) -> str:
    """Open HubSpot's authorize address and consent for `account`; answers the redirect, raises ValueError."""
    asked = {**oauth_api.fields_of(urlsplit(url).query), "account": account, "consent": "yes"}
    found = oauth_api.authorize(oauth_api.Form(world, "GET", "", [], asked, {}), None)
    if "location" not in found.headers:
        raise ValueError(found.content.decode())
    return found.headers["location"]


class _People:
    def __init__(self, world: World) -> None:
        self._world = world

    def _account(self, request: Request) -> Account:
        account: Account | None = self._world.hubspot.accounts.get(request.path_params["portal"])
        if account is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no account {request.path_params['portal']}")
        return account

    def _at(self, request: Request) -> tuple[Account, Crm, ObjectType]:
        account = self._account(request)
        kind = object_type(request.path_params.get("type", "quotes"))
        account.index_lag.tick(self._world.clock.now(), self._world.settings["hubspot"]["search_lag_seconds"])
        return account, Crm(self._world, account, SALESPERSON), kind

    async def all_objects(self, request: Request) -> Response:
        account, _, kind = self._at(request)
        stores = (account.live[kind.type_id], account.archived[kind.type_id])
        views = [_truth(request, account, kind, record) for store in stores for record in store.all()]
        return answer({"results": views})

    async def one_object(self, request: Request) -> Response:
        account, _, kind = self._at(request)
        record_id = request.path_params["id"]
        record = account.find(kind.type_id, record_id) or account.archived[kind.type_id].get(record_id)
        if record is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no {kind.singular} {record_id}")
        return answer(_truth(request, account, kind, record))

    async def create(self, request: Request) -> Response:
        account, crm, kind = self._at(request)
        body = await _given(request)
        values, connections = crm.prepare(kind, body.get("properties") or {}, body.get("associations") or [])
        record = crm.create(kind, values, connections)
        return answer(shown_whole(account, kind, record), HTTPStatus.CREATED)

    async def change(self, request: Request) -> Response:
        account, crm, kind = self._at(request)
        body = await _given(request)
        record, _ = crm.update(kind, request.path_params["id"], body.get("properties") or {})
        return answer(shown_whole(account, kind, record))

    async def archive(self, request: Request) -> Response:
        _, crm, kind = self._at(request)
        crm.read(kind, request.path_params["id"])
        crm.archive(kind, request.path_params["id"])
        return answer({})

    async def restore(self, request: Request) -> Response:
        account, crm, kind = self._at(request)
        return answer(shown_whole(account, kind, crm.restore(kind, request.path_params["id"])))

    async def merge(self, request: Request) -> Response:
        account, crm, kind = self._at(request)
        body = await _given(request)
        record = crm.merge(kind, str(body.get("primaryObjectId")), str(body.get("objectIdToMerge")))
        return answer(shown_whole(account, kind, record))

    async def connect(self, request: Request) -> Response:
        """Body as in the API, a list of types, or nothing for the default type."""
        account, crm, kind = self._at(request)
        end = object_type(request.path_params["to_type"])
        specs = await _types_in(request)
        types = account.labels.named(kind, end, specs) if specs else (account.labels.default(kind, end),)
        crm.connect(types, request.path_params["id"], request.path_params["to_id"], replace=bool(specs))
        return answer({}, HTTPStatus.CREATED)

    async def disconnect(self, request: Request) -> Response:
        _, crm, kind = self._at(request)
        crm.disconnect(
            kind, request.path_params["id"], object_type(request.path_params["to_type"]), request.path_params["to_id"]
        )
        return answer({})

    async def publish(self, request: Request) -> Response:
        account, crm, kind = self._at(request)
        record, _ = crm.update(kind, request.path_params["id"], {"hs_status": "APPROVAL_NOT_NEEDED"})
        return answer(shown_whole(account, kind, record))

    async def expire(self, request: Request) -> Response:
        """The expiration date becomes yesterday in the account's zone."""
        account, crm, kind = self._at(request)
        yesterday = self._world.clock.now().astimezone(account.zone).date() - timedelta(days=1)
        record, _ = crm.update(kind, request.path_params["id"], {"hs_expiration_date": yesterday.isoformat()})
        return answer(shown_whole(account, kind, record))

    async def revoke(self, request: Request) -> Response:
        self._world.hubspot.grants.revoke_account(self._account(request).portal)
        return answer({})

    async def expire_tokens(self, request: Request) -> Response:
        now = self._world.clock.now()
        return answer({"expired": self._world.hubspot.grants.expire_account(self._account(request).portal, now)})

    async def require(self, request: Request) -> Response:
        """What must be filled in: `{"type", "on_create": names, "when": [{"property", "value", "required"}]}`."""
        account, body = self._account(request), await body_of(request)
        try:
            asked = msgspec.convert(body, _Required)
        except msgspec.ValidationError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
        conditions = map(msgspec.structs.asdict, asked.when)
        account.validation_rules.require(object_type(asked.type).type_id, asked.on_create, conditions)
        return answer({})

    async def migrate(self, request: Request) -> Response:
        """The account moves to another data centre for `seconds` of the sandbox's clock; 0 ends that."""
        account, seconds = self._account(request), (await body_of(request)).get("seconds")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= _LONGEST_MOVE:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"seconds wants a number from 0 to {_LONGEST_MOVE}")
        account.strains.migrates_until = self._world.clock.now() + timedelta(seconds=seconds)
        return answer({})

    async def limit_scopes(self, request: Request) -> Response:
        """Every token of the account has these scopes only: `{"scopes": […]}`."""
        scopes = (await body_of(request)).get("scopes")
        if not isinstance(scopes, list):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "scopes wants a list")
        self._world.hubspot.grants.limit_scopes(self._account(request).portal, tuple(map(str, scopes)))
        return answer({})


class _Condition(msgspec.Struct, forbid_unknown_fields=True):
    property: str
    value: str
    required: list[str]


class _Required(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    on_create: list[str] = []
    when: list[_Condition] = []


_LONGEST_MOVE = 10**9


async def _given(request: Request) -> dict[str, Any]:
    """The body with members of the kinds that HubSpot's API takes; raises its 400."""
    body = await body_of(request)
    shapes.check(body)
    if not isinstance(body.get("properties") or {}, dict):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "properties are values by name")
    return body


async def _types_in(request: Request) -> list[Any]:
    """The types that the body lists, none where it says nothing; raises RefusedError (400)."""
    raw = await request.body()
    try:
        found = msgspec.json.decode(raw) if raw and not too_deep(raw) else []
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The body is not a list of types: {error}") from error
    if found and not isinstance(found, list):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The body is not a list of types")
    return found or []


def _truth(request: Request, account: Account, kind: ObjectType, record: Record) -> dict[str, Any]:
    names = [name for name in request.query_params.get("properties", "").split(",") if name]
    view = shown(account, kind, record, names) if names else shown_whole(account, kind, record)
    ends = [OBJECT_TYPES[end] for start, end in ASSOCIATION_TYPES if start == kind.type_id]
    return {**view, "associations": associations_shown(account, kind, record["id"], ends)}


def _route(path: str, method: str, handler: Handler) -> Route:
    async def in_its_words(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusalError as refused:
            return answer(refused.body, refused.status)

    return Route(path, in_its_words, methods=[method])
