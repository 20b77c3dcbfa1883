"""Suggestions and browsing under /v1: what to type, what is like an item, the tree of categories, values of a facet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.browse.facet_values import MOST_VALUES
from api.browse.model import Categories, FacetChoices, Similar
from api.http import browse_examples as examples
from api.http.checks import read_request
from api.http.errors import documented
from api.http.examples import search_parameters
from api.http.metrics import Metrics
from api.http.routes import Core
from api.model import MAX_SIZE
from api.suggest.model import MOST_SUGGESTIONS, SUGGESTION_KINDS, Suggestions
from stack.documents import KINDS, Kind
from stack.errors import InputError, Mistake

router = APIRouter(prefix="/v1", tags=["browse"], responses=documented(422, 500, 502, 503))

OWN = ("contains", "size")  # parameters of a facet's address that are no search's
T = TypeVar("T", bound=str)


def _choices(name: str, values: Sequence[str] | None, allowed: Sequence[T]) -> list[T]:
    """`["product,video"]` → those of them that are allowed, each once; all when none are given.

    Raises InputError that names what is not there.
    """
    asked = [part.strip() for value in values or () for part in value.split(",") if part.strip()]
    if any(one not in allowed for one in asked):
        raise InputError([Mistake(name, "no such choice", tuple(allowed))])
    return [one for one in allowed if one in asked] or list(allowed)


def asked_suggestions(types: Annotated[list[str] | None, Query(description=examples.TYPES)] = None) -> list[Any]:
    """The kinds of suggestion that are asked for."""
    return _choices("types", types, SUGGESTION_KINDS)


def asked_kinds(types: Annotated[list[str] | None, Query(description=examples.TYPES)] = None) -> list[Kind]:
    """The document types that are asked for: all when none are."""
    return _choices("types", types, KINDS)


@router.get(
    "/suggest",
    response_model=Suggestions,
    summary="What a typed line could become: searches, categories, brands, products, creators, sellers",
    responses=examples.ok(examples.SUGGESTIONS),
)
async def suggest(
    core: Core,
    request: Request,
    kinds: Annotated[list[Any], Depends(asked_suggestions)],
    q: Annotated[str, Query(description="what is typed so far; empty for what is popular", examples=["wirel"])] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_SUGGESTIONS)] = 8,
) -> Response:
    found = await core.suggest(q, limit, kinds)
    metrics: Metrics = request.app.state.metrics
    metrics.suggested(found)
    # Serialised by pydantic itself: validating our own answer once more would cost more than finding it.
    return Response(found.model_dump_json(), media_type="application/json")


@router.get(
    "/items/{type}/{id}/similar",
    summary="What is like an item: in meaning, category and price",
    responses=examples.ok(examples.SIMILAR) | documented(404),
)
async def similar(
    type: Kind,
    id: Annotated[str, Path(min_length=1, max_length=256)],
    core: Core,
    size: Annotated[int, Query(ge=1, le=MAX_SIZE)] = 12,
    types: Annotated[list[str] | None, Query(description="types of what is found; without them the item's own")] = None,
) -> Similar:
    kinds = _choices("types", types, KINDS) if any(types or ()) else [type]
    return await core.similar(type, id, size, kinds)


@router.get("/categories", summary="The tree of categories with counts", responses=examples.ok(examples.CATEGORIES))
async def categories(core: Core, kinds: Annotated[list[Kind], Depends(asked_kinds)]) -> Categories:
    return await core.categories(kinds)


@router.get(
    "/facets/{field:path}",
    summary="Search within a facet, under the words and filters of a search",
    responses=examples.ok(examples.FACET) | documented(404),  # an address with a line break leads nowhere
    openapi_extra={"parameters": [one for one in search_parameters() if one["name"] in examples.NARROWING]},
)
async def facet(
    field: Annotated[str, Path(min_length=1, max_length=300, examples=["brand"], description=examples.FIELD)],
    core: Core,
    request: Request,
    contains: Annotated[
        str, Query(max_length=100, description="letters that the value has, whatever their case and accents")
    ] = "",
    size: Annotated[int, Query(ge=1, le=MOST_VALUES)] = 20,
) -> FacetChoices:
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name not in OWN]
    return await core.facet_values(read_request(pairs, core), field, contains, size)
