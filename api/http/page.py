"""The pages of the storefront: home, search, categories, one item. HTML and CSS; scripts only add to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.http import page_view as view
from api.http.checks import read_request
from api.http.core import SearchCore
from api.http.event_routes import note_search
from api.http.explain_view import step_rows
from api.http.filter_form import filter_form
from api.http.i18n import COOKIE, PARAMETER
from api.http.links import compare_url, search_url
from api.http.metrics import Metrics
from api.http.page_cards import Shown, cards
from api.http.page_categories import branches, tiles
from api.http.page_home import shelf
from api.http.page_templates import THEME, THEMES, Pages, Reader, own_path, remember
from api.http.query_params import FILTER, PARAMETERS, to_pairs
from api.http.recent import recent
from api.http.routes import search_core
from api.http.seen import Seen
from api.http.storefront_rules import StorefrontRules
from api.http.understood import understood
from api.model import Answer, Hit, SearchRequest
from api.query.fields import FieldCatalog
from stack.documents import KINDS
from stack.errors import SoukError

MAX_FACETS = 20
ON_SHOW = 6
"""Live rooms of a page whose product on show is fetched."""
ON_SHOW_S = 0.2
JSON_PREFIXES = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/", "/media/")
PAGE_PREFIXES = ("/search", "/categories", "/items/", "/sellers/", "/creators/", "/console")

router = APIRouter(include_in_schema=False)
Core = Annotated[SearchCore, Depends(search_core)]


def wants_page(request: Request) -> bool:
    """Is somebody with a browser asking? The JSON addresses answer JSON to everybody."""
    path = request.url.path
    if path == "/" or path.startswith(PAGE_PREFIXES):
        return True
    return not path.startswith(JSON_PREFIXES) and "text/html" in request.headers.get("accept", "")


def pages_of(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


@router.api_route("/", methods=["GET", "HEAD"])
async def home(request: Request, core: Core) -> Response:
    """The shelves, each a search. A search at this address, as bookmarks of before have it, moved to /search."""
    if any(name in PARAMETERS or name.startswith(FILTER) for name in request.query_params):
        return RedirectResponse(f"/search?{request.url.query}", 308)
    pages = pages_of(request)
    rules, reader = pages.rules, pages.reader(request)
    answers, counted = await asyncio.gather(_filled(core, rules), core.categories(["product"]))
    hits = [hit for answer in answers for hit in answer.hits]
    shown = Shown(pages.image_hosts, await _on_show(core, hits))
    shelves = {
        name: shelf(each, answer, shown, rules, reader.words)
        for (name, each), answer in zip(rules.shelves.items(), answers, strict=True)
    }
    return pages.render(
        request,
        "home.html",
        shelves={name: one for name, one in shelves.items() if one.cards},
        tiles=tiles(branches(counted.categories, ["product"])[: rules.tiles], hits, shown),
        recent=await recent(core, Seen.of(request), shown),
    )


async def _filled(core: SearchCore, rules: StorefrontRules) -> list[Answer]:
    """What each shelf is filled from, side by side."""
    return await asyncio.gather(*(core.search(each.request(each.fetch)) for each in rules.shelves.values()))


@router.api_route("/search", methods=["GET", "HEAD"])
async def search(request: Request, core: Core) -> HTMLResponse:
    asked = read_request(_of_search(request), core)
    answer = await core.search(_as_shown(asked, core.fields))
    metrics: Metrics = request.app.state.metrics
    metrics.answer(answer)
    note_search(request, asked, answer, "page")
    pages = pages_of(request)
    shown = Shown(pages.image_hosts, await _on_show(core, answer.hits))
    values = _search_values(asked, answer, core.fields, pages.reader(request))
    help_ = {} if answer.reachable or not asked.size else await _help(core, pages, request)
    return pages.render(
        request, "search.html", **values, **help_, cards=cards(answer.hits, shown), price_steps=pages.rules.price_steps
    )


@router.api_route("/categories", methods=["GET", "HEAD"])
async def categories(request: Request, core: Core) -> HTMLResponse:
    pages = pages_of(request)
    counted = await core.categories(KINDS)
    return pages.render(request, "categories.html", branches=branches(counted.categories, KINDS))


@router.api_route("/preferences", methods=["GET", "HEAD"])
async def preferences(request: Request, back: str = "/") -> Response:
    """Keeps the language or the colours that a reader chose, for those without scripts, and goes back."""
    response = RedirectResponse(own_path(back), 303)
    asked = request.query_params
    if (code := asked.get(PARAMETER)) in pages_of(request).languages:
        remember(request, response, COOKIE, code or "")
    if (theme := asked.get(THEME)) is not None:
        remember(request, response, THEME, theme if theme in THEMES else "")
    return response


def _of_search(request: Request) -> list[tuple[str, str]]:
    """The parameters of the search. Pages go by number: one by cursor would have links that lead elsewhere, and each
    visit would hold a point in time of the engine."""
    return [pair for pair in request.query_params.multi_items() if pair[0] not in (PARAMETER, "cursor")]


def _as_shown(asked: SearchRequest, fields: FieldCatalog) -> SearchRequest:
    """The page counts every facet there is, unless some were asked for by name; who debugs wants the reasons too."""
    names = [option.name for option in fields.facets(asked.types)]
    facets = asked.facets or names[:MAX_FACETS]
    return asked.model_copy(update={"facets": facets, "explain": asked.explain or asked.debug})


async def _on_show(core: SearchCore, hits: Sequence[Hit]) -> dict[str, dict[str, Any]]:
    """The products that live rooms show at this moment, by id. A card can do without what cannot be had in time."""
    rooms = [hit.document for hit in hits if hit.type == "live" and hit.document.get("status") == "live"]
    ids = list(dict.fromkeys(room["product_now"] for room in rooms if room.get("product_now")))[:ON_SHOW]
    try:
        found = await asyncio.wait_for(core.items([("product", id) for id in ids]), ON_SHOW_S) if ids else {}
    except (SoukError, TimeoutError):
        return {}
    return {id: document for (_, id), document in found.items()}


async def _help(core: SearchCore, pages: Pages, request: Request) -> dict[str, Any]:
    """What a page without results offers: categories and what is popular."""
    rules, words = pages.rules, pages.reader(request).words
    popular = rules.shelves["popular"]
    answer, counted = await asyncio.gather(core.search(popular.request(popular.size)), core.categories(["product"]))
    shown = Shown(pages.image_hosts, first=False)
    return {
        "popular": shelf(popular, answer, shown, rules, words),
        "categories": branches(counted.categories, ["product"])[: rules.tiles],
    }


def _search_values(asked: SearchRequest, answer: Answer, fields: FieldCatalog, reader: Reader) -> dict[str, Any]:
    words = reader.words
    return {
        "asked": asked,
        "answer": answer,
        "q": asked.q,
        "kept": _kept(asked),
        "tabs": view.tabs(asked, answer, fields, words),
        "chips": view.chips(asked, fields, reader.formats),
        "clear": search_url(asked, filters={}),
        "form": filter_form(asked, answer, fields, reader.formats),
        "sorts": [(sort.name, words.gettext(sort.label)) for sort in fields.sorts(asked.types)],
        "paging": view.paging(asked, answer),
        "hints": view.hints(asked, words),
        "first_page": search_url(asked),
        "stages": view.stages(answer),
        "understood": understood(asked, answer, reader.formats),
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
