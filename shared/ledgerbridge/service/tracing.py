"""Traces over OTLP (HTTP), imported only where the setting `traces` names a collector.

Spans are made of HTTP requests, of consumed batches and of vendor calls. A trace goes on through Kafka by the
envelope's `traceparent`. Attributes hold routes and codes; never addresses with a query, bodies or headers.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledgerbridge.service import trace_context
from ledgerbridge.service.trace_context import Attributes

EXPORT_SECONDS = 5
MOST_LINKS = 64
QUIET = frozenset({"/livez", "/readyz", "/metrics"})

_KINDS = {"server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER, "internal": SpanKind.INTERNAL}
_propagator = TraceContextTextMapPropagator()


class Traces:
    """A process's traces: on from the start until `close`."""

    def __init__(self, address: str, service: str) -> None:
        """`address` is the collector's; the path of OTLP is added where it has none."""
        endpoint = address if urlsplit(address).path.strip("/") else f"{address.rstrip('/')}/v1/traces"
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS))
        )
        self._tracer = self._provider.get_tracer("ledgerbridge")
        trace_context.switch(self)

    async def close(self) -> None:
        """Send what is left, for at most a few seconds."""
        trace_context.switch(None)
        try:
            await asyncio.wait_for(asyncio.to_thread(self._provider.shutdown), EXPORT_SECONDS + 1)
        except TimeoutError:
            return

    @contextmanager
    def span(self, name: str, kind: str, attributes: Attributes, parents: Iterable[str]) -> Iterator[trace.Span]:
        """A span around what happens inside: a child of one parent, or linked to each of several."""
        contexts = [found for one in list(parents)[:MOST_LINKS] if (found := _read(one)) is not None]
        alone = len(contexts) == 1
        with self._tracer.start_as_current_span(
            name,
            context=trace.set_span_in_context(trace.NonRecordingSpan(contexts[0])) if alone else None,
            kind=_KINDS[kind],
            attributes=dict(attributes),
            links=[] if alone else [Link(one) for one in contexts],
            # The exception's text could hold what a caller sent.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def past_span(self, name: str, attributes: Attributes, began: float, ended: float, *, failed: bool) -> None:
        """A span of a call that is over."""
        span = self._tracer.start_span(
            name, kind=SpanKind.CLIENT, attributes=dict(attributes), start_time=int(began * 1e9)
        )
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(int(ended * 1e9))

    def traceparent(self) -> str | None:
        """W3C's name of the current span."""
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return carrier.get("traceparent")


class TracedRequests:
    """ASGI middleware: a span for each HTTP request, named by its route."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on inside a span."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)
        with trace_context.span(scope["method"], "server", {"http.request.method": scope["method"]}, [given]) as span:

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start" and isinstance(span, trace.Span):
                    _describe(span, scope, message["status"])
                await send(message)

            await self._app(scope, receive, sending)


def _describe(span: trace.Span, scope: Scope, status: int) -> None:
    route = getattr(scope.get("route"), "path", None)
    if route:
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    if status >= 500:  # noqa: PLR2004
        span.set_status(Status(StatusCode.ERROR))


def _read(traceparent: str) -> SpanContext | None:
    found = trace.get_current_span(_propagator.extract({"traceparent": traceparent})).get_span_context()
    return found if found.is_valid else None
