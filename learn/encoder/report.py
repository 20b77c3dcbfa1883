"""Base and tuned encoder on the same judged queries: what `souk train encoder --measure` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.table import Table

from learn.encoder.evaluate import Figures, embed, figures
from learn.encoder.plan import Planned
from learn.judgments import Judgments
from learn.measures import COLUMNS, Run, means
from learn.rankers import Advance
from learn.report import describe
from learn.significance import compare
from stack.documents import Document, Kind
from stack.embedding import load_encoder
from stack.embedding.vectors import VectorCache
from stack.rules import RankingRules
from stack.settings import Settings

NDCG = "nDCG@10"


@dataclass(frozen=True)
class Measuring:
    """What encoders are measured on. `lexical` is the run that vectors are fused with; None where there is no index."""

    documents: Sequence[Document]
    judgments: Judgments
    lexical: Run | None
    rules: RankingRules
    kind: Kind

    def of_model(self, settings: Settings, queries: Sequence[str], told: Callable[[int], None]) -> Figures:
        """The figures of the model that `settings` name, over some of the queries."""
        encoder = load_encoder(settings)
        cache = VectorCache(settings.cache_dir / "vectors", encoder.card)
        try:
            vectors = embed(self.documents, encoder, cache, told)
        finally:
            cache.close()
        asked = {query: encoder.encode_query(query) for query in queries}
        some = Judgments({query: self.judgments.ratings[query] for query in queries}, self.judgments.files)
        ids = [document.id for document in self.documents]
        return figures(asked, ids, vectors, some, self.lexical, self.rules, self.kind)


def measure_all(
    measuring: Measuring, planned: Sequence[Planned], settings: Settings, advance: Advance
) -> tuple[Figures, Figures]:
    """(base, tuned). With folds each query is measured by the model that did not see it."""
    queries, total = measuring.judgments.queries, len(measuring.documents)

    def of(model: Settings, asked: Sequence[str], label: str) -> Figures:
        return measuring.of_model(model, asked, lambda done: advance(f"embedding, {label}", done, total))

    base = of(settings, queries, "base")
    tuned = [
        of(settings.model_copy(update={"model": str(each.out)}), own, each.out.name)
        for each in planned
        if (own := [query for query in queries if not each.held_out or query in each.held_out])
    ]
    return base, _joined(tuned)


def _joined(parts: Sequence[Figures]) -> Figures:
    vector = {name: {query: value for each in parts for query, value in each.vector[name].items()} for name in COLUMNS}
    hybrids = [each.hybrid for each in parts if each.hybrid is not None]
    hybrid = {name: {query: value for each in hybrids for query, value in each[name].items()} for name in COLUMNS}
    return Figures(vector, hybrid if hybrids else None)


def table(base: Figures, tuned: Figures) -> Table:
    """One row an encoder and way to use it."""
    shown = Table(box=None)
    shown.add_column("vectors of")
    for name in COLUMNS:
        shown.add_column(name, justify="right")
    for label, each in (("base", base), ("tuned", tuned)):
        shown.add_row(label, *(f"{means(each.vector)[name]:.4f}" for name in COLUMNS))
        if each.hybrid is not None:
            shown.add_row(f"{label}, hybrid", *(f"{means(each.hybrid)[name]:.4f}" for name in COLUMNS))
    return shown


def comparisons(base: Figures, tuned: Figures) -> list[str]:
    """By how much, and how sure."""
    lines = [describe(compare(tuned.vector[NDCG], base.vector[NDCG]), "tuned", "base")]
    if tuned.hybrid is not None and base.hybrid is not None:
        lines.append(describe(compare(tuned.hybrid[NDCG], base.hybrid[NDCG]), "tuned, hybrid", "base, hybrid"))
    return lines
