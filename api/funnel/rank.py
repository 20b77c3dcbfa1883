"""The final stage of all kinds: their feature requests side by side, then each kind's model. Read after `api/search.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from opensearchpy import AsyncOpenSearch

from api.engine import Deadline, preference_of, scored_search
from api.funnel.feature_set import FeatureSet
from api.funnel.final_stage import FEATURE_PATHS, Features, feature_body, read_features, reordered
from api.funnel.model import RankModel
from api.funnel.params import clause_params
from api.fuse import Candidate
from api.query.plan import Plan
from stack.documents import Kind
from stack.rules import RankingRules


@dataclass(frozen=True)
class Job:
    """What the final stage is asked for one kind. Without a model the features are read and the order stays."""

    kind: Kind
    index: str
    features: FeatureSet
    model: RankModel | None
    shadow: RankModel | None = None


@dataclass
class Ranked:
    """What the final stage did: the new order, and for each kind features, scores by id and the model that ranked.

    `shadow` is the agreement of a shadow model's order with the model's, Kendall's τ, by kind.
    """

    candidates: dict[Kind, list[Candidate]]
    features: dict[Kind, Features] = field(default_factory=dict)
    models: dict[Kind, RankModel] = field(default_factory=dict)
    shadow: dict[Kind, float] = field(default_factory=dict)
    took_ms: float = 0.0


async def final_stage(
    client: AsyncOpenSearch,
    plan: Plan,
    candidates: Mapping[Kind, Sequence[Candidate]],
    vector: NDArray[np.float32],
    jobs: Sequence[Job],
    rules: RankingRules,
    deadline: Deadline,
) -> Ranked:
    """Rank the first candidates of each kind that has a job. Raises as `scored_search` does."""
    ranked = Ranked({kind: list(found) for kind, found in candidates.items()})
    heads = {job.kind: _head(candidates.get(job.kind, ()), rules.funnel.final_window) for job in jobs}
    jobs = [job for job in jobs if heads[job.kind]]
    params = {job.kind: clause_params(plan, job.kind, vector.tolist(), rules.lexical) for job in jobs}
    responses = await asyncio.gather(
        *(
            scored_search(
                client,
                job.index,
                feature_body([item.id for item in heads[job.kind]], job.features, params[job.kind]),
                deadline,
                preference=preference_of(plan.words.text),
                filter_path=FEATURE_PATHS,
            )
            for job in jobs
        )
    )
    for job, response in zip(jobs, responses, strict=True):
        ranked.took_ms = max(ranked.took_ms, float(response.get("took", 0)))
        head, heartbeat_s = heads[job.kind], rules.blend.live_heartbeat_s
        seen = read_features(job.kind, head, response, job.features, params[job.kind], plan.now, heartbeat_s)
        ranked.features[job.kind] = seen
        if job.model is None:
            continue
        scores = job.model.score(seen.values)
        ranked.models[job.kind] = job.model
        ranked.candidates[job.kind] = [*reordered(head, scores), *ranked.candidates[job.kind][len(head) :]]
        if job.shadow is not None:
            ranked.shadow[job.kind] = agreement(scores, job.shadow.score(seen.values))
    return ranked


def _head(candidates: Sequence[Candidate], window: int) -> list[Candidate]:
    return [item for item in candidates[:window] if not item.behind]


def agreement(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Kendall's τ between two orders of the same candidates, -1 to 1; 1 for one candidate alone."""
    count = len(first)
    if count < 2:
        return 1.0
    same = np.sign(first[:, None] - first) * np.sign(second[:, None] - second)
    return float(np.triu(same, 1).sum() / (count * (count - 1) / 2))
