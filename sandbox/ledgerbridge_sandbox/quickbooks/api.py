"""QuickBooks' HTTP application: who may call, how often, and the way to the company."""

from http import HTTPStatus
from urllib.parse import parse_qsl

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledgerbridge_sandbox.door import Identify, VendorDoor
from ledgerbridge_sandbox.quickbooks import faults, limits
from ledgerbridge_sandbox.quickbooks.at_once import AtOnce, calls_at_once
from ledgerbridge_sandbox.quickbooks.calls import Answer, Call, answer_call, faulty
from ledgerbridge_sandbox.quickbooks.companies import QuickBooks, declare_settings
from ledgerbridge_sandbox.quickbooks.compression import packed, unpacked
from ledgerbridge_sandbox.quickbooks.downloads import answer_download
from ledgerbridge_sandbox.quickbooks.events import STYLE, signed_request
from ledgerbridge_sandbox.quickbooks.faults import Fault
from ledgerbridge_sandbox.quickbooks.file_addresses import PREFIX
from ledgerbridge_sandbox.quickbooks.grants import APP
from ledgerbridge_sandbox.quickbooks.limits import CallLimits
from ledgerbridge_sandbox.quickbooks.oauth_pages import OAuthPages
from ledgerbridge_sandbox.quickbooks.ready_faults import READY_FAULTS
from ledgerbridge_sandbox.quickbooks.xml_door import in_accepted_form, json_body
from ledgerbridge_sandbox.seed.quickbooks import sow
from ledgerbridge_sandbox.webhooks import WebhookSender
from ledgerbridge_sandbox.world import World

_COMPANY = "/v3/company/"
_VERSION = b"2026.11-sandbox"


def build(world: World, *, seeded: bool = True) -> ASGIApp:
    """Join QuickBooks to the world, sow its companies unless it starts from a snapshot, and answer its door."""
    declare_settings(world)
    limits.declare(world.limits["quickbooks"])
    quickbooks = QuickBooks(world)
    sender = WebhookSender("quickbooks", signed_request, world.clock, world.random)
    sender.configure(STYLE)
    world.join("quickbooks", quickbooks, sender)
    world.ready_faults["quickbooks"] = READY_FAULTS
    if seeded:
        sow(quickbooks, world.clock)
    return AtOnce(VendorDoor(Application(world, quickbooks), "quickbooks", world, _identifier(quickbooks)))


def _identifier(quickbooks: QuickBooks) -> Identify:
    def identify(scope: Scope) -> tuple[str, str]:
        path = scope["path"]
        realm = path[len(_COMPANY) :].split("/", 1)[0] if path.startswith(_COMPANY) else ""
        known = quickbooks.grants.realm_of(_bearer(scope)) if realm else None
        return realm, APP if known else ""

    return identify


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _bearer(scope: Scope) -> str:
    scheme, _, token = _header(scope, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _origin(scope: Scope) -> str:
    """Scheme and host by which the caller reached the sandbox, which need not be those that it binds."""
    return f"{scope['scheme']}://{_header(scope, b'host')}"


class Application:
    """Calls under /v3/company by hand, for speed; OAuth's pages by Starlette."""

    def __init__(self, world: World, quickbooks: QuickBooks) -> None:
        self._quickbooks = quickbooks
        self._world = world
        self._limits = CallLimits(world.limits["quickbooks"], world.clock)
        world.counts.append(self._limits.forget)
        self._pages = OAuthPages(quickbooks).application()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(_COMPANY):
            body = await _body(receive)
            await self._respond(scope, self._answer(scope, body), send)
        elif scope["path"].startswith(PREFIX) and scope["method"] == "GET":
            query = scope["query_string"].decode("latin-1")
            await self._respond(scope, answer_download(self._quickbooks.companies, scope["path"], query), send)
        elif scope["path"].startswith("/v3/"):
            await self._respond(scope, _plain(faults.unsupported(scope["path"])), send)
        else:
            await self._pages(scope, receive, self._traced(send))

    def _answer(self, scope: Scope, body: bytes) -> Answer:
        realm, *path = scope["path"][len(_COMPANY) :].split("/")
        refusal = self._refusal(_bearer(scope), realm)
        if refusal is not None:
            return refusal
        company = self._quickbooks.companies[realm]
        parts = tuple(part for part in path if part)
        try:
            parameters = dict(parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict"))
            self._limits.count(realm, batch=parts[:1] == ("batch",), at_once=calls_at_once(scope))
            self._quickbooks.meter.check(realm, scope["method"], parts)
            content_type = _header(scope, b"content-type")
            body = json_body(parts, content_type, unpacked(body, _header(scope, b"content-encoding")))
        except UnicodeDecodeError:
            return faulty(company, faults.unsupported("bad UTF-8"))
        except Fault as fault:
            return faulty(company, fault)
        call = Call(scope["method"], parts, parameters, body, content_type, _origin(scope))
        answer = answer_call(company, call)
        if answer.status == HTTPStatus.OK:
            self._quickbooks.meter.count(realm, scope["method"], parts)
        return answer

    def _refusal(self, token: str, realm: str) -> Answer | None:
        """The gateway's 401 or 403 (quickbooks.md 13), None for a caller who may."""
        known = self._quickbooks.grants.realm_of(token)
        if known is None:
            return self._gateway("3200", "Malformed bearer token: too short or too long")
        if known[0] != realm or realm not in self._quickbooks.companies:
            return self._gateway("3100", None)
        if not known[1]:
            return self._gateway("3200", "Token expired: invalid_token")
        if not self._quickbooks.grants.has_rights(realm):
            return faulty(self._quickbooks.companies[realm], faults.without_rights())
        return None

    def _gateway(self, code: str, detail: str | None) -> Answer:
        milliseconds = int(self._world.clock.now().timestamp() * 1000)
        status = HTTPStatus.UNAUTHORIZED if code == "3200" else HTTPStatus.FORBIDDEN
        return Answer(status, msgspec.json.encode(faults.gateway(code, detail, milliseconds)), "application/json")

    def _trace(self) -> tuple[bytes, bytes]:
        """The id that Intuit's support asks for."""
        seconds = int(self._world.clock.now().timestamp())
        return b"intuit_tid", b"1-%08x-%024x" % (seconds, self._world.random.getrandbits(96))

    def _traced(self, send: Send) -> Send:
        async def send_traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], self._trace()]
            await send(message)

        return send_traced

    async def _respond(self, scope: Scope, answer: Answer, send: Send) -> None:
        any_is_xml = bool(self._world.settings["quickbooks"]["xml_when_anything_is_accepted"])
        query = scope["query_string"].decode("latin-1")
        answer = in_accepted_form(answer, scope["path"], query, _header(scope, b"accept"), any_is_xml=any_is_xml)
        body, encoding = packed(answer.body, answer.content_type, _header(scope, b"accept-encoding"))
        headers = [
            (b"content-type", answer.content_type.encode()),
            (b"content-length", b"%d" % len(body)),
            self._trace(),
            (b"qbo-version", _VERSION),
            (b"service-time", b"total=32, db=26"),
            (b"cache-control", b"max-age=0, no-cache, no-store, must-revalidate, private"),
        ]
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        if answer.status == HTTPStatus.UNAUTHORIZED:
            headers.append((b"www-authenticate", b'Bearer realm="Intuit", error="invalid_token"'))
        await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _plain(fault: Fault) -> Answer:
    return Answer(fault.status, msgspec.json.encode({"Fault": fault.document()}), "application/json")


async def _body(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    parts = [message.get("body", b"")]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)
