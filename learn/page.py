"""Everything that the page of `souk eval report` shows, measured through one searcher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.bootstrap import build_searcher
from api.search import Searcher
from learn.ablation import Ablation, ablate
from learn.checks import CHECKS, ChecksReport, check_searcher
from learn.evaluate import (
    Evaluation,
    MakeFolds,
    measure_ranker,
    model_name,
    need_enough,
    patient,
    unknown_documents,
)
from learn.intervals import Interval, mean_interval
from learn.items import fetch_items
from learn.judgments import Judgments
from learn.measures import COLUMNS
from learn.rankers import Advance, FoldLike, Ranker, Setup
from learn.routes import RoutesReport, measure_routes
from learn.significance import Comparison, compare
from learn.worst import BadQuery, documents_of, why, worst_queries
from stack.documents import Kind
from stack.settings import Settings

MEASURE = "nDCG@10"
SEED = 7


@dataclass(frozen=True)
class Measured:
    """A ranker's evaluation, and each measure's mean with its interval."""

    evaluation: Evaluation
    intervals: Mapping[str, Interval]

    @property
    def name(self) -> str:
        return str(self.evaluation.ranker)

    @property
    def per_query(self) -> dict[str, float]:
        """Query → nDCG@10."""
        return self.evaluation.values[MEASURE]


@dataclass(frozen=True)
class Page:
    """The measured ranker is `rankers[0]`, the one it is held against is `rankers[1]`; the others come behind."""

    judgments: Judgments
    made_at: datetime
    index: str
    model: str
    rankers: tuple[Measured, ...]
    comparisons: Mapping[str, Comparison]
    routes: RoutesReport
    worst: tuple[BadQuery, ...]
    unknown: tuple[str, ...]
    ablation: Ablation | None
    checks: ChecksReport | None

    @property
    def ours(self) -> Measured:
        return self.rankers[0]

    @property
    def baseline(self) -> Measured:
        return self.rankers[1]

    @property
    def unjudged(self) -> float:
        """The share of the top ten that nobody judged."""
        return 1 - self.ours.intervals["judged@10"].mean


async def gather(
    settings: Settings,
    judgments: Judgments,
    ranker: Ranker,
    kind: Kind,
    made_at: datetime,
    cases: int = 0,
    make_folds: MakeFolds | None = None,
    advance: Advance | None = None,
) -> Page:
    """Measure it all. Without `cases` ablation and checks are left out.

    Raises InputError when the judgments are too few, and as a live search does.
    """
    need_enough(judgments, compared=True)
    async with build_searcher(patient(settings)) as searcher:
        folds = await make_folds(searcher, judgments, kind) if make_folds else ()
        rankers = [await _measured(searcher, judgments, each, kind, folds, advance) for each in _in_order(ranker)]
        ours = rankers[0]
        return Page(
            judgments,
            made_at,
            searcher.recall.indexes[kind],
            model_name(searcher),
            tuple(rankers),
            {other.name: compare(ours.per_query, other.per_query) for other in rankers[1:]},
            await measure_routes(searcher, judgments, kind, ranker, advance),
            await _worst(searcher, ours.evaluation, judgments, kind),
            tuple(await unknown_documents(searcher, judgments, kind)),
            await ablate(searcher, judgments, kind, folds, advance) if cases and ranker == Ranker.FULL else None,
            await _checks(searcher, settings, ranker, cases, advance) if cases and kind == "product" else None,
        )


def _in_order(ranker: Ranker) -> list[Ranker]:
    """The measured ranker, then what it is compared with: hybrid first, as the strongest that needs no learning."""
    return [ranker, *(each for each in (Ranker.HYBRID, Ranker.BM25, Ranker.VECTOR) if each != ranker)]


async def _measured(
    searcher: Searcher,
    judgments: Judgments,
    ranker: Ranker,
    kind: Kind,
    folds: Sequence[FoldLike],
    advance: Advance | None,
) -> Measured:
    evaluation = await measure_ranker(searcher, judgments, ranker, kind, folds, advance)
    return Measured(evaluation, {name: mean_interval(list(evaluation.values[name].values())) for name in COLUMNS})


async def _worst(searcher: Searcher, evaluation: Evaluation, judgments: Judgments, kind: Kind) -> tuple[BadQuery, ...]:
    queries = worst_queries(evaluation, judgments)
    ids = [doc for query in queries for doc in documents_of(query, evaluation, judgments)]
    items = await fetch_items(searcher, kind, ids)
    return tuple(why(query, evaluation, judgments, items) for query in queries)


async def _checks(
    searcher: Searcher, settings: Settings, ranker: Ranker, cases: int, advance: Advance | None
) -> ChecksReport:
    """Before and after: the first ranker of the comparison, then the measured one."""
    setups = [Setup(_in_order(ranker)[1]), Setup(ranker)]
    return await check_searcher(searcher, CHECKS, setups, cases, SEED, settings.mappings_dir, advance)
