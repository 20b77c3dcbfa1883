"""What a search asks and what it answers. Pydantic at the edge: every field has its bounds and an example."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from stack.documents import KINDS, Kind

MAX_QUERY = 512
MAX_SIZE = 100
MAX_DEPTH = 1_000
MAX_FILTERS = 50

Mode = Literal["auto", "portable", "native"]
Fusion = Literal["score", "rrf"]
Route = Literal["lexical", "vector"]
ROUTES: tuple[Route, ...] = ("lexical", "vector")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RangeFilter(Frozen):
    """Bounds, both inclusive; numbers for numeric fields, ISO dates for date fields."""

    gte: float | str | None = None
    lte: float | str | None = None


FilterValue = str | bool | float | list[str | bool | float] | RangeFilter


class SearchRequest(Frozen):
    """A search. An empty `q` browses by popularity.

    `filters` maps a field to a value, a list of values (any of them) or a range. A hierarchy field (`category`) takes
    a path such as `Electronics > Audio` and matches everything below it.
    """

    q: Annotated[str, Field(max_length=MAX_QUERY, description="the shopper's words; empty to browse")] = ""
    types: Annotated[list[Kind], Field(min_length=1, description="document types to search")] = list(KINDS)
    filters: Annotated[dict[str, FilterValue], Field(max_length=MAX_FILTERS)] = {}
    sort: Annotated[str, Field(description="see /v1/fields for those that exist")] = "relevance"
    page: Annotated[int, Field(ge=1)] = 1
    size: Annotated[int, Field(ge=0, le=MAX_SIZE)] = 20
    facets: Annotated[list[str], Field(max_length=20, description="fields to count")] = []
    language: str | None = None
    mode: Mode | None = None
    fusion: Fusion | None = None
    routes: Annotated[list[Route], Field(min_length=1)] = list(ROUTES)
    debug: bool = False

    @field_validator("types", "facets", "routes")
    @classmethod
    def _once_each(cls, values: list[str]) -> list[str]:
        return list(dict.fromkeys(values))


class Hit(Frozen):
    """One result: its place in the row, where it came from, and the stored document without its vector."""

    type: Kind
    id: str
    position: int
    score: float
    routes: dict[str, float] = Field({}, description="raw score of each recall route that found it")
    highlights: dict[str, list[str]] = {}
    document: dict[str, Any]


class FacetValue(Frozen):
    value: str | bool | float
    count: int
    selected: bool = False


class Facet(Frozen):
    """Counts of one field. Those of a selected field ignore its own filter (disjunctive)."""

    field: str
    values: list[FacetValue]


class Total(Frozen):
    """How many documents have the words: all of up to two, 70% of more. `exact` is false where counting stopped.

    What is near in meaning but has other words comes in the row beside them and is not counted.
    """

    value: int
    exact: bool = True


class Stage(Frozen):
    """One step of the road: candidates in and out, and its time."""

    name: str
    took_ms: float
    candidates_in: int | None = None
    candidates_out: int | None = None
    note: str = ""


class Answer(Frozen):
    """The mixed row and what belongs to it."""

    query_id: str
    q: str
    mode: Literal["portable", "native"]
    fusion: Fusion
    page: int
    size: int
    totals: dict[Kind, Total]
    reachable: int = Field(description="hits that can be paged to; the same on every page")
    hits: list[Hit]
    facets: list[Facet] = []
    degraded: list[str] = Field([], description="what was dropped to keep the deadline")
    took_ms: float
    stages: list[Stage]
    debug: dict[str, Any] | None = None
