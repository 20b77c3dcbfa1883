"""The comparison: both rankers answer through the production path → two rows → what moved, and why."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from api.compare.alike import kendall, overlap, rank_biased_overlap
from api.compare.model import CompareRequest, Comparison, Moved, Side
from api.compare.rankers import REMEDY, Ranker, read_rankers, request_of
from api.compare.why import move_of, pulls, weight_of, why
from api.funnel.model import RankModel
from api.model import Explanation, Hit, SearchRequest
from stack.documents import Kind
from stack.errors import ConfigError, InputError, Mistake, NotFoundError

if TYPE_CHECKING:
    from api.row import Ranking
    from api.search import Searcher

# How far down the rows are compared.
DEPTH = 100


async def compare(searcher: Searcher, asked: CompareRequest) -> Comparison:
    """Both rows for one query.

    Raises InputError with every wrong ranker (a version that is not there, or of another feature set, is one), and as
    a search does.
    """
    rankers = read_rankers([("a", asked.a), ("b", asked.b)])
    models = await _models(searcher, rankers, asked.type)
    live = SearchRequest(q=asked.q, types=[asked.type], explain=True)
    requests = [request_of(ranker, live) for ranker in rankers]
    rankings = [
        await searcher.rank(request, DEPTH, model=model) for request, model in zip(requests, models, strict=True)
    ]
    rows = [[item.id for item in ranking.row] for ranking in rankings]
    shown = {id_ for row in rows for id_ in row[: asked.size]}
    hits = [await searcher.show(ranking, [item for item in ranking.row if item.id in shown]) for ranking in rankings]
    labels = (rankers[0].label, rankers[1].label)
    return Comparison(
        q=asked.q,
        type=asked.type,
        size=asked.size,
        a=_side(rankers[0], rankings[0], asked.type),
        b=_side(rankers[1], rankings[1], asked.type),
        overlap=round(overlap(rows[0], rows[1], asked.size), 4),
        rbo=round(rank_biased_overlap(rows[0][:DEPTH], rows[1][:DEPTH]), 4),
        tau=_rounded(kendall(rows[0][: asked.size], rows[1][: asked.size])),
        hits=moves_between(rows, hits, asked.size, labels),
    )


async def _models(searcher: Searcher, rankers: list[Ranker], kind: Kind) -> list[RankModel | None]:
    """The published model that each ranker names; None for one that takes what serves."""
    models: list[RankModel | None] = []
    mistakes: list[Mistake] = []
    for where, ranker in zip("ab", rankers, strict=True):
        model = None
        if ranker.version is not None:
            try:
                model = await asyncio.to_thread(searcher.serving.published, kind, ranker.version)
            except (NotFoundError, ConfigError) as error:
                allowed = tuple(f"model:{version}" for version in searcher.serving.versions(kind))
                mistakes.append(Mistake(where, error.message, allowed))
        models.append(model)
    if mistakes:
        raise InputError(mistakes, REMEDY)
    return models


def _side(ranker: Ranker, ranking: Ranking, kind: Kind) -> Side:
    model = ranking.ranked.models.get(kind)
    return Side(
        ranker=str(ranker),
        label=ranker.label,
        text=ranking.plan.words.text,
        corrections=dict(ranking.plan.understanding.corrections),
        dropped=list(ranking.relaxed.dropped) if ranking.relaxed else [],
        model=model.name if model else None,
        found=len(ranking.row),
        degraded=ranking.degraded,
    )


def moves_between(rows: list[list[str]], hits: list[list[Hit]], size: int, labels: tuple[str, str]) -> list[Moved]:
    """Every hit that either shows, those whose move matters most first."""
    places = [{id_: place for place, id_ in enumerate(row, start=1)} for row in rows]
    explained: list[dict[str, Explanation]] = [
        {hit.id: hit.explanation for hit in found if hit.explanation is not None} for found in hits
    ]
    pulled = [pulls(each) for each in explained]
    titles = {hit.id: str(hit.document.get("title", hit.id)) for found in hits for hit in found}
    moved = [
        Moved(
            id=id_,
            title=title,
            a=(a := places[0].get(id_)),
            b=(b := places[1].get(id_)),
            move=move_of(a, b, size),
            explained_a=(first := explained[0].get(id_)),
            explained_b=(second := explained[1].get(id_)),
            why=why((a, b), (first, second), (pulled[0].get(id_, {}), pulled[1].get(id_, {})), labels),
        )
        for id_, title in titles.items()
    ]
    return sorted(moved, key=lambda hit: (-weight_of(hit.a, hit.b), hit.b or len(rows[1]) + 1, hit.a or 0))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
