"""`souk eval`: judgments → runs through the live path → measures → report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api.bootstrap import build_searcher
from api.search import Searcher
from learn.judgments import Judgments
from learn.measures import Run, measure
from learn.rankers import Ranker, run_ranker
from learn.significance import Comparison, compare
from stack.documents import Kind
from stack.errors import InputError, Mistake
from stack.settings import Settings

# Ranks that are looked at: R@200 needs as many.
DEPTH = 200
# Nothing may be dropped to keep a deadline while a ranker is measured.
PATIENCE_MS = 60_000


@dataclass(frozen=True)
class Evaluation:
    """A ranker's run, its values per measure and query, and what it was run on."""

    ranker: Ranker
    run: Run
    values: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Result:
    """One evaluation, what it is compared with, and the judged documents that the index does not hold."""

    judgments: Judgments
    evaluation: Evaluation
    other: Evaluation | None
    comparison: Comparison | None
    unknown: tuple[str, ...]
    model: str
    index: str


async def evaluate(
    settings: Settings, judgments: Judgments, ranker: Ranker, other: Ranker | None, kind: Kind
) -> Result:
    """Run one ranker, or two, over all judged queries.

    Raises InputError when the judgments are too few to measure or compare on, and SoukError as a live search does.
    """
    _need_enough(judgments, compared=other is not None)
    patient = settings.model_copy(update={"deadline_ms": PATIENCE_MS})
    async with build_searcher(patient) as searcher:
        first = await _evaluate(searcher, judgments, ranker, kind)
        second = await _evaluate(searcher, judgments, other, kind) if other else None
        unknown = await _unknown(searcher, judgments, kind)
        comparison = compare(first.values["nDCG@10"], second.values["nDCG@10"]) if second else None
        model = f"{searcher.encoder.card.name} ({searcher.encoder.card.hash})"
        return Result(judgments, first, second, comparison, tuple(unknown), model, searcher.recall.indexes[kind])


def _need_enough(judgments: Judgments, compared: bool) -> None:
    files, count = ", ".join(judgments.files), len(judgments.answerable)
    if count == 0:
        raise InputError([Mistake(files, "no query has a relevant document")], "Rate some document above 0")
    if compared and count < 2:
        raise InputError(
            [Mistake(files, "only one query has a relevant document, a paired comparison needs two")],
            "Judge more queries, or leave out --compare",
        )


async def _evaluate(searcher: Searcher, judgments: Judgments, ranker: Ranker, kind: Kind) -> Evaluation:
    run = await run_ranker(searcher, ranker, judgments.queries, kind, DEPTH)
    return Evaluation(ranker, run, measure(run, judgments))


async def _unknown(searcher: Searcher, judgments: Judgments, kind: Kind) -> list[str]:
    """Judged documents that are not in the index: they can never be found, and lower every figure."""
    docs = sorted({doc for ratings in judgments.ratings.values() for doc in ratings})
    missing: list[str] = []
    for start in range(0, len(docs), 1000):
        answer = await searcher.client.mget(
            index=searcher.recall.indexes[kind], body={"ids": docs[start : start + 1000]}, params={"_source": "false"}
        )
        missing += [found["_id"] for found in answer["docs"] if not found.get("found")]
    return missing


def write_run(evaluation: Evaluation, file: Path, queries: Sequence[str]) -> None:
    """A TREC run: `query_with_underscores Q0 document rank score ranker`."""
    lines = [
        f"{query.replace(' ', '_')} Q0 {doc} {rank} {score:g} souk-{evaluation.ranker}"
        for query in queries
        for rank, (doc, score) in enumerate(evaluation.run[query], start=1)
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
