"""Traces, when `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) names a collector. All of OpenTelemetry is here.

Not configured, its SDK and exporter are not imported and a span costs one comparison. Configured, a request is a span,
with one for each stage and each round trip to the engine below it; `traceparent` is taken from the caller and given to
the engine. The other standard variables hold too: OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_RESOURCE_ATTRIBUTES, ….
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, Protocol

from stack.errors import ConfigError

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OtelSpan
    from opentelemetry.trace import Tracer
    from starlette.datastructures import Headers

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
SERVICE = "souk"

Attributes = Mapping[str, str | int | float | bool]
Kind = Literal["internal", "server", "client"]


class Span(Protocol):
    """What is done with a span that is open."""

    def update_name(self, name: str) -> None: ...
    def set_attributes(self, attributes: Attributes) -> None: ...
    def failed(self, why: str) -> None: ...


class _NoSpan:
    """The span of a process that does not trace."""

    def update_name(self, name: str) -> None: ...
    def set_attributes(self, attributes: Attributes) -> None: ...
    def failed(self, why: str) -> None: ...


NO_SPAN = _NoSpan()
_NOTHING: AbstractContextManager[Span] = nullcontext(NO_SPAN)
_tracing: _Tracing | None = None


def wanted(env: Mapping[str, str]) -> bool:
    """Do the standard variables ask for traces?"""
    off = env.get("OTEL_SDK_DISABLED", "").lower() == "true" or env.get("OTEL_TRACES_EXPORTER", "otlp") == "none"
    return not off and any(env.get(name) for name in ENDPOINTS)


@contextmanager
def exporting(env: Mapping[str, str]) -> Iterator[bool]:
    """Trace within this block where the variables ask for it; what is not sent yet is sent at its end.

    Yields whether it traces. Raises ConfigError for a protocol that is not carried.
    """
    global _tracing
    if not wanted(env):
        yield False
        return
    protocol = next((env[name] for name in PROTOCOLS if env.get(name)), "http/protobuf")
    if protocol != "http/protobuf":
        raise ConfigError(
            f"{' or '.join(PROTOCOLS)}: {protocol!r} is not carried",
            "Use http/protobuf, which collectors take on port 4318",
        )
    _tracing = _Tracing()
    try:
        yield True
    finally:
        _tracing.provider.shutdown()
        _tracing = None


def active() -> bool:
    """Does this process trace?"""
    return _tracing is not None


def span(name: str, attributes: Attributes | None = None, kind: Kind = "internal") -> AbstractContextManager[Span]:
    """A span around what runs inside, below the one that is open. An exception that leaves it marks it as failed."""
    return _NOTHING if _tracing is None else _tracing.open(name, kind, attributes)


def request_span(method: str, headers: Headers) -> AbstractContextManager[Span]:
    """The span of a request, below the caller's when its headers carry one."""
    return _NOTHING if _tracing is None else _tracing.open(method, "server", None, _tracing.caller(headers))


def trace_id() -> str:
    """The id of the trace that is open, 32 hex digits; empty where there is none."""
    return "" if _tracing is None else _tracing.trace_id()


def trace_engine(client: AsyncOpenSearch) -> None:
    """From now on each round trip of this client is a span, and tells the engine of its trace."""
    if _tracing is None:
        return
    tracing, perform = _tracing, client.transport.perform_request

    async def traced(method: str, url: str, **rest: Any) -> Any:
        operation = url.rstrip("/").rpartition("/")[2].lstrip("_")
        about = {"db.system.name": "opensearch", "db.operation.name": operation, "http.request.method": method}
        with tracing.open(f"opensearch {operation}", "client", about | {"url.path": url}):
            headers = tracing.inject(rest.pop("headers", None) or {})
            return await perform(method, url, headers=headers, **rest)

    client.transport.perform_request = traced  # type: ignore[method-assign,assignment]


class _OpenSpan:
    """A span of OpenTelemetry as the rest of the API sees it."""

    def __init__(self, span: OtelSpan, tracing: _Tracing) -> None:
        self._span = span
        self._tracing = tracing

    def update_name(self, name: str) -> None:
        self._span.update_name(name)

    def set_attributes(self, attributes: Attributes) -> None:
        self._span.set_attributes(dict(attributes))

    def failed(self, why: str) -> None:
        self._span.set_status(self._tracing.trace.StatusCode.ERROR, why)


class _Tracing:
    """OpenTelemetry, configured. Made only when it is asked for: importing it takes half a second."""

    def __init__(self) -> None:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before what stands here.
        named = Resource.create()
        ours = {SERVICE_VERSION: version("souk")}
        if str(named.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
            ours[SERVICE_NAME] = SERVICE
        self.provider: TracerProvider = TracerProvider(resource=named.merge(Resource(ours)))
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer: Tracer = self.provider.get_tracer("souk", version("souk"))
        self._propagator = TraceContextTextMapPropagator()
        self.trace = trace
        self._kinds = {
            "internal": trace.SpanKind.INTERNAL,
            "server": trace.SpanKind.SERVER,
            "client": trace.SpanKind.CLIENT,
        }

    @contextmanager
    def open(self, name: str, kind: Kind, attributes: Attributes | None, context: Any = None) -> Iterator[Span]:
        with self._tracer.start_as_current_span(name, context, self._kinds[kind], attributes) as span:
            yield _OpenSpan(span, self)

    def caller(self, headers: Headers) -> Any:
        return self._propagator.extract(dict(headers))

    def inject(self, headers: Mapping[str, str]) -> dict[str, str]:
        carried = dict(headers)
        self._propagator.inject(carried)
        return carried

    def trace_id(self) -> str:
        context = self.trace.get_current_span().get_span_context()
        return format(context.trace_id, "032x") if context.is_valid else ""
