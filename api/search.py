"""The road of a search: understand → embed → recall → (relax) → fuse → final stage → blend → present. Read it first."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from opensearchpy import AsyncOpenSearch

from api.answers import Recalled, facets_of, is_partial, read_answers
from api.compare.model import CompareRequest, Comparison
from api.compare.rankers import RANKERS
from api.compare.side_by_side import compare
from api.dev_tools import dev_tools_entry
from api.engine import RECALL_PATHS, Deadline, get_document, multi_search, preference_of
from api.explain import explanations
from api.funnel.model import RankModel
from api.funnel.rank import Job, Ranked, final_stage
from api.fuse import Candidate
from api.guard import ModelGuard
from api.lives import correct_status
from api.model import MAX_DEPTH, Answer, Hit, Mode, SearchRequest, Total
from api.present import debug_of, present
from api.query.fields import FieldCatalog
from api.query.highlight import HIDDEN, page_body
from api.query.plan import Plan, make_plan
from api.query.recall import Part, Recall
from api.query.wishes import filters_category
from api.ranking import affinities, fuse_kinds, make_row
from api.relaxation import first_that_fits, found_enough
from api.rescore import rescore_entries
from api.serving import Serving
from api.stages import Stages
from api.understand.relax import Relaxed, relaxations
from stack.capabilities import Capabilities
from stack.documents import Kind
from stack.embedding import Encoder
from stack.embedding.session import Vectors
from stack.errors import EngineError, EngineUnavailableError, NotFoundError
from stack.rules import RankingRules

log = logging.getLogger("souk.search")

# Of the time that is left, what the query's vector may take before the search goes on without it.
EMBED_SHARE = 0.4
# With less than this share of the time left the final stage is dropped: the first stage's row is better than none.
RANK_SHARE = 0.3
MODES: tuple[Literal["portable", "native"], ...] = ("portable", "native")


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


@dataclass(frozen=True)
class Searcher:
    """Answers searches. Stateless but for the pooled client and the encoder's cache: one object serves all requests."""

    client: AsyncOpenSearch
    encoder: Encoder
    recall: Recall
    can: Capabilities
    languages: tuple[str, ...]
    default_mode: Mode
    deadline_s: float
    clock: Callable[[], datetime]
    check_indexes: Callable[[], Awaitable[None]]
    guard: ModelGuard
    serving: Serving

    @property
    def fields(self) -> FieldCatalog:
        return self.recall.catalog

    @property
    def rules(self) -> RankingRules:
        return self.recall.rules

    async def search(self, request: SearchRequest) -> Answer:
        """One page of the mixed row.

        Raises InputError with every mistake of the request; EngineUnavailableError within the deadline when the engine
        is slow or gone; UnsupportedError when native mode is asked of a cluster that cannot.
        """
        started, deadline, stages = time.perf_counter(), Deadline(self.deadline_s), Stages()
        with stages.stage("understand") as stage:
            plan = self.plan(request)
            stage.note = ", ".join(step.name for step in plan.understanding.steps if step.changed)
        ranking = await self._rank(plan, deadline, stages)
        plan = ranking.plan
        first = (request.page - 1) * request.size
        page = ranking.row[: reachable(ranking)][first : first + request.size]
        hits = await self._fetch(ranking, page, first, deadline, stages)
        return Answer(
            query_id=str(uuid.uuid4()),
            q=request.q,
            query=query_of(ranking),
            mode=plan.mode,
            fusion=plan.fusion,
            models={kind: model.name for kind, model in ranking.ranked.models.items()},
            page=request.page,
            size=request.size,
            totals={kind: ranking.recalled.totals.get(kind, Total(value=0)) for kind in request.types},
            reachable=reachable(ranking),
            hits=hits,
            facets=facets_of(ranking.recalled, request, self.fields),
            degraded=ranking.degraded,
            shadow=ranking.ranked.shadow,
            took_ms=round((time.perf_counter() - started) * 1000, 2),
            stages=stages.done,
            debug=debug_of(plan, ranking.parts) | {"shadow": ranking.ranked.shadow} if request.debug else None,
        )

    async def rank(
        self, request: SearchRequest, depth: int, model: RankModel | None = None, log_features: bool = False
    ) -> Ranking:
        """The row of a request down to `depth`, without fetching documents. Raises as `search` does.

        `model` ranks its kind in place of the published one; `log_features` reads the features even without a model.
        """
        deadline, plan = Deadline(self.deadline_s), self.plan(request, depth)
        return await self._rank(plan, deadline, Stages(), model, log_features)

    async def show(self, ranking: Ranking, items: list[Candidate]) -> list[Hit]:
        """The documents of some of a row, in that order; explained when its request asks for it. Raises as `search`."""
        return await self._fetch(ranking, items, 0, Deadline(self.deadline_s), Stages())

    async def compare(self, asked: CompareRequest) -> Comparison:
        """Two rankers side by side. Raises InputError for a wrong ranker, else as `search` does."""
        return await compare(self, asked)

    def rankers(self, kind: Kind) -> list[str]:
        """What `compare` can be asked for, by name."""
        return [*RANKERS, *(f"model:{version}" for version in self.serving.versions(kind))]

    def plan(self, request: SearchRequest, depth: int | None = None) -> Plan:
        """The checked, understood and resolved request. Raises InputError or UnsupportedError."""
        understander = self.serving.understander
        plan = make_plan(
            request,
            catalog=self.fields,
            rules=self.rules,
            languages=self.languages,
            default_mode=self.default_mode,
            can=self.can,
            now=self.clock(),
            understanding=understander.understand(request.q, request.language, frozenset(request.without)),
            depth=depth,
        )
        # The engine's fusion hides what each route found, which the models were trained on: a cluster that could fuse
        # itself is asked for the routes where a model ranks, unless native mode was asked for by name.
        ranks = plan.wants_final_stage and any(self.serving.model(kind) for kind in plan.kinds)
        return plan.in_mode("portable") if ranks and request.mode != "native" else plan

    async def _rank(
        self,
        plan: Plan,
        deadline: Deadline,
        stages: Stages,
        model: RankModel | None = None,
        log_features: bool = False,
    ) -> Ranking:
        self.guard.ask()
        self.serving.tick()
        degraded: list[str] = []
        vector, parts, recalled = await self._find(plan, deadline, stages, degraded)
        relaxed, least = None, self.rules.funnel.relax_below
        if not found_enough(plan, recalled, least):
            relaxed = await self._relaxed(plan, recalled, deadline, stages)
            if relaxed is None and filters_category(plan, self.rules.funnel):
                plan = plan.without_category()  # rather all categories than nothing
                vector, parts, recalled = await self._find(plan, deadline, stages, degraded)
                if not found_enough(plan, recalled, least):
                    relaxed = await self._relaxed(plan, recalled, deadline, stages)
        if relaxed is not None:
            plan = plan.with_words(relaxed.text)
            vector, parts, recalled = await self._find(plan, deadline, stages, degraded)
        with stages.stage("fuse", recalled.size) as stage:
            first = fuse_kinds(plan, recalled, self.rules)
            stage.candidates_out = sum(map(len, first.values()))
        ranked = Ranked(first)
        jobs = self._jobs(plan, recalled, model, log_features)
        if jobs and vector is not None:
            with stages.stage("final_stage", stage.candidates_out) as stage:
                ranked = await self._final_stage(
                    plan, first, recalled, vector, jobs, deadline, degraded, strict=log_features
                )
                stage.candidates_out = sum(len(seen.ids) for seen in ranked.features.values())
                stage.note = f"engine {ranked.took_ms:g} ms"
        with stages.stage("blend", sum(map(len, first.values()))) as stage:
            row = make_row(plan, ranked.candidates, recalled, self.rules)[: plan.reach]
            stage.candidates_out = len(row)
        return Ranking(plan, row, recalled, parts, first, ranked, relaxed, list(dict.fromkeys(degraded)))

    async def _find(
        self, plan: Plan, deadline: Deadline, stages: Stages, degraded: list[str]
    ) -> tuple[Vectors | None, list[Part], Recalled]:
        with stages.stage("embed") as stage:
            vector = await self._embed(plan, deadline, degraded)
            stage.note = "" if vector is None else f"{len(vector)} dimensions"
        with stages.stage("recall") as stage:
            parts = self.recall.parts(plan, None if vector is None else vector.tolist())
            recalled = await self._recall(plan, parts, deadline)
            stage.candidates_out = recalled.size
            stage.note = f"{len(parts)} searches, engine {recalled.took_ms:g} ms"
        if recalled.partial:
            degraded.append("recall")
        return vector, parts, recalled

    async def _relaxed(self, plan: Plan, recalled: Recalled, deadline: Deadline, stages: Stages) -> Relaxed | None:
        kit = self.serving.understander.kit
        with stages.stage("relax", recalled.size) as stage:
            tries = relaxations(plan.understanding, kit.lexicon, kit.rules)
            relaxed = await first_that_fits(self.client, plan, self.recall, tries, deadline)
            stage.note = "nothing fits" if relaxed is None else f"without {', '.join(relaxed.dropped)}"
        return relaxed

    def _jobs(self, plan: Plan, recalled: Recalled, model: RankModel | None, log_features: bool) -> list[Job]:
        """The kinds that have a final stage: those with a model that fit the query well enough to be shown beside the
        best, or all of the plan when features are logged."""
        too_long = len(plan.words.text.split()) > self.rules.funnel.final_words and not log_features
        if not plan.wants_final_stage or plan.mode == "native" or too_long:
            return []
        fit = affinities(recalled, self.rules.blend.words_fit)
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
        shown = [job for job in jobs if job.model is not None and fit.get(job.kind, 1.0) >= self.rules.blend.gate]
        return jobs if log_features else shown

    async def _final_stage(
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
        if deadline.left() < RANK_SHARE * deadline.seconds:
            degraded.append("final_stage")
            return Ranked(first)
        try:
            return await final_stage(
                self.client, plan, first, recalled, vector, jobs, self.rules, deadline, name_failures=strict
            )
        except EngineError as error:
            if strict:
                raise
            log.error("the final stage was left out: %s", error)
            degraded.append("final_stage")
            return Ranked(first)

    async def _embed(self, plan: Plan, deadline: Deadline, degraded: list[str]) -> Vectors | None:
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

    async def _recall(self, plan: Plan, parts: list[Part], deadline: Deadline) -> Recalled:
        responses = await multi_search(
            self.client,
            [(part.index, part.body) for part in parts],
            deadline,
            preference=preference_of(plan.words.text),
            filter_path=RECALL_PATHS,
        )
        return read_answers(parts, responses, self.fields, plan.now, self.rules.blend.live_heartbeat_s)

    async def _fetch(
        self, ranking: Ranking, page: list[Candidate], first: int, deadline: Deadline, stages: Stages
    ) -> list[Hit]:
        plan = ranking.plan
        with stages.stage("fetch", len(page)) as stage:
            by_kind: dict[Kind, list[str]] = {}
            for item in page:
                by_kind.setdefault(item.kind, []).append(item.id)
            searches = [
                (self.recall.indexes[kind], page_body(ids, kind, plan.words.text, plan.language))
                for kind, ids in by_kind.items()
            ]
            responses = await multi_search(self.client, searches, deadline, preference=preference_of(plan.words.text))
            if any(map(is_partial, responses)):
                ranking.degraded.append("fetch")
            hits = present(
                page, dict(zip(by_kind, responses, strict=True)), first, plan, self.rules.blend.live_heartbeat_s
            )
            stage.candidates_out = len(hits)
        if plan.request.explain:
            with stages.stage("explain", len(hits)):
                said = explanations(hits, ranking.recalled, ranking.first, ranking.ranked, self.serving.features)
                hits = [hit.model_copy(update={"explanation": each}) for hit, each in zip(hits, said, strict=True)]
        return hits

    async def explain_query(self, request: SearchRequest) -> dict[str, Any]:
        """The requests that this search sends, in portable and in native mode, each ready for Dashboards' Dev Tools.

        Raises as `search` does; the `ids` of the native rescore are those that this search finds now.
        """
        asked, deadline = self.plan(request), Deadline(self.deadline_s)
        ranking = await self._rank(asked.in_mode("portable"), deadline, Stages(), log_features=True)
        plan = ranking.plan
        vector = await self._embed(plan, deadline, [])
        modes: Mapping[str, list[Part]] = {
            mode: self.recall.parts(plan.in_mode(mode), None if vector is None else vector.tolist()) for mode in MODES
        }
        entries = {
            mode: [dev_tools_entry(f"{part.kind}: {part.purpose}", part.index, part.body) for part in parts]
            for mode, parts in modes.items()
        }
        if vector is not None:
            entries["native"] += rescore_entries(
                ranking.ranked, plan, vector.tolist(), self.serving.features, self.recall
            )
        return {"mode": asked.mode, "can": {"hybrid": self.can.hybrid, "ltr": self.can.ltr}, **entries}

    async def item(self, kind: Kind, id: str) -> dict[str, Any]:
        """One stored document. Raises NotFoundError when there is none."""
        document = await get_document(self.client, self.recall.indexes[kind], id, HIDDEN, Deadline(self.deadline_s))
        heartbeat_s = self.rules.blend.live_heartbeat_s
        return correct_status(document, self.clock(), heartbeat_s) if kind == "live" else document

    async def ready(self) -> dict[str, Any]:
        """Can searches be answered? Raises EngineUnavailableError or ModelMismatchError when not."""
        async with Deadline(self.deadline_s).enforced():
            try:
                await self.check_indexes()
            except NotFoundError as error:
                raise EngineUnavailableError(error.message, error.remedy) from error
            health = await self.client.cluster.health()
        if health["status"] == "red":
            raise EngineUnavailableError("the cluster's health is red", "Look at souk status")
        about = self.serving.about()
        return {"status": "ready", "cluster": health["status"], "version": self.can.version, "published": about}
