"""Pages and their files go gzipped over the wire. JSON does not: programs ask often, mostly from nearby."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

PLAIN = ("/v1/", "/media/", "/metrics", "/healthz", "/readyz")
LEVEL = 5
"""Of 9: the last tenth of the size takes three times as long."""


class Compression(GZipMiddleware):
    """ASGI middleware: gzip for all but the addresses of programs and of files that are small already."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=1024, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = scope["type"] != "http" or scope["path"].startswith(PLAIN)
        await (self.app(scope, receive, send) if plain else super().__call__(scope, receive, send))
