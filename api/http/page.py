"""The pages: search, one item, and errors. Plain HTML and CSS; nothing needs a script."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Path as PathParameter
from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.explain import ordinal
from api.http import page_view as view
from api.http.artwork import icon_of, tone_of
from api.http.checks import read_request
from api.http.core import SearchCore
from api.http.errors import Failure
from api.http.explain_view import bars, step_rows
from api.http.filter_form import filter_form
from api.http.formats import FILTERS
from api.http.links import compare_url, search_url
from api.http.metrics import Metrics
from api.http.query_params import to_pairs
from api.http.routes import search_core
from api.http.static_files import versions
from api.http.understood import understood
from api.model import Answer, SearchRequest
from api.query.fields import FieldCatalog
from stack.documents import Kind

MAX_FACETS = 20
JSON_PREFIXES = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/")
PAGE_PREFIXES = ("/items/", "/console")
HEADINGS = {
    404: "There is nothing here",
    409: "This cluster cannot do that",
    422: "That does not work",
    502: "The engine did not take that",
    503: "The market is closed for a moment",
}

router = APIRouter(include_in_schema=False)
Core = Annotated[SearchCore, Depends(search_core)]


class Pages:
    """Renders templates. Everything is escaped unless it comes out of `highlights.to_html`."""

    def __init__(self, static: Path) -> None:
        self._environment = Environment(
            loader=PackageLoader("api.http"), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.filters |= {**FILTERS, "bars": bars, "ordinal": ordinal}
        self._environment.globals["static"] = versions(static)

    def render(
        self, template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any
    ) -> HTMLResponse:
        return HTMLResponse(self._environment.get_template(template).render(values), status, headers)

    def problem(self, request: Request, failure: Failure) -> HTMLResponse:
        """The page of an error, with its search box so that one can go on."""
        return self.render(
            "problem.html",
            failure.status,
            failure.headers,
            heading=HEADINGS.get(failure.status, "Something went wrong"),
            failure=failure,
            problem=failure.problem,
            q=request.query_params.get("q", "")[:512],
            again=str(request.url.replace(scheme="", netloc="")),
            kept=[],
        )


def wants_page(request: Request) -> bool:
    """Is somebody with a browser asking? The JSON addresses answer JSON to everybody."""
    path = request.url.path
    if path == "/" or path.startswith(PAGE_PREFIXES):
        return True
    return not path.startswith(JSON_PREFIXES) and "text/html" in request.headers.get("accept", "")


@router.api_route("/", methods=["GET", "HEAD"])
async def home(request: Request, core: Core) -> HTMLResponse:
    asked = read_request(request.query_params.multi_items(), core)
    answer = await core.search(_as_shown(asked, core.fields))
    metrics: Metrics = request.app.state.metrics
    metrics.answer(answer)
    pages: Pages = request.app.state.pages
    return pages.render("search.html", **_search_values(asked, answer, core.fields))


def _as_shown(asked: SearchRequest, fields: FieldCatalog) -> SearchRequest:
    """The page counts every facet there is, unless some were asked for by name; who debugs wants the reasons too."""
    names = [option.name for option in fields.facets(asked.types)]
    facets = asked.facets or names[:MAX_FACETS]
    return asked.model_copy(update={"facets": facets, "explain": asked.explain or asked.debug})


def _search_values(asked: SearchRequest, answer: Answer, fields: FieldCatalog) -> dict[str, Any]:
    return {
        "asked": asked,
        "answer": answer,
        "q": asked.q,
        "kept": _kept(asked),
        "tabs": view.tabs(asked, answer, fields),
        "chips": view.chips(asked, fields),
        "clear": search_url(asked, filters={}),
        "form": filter_form(asked, answer, fields),
        "sorts": fields.sorts(asked.types),
        "paging": view.paging(asked, answer),
        "cards": view.cards(answer),
        "hints": view.hints(asked),
        "first_page": search_url(asked),
        "stages": view.stages(answer),
        "understood": understood(asked, answer),
        "steps": step_rows(asked, answer) if asked.debug else [],
        "compare_url": compare_url(q=asked.q, type=asked.types[0]),
        "debug_url": search_url(asked, page=asked.page, debug=not asked.debug),
    }


def _kept(asked: SearchRequest) -> list[tuple[str, str]]:
    """What a new search from the box keeps: where and how to search, not the filters of the words before.

    A step that was switched off for the words before is on for new ones, unless somebody is debugging.
    """
    kept = asked.model_copy(update={"q": "", "filters": {}, "sort": "relevance", "page": 1})
    return to_pairs(kept if asked.debug else kept.model_copy(update={"without": []}))


@router.api_route("/items/{type}/{id}", methods=["GET", "HEAD"])
async def item(
    type: Kind, id: Annotated[str, PathParameter(max_length=256)], request: Request, core: Core
) -> HTMLResponse:
    document = await core.item(type, id)
    pages: Pages = request.app.state.pages
    return pages.render(
        "item.html", kind=type, document=document, icon_name=icon_of(document), tone=tone_of(document), q="", kept=[]
    )
