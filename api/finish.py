"""The end of the funnel: which kinds a model ranks, and what happens when there is no time for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from opensearchpy import AsyncOpenSearch

from api.answers import Recalled
from api.engine import Deadline
from api.funnel.model import RankModel
from api.funnel.rank import Job, Ranked, final_stage
from api.fuse import Candidate
from api.query.plan import Plan
from api.query.recall import Recall
from api.ranking import affinities
from api.serving import Serving
from stack.documents import Kind
from stack.embedding.session import Vectors
from stack.errors import EngineError

log = logging.getLogger("souk.search")

# With less than this share of the time left the final stage is dropped: the first stage's row is better than none.
RANK_SHARE = 0.3


@dataclass(frozen=True)
class Finisher:
    """Ranks what the first stage left. Stateless but for the pooled client."""

    client: AsyncOpenSearch
    recall: Recall
    serving: Serving

    def jobs(self, plan: Plan, recalled: Recalled, model: RankModel | None, log_features: bool) -> list[Job]:
        """The kinds that have a final stage: those with a model that fit the query well enough to be shown beside the
        best, or all of the plan when features are logged."""
        rules = self.recall.rules
        too_long = len(plan.words.text.split()) > rules.funnel.final_words and not log_features
        if not plan.wants_final_stage or plan.mode == "native" or too_long:
            return []
        fit = affinities(recalled, rules.blend.words_fit)
        jobs = [
            Job(
                kind,
                self.recall.indexes[kind],
                self.serving.features[kind],
                model if model is not None and model.kind == kind else self.serving.model(kind),
                self.serving.shadow(kind),
            )
            for kind in plan.kinds
        ]
        shown = [job for job in jobs if job.model is not None and fit.get(job.kind, 1.0) >= rules.blend.gate]
        return jobs if log_features else shown

    async def rank(
        self,
        plan: Plan,
        first: dict[Kind, list[Candidate]],
        recalled: Recalled,
        vector: Vectors,
        jobs: list[Job],
        deadline: Deadline,
        degraded: list[str],
        strict: bool,
    ) -> Ranked:
        """The candidates as the models rank them; as they were, and `degraded` says so, when the time is up or the
        engine refuses. With `strict` an EngineError is raised instead.
        """
        if deadline.left() < RANK_SHARE * deadline.seconds:
            degraded.append("final_stage")
            return Ranked(first)
        try:
            return await final_stage(
                self.client, plan, first, recalled, vector, jobs, self.recall.rules, deadline, name_failures=strict
            )
        except EngineError as error:
            if strict:
                raise
            log.error("the final stage was left out: %s", error)
            degraded.append("final_stage")
            return Ranked(first)
