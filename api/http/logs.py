"""Log lines of the API: one for each request, every line with the id of its request, as text or as JSON."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Literal

from starlette.types import Scope

from api import telemetry

access = logging.getLogger("souk.access")
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that the running task answers; empty outside of one."""

OURS = ("souk", "uvicorn")
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: their lines are for debugging."""
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s%(of_request)s"
JSON = "%(levelname)s %(name)s %(message)s %(process)d"
"""Which fields a line has, in this order, beside its own; the rest of the text is not used."""
NAMES = {"levelname": "level", "name": "logger", "process": "pid"}


def configure(form: Literal["text", "json"], level: Literal["debug", "info", "warning", "error"]) -> None:
    """Send every log line of this process to standard error, in one form, from `level` up.

    Lines of other libraries are shown from `warning` up: below it they tell of bodies and headers.
    """
    handler = logging.StreamHandler()
    handler.addFilter(_add_request)
    handler.setFormatter(_json() if form == "json" else logging.Formatter(TEXT))
    wanted = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(wanted, logging.WARNING), force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(wanted)


def answered(scope: Scope, route: str, status: int, seconds: float) -> None:
    """The line of one request. What was searched for is in it only at level debug."""
    level = logging.DEBUG if route in PROBES else logging.INFO
    if not access.isEnabledFor(level):
        return
    facts: dict[str, object] = {
        "method": scope["method"],
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
    }
    if access.isEnabledFor(logging.DEBUG):
        facts["query"] = scope.get("query_string", b"").decode("latin-1")  # still percent-encoded: no line breaks
    access.log(level, "%s %s %d %.1f ms", scope["method"], route, status, seconds * 1000, extra=facts)


def _add_request(record: logging.LogRecord) -> bool:
    known = {"request_id": request_id.get(), "trace_id": telemetry.trace_id()}
    record.__dict__.update({name: value for name, value in known.items() if value})
    record.of_request = f" [{known['request_id']}]" if known["request_id"] else ""
    return True


def _json() -> logging.Formatter:
    from pythonjsonlogger.core import RESERVED_ATTRS
    from pythonjsonlogger.json import JsonFormatter

    reserved = [*RESERVED_ATTRS, "of_request", "color_message"]
    return JsonFormatter(JSON, rename_fields=NAMES, reserved_attrs=reserved, timestamp="time", json_ensure_ascii=False)
