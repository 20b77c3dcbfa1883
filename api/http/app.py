"""`create_app`: the one place that wires the HTTP layer together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import telemetry
from api.events.tally import Tally
from api.http import browse_routes, console, event_routes, item_pages, page, routes
from api.http.checks import further_mistakes
from api.http.compression import Compression
from api.http.core import CoreHolder, OpenSearcher
from api.http.errors import failure_of
from api.http.leaving import Leaving, NotKept
from api.http.metrics import Metrics
from api.http.middleware import Surroundings, security_headers
from api.http.mistakes import from_pydantic
from api.http.page_templates import Pages
from api.http.static_files import MediaFolder, StaticFolder
from api.http.storefront_rules import load_storefront
from api.http.tracing import Traced
from stack.errors import EngineUnavailableError, InputError, SoukError
from stack.settings import Settings

STATIC = Path(__file__).parent / "static"
GRACE_S = 0.5
"""What the HTTP layer waits beyond the deadline of a search, so that the core can answer with less in time."""
DESCRIPTION = """Search over products, short videos and live streams in one mixed row.

Every error answer is a `Problem`: what is wrong, what to do about it, and all mistakes of the request at once.
`GET /v1/fields` lists the fields that filters, facets and sorts may name."""


def create_app(
    open_searcher: OpenSearcher, settings: Settings, open_events: event_routes.OpenEvents | None = None
) -> FastAPI:
    """The ASGI application. `open_searcher` is called once, when it starts (or when the engine comes back); without
    `open_events` nothing of what happens is written down."""
    app = FastAPI(
        title="Souk",
        summary="E-commerce search",
        description=DESCRIPTION,
        version=version("souk"),
        lifespan=_lifespan,
        docs_url=None,  # FastAPI's documentation pages load scripts from other hosts
        redoc_url=None,
    )
    app.state.core = CoreHolder(open_searcher, settings.deadline_ms / 1000 + GRACE_S)
    app.state.metrics = metrics = Metrics()
    app.state.leaving = leaving = Leaving()
    app.state.events = None
    app.state.open_events = open_events
    app.state.pages = Pages(
        STATIC, load_storefront(settings.mappings_dir), settings.image_hosts, open_events is not None
    )
    for kind in (SoukError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _failed)
    app.add_middleware(Compression)
    app.add_middleware(Surroundings, metrics=metrics, failed=_failed, headers=security_headers(settings.image_hosts))
    app.add_middleware(NotKept, leaving=leaving)
    if telemetry.active():
        app.add_middleware(Traced)  # last, so that it is around all others
    app.include_router(routes.v1)
    app.include_router(browse_routes.router)
    app.include_router(event_routes.router)
    app.include_router(routes.operations)
    app.include_router(item_pages.router)
    app.include_router(page.router)
    app.include_router(console.router)
    app.mount("/static", StaticFolder(STATIC))
    app.mount("/media", MediaFolder(settings.media))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    holder: CoreHolder = app.state.core
    metrics: Metrics = app.state.metrics
    open_events: event_routes.OpenEvents | None = app.state.open_events
    async with AsyncExitStack() as stack:
        if open_events:
            app.state.events = await stack.enter_async_context(open_events(Tally(metrics.registry)))
        stack.push_async_callback(holder.close)
        await holder.start()
        yield


async def _failed(request: Request, error: Exception) -> Response:
    """Every error answer of the application: a Problem, or the same as a page for somebody with a browser."""
    if isinstance(error, RequestValidationError):
        error = await _body_mistakes(request, error)
    failure = failure_of(error, request.state.request_id)
    if page.wants_page(request):
        pages: Pages = request.app.state.pages
        return pages.problem(request, failure)
    return Response(failure.problem.model_dump_json(), failure.status, failure.headers, media_type="application/json")


async def _body_mistakes(request: Request, error: RequestValidationError) -> InputError:
    """Pydantic's complaints, and the core's about the rest while it is there to tell."""
    mistakes = from_pydantic(error.errors())
    holder: CoreHolder = request.app.state.core
    if isinstance(error.body, dict):
        with suppress(EngineUnavailableError):
            mistakes += further_mistakes(error.body, mistakes, await holder.get())
    return InputError(mistakes)
