"""The JSON API under /v1, and the addresses that operators watch."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.http import examples
from api.http.checks import need_text, read_request
from api.http.core import BoundedCore, CoreHolder, SearchCore
from api.http.errors import documented
from api.http.event_routes import note_search
from api.http.highlights import for_json
from api.http.leaving import Leaving
from api.http.metrics import Metrics
from api.model import Answer, SearchRequest
from api.query.fields import Field as CatalogField
from api.query.plan import FIRST_CURSOR
from stack.documents import KINDS, Kind


class EngineRequest(BaseModel):
    """One request to the engine, and the same as text for the Dev Tools console of Dashboards."""

    title: str
    method: str
    path: str
    body: dict[str, Any]
    dev_tools: str


class Explanation(BaseModel):
    """What a search would send, in each mode; `mode` is the one it would use here, `can` what the cluster can do."""

    mode: Literal["portable", "native"]
    can: dict[str, bool]
    portable: list[EngineRequest]
    native: list[EngineRequest]


class FieldInfo(BaseModel):
    """`range` takes bounds, `flag` true or false, `hierarchy` a path that matches all below it."""

    name: str = Field(examples=["brand"])
    label: str = Field(examples=["Brand"])
    type: Literal["term", "range", "flag", "hierarchy"]
    kinds: list[Kind] = Field(description="the document types that have it")


class SortInfo(BaseModel):
    name: str = Field(examples=["price_asc"])
    label: str = Field(examples=["Price, low to high"])
    kinds: list[Kind] = Field(description="the document types that have it; others are left out of the answer")


class Fields(BaseModel):
    """The names that a request may use. `attr.<name>`, any attribute of a product, is not listed."""

    filters: list[FieldInfo]
    facets: list[FieldInfo]
    sorts: list[SortInfo]


class Health(BaseModel):
    status: str = Field(examples=["ok"])


async def search_core(request: Request) -> SearchCore:
    """The open search core, each call within the deadline. Raises EngineUnavailableError while the engine is away."""
    holder: CoreHolder = request.app.state.core
    return BoundedCore(await holder.get(), holder.deadline_s)


Core = Annotated[SearchCore, Depends(search_core)]
SearchBody = Annotated[SearchRequest, Body(openapi_examples=examples.REQUESTS)]

v1 = APIRouter(prefix="/v1", tags=["search"], responses=documented(422, 500, 502, 503))
operations = APIRouter(tags=["operations"])


def _ok(example: Any) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": example}}}}


@v1.post(
    "/search",
    response_model=Answer,
    summary="Search products, videos and lives in one mixed row",
    responses=_ok(examples.ANSWER) | documented(400, 409, 410, 413),
)
async def search(body: SearchBody, core: Core, request: Request) -> Response:
    need_text(body)
    return await _answered(core, body, request)


@v1.get(
    "/search",
    response_model=Answer,
    summary="The same search by query string",
    responses=_ok(examples.ANSWER) | documented(409, 410),
    openapi_extra={"parameters": examples.search_parameters()},
)
async def search_by_address(core: Core, request: Request) -> Response:
    return await _answered(core, read_request(request.query_params.multi_items(), core), request)


async def _answered(core: SearchCore, asked: SearchRequest, request: Request) -> Response:
    answer = await core.search(asked)
    metrics: Metrics = request.app.state.metrics
    metrics.answer(answer)
    if asked.cursor in (None, FIRST_CURSOR):  # the further steps of a walk are no searches of their own
        note_search(request, asked, answer, "api")
    # Serialised by pydantic itself: validating our own answer once more would cost more than the whole layer.
    return Response(for_json(answer).model_dump_json(), media_type="application/json")


@v1.post(
    "/query",
    summary="The OpenSearch requests that a search would send, in portable and in native mode",
    responses=_ok(examples.QUERY) | documented(400, 409, 413),
)
async def query(body: SearchBody, core: Core) -> Explanation:
    need_text(body)
    return Explanation.model_validate(await core.explain_query(body))


@v1.get("/items/{type}/{id}", summary="One stored document", responses=_ok(examples.ITEM) | documented(404))
async def item(type: Kind, id: Annotated[str, Path(min_length=1, max_length=256)], core: Core) -> dict[str, Any]:
    return await core.item(type, id)


@v1.get("/fields", summary="The fields that filters, facets and sorts may name")
async def fields(
    core: Core, types: Annotated[list[Kind] | None, Query(description="only what these have")] = None
) -> Fields:
    asked = types or list(KINDS)
    return Fields(
        filters=[_info(field) for field in core.fields.filters(asked)],
        facets=[_info(field) for field in core.fields.facets(asked)],
        sorts=[SortInfo(name=s.name, label=s.label, kinds=list(s.kinds)) for s in core.fields.sorts(asked)],
    )


def _info(field: CatalogField) -> FieldInfo:
    return FieldInfo(name=field.name, label=field.label, type=field.type, kinds=list(field.kinds))


@operations.get("/healthz", summary="Does the process answer?")
async def healthz() -> Health:
    return Health(status="ok")


async def staying(request: Request) -> None:
    """Raises HTTPException once the process was asked to end: it answers still, but should get no new requests."""
    leaving: Leaving = request.app.state.leaving
    if leaving.begun:
        raise HTTPException(503, "this process is about to end")


@operations.get(
    "/readyz",
    summary="Can it search: engine, indexes, model? Not once it was asked to end",
    responses=documented(502, 503),
    dependencies=[Depends(staying)],
)
async def readyz(core: Core) -> dict[str, Any]:
    return await core.ready()


@operations.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    kept: Metrics = request.app.state.metrics
    return Response(kept.render(), media_type=kept.content_type)
