"""What surrounds every request: its id, its time, the size of its body, and the headers of every answer."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.metrics import Metrics

MAX_BODY = 64 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
SECURITY_HEADERS = {
    # No inline script or style, nothing from elsewhere: a title that slips through unescaped still cannot act.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Failed = Callable[[Request, Exception], Awaitable[Response]]


def request_id_of(headers: Headers) -> str:
    """The caller's X-Request-Id when it is a plain token of 8 to 64 characters, else a new one."""
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class Surroundings:
    """ASGI middleware. An exception that nothing else answered becomes `failed(request, error)`."""

    def __init__(self, app: ASGIApp, metrics: Metrics, failed: Failed) -> None:
        self.app = app
        self.metrics = metrics
        self.failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        started = time.perf_counter()
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except Exception as error:
            if exchange.status:  # the answer has begun: nothing else can be said, the server closes the connection
                raise
            response = await self.failed(Request(scope), error)
            await response(scope, exchange.receive, exchange.send)
        finally:
            seconds = time.perf_counter() - started
            self.metrics.request(route_of(scope), scope["method"], exchange.status or 500, seconds)


class _Exchange:
    """One request and its answer: counts the body on the way in, adds headers on the way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.id = scope.setdefault("state", {})["request_id"] = request_id_of(Headers(scope=scope))
        self.status = 0
        self._received = 0
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > MAX_BODY:
            raise HTTPException(413, f"the body is larger than {MAX_BODY // 1024} kB", {"Connection": "close"})
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.id
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)


def route_of(scope: Scope) -> str:
    """The path of the route as declared, so that ids and typos make no new metric labels."""
    if scope["path"].startswith("/static/"):
        return "/static"
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or "unmatched"
