"""A span for each request. In the application only when traces are configured."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import telemetry
from api.http.middleware import route_of

# Asked every few seconds by machines, or files: they would hide what is looked for.
UNTRACED = ("/healthz", "/readyz", "/metrics", "/static/", "/media/")


class Traced:
    """ASGI middleware, around all others. The query text stays out of spans, as it stays out of logs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNTRACED):
            await self.app(scope, receive, send)
            return
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"]
        with telemetry.request_span(method, Headers(scope=scope)) as span:
            try:
                await self.app(scope, receive, noted)
            finally:
                route = route_of(scope)
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {
                        "http.request.method": method,
                        "http.route": route,
                        "http.response.status_code": status,
                        "url.path": scope["path"],
                        "url.scheme": scope["scheme"],
                        "souk.request_id": scope.get("state", {}).get("request_id", ""),
                    }
                )
                if status >= 500:
                    span.failed(f"HTTP {status}")
