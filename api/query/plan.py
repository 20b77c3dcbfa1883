"""What a checked request asks for, resolved: everything that query building needs, and nothing it has to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from api.model import MAX_DEPTH, Fusion, Mode, SearchRequest
from api.query.fields import FieldCatalog, Sort
from api.query.filters import kinds_with
from api.query.values import value_problem
from api.query.words import Words, read_words
from api.rooms import NO_ROOMS, Rooms
from api.understand.model import Span, SpanType, Understanding
from stack.capabilities import Capabilities
from stack.documents import KINDS, Kind
from stack.errors import InputError, Mistake, UnsupportedError
from stack.rules import RankingRules

RELEVANCE = "relevance"
FIRST_CURSOR = "*"
"""The cursor of a walk that begins."""


@dataclass(frozen=True)
class Plan:
    """A search to run. `kinds` are those of the request that have all filtered fields and the sort."""

    request: SearchRequest
    understanding: Understanding
    words: Words
    kinds: tuple[Kind, ...]
    language: str
    mode: Literal["portable", "native"]
    fusion: Fusion
    sort: Sort
    window: Mapping[Kind, int]
    depth: int
    now: datetime
    rooms: Rooms = NO_ROOMS

    def understood(self, type: SpanType) -> tuple[Span, ...]:
        """The spans of one type that were recognised in the query."""
        return self.understanding.of_type(type)

    def with_words(self, text: str) -> Plan:
        """The same search for other words."""
        return replace(self, words=read_words(text))

    def without_category(self) -> Plan:
        """The same search, no category taken for certain."""
        return replace(self, understanding=replace(self.understanding, categories=()))

    def uses(self, part: str) -> bool:
        """Is a step of understanding or a stage switched on?"""
        return part not in self.request.without

    @property
    def browsing(self) -> bool:
        """No words: the row is by popularity."""
        return not self.words.text

    @property
    def reach(self) -> int:
        """How many hits the row may have."""
        return max(MAX_DEPTH, self.depth)

    def in_mode(self, mode: Literal["portable", "native"]) -> Plan:
        """The same search as the other kind of cluster would get it."""
        return replace(self, mode=mode)

    @property
    def by_relevance(self) -> bool:
        return self.sort.name == RELEVANCE

    @property
    def wants_vector(self) -> bool:
        return "vector" in self.request.routes and self.by_relevance and not self.browsing

    @property
    def wants_final_stage(self) -> bool:
        """Ranked by relevance with both the words and the meaning: what a ranking model was trained on."""
        return self.wants_vector and "lexical" in self.request.routes and self.uses("final_stage")

    @property
    def wants_lexical(self) -> bool:
        return "lexical" in self.request.routes or not self.by_relevance or self.browsing


def make_plan(
    request: SearchRequest,
    *,
    catalog: FieldCatalog,
    rules: RankingRules,
    languages: Sequence[str],
    default_mode: Mode,
    can: Capabilities,
    now: datetime,
    understanding: Understanding | None = None,
    depth: int | None = None,
    rooms: Rooms = NO_ROOMS,
) -> Plan:
    """Check what pydantic cannot, and resolve the request. Without an `understanding` the words are taken as they are.
    `depth` is how far down ranking must go (default: the page).

    Raises InputError with every mistake; UnsupportedError when native mode is asked of a cluster without neural-search.
    """
    mistakes = [
        *_field_mistakes(request, catalog),
        *_sort_mistakes(request, catalog),
        *_language_mistakes(request, languages),
        *_depth_mistakes(request),
        *_cursor_mistakes(request),
    ]
    if mistakes:
        raise InputError(mistakes)
    sort = catalog.sorts_by_name[request.sort]
    seen = understanding or Understanding(request.q, read_words(request.q).text, languages[0])
    kinds = [kind for kind in KINDS if kind in request.types and kind in sort.kinds]
    return Plan(
        request=request,
        understanding=seen,
        words=read_words(seen.text),
        kinds=tuple(kinds_with(list(request.filters), kinds, catalog)),
        language=request.language or seen.language,
        mode=choose_mode(request.mode or default_mode, can),
        fusion=request.fusion or rules.fusion.method,
        sort=sort,
        window=rules.fusion.window,
        depth=depth or request.page * request.size,
        now=now,
        rooms=rooms,
    )


def choose_mode(mode: Mode, can: Capabilities) -> Literal["portable", "native"]:
    """`auto` is native where the cluster has neural-search.

    Raises UnsupportedError when `native` is asked for and the cluster has not.
    """
    if mode == "native" and not can.hybrid:
        raise UnsupportedError(
            "mode native needs the plugin opensearch-neural-search, which this cluster lacks",
            "Use mode auto or portable, or the official OpenSearch image",
        )
    return "native" if can.hybrid and mode != "portable" else "portable"


def _field_mistakes(request: SearchRequest, catalog: FieldCatalog) -> list[Mistake]:
    filters = tuple(field.name for field in catalog.filters(request.types))
    facets = tuple(field.name for field in catalog.facets(request.types))
    mistakes = []
    for name, value in request.filters.items():
        field = catalog.find(name)
        if field is None or not set(field.kinds) & set(request.types):
            mistakes.append(Mistake(f"filters.{name}", "no such field", (*filters, "attr.<name>")))
        elif problem := value_problem(field, value):
            mistakes.append(Mistake(f"filters.{name}", problem))
    for name in request.facets:
        field = catalog.find(name)
        if field is None or not field.facet or not set(field.kinds) & set(request.types):
            mistakes.append(Mistake(f"facets.{name}", "no such facet", (*facets, "attr.<name>")))
    return mistakes


def _sort_mistakes(request: SearchRequest, catalog: FieldCatalog) -> list[Mistake]:
    sorts = tuple(sort.name for sort in catalog.sorts(request.types))
    return [] if request.sort in sorts else [Mistake("sort", f"no such order: {request.sort}", sorts)]


def _language_mistakes(request: SearchRequest, languages: Sequence[str]) -> list[Mistake]:
    if request.language is None or request.language in languages:
        return []
    return [Mistake("language", f"not analysed here: {request.language}", tuple(languages))]


def _depth_mistakes(request: SearchRequest) -> list[Mistake]:
    if request.page * max(request.size, 1) <= MAX_DEPTH:
        return []
    asked = f"page × size is {request.page * request.size}"
    said = f"{asked}, at most {MAX_DEPTH} hits can be paged to; cursor={FIRST_CURSOR} walks through all"
    return [Mistake("page", said)]


def _cursor_mistakes(request: SearchRequest) -> list[Mistake]:
    """A walk goes from page to page by the words, and nobody is told why a hit stands where it does."""
    if request.cursor is None:
        return []
    wrong = {
        "page": (request.page != 1, "the cursor says where to go on; leave the page out"),
        "size": (request.size < 1, "should be 1 or more with a cursor"),
        "explain": (request.explain, "walks by cursor are not ranked by a funnel that could be explained"),
        "routes": (
            request.sort == RELEVANCE and "lexical" not in request.routes,
            "walks by cursor go by the words: lexical must be among the routes",
        ),
    }
    return [Mistake(where, what) for where, (is_wrong, what) in wrong.items() if is_wrong]
