"""`souk features log`: judgments → what the final stage sees of each judged query's candidates, by the live path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from api.model import MAX_QUERY, SearchRequest
from api.search import Searcher
from learn.frame import FeatureFrame
from learn.judgments import Judgments
from stack.documents import Kind
from stack.errors import EngineError, EngineUnavailableError

Advance = Callable[[str, int, int], None]


@dataclass
class Logged:
    """The frame, and what is not in it: judged documents that recall did not bring, and queries that found nothing."""

    frame: FeatureFrame
    not_recalled: dict[str, list[str]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Judged documents that no candidate was, over all queries."""
        return sum(map(len, self.not_recalled.values()))


async def log_features(searcher: Searcher, judgments: Judgments, kind: Kind, advance: Advance | None = None) -> Logged:
    """Run every judged query through understanding, recall and the first stage, and keep its candidates' features.

    Raises EngineUnavailableError when a search was degraded: its features would be another query's; EngineError that
    names the feature when the engine refuses one.
    """
    queries: list[str] = []
    docs: list[str] = []
    ratings: list[float] = []
    blocks: list[np.ndarray] = []
    features = searcher.serving.features[kind]
    logged = Logged(FeatureFrame(kind, features.names, features.hash, *_empty(len(features.names))))
    for done, query in enumerate(judgments.queries, start=1):
        request = SearchRequest(q=query[:MAX_QUERY], types=[kind])
        try:
            ranking = await searcher.rank(request, searcher.rules.funnel.final_window[kind], log_features=True)
        except EngineError as error:
            raise type(error)(f"query {query!r}: {error.message}", error.remedy) from error
        if ranking.degraded:
            what = f"query {query!r}: dropped {', '.join(ranking.degraded)} to keep the deadline"
            raise EngineUnavailableError(what, "Raise SOUK_DEADLINE_MS, or run on a quieter machine")
        rated = judgments.ratings[query]
        seen = ranking.ranked.features.get(kind)
        if seen is None or not seen.ids:
            logged.empty.append(query)
        else:
            queries += [query] * len(seen.ids)
            docs += seen.ids
            ratings += [float(rated.get(doc, np.nan)) for doc in seen.ids]
            blocks.append(seen.values)
        missing = [doc for doc in rated if seen is None or doc not in seen.ids]
        if missing:
            logged.not_recalled[query] = missing
        if advance:
            advance("feature log", done, len(judgments.queries))
    if blocks:
        rows = np.array(queries, dtype=object), np.array(docs, dtype=object), np.array(ratings, np.float32)
        logged.frame = FeatureFrame(kind, features.names, features.hash, *rows, np.vstack(blocks).astype(np.float32))
    return logged


def _empty(width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    none = np.empty(0, dtype=object)
    return none, none, np.empty(0, np.float32), np.empty((0, width), np.float32)
