"""The application over a fake core, without a port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
from fake_core import FakeCore

from api.http.app import create_app
from stack.settings import Settings

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def serving(core: FakeCore, deadline_ms: int = 2000) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over `core`, between its start and its end."""
    app = create_app(core.open, Settings(deadline_ms=deadline_ms))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as client,
    ):
        yield client
