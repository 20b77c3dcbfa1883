"""Why a query does badly: what of its nDCG@10 went where, in words, with what stood at the top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from learn.evaluate import Evaluation
from learn.items import Item
from learn.judgments import Judgments
from learn.measures import JUDGED_ONLY

TOP = 10
# As many unjudged results in the top ten, or as few relevant documents, are a reason by themselves.
MANY_UNJUDGED = 3
FEW_RELEVANT = 3
SHOWN = 5


@dataclass(frozen=True)
class Placed:
    """A document, its rating (None: not judged) and its rank (None: not found)."""

    item: Item
    rating: int | None
    rank: int | None


@dataclass(frozen=True)
class BadQuery:
    """A query, its nDCG@10, the reasons that cost most first, its top results, and the best documents it missed."""

    query: str
    value: float
    reasons: tuple[str, ...]
    top: tuple[Placed, ...]
    missed: tuple[Placed, ...]

    def as_json(self) -> dict[str, Any]:
        """For reports."""
        return {
            "query": self.query,
            "nDCG@10": self.value,
            "reasons": self.reasons,
            "top": [_placed(each) for each in self.top],
            "missed": [_placed(each) for each in self.missed],
        }


def worst_queries(evaluation: Evaluation, judgments: Judgments, count: int = 10) -> list[str]:
    """The queries with the lowest nDCG@10, lowest first."""
    values = evaluation.values["nDCG@10"]
    return sorted(judgments.answerable, key=lambda query: (values[query], query))[:count]


def documents_of(query: str, evaluation: Evaluation, judgments: Judgments) -> list[str]:
    """The documents that `why` will name."""
    found = [doc for doc, _ in evaluation.run.get(query, ())][:SHOWN]
    return [*found, *_missed(query, evaluation, judgments)[:SHOWN]]


def why(query: str, evaluation: Evaluation, judgments: Judgments, items: dict[str, Item]) -> BadQuery:
    """The reasons of one query. `items` has the documents of `documents_of` that the index holds."""
    ratings = judgments.ratings[query]
    ranks = {doc: rank for rank, (doc, _) in enumerate(evaluation.run.get(query, ()), start=1)}

    def placed(docs: Sequence[str]) -> tuple[Placed, ...]:
        return tuple(
            Placed(items.get(doc, Item(doc, "(not in the index)")), ratings.get(doc), ranks.get(doc)) for doc in docs
        )

    return BadQuery(
        query,
        evaluation.values["nDCG@10"][query],
        tuple(_reasons(query, evaluation, judgments, ranks)),
        placed(list(ranks)[:SHOWN]),
        placed(_missed(query, evaluation, judgments)[:SHOWN]),
    )


def _missed(query: str, evaluation: Evaluation, judgments: Judgments) -> list[str]:
    """Relevant documents outside of the top ten, highest rating first."""
    top = {doc for doc, _ in evaluation.run.get(query, ())[:TOP]}
    ratings = judgments.ratings[query]
    return sorted(
        (doc for doc, rating in ratings.items() if rating > 0 and doc not in top), key=lambda doc: (-ratings[doc], doc)
    )


def _reasons(query: str, evaluation: Evaluation, judgments: Judgments, ranks: dict[str, int]) -> list[str]:
    """Each with the gain that it cost, in documents' ratings, so that the dearest comes first."""
    ratings = judgments.ratings[query]
    relevant = {doc: rating for doc, rating in ratings.items() if rating > 0}
    ideal = sorted(relevant, key=lambda doc: -relevant[doc])[:TOP]
    lost = [doc for doc in ideal if ranks.get(doc, TOP + 1) > TOP]
    absent, low = [doc for doc in lost if doc not in ranks], [doc for doc in lost if doc in ranks]
    top = [doc for doc, rank in ranks.items() if rank <= TOP]
    unjudged = [doc for doc in top if doc not in ratings]
    zeros = [doc for doc in top if ratings.get(doc) == 0]
    found: list[tuple[float, str]] = []
    if not ranks:
        return ["nothing was found"]
    if absent:
        of = f"{len(absent)} of the {len(ideal)} best documents"
        found.append((sum(relevant[doc] for doc in absent), f"not recalled: {of} are not among the {len(ranks)} found"))
    if low:
        places = f"first of them at rank {min(ranks[doc] for doc in low)}"
        found.append(
            (sum(relevant[doc] for doc in low), f"ranked low: {len(low)} of the best stand below 10, {places}")
        )
    if len(unjudged) >= MANY_UNJUDGED:
        alone = evaluation.values[JUDGED_ONLY][query]
        what = f"unjudged: {len(unjudged)} of the top {len(top)}; among judged results only, nDCG@10 is {alone:.2f}"
        gained = max(0.0, alone - evaluation.values["nDCG@10"][query])
        found.append((gained * sum(relevant[doc] for doc in ideal), what))
    if zeros:
        # What pushed the best down; it costs nothing by itself.
        found.append((0.0, f"not relevant: {len(zeros)} of the top {len(top)} are rated 0"))
    if len(relevant) < FEW_RELEVANT:
        plural = "document is" if len(relevant) == 1 else "documents are"
        found.append((0.0, f"few relevant: only {len(relevant)} judged {plural} above 0"))
    if not found:
        found.append((0.0, f"order: the best stand in the top {TOP}, in another order"))
    return [reason for _, reason in sorted(found, key=lambda each: -each[0])]


def _placed(each: Placed) -> dict[str, Any]:
    return {"id": each.item.id, "title": each.item.title, "rating": each.rating, "rank": each.rank}
