"""What surrounds every request: its id, its time, the size of its body, and the headers of every answer."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import logs
from api.http.metrics import Metrics

MAX_BODY = 64 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# No inline script or style, nothing from elsewhere: a title that slips through unescaped still cannot act. Our scripts
# make elements, never markup from text, which `trusted-types 'none'` holds them to.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{pictures}; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def security_headers(image_hosts: Iterable[str] = ()) -> dict[str, str]:
    """The headers of every answer; pictures may come from `image_hosts` too."""
    pictures = "".join(f" https://{host}" for host in image_hosts)
    return {"Content-Security-Policy": POLICY.format(pictures=pictures), **SECURITY_HEADERS}


Failed = Callable[[Request, Exception], Awaitable[Response]]


def request_id_of(headers: Headers) -> str:
    """The caller's X-Request-Id when it is a plain token of 8 to 64 characters, else a new one."""
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class Surroundings:
    """ASGI middleware. An exception that nothing else answered becomes `failed(request, error)`."""

    def __init__(self, app: ASGIApp, metrics: Metrics, failed: Failed, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = headers
        self.metrics = metrics
        self.failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self.headers)
        # Not taken back: the server answers each request in a task of its own, and logs there what escapes from here.
        logs.request_id.set(exchange.id)
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
            route, status = route_of(scope), exchange.status or 500
            self.metrics.request(route, scope["method"], status, seconds)
            logs.answered(scope, route, status, seconds)


class _Exchange:
    """One request and its answer: counts the body on the way in, adds headers on the way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str]) -> None:
        self.headers = headers
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
            for name, value in self.headers.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)


def route_of(scope: Scope) -> str:
    """The path of the route as declared, so that ids and typos make no new metric labels."""
    for folder in ("/static", "/media"):
        if scope["path"].startswith(f"{folder}/"):
            return folder
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or "unmatched"
