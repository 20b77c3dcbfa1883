"""The final stage of all kinds: their feature requests side by side, then each kind's model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from opensearchpy import AsyncOpenSearch

from api.answers import Recalled, is_partial
from api.engine import Deadline, preference_of, scored_search
from api.funnel.feature_set import FeatureSet
from api.funnel.final_stage import FEATURE_PATHS, Features, decided_first, feature_body, read_features, reordered
from api.funnel.first_stage import select
from api.funnel.model import RankModel
from api.funnel.params import clause_params
from api.funnel.probe import failing_features
from api.fuse import Candidate, Found
from api.query.plan import Plan
from stack.documents import Kind
from stack.errors import EngineError, EngineUnavailableError
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
    recalled: Recalled,
    vector: NDArray[np.float32],
    jobs: Sequence[Job],
    rules: RankingRules,
    deadline: Deadline,
    name_failures: bool = False,
) -> Ranked:
    """Rank the first candidates of each kind that has a job.

    Raises as `scored_search` does, and EngineError for an answer in part or a value that is no number. With
    `name_failures` the error names the features that the engine refused, which costs a request for each feature.
    """
    ranked = Ranked({kind: list(found) for kind, found in candidates.items()})
    heads: dict[Kind, list[Candidate]] = {}
    tails: dict[Kind, list[Candidate]] = {}
    for job in jobs:
        routes = _as_on_every_page(recalled.routes.get(job.kind, {}), rules.fusion.window[job.kind])
        heads[job.kind], tails[job.kind] = select(
            candidates.get(job.kind, ()), routes, rules.funnel.final_window[job.kind], rules.funnel.first_stage
        )
    jobs = [job for job in jobs if heads[job.kind]]
    params = {job.kind: clause_params(plan, job.kind, vector.tolist(), rules.lexical) for job in jobs}
    preference = preference_of(plan.words.text)

    async def rank(job: Job) -> None:
        """While the engine still works on one kind, another is scored here."""
        head, asked = heads[job.kind], params[job.kind]
        response = await _request(client, job, head, asked, deadline, preference, name_failures)
        ranked.took_ms = max(ranked.took_ms, float(response.get("took", 0)))
        heartbeat_s = rules.blend.live_heartbeat_s
        seen = read_features(job.kind, head, response, job.features, asked, plan.now, heartbeat_s, plan.rooms)
        ranked.features[job.kind] = seen
        if job.model is None:
            return
        scores = decided_first(job.model.score(seen.values), seen)
        ranked.models[job.kind] = job.model
        ranked.candidates[job.kind] = reordered(head, tails[job.kind], scores)
        if job.shadow is not None:
            ranked.shadow[job.kind] = agreement(scores, decided_first(job.shadow.score(seen.values), seen))

    await asyncio.gather(*map(rank, jobs))
    return ranked


def _as_on_every_page(routes: Mapping[str, Sequence[Found]], window: int) -> dict[str, Sequence[Found]]:
    """The routes without what only deep pages ask for: the final stage must see the same candidates on all pages."""
    return {name: found[:window] for name, found in routes.items() if not (name == "lexical" and "hybrid" in routes)}


async def _request(
    client: AsyncOpenSearch,
    job: Job,
    head: Sequence[Candidate],
    params: Mapping[str, Any],
    deadline: Deadline,
    preference: str,
    name_failures: bool,
) -> dict[str, Any]:
    ids = [item.id for item in head]
    body = feature_body(ids, job.features, params)
    try:
        response = await scored_search(
            client, job.index, body, deadline, preference=preference, filter_path=FEATURE_PATHS
        )
        if is_partial(response):
            raise EngineError(f"the features of {job.kind}s came back in part only", "Look at souk status")
    except EngineUnavailableError:
        raise
    except EngineError as error:
        names = await failing_features(client, job.index, ids, job.features, params, deadline) if name_failures else []
        if not names:
            raise
        which = f"feature{'s' * (len(names) > 1)} {', '.join(names)}"
        raise EngineError(f"{which} of {job.kind}s: {error.message}", "Correct mappings/features") from error
    return response


def agreement(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Kendall's τ between two orders of the same candidates, -1 to 1; 1 for one candidate alone."""
    count = len(first)
    if count < 2:
        return 1.0
    same = np.sign(first[:, None] - first) * np.sign(second[:, None] - second)
    return float(np.triu(same, 1).sum() / (count * (count - 1) / 2))
