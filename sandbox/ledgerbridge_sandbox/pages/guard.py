"""What every page is held to: changes come from the sandbox's own pages only, and a browser may load nothing else."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_READING = frozenset({"GET", "HEAD"})
_STRANGE = (
    "This form was not sent from the sandbox's own pages, so nothing was done. "
    "Open the page at this address and send it from there."
)


class Guard:
    """ASGI application around the pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sheltered(message: Message) -> None:
            if message["type"] == "http.response.start":
                _shelter(MutableHeaders(scope=message))
            await send(message)

        if scope["method"] in _READING or comes_from_here(Headers(scope=scope)):
            await self._app(scope, receive, sheltered)
        else:
            await PlainTextResponse(_STRANGE, 403)(scope, receive, sheltered)


def comes_from_here(headers: Headers) -> bool:
    """
    Whether a form was sent by a page of this address.

    Browsers say so by Sec-Fetch-Site, and where they do not (an address that is neither https nor local) by Origin.
    What says neither is no browser that we know: it has the JSON calls of the control door.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


def _shelter(headers: MutableHeaders) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    # Not no-referrer: browsers then send forms with the origin null.
    headers["Referrer-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
    # Chromium's reader of PDFs does not work under a policy; a PDF is no page.
    if not headers.get("content-type", "").startswith("application/pdf"):
        headers["Content-Security-Policy"] = POLICY
