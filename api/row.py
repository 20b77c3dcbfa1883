"""A ranked row, and the answer that presents a page of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from api.answers import Recalled, facets_of
from api.funnel.rank import Ranked
from api.fuse import Candidate
from api.model import MAX_DEPTH, Answer, Hit, SearchRequest, Stage, Total
from api.present import debug_of
from api.query.fields import FieldCatalog
from api.query.plan import Plan
from api.query.recall import Part
from api.understand.relax import Relaxed
from stack.documents import Kind


@dataclass
class Ranking:
    """A ranked row before its page is fetched; what evaluation reads and a live request presents.

    `first` are the candidates as the first stage left them, `ranked` is what the final stage did.
    """

    plan: Plan
    row: list[Candidate]
    recalled: Recalled
    parts: list[Part]
    first: dict[Kind, list[Candidate]]
    ranked: Ranked
    relaxed: Relaxed | None = None
    degraded: list[str] = field(default_factory=list)


def reachable(ranking: Ranking) -> int:
    """Hits that can be paged to, the same on every page: all near ones, or as many as have the words."""
    near = sum(not item.behind for item in ranking.row)
    return max(min(MAX_DEPTH, ranking.recalled.counted), near if ranking.plan.by_relevance else 0)


def query_of(ranking: Ranking) -> dict[str, Any]:
    """The answer's `query` object: how the words were understood, and which were dropped."""
    relaxed = ranking.relaxed
    said = None if relaxed is None else {"text": relaxed.text, "dropped": list(relaxed.dropped)}
    return ranking.plan.understanding.as_json() | {"relaxed": said}


def answer_of(
    ranking: Ranking,
    request: SearchRequest,
    hits: list[Hit],
    fields: FieldCatalog,
    stages: Sequence[Stage],
    took_ms: float,
    next_cursor: str | None,
) -> Answer:
    """The answer to a request, with a name of its own."""
    plan, ranked = ranking.plan, ranking.ranked
    return Answer(
        query_id=str(uuid.uuid4()),
        q=request.q,
        query=query_of(ranking),
        mode=plan.mode,
        fusion=plan.fusion,
        models={kind: model.name for kind, model in ranked.models.items()},
        page=request.page,
        size=request.size,
        totals={kind: ranking.recalled.totals.get(kind, Total(value=0)) for kind in request.types},
        reachable=reachable(ranking),
        next_cursor=next_cursor,
        hits=hits,
        facets=facets_of(ranking.recalled, request, fields),
        degraded=ranking.degraded,
        shadow=ranked.shadow,
        took_ms=took_ms,
        stages=list(stages),
        debug=debug_of(plan, ranking.parts) | {"shadow": ranked.shadow} if request.debug else None,
    )
