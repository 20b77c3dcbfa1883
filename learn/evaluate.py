"""`souk eval`: judgments → runs through the live path → measures → report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.bootstrap import build_searcher
from api.search import Searcher
from learn.ablation import Ablation, ablate
from learn.items import known_ids
from learn.judgments import Judgments
from learn.measures import Run, measure
from learn.rankers import Advance, FoldLike, Ranker, Setup, as_setup, held_out, run_folds, run_ranker
from learn.routes import RoutesReport, measure_routes
from learn.runs import NamedRun
from learn.significance import Comparison, compare
from stack.documents import Kind
from stack.errors import InputError, Mistake
from stack.settings import Settings

# Ranks that are looked at: R@200 needs as many.
DEPTH = 200
# Nothing may be dropped to keep a deadline while a ranker is measured.
PATIENCE_MS = 60_000
# Trains a model for each fold of the judged queries, through the same searcher.
MakeFolds = Callable[[Searcher, Judgments, Kind], Awaitable[Sequence[FoldLike]]]


@dataclass(frozen=True)
class Evaluation:
    """A ranker's run, and its values per measure and query. `ranker` is a name alone where the run came from a file."""

    ranker: Setup | str
    run: Run
    values: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Result:
    """One evaluation, what it is compared with, the judged documents that the index does not hold, and what more was
    asked for.
    """

    judgments: Judgments
    evaluation: Evaluation
    other: Evaluation | None
    comparison: Comparison | None
    unknown: tuple[str, ...]
    model: str
    index: str
    routes: RoutesReport | None = None
    ablation: Ablation | None = None


@dataclass(frozen=True)
class Extras:
    """What is measured beside the rankers. With `folds` the full ranker is run with each fold's own model."""

    routes: bool = False
    ablate: bool = False
    folds: MakeFolds | None = None


async def evaluate(
    settings: Settings,
    judgments: Judgments,
    ranker: Ranker | Setup,
    other: Ranker | Setup | NamedRun | None,
    kind: Kind,
    extras: Extras | None = None,
    advance: Advance | None = None,
) -> Result:
    """Run one ranker, or two, over all judged queries; the second may be a run that was made elsewhere.

    Raises InputError when the judgments are too few to measure or compare on, and SoukError as a live search does.
    """
    extras = extras or Extras()
    need_enough(judgments, compared=other is not None or extras.ablate)
    async with build_searcher(patient(settings)) as searcher:
        folds = await extras.folds(searcher, judgments, kind) if extras.folds else ()
        first = await measure_ranker(searcher, judgments, ranker, kind, folds, advance)
        second = await measure_ranker(searcher, judgments, other, kind, folds, advance) if other else None
        return Result(
            judgments,
            first,
            second,
            compare(first.values["nDCG@10"], second.values["nDCG@10"]) if second else None,
            tuple(await unknown_documents(searcher, judgments, kind)),
            model_name(searcher),
            searcher.recall.indexes[kind],
            await measure_routes(searcher, judgments, kind, ranker, advance) if extras.routes else None,
            await ablate(searcher, judgments, kind, folds, advance) if extras.ablate else None,
        )


def patient(settings: Settings) -> Settings:
    """The settings with a deadline that no search will miss."""
    return settings.model_copy(update={"deadline_ms": PATIENCE_MS})


def model_name(searcher: Searcher) -> str:
    """The encoder and its hash."""
    return f"{searcher.encoder.card.name} ({searcher.encoder.card.hash})"


def need_enough(judgments: Judgments, compared: bool) -> None:
    """Raise InputError when nothing can be measured, or when there are too few queries for a paired comparison."""
    files, count = ", ".join(judgments.files), len(judgments.answerable)
    if count == 0:
        raise InputError([Mistake(files, "no query has a relevant document")], "Rate some document above 0")
    if compared and count < 2:
        raise InputError(
            [Mistake(files, "only one query has a relevant document, a paired comparison needs two")],
            "Judge more queries, or leave out --compare",
        )


async def measure_ranker(
    searcher: Searcher,
    judgments: Judgments,
    ranker: Ranker | Setup | NamedRun,
    kind: Kind,
    folds: Sequence[FoldLike] = (),
    advance: Advance | None = None,
) -> Evaluation:
    """Run a ranker over all judged queries; the full one with each fold's own model where there are folds.

    Raises InputError when a judged query is in no fold or in two, and as a live search does.
    """
    if isinstance(ranker, NamedRun):
        return Evaluation(ranker.name, ranker.run, measure(ranker.run, judgments))
    setup = as_setup(ranker)
    if not folds or setup.ranker != Ranker.FULL:
        run = await run_ranker(searcher, setup, judgments.queries, kind, DEPTH, advance)
        return Evaluation(setup, run, measure(run, judgments))
    run = await run_folds(searcher, folds, kind, DEPTH, advance, setup)
    _need_each(judgments, run)
    return Evaluation(held_out(setup), run, measure(run, judgments))


def _need_each(judgments: Judgments, run: Run) -> None:
    left_out = [query for query in judgments.answerable if query not in run]
    if left_out:
        names = ", ".join(map(repr, left_out[:5]))
        raise InputError([Mistake("folds", f"{len(left_out)} judged queries are in no fold: {names}")])


async def unknown_documents(searcher: Searcher, judgments: Judgments, kind: Kind) -> list[str]:
    """Judged documents that are not in the index: they can never be found, and lower every figure."""
    docs = {doc for ratings in judgments.ratings.values() for doc in ratings}
    return sorted(docs - await known_ids(searcher, kind, docs))


def write_run(evaluation: Evaluation, file: Path, queries: Sequence[str]) -> None:
    """A TREC run: `query_with_underscores Q0 document rank score ranker`."""
    name = str(evaluation.ranker).replace(", ", "+").replace(" ", "-")
    lines = [
        f"{query.replace(' ', '_')} Q0 {doc} {rank} {score:g} souk-{name}"
        for query in queries
        for rank, (doc, score) in enumerate(evaluation.run.get(query, ()), start=1)
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
