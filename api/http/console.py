"""The console: pages for those who look after the search. `/console/compare` lays two rankers side by side."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.compare.model import CompareRequest
from api.compare.reading import read_compare
from api.http import console_view as view
from api.http.page import Core
from api.http.page_templates import Pages
from stack.documents import KINDS

COMPARE = "/console/compare"
SIZES = (10, 20, 50)

router = APIRouter(prefix="/console", include_in_schema=False)


@router.api_route("", methods=["GET", "HEAD"])
async def console() -> Response:
    return RedirectResponse(COMPARE, 307)


@router.api_route("/compare", methods=["GET", "HEAD"])
async def compare(request: Request, core: Core) -> HTMLResponse:
    """Without words, the form alone."""
    asked = read_compare(request.query_params.multi_items())
    comparison = await core.compare(asked) if asked.q.strip() else None
    pages: Pages = request.app.state.pages
    return pages.render(
        request,
        "console_compare.html",
        asked=asked,
        comparison=comparison,
        columns=comparison and view.columns(comparison),
        reasons=comparison and view.reasons(comparison),
        figures=comparison and view.figures(comparison),
        rankers=core.rankers(asked.type),
        swapped=view.swapped(asked),
        kinds=KINDS,
        sizes=_sizes(asked),
        q=asked.q,
    )


def _sizes(asked: CompareRequest) -> list[int]:
    return sorted({*SIZES, asked.size})
