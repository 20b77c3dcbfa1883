"""What a search asks and what it answers. Pydantic at the edge: every field has its bounds and an example."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from stack.documents import KINDS, Kind

MAX_QUERY = 512
MAX_SIZE = 100
MAX_DEPTH = 1_000
MAX_CURSOR = 16_384
MAX_FILTERS = 50

Mode = Literal["auto", "portable", "native"]
Fusion = Literal["score", "rrf"]
Route = Literal["lexical", "vector", "variants", "category"]
ROUTES: tuple[Route, ...] = ("lexical", "vector", "variants", "category")
Part = Literal[
    "normalise", "language", "spelling", "compounds", "recognise", "negation", "price", "category", "synonyms",
    "intent", "relaxation", "final_stage",
]  # fmt: skip
# The steps of understanding and the stages of the funnel that a request can switch off.
PARTS: tuple[Part, ...] = get_args(Part)


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
    cursor: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=MAX_CURSOR,
            description="walks through all that has the words, past the last page that has a number: `*` begins, then "
            "the `next_cursor` of each answer, until that is null. Each document comes once, as of the moment when the "
            "walk began. Types that sort by fields of their own are merged by the value; `relevance` is by the words "
            "alone here. A cursor is good for two minutes and for the search that it began with",
        ),
    ] = None
    facets: Annotated[list[str], Field(max_length=20, description="fields to count")] = []
    language: str | None = None
    mode: Mode | None = None
    fusion: Fusion | None = None
    routes: Annotated[list[Route], Field(min_length=1)] = list(ROUTES)
    without: Annotated[list[Part], Field(description="steps of understanding and stages to leave out")] = []
    explain: Annotated[bool, Field(description="say of each hit why it stands where it does")] = False
    debug: bool = False

    @field_validator("types", "facets", "routes", "without")
    @classmethod
    def _once_each(cls, values: list[str]) -> list[str]:
        return list(dict.fromkeys(values))


class Reason(Frozen):
    """What one feature did to a hit's score in the final stage: its SHAP value, beside the average candidate."""

    feature: str
    label: str
    value: float
    effect: float


class Explanation(Frozen):
    """A hit's way through the funnel. `reasons` has the strongest first and sums, with `average`, to `score`."""

    summary: str = Field(description="in a merchandiser's words")
    routes: dict[str, int] = Field(description="its place in each recall route that found it, from 1")
    first_stage: int = Field(description="its place among its type after the first stage, from 1")
    final_stage: int | None = Field(None, description="its place among its type after the final stage, from 1")
    decided: bool = Field(False, description="it has the very number of the query: before all that have not")
    model: str | None = None
    score: float | None = None
    average: float | None = None
    reasons: list[Reason] = []


class Hit(Frozen):
    """One result: its place in the row, where it came from, and the stored document without its vector."""

    type: Kind
    id: str
    position: int
    score: float
    routes: dict[str, float] = Field({}, description="raw score of each recall route that found it")
    highlights: dict[str, list[str]] = {}
    explanation: Explanation | None = None
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
    query: dict[str, Any] = Field({}, description="how the words were understood; `relaxed` when some were dropped")
    mode: Literal["portable", "native"]
    fusion: Fusion
    models: dict[Kind, str] = Field({}, description="the published ranking model of each type that ranked")
    page: int
    size: int
    totals: dict[Kind, Total]
    reachable: int = Field(description="hits that can be paged to; the same on every page")
    next_cursor: str | None = Field(
        None, description="of a search with a cursor: where to go on; null behind the last document"
    )
    hits: list[Hit]
    facets: list[Facet] = []
    degraded: list[str] = Field([], description="what was dropped to keep the deadline")
    took_ms: float
    stages: list[Stage]
    debug: dict[str, Any] | None = None
    shadow: dict[Kind, float] = Field(
        {}, exclude=True, description="Kendall's τ of a shadow model's order with the row's; for metrics, not sent"
    )
