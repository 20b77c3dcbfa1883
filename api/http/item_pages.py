"""The pages of one product, video, live, seller or creator: what it is, and where to go from it.

Each reads its document first, then all that stands around it side by side. What stands around it may be missing: a page
does without what could not be had.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathParameter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.http import item_view as view
from api.http.artwork import icon_of, tone_of
from api.http.core import Place, SearchCore
from api.http.i18n import N_
from api.http.links import search_url
from api.http.page import Core, pages_of
from api.http.page_cards import Shown, cards
from api.http.recent import recent
from api.http.seen import Seen
from api.model import FilterValue, Hit, SearchRequest
from stack.documents import DocumentKind, Kind, ProfileKind
from stack.errors import SoukError

RAIL = 12
"""Cards of a row beside an item."""
VARIANTS = 24
BAG = 50
"""Products of a room that are shown; the rest are counted."""

router = APIRouter(include_in_schema=False)
Found = dict[Place, dict[str, Any]]
Id = Annotated[str, PathParameter(min_length=1, max_length=256)]


@router.api_route("/items/product/{id}", methods=["GET", "HEAD"])
async def product(id: Id, request: Request, core: Core) -> HTMLResponse:
    document = await core.item("product", id)
    group, seller_id = document.get("group_id"), document.get("seller_id")
    siblings, videos, lives, alike, profiles = await asyncio.gather(
        _hits(core, ["product"], {"group_id": group}, VARIANTS) if group else _nothing(),
        _hits(core, ["video"], {"shows_product": id}),
        _hits(core, ["live"], {"sells_product": id, "status": ["live", "scheduled", "replay"]}),
        _similar(core, "product", id),
        _items(core, _places("seller", seller_id)),
    )
    shown, profile = _shown(request), _profile_in(profiles, "seller", seller_id)
    return await _page(
        request,
        core,
        "product.html",
        document,
        kind="product",
        gallery=view.pictures(document, shown.hosts),
        details=view.details(document),
        variants=view.variants(document, siblings, shown),
        seller=view.face("seller", seller_id, document.get("seller_name"), profile, shown),
        seller_profile=profile,
        rails=_rails(
            shown,
            (N_("On air and in replay"), lives, None),
            (N_("In videos"), videos, search_url(_asked(["video"], {"shows_product": id}))),
            (N_("Similar products"), alike, None),
        ),
    )


@router.api_route("/items/video/{id}", methods=["GET", "HEAD"])
async def video(id: Id, request: Request, core: Core) -> HTMLResponse:
    document = await core.item("video", id)
    creator_id = document.get("creator_id")
    linked = _places("product", *(link["id"] for link in document.get("products") or ()))
    found, others, alike = await asyncio.gather(
        _items(core, [*linked, *_places("creator", creator_id)]),
        _hits(core, ["video"], {"creator_id": creator_id}, RAIL + 1) if creator_id else _nothing(),
        _similar(core, "video", id),
    )
    shown, profile = _shown(request), _profile_in(found, "creator", creator_id)
    creator = view.face("creator", creator_id, document.get("creator_name"), profile, shown)
    return await _page(
        request,
        core,
        "video.html",
        document,
        kind="video",
        media=view.playable(document),
        captions=view.captions(document),
        poster=shown.picture(document),
        moments=view.moments(document, _products_in(found), shown),
        creator=creator,
        creator_profile=profile,
        rails=_rails(
            shown,
            (N_("More of this creator"), _others(others, id), creator.href if creator else None),
            (N_("Similar videos"), alike, None),
        ),
    )


@router.api_route("/items/live/{id}", methods=["GET", "HEAD"])
async def live(id: Id, request: Request, core: Core) -> HTMLResponse:
    document = await core.item("live", id)
    host_id = document.get("host_id")
    bag = _places("product", document.get("product_now"), *(document.get("products") or ()))
    found, others, alike = await asyncio.gather(
        _items(core, [*bag, *_places("creator", host_id)]),
        _hits(core, ["live"], {"host_id": host_id}, RAIL + 1) if host_id else _nothing(),
        _similar(core, "live", id),
    )
    shown, profile = _shown(request), _profile_in(found, "creator", host_id)
    host = view.face("creator", host_id, document.get("host_name"), profile, shown)
    on_show, rest = view.bag(document, _products_in(found), shown)
    return await _page(
        request,
        core,
        "live.html",
        document,
        kind="live",
        poster=shown.picture(document),
        on_show=on_show,
        bag=rest,
        host=host,
        host_profile=profile,
        rails=_rails(
            shown,
            (N_("More of this host"), _others(others, id), host.href if host else None),
            (N_("Similar lives"), alike, None),
        ),
    )


@router.api_route("/sellers/{id}", methods=["GET", "HEAD"])
async def seller(id: Id, request: Request, core: Core) -> HTMLResponse:
    document = await core.item("seller", id)
    asked = _asked(["product"], {"seller_id": id})
    hits = await _hits(core, ["product"], {"seller_id": id}, 2 * RAIL)
    return await _profile(request, core, "seller", document, (N_("Products"), hits, search_url(asked)))


@router.api_route("/creators/{id}", methods=["GET", "HEAD"])
async def creator(id: Id, request: Request, core: Core) -> HTMLResponse:
    document = await core.item("creator", id)
    lives, videos = await asyncio.gather(
        _hits(core, ["live"], {"host_id": id}), _hits(core, ["video"], {"creator_id": id}, 2 * RAIL)
    )
    return await _profile(
        request,
        core,
        "creator",
        document,
        (N_("Lives"), lives, search_url(_asked(["live"], {"host_id": id}))),
        (N_("Videos"), videos, search_url(_asked(["video"], {"creator_id": id}))),
    )


async def _profile(
    request: Request,
    core: SearchCore,
    kind: ProfileKind,
    document: Mapping[str, Any],
    *rows: tuple[str, list[Hit], str],
) -> HTMLResponse:
    shown = _shown(request)
    return pages_of(request).render(
        request,
        "profile.html",
        kind=kind,
        document=document,
        face=view.face(kind, document["id"], document["title"], document, shown),
        rails=_rails(shown, *rows),
        recent=await recent(core, Seen.of(request), shown),
    )


async def _page(
    request: Request, core: SearchCore, template: str, document: Mapping[str, Any], *, kind: Kind, **values: Any
) -> HTMLResponse:
    """The page of an item, which from now on is the latest that this reader saw."""
    seen = Seen.of(request)
    response = pages_of(request).render(
        request,
        template,
        document=document,
        kind=kind,
        icon_name=icon_of(document),
        tone=tone_of(document),
        crumbs=view.crumbs(document),
        recent=await recent(core, seen.without(kind, document["id"]), _shown(request)),
        **values,
    )
    seen.with_item(kind, document["id"]).keep(request, response)
    return response


def _rails(shown: Shown, *rows: tuple[str, list[Hit], str | None]) -> list[view.Rail]:
    later = Shown(shown.hosts, first=False)
    return [view.Rail(title, cards(hits, later), more) for title, hits, more in rows if hits]


def _shown(request: Request) -> Shown:
    return Shown(pages_of(request).image_hosts)


def _asked(types: list[Kind], filters: dict[str, FilterValue]) -> SearchRequest:
    return SearchRequest(types=types, filters=filters, sort="popularity")


async def _hits(core: SearchCore, types: list[Kind], filters: dict[str, FilterValue], size: int = RAIL) -> list[Hit]:
    try:
        return (await core.search(_asked(types, filters).model_copy(update={"size": size}))).hits
    except SoukError:
        return []


def _places(kind: DocumentKind, *ids: str | None) -> list[Place]:
    return [(kind, id) for id in list(dict.fromkeys(ids))[:BAG] if id]


def _products_in(found: Found) -> dict[str, dict[str, Any]]:
    return {id: document for (kind, id), document in found.items() if kind == "product"}


def _profile_in(found: Found, kind: ProfileKind, id: str | None) -> dict[str, Any] | None:
    return found.get((kind, id)) if id else None


def _others(hits: list[Hit], id: str) -> list[Hit]:
    return [hit for hit in hits if hit.id != id][:RAIL]


async def _nothing() -> list[Hit]:
    return []


async def _items(core: SearchCore, wanted: Sequence[Place]) -> Found:
    try:
        return await core.items(wanted)
    except SoukError:
        return {}


async def _similar(core: SearchCore, kind: Kind, id: str) -> list[Hit]:
    try:
        found = await core.similar(kind, id, RAIL, [kind])
    except SoukError:
        return []
    return view.as_hits(kind, [item.document for item in found.items])
