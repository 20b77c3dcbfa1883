"""How good an encoder's vectors are: exact search in numpy, alone and fused with a lexical run. No index is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from api.fuse import Found, fuse
from learn.judgments import Judgments
from learn.measures import Run, measure
from stack.documents import Document, Kind
from stack.embedding import Encoder
from stack.embedding.session import Vectors
from stack.embedding.text import document_text
from stack.embedding.vectors import VectorCache
from stack.rules import RankingRules

Scored = list[tuple[str, float]]
PerQuery = dict[str, float]
# R@200 needs as many.
DEPTH = 200
# Texts between two looks at the clock; all of them go to the cache before the next.
AT_ONCE = 64


@dataclass(frozen=True)
class Figures:
    """Measure → query → value, of the vectors alone and of their fusion with a lexical run (None without one)."""

    vector: dict[str, PerQuery]
    hybrid: dict[str, PerQuery] | None


def embed(documents: Sequence[Document], encoder: Encoder, cache: VectorCache, told: Callable[[int], None]) -> Vectors:
    """The vectors `(n, d)` that ingestion would give the documents, from its cache where they are known.

    `told(done)` is called as it goes on. What is computed is kept: an ingest with this model then finds it.
    """
    texts = [document_text(document) for document in documents]
    vectors = np.empty((len(texts), encoder.card.dimension), np.float32)
    for start in range(0, len(texts), AT_ONCE):
        part = texts[start : start + AT_ONCE]
        known = cache.get_many(part)
        missing = [place for place in range(len(part)) if place not in known]
        if missing:
            new = encoder.encode_documents([part[place] for place in missing])
            cache.put_many([part[place] for place in missing], new)
            known |= dict(zip(missing, new, strict=True))
        vectors[start : start + len(part)] = [known[place] for place in range(len(part))]
        told(start + len(part))
    return vectors


def figures(
    queries: Mapping[str, Vectors],
    ids: Sequence[str],
    documents: Vectors,
    judgments: Judgments,
    lexical: Run | None,
    rules: RankingRules,
    kind: Kind,
) -> Figures:
    """Measure the vectors of all documents on the judged queries; `lexical` is the run that they are fused with."""
    vector = exact_run(queries, ids, documents, DEPTH, rules.vector.min_cosine)
    hybrid = measure(hybrid_run(lexical, vector, rules, kind), judgments) if lexical is not None else None
    return Figures(measure(vector, judgments), hybrid)


def exact_run(
    queries: Mapping[str, Vectors], ids: Sequence[str], documents: Vectors, depth: int, least: float = -1.0
) -> dict[str, Scored]:
    """Query → its `depth` nearest documents of `(n, d)` unit vectors with a cosine of `least` or more, nearest first.

    No HNSW: the figure is the encoder's own; what the live index loses of it is in docs/decisions/vector-recall.md.
    """
    return {
        query: [item for item in _nearest(documents @ vector, ids, depth) if item[1] >= least]
        for query, vector in queries.items()
    }


def _nearest(cosines: Vectors, ids: Sequence[str], depth: int) -> Scored:
    reach = min(depth, len(ids))
    places = np.argpartition(-cosines, reach - 1)[:reach] if reach else np.empty(0, np.int64)
    found = [(ids[place], float(cosines[place])) for place in places]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def hybrid_run(lexical: Run, vector: Run, rules: RankingRules, kind: Kind) -> dict[str, Scored]:
    """Both runs fused by the function that a live search fuses with, over the same window and weights."""
    return {query: _fused(lexical.get(query, ()), vector[query], rules, kind) for query in vector}


def _fused(
    lexical: Sequence[tuple[str, float]], vector: Sequence[tuple[str, float]], rules: RankingRules, kind: Kind
) -> Scored:
    routes = {
        "lexical": [Found(id_, score) for id_, score in lexical],
        # The engine's score of a cosine, as the route would return it.
        "vector": [Found(id_, (1 + score) / 2) for id_, score in vector],
    }
    row = fuse(kind, routes, rules.fusion.method, rules.fusion)
    return [(item.id, float(len(row) - place)) for place, item in enumerate(row)]
