"""The rankers that can be evaluated, each as the request that a live search would make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, cast

from api.compare.rankers import SWITCHES, Base
from api.compare.rankers import Ranker as Named
from api.compare.rankers import request_of as build_request
from api.funnel.model import RankModel
from api.model import MAX_QUERY, SearchRequest
from api.row import Ranking
from api.search import Searcher
from stack.documents import Kind
from stack.errors import EngineUnavailableError, InputError, Mistake

Row = list[tuple[str, float]]
# Called with what is being done, how much of it is done, and how much there is.
Advance = Callable[[str, int, int], None]


class Ranker(StrEnum):
    """`full` is whatever a live request gets; the others switch parts of it off."""

    BM25 = "bm25"
    VECTOR = "vector"
    HYBRID = "hybrid"
    FULL = "full"


@dataclass(frozen=True)
class Setup:
    """A ranker, and the parts and routes that are switched off in it."""

    ranker: Ranker
    without: tuple[str, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        name = f"{self.ranker} without {', '.join(self.without)}" if self.without else str(self.ranker)
        return f"{name} ({self.note})" if self.note else name


class FoldLike(Protocol):
    """A fold of cross-validation: the queries that were held out, and the model that never saw them."""

    @property
    def queries(self) -> Sequence[str]: ...

    @property
    def model(self) -> RankModel: ...


def as_setup(ranker: Ranker | Setup) -> Setup:
    """A bare ranker with everything on."""
    return ranker if isinstance(ranker, Setup) else Setup(ranker)


def check_switches(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once. Raises InputError for one that is neither a part nor a route."""
    chosen = tuple(dict.fromkeys(names))
    wrong = [Mistake("--without", f"no such part: {name}", SWITCHES) for name in chosen if name not in SWITCHES]
    if wrong:
        raise InputError(wrong)
    return chosen


def request_of(ranker: Ranker | Setup, query: str, kind: Kind) -> SearchRequest:
    """The search request of a ranker for one query. Raises InputError when every route is switched off."""
    setup = as_setup(ranker)
    named = Named(cast(Base, str(setup.ranker)), setup.without)
    asked = build_request(named, SearchRequest(q=query[:MAX_QUERY], types=[kind]))
    if not asked.routes:
        raise InputError([Mistake("--without", "every route is switched off")], "Leave one on")
    return asked


async def rank(
    searcher: Searcher, ranker: Ranker | Setup, query: str, kind: Kind, depth: int, model: RankModel | None = None
) -> Ranking:
    """Rank one query through the production path, with another model of the final stage when one is given.

    Raises EngineUnavailableError when a search came back degraded: a figure from it would not be the ranker's.
    """
    ranking = await searcher.rank(request_of(ranker, query, kind), depth, model=model)
    if ranking.degraded:
        raise EngineUnavailableError(
            f"query {query!r}: dropped {', '.join(ranking.degraded)} to keep the deadline",
            "Raise SOUK_DEADLINE_MS, or run on a quieter machine",
        )
    return ranking


async def run_ranker(
    searcher: Searcher,
    ranker: Ranker | Setup,
    queries: Sequence[str],
    kind: Kind,
    depth: int,
    advance: Advance | None = None,
) -> dict[str, Row]:
    """Rank each query → query: [(document, score)], best first, at most `depth`. Raises as `rank` does."""
    run = {}
    for done, query in enumerate(queries, start=1):
        run[query] = scored(await rank(searcher, ranker, query, kind, depth), depth)
        if advance:
            advance(str(as_setup(ranker)), done, len(queries))
    return run


async def run_folds(
    searcher: Searcher,
    folds: Sequence[FoldLike],
    kind: Kind,
    depth: int,
    advance: Advance | None = None,
    ranker: Ranker | Setup = Ranker.FULL,
) -> dict[str, Row]:
    """Rank each held-out query with its own fold's model: the figure of a ranker on queries that it has not seen.

    Raises InputError when a query is in two folds, and as `rank` does.
    """
    setup, total = held_out(ranker), sum(len(fold.queries) for fold in folds)
    run: dict[str, Row] = {}
    for number, fold in enumerate(folds, start=1):
        for query in fold.queries:
            if query in run:
                raise InputError([Mistake(f"fold {number}", f"query {query!r} is in another fold too")])
            run[query] = scored(await rank(searcher, setup, query, kind, depth, fold.model), depth)
            if advance:
                advance(str(setup), len(run), total)
    return run


def held_out(ranker: Ranker | Setup) -> Setup:
    """The setup under the name that says how it was measured."""
    return replace(as_setup(ranker), note="cross-validated")


def scored(ranking: Ranking, depth: int) -> Row:
    """Scores that fall with the rank, as TREC tools want them: they sort by score and break ties by id."""
    row = ranking.row[:depth]
    return [(item.id, float(len(row) - place)) for place, item in enumerate(row)]
