"""Finding: embed → recall, and with fewer words or without the category where that brings too little."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from opensearchpy import AsyncOpenSearch

from api.answers import Recalled, read_answers
from api.engine import RECALL_PATHS, Deadline, multi_search, preference_of
from api.query.plan import Plan
from api.query.recall import Part, Recall
from api.query.wishes import filters_category
from api.relaxation import first_that_fits, found_enough
from api.serving import Serving
from api.stages import Stages
from api.understand.relax import Relaxed, relaxations
from stack.embedding import Encoder
from stack.embedding.session import Vectors
from stack.errors import EngineUnavailableError

# Of the time that is left, what the query's vector may take before the search goes on without it.
EMBED_SHARE = 0.4


@dataclass
class Finding:
    """What was found, and for which plan: the words may be fewer than those that were asked for (`relaxed`)."""

    plan: Plan
    vector: Vectors | None
    parts: list[Part]
    recalled: Recalled
    relaxed: Relaxed | None = None
    degraded: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Finder:
    """Embeds and recalls. Stateless but for the pooled client and the encoder's cache."""

    client: AsyncOpenSearch
    encoder: Encoder
    recall: Recall
    serving: Serving

    async def find(self, plan: Plan, deadline: Deadline, stages: Stages) -> Finding:
        """The candidates of a plan, relaxed when too few have its words. Raises as `Searcher.search` does."""
        found = await self._once(plan, deadline, stages)
        least = self.recall.rules.funnel.relax_below
        if found_enough(plan, found.recalled, least):
            return found
        relaxed = await self._relaxed(found, deadline, stages)
        if relaxed is None and filters_category(plan, self.recall.rules.funnel):
            # Rather all categories than nothing.
            found = await self._again(found, plan.without_category(), deadline, stages)
            if not found_enough(found.plan, found.recalled, least):
                relaxed = await self._relaxed(found, deadline, stages)
        if relaxed is not None:
            found = await self._again(found, found.plan.with_words(relaxed.text), deadline, stages)
            found.relaxed = relaxed
        return found

    async def _again(self, before: Finding, plan: Plan, deadline: Deadline, stages: Stages) -> Finding:
        found = await self._once(plan, deadline, stages)
        found.degraded = before.degraded + found.degraded
        return found

    async def _once(self, plan: Plan, deadline: Deadline, stages: Stages) -> Finding:
        degraded: list[str] = []
        with stages.stage("embed") as stage:
            vector = await self.embed(plan, deadline, degraded)
            stage.note = "" if vector is None else f"{len(vector)} dimensions"
        with stages.stage("recall") as stage:
            parts = self.recall.parts(plan, None if vector is None else vector.tolist())
            recalled = await self._recall(plan, parts, deadline)
            stage.candidates_out = recalled.size
            stage.note = f"{len(parts)} searches, engine {recalled.took_ms:g} ms"
        if recalled.partial:
            degraded.append("recall")
        return Finding(plan, vector, parts, recalled, degraded=degraded)

    async def _relaxed(self, found: Finding, deadline: Deadline, stages: Stages) -> Relaxed | None:
        kit, plan = self.serving.understander.kit, found.plan
        with stages.stage("relax", found.recalled.size) as stage:
            tries = relaxations(plan.understanding, kit.lexicon, kit.rules)
            relaxed = await first_that_fits(self.client, plan, self.recall, tries, deadline)
            stage.note = "nothing fits" if relaxed is None else f"without {', '.join(relaxed.dropped)}"
        return relaxed

    async def embed(self, plan: Plan, deadline: Deadline, degraded: list[str]) -> Vectors | None:
        """The query's vector; None when none is wanted, or when it is late and the words can do without (`degraded`
        says so). Raises EngineUnavailableError when it is late and the vector is all that was asked for.
        """
        if not plan.wants_vector:
            return None
        text = plan.words.text
        if (known := self.encoder.cached_query(text)) is not None:
            return known
        work = asyncio.to_thread(self.encoder.encode_query, text)
        try:
            return await asyncio.wait_for(work, deadline.left() * EMBED_SHARE)
        except TimeoutError:
            if not plan.wants_lexical:
                raise EngineUnavailableError(
                    "the query's vector was not ready in time", "Try again in a moment"
                ) from None
            degraded.append("vector")
            return None

    async def count(self, plan: Plan, deadline: Deadline) -> Recalled:
        """The totals and facets of a plan alone."""
        return await self._recall(plan, self.recall.counted(plan), deadline)

    async def _recall(self, plan: Plan, parts: list[Part], deadline: Deadline) -> Recalled:
        responses = await multi_search(
            self.client,
            [(part.index, part.body) for part in parts],
            deadline,
            preference=preference_of(plan.words.text),
            filter_path=RECALL_PATHS,
        )
        heartbeat_s = self.recall.rules.blend.live_heartbeat_s
        return read_answers(parts, responses, self.recall.catalog, plan.now, heartbeat_s, plan.rooms)
