"""The road of a search: understand → embed → recall → (relax) → fuse → final stage → blend → present. Read it first."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from opensearchpy import AsyncOpenSearch

from api.answers import is_partial
from api.browse.categories import categories
from api.browse.facet_values import facet_values
from api.browse.model import Categories, FacetChoices, Similar
from api.browse.rules import SimilarRules
from api.browse.similar import similar
from api.compare.model import CompareRequest, Comparison
from api.compare.rankers import RANKERS
from api.compare.side_by_side import compare
from api.cursor.token import Walk
from api.cursor.walk import Walker
from api.dev_tools import dev_tools_entry
from api.engine import Deadline, get_documents, multi_search, preference_of
from api.explain import explanations
from api.find import Finder
from api.finish import Finisher
from api.funnel.model import RankModel
from api.funnel.rank import Ranked
from api.fuse import Candidate
from api.guard import ModelGuard
from api.lives import correct_status
from api.model import Answer, Hit, Mode, SearchRequest
from api.overlay import lay_over, read_signals, signals_body
from api.present import present
from api.query.fields import FieldCatalog
from api.query.highlight import HIDDEN, page_body
from api.query.plan import Plan, make_plan
from api.query.recall import Part, Recall
from api.ranking import fuse_kinds, make_row
from api.rescore import rescore_entries
from api.rooms import NO_ROOMS, Rooms
from api.row import Ranking, answer_of, reachable
from api.serving import Serving
from api.stages import Stages
from api.suggest.model import SUGGESTION_KINDS, SuggestionKind, Suggestions
from api.suggest.suggester import Suggester
from stack.capabilities import Capabilities
from stack.documents import DocumentKind, Kind
from stack.embedding import Encoder
from stack.errors import EngineUnavailableError, NotFoundError
from stack.rules import RankingRules
from stack.signals import FAST, SIGNAL, signal_id

MODES: tuple[Literal["portable", "native"], ...] = ("portable", "native")


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
    suggester: Suggester
    walker: Walker
    similar_rules: SimilarRules
    rooms: Callable[[], Rooms] = lambda: NO_ROOMS

    @property
    def signals(self) -> str:
        """The alias of the signals; the index need not be there."""
        return f"{self.recall.prefix}-{SIGNAL}s"

    @property
    def fields(self) -> FieldCatalog:
        return self.recall.catalog

    @property
    def rules(self) -> RankingRules:
        return self.recall.rules

    @property
    def finder(self) -> Finder:
        return Finder(self.client, self.encoder, self.recall, self.serving)

    @property
    def finisher(self) -> Finisher:
        return Finisher(self.client, self.recall, self.serving)

    async def search(self, request: SearchRequest) -> Answer:
        """One page of the mixed row.

        Raises InputError with every mistake of the request; EngineUnavailableError within the deadline when the engine
        is slow or gone; UnsupportedError when native mode is asked of a cluster that cannot.
        """
        started, deadline, stages = time.perf_counter(), Deadline(self.deadline_s), Stages()
        walk = None if request.cursor is None else self.walker.read(request.cursor)
        with stages.stage("understand") as stage:
            plan = self.plan(request) if walk is None else replace(self.plan(request), now=walk.now)
            stage.note = ", ".join(step.name for step in plan.understanding.steps if step.changed)
        if request.cursor is None:
            ranking, first, later = await self._rank(plan, deadline, stages), (request.page - 1) * request.size, None
            page = ranking.row[: reachable(ranking)][first : first + request.size]
        else:
            ranking, first, later = await self._walk(plan.in_mode("portable"), walk, deadline, stages)
            page = ranking.row
        hits = await self._fetch(ranking, page, first, deadline, stages)
        took_ms = round((time.perf_counter() - started) * 1000, 2)
        return answer_of(ranking, request, hits, self.fields, stages.done, took_ms, later)

    async def _walk(
        self, plan: Plan, walk: Walk | None, deadline: Deadline, stages: Stages
    ) -> tuple[Ranking, int, str | None]:
        """The next step of a walk by cursor as a row, the place of its first hit, and the cursor behind it."""
        self.guard.ask()
        self.serving.tick()
        with stages.stage("walk") as stage:
            step = await self.walker.step(plan, walk, deadline)
            stage.candidates_out = len(step.row)
        with stages.stage("count"):
            counted = await self.finder.count(plan, deadline)
        return Ranking(plan, step.row, counted, step.parts, {}, Ranked({})), step.first, step.next

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
            rooms=self.rooms(),
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
        found = await self.finder.find(plan, deadline, stages)
        plan, recalled, degraded = found.plan, found.recalled, found.degraded
        with stages.stage("fuse", recalled.size) as stage:
            first = fuse_kinds(plan, recalled, self.rules)
            stage.candidates_out = sum(map(len, first.values()))
        ranked = Ranked(first)
        jobs = self.finisher.jobs(plan, recalled, model, log_features)
        if jobs and found.vector is not None:
            with stages.stage("final_stage", stage.candidates_out) as stage:
                ranked = await self.finisher.rank(
                    plan, first, recalled, found.vector, jobs, deadline, degraded, strict=log_features
                )
                stage.candidates_out = sum(len(seen.ids) for seen in ranked.features.values())
                stage.note = f"engine {ranked.took_ms:g} ms"
        with stages.stage("blend", sum(map(len, first.values()))) as stage:
            row = make_row(plan, ranked.candidates, recalled, self.rules)[: plan.reach]
            stage.candidates_out = len(row)
        return Ranking(plan, row, recalled, found.parts, first, ranked, found.relaxed, list(dict.fromkeys(degraded)))

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
            if searches:
                searches.append((self.signals, signals_body((item.kind, item.id) for item in page)))
            responses = await multi_search(
                self.client,
                searches,
                deadline,
                preference=preference_of(plan.words.text),
                may_fail=self.signals,
            )
            if any(map(is_partial, responses)):
                ranking.degraded.append("fetch")
            signals = read_signals(responses.pop()) if responses else {}
            found = dict(zip(by_kind, responses, strict=True))
            hits = present(page, found, first, plan, self.rules.blend.live_heartbeat_s, signals)
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
        vector = await self.finder.embed(plan, deadline, [])
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

    async def suggest(self, q: str, limit: int, kinds: Sequence[SuggestionKind] = SUGGESTION_KINDS) -> Suggestions:
        """What a typed line could become; any text will do. Without the engine no products."""
        return await self.suggester.suggest(q, limit, kinds)

    async def similar(self, kind: Kind, id: str, size: int, kinds: Sequence[Kind]) -> Similar:
        """What is like an item. Raises NotFoundError for an unknown one, else as `search` does."""
        return await similar(self, kind, id, size, kinds)

    async def categories(self, kinds: Sequence[Kind]) -> Categories:
        """The tree of categories with counts. Raises as `search` does."""
        return await categories(self, kinds)

    async def facet_values(self, request: SearchRequest, field: str, contains: str, size: int) -> FacetChoices:
        """Values of one facet under the words and filters of a request. Raises as `search` does."""
        return await facet_values(self, request, field, contains, size)

    async def item(self, kind: DocumentKind, id: str) -> dict[str, Any]:
        """One stored document. Raises NotFoundError when there is none."""
        found = await self.items([(kind, id)])
        if (kind, id) not in found:
            raise NotFoundError(f"there is no {kind} {id!r}", "Check the id and the type")
        return found[kind, id]

    async def items(self, wanted: Sequence[tuple[DocumentKind, str]]) -> dict[tuple[DocumentKind, str], dict[str, Any]]:
        """Stored documents by kind and id, in one round trip; those that are not there are left out."""
        places = [(f"{self.recall.prefix}-{kind}s", id) for kind, id in wanted]
        quick = [signal_id(kind, id) for kind, id in wanted if kind in FAST]
        places += [(self.signals, id) for id in quick]
        found = await get_documents(self.client, places, HIDDEN, Deadline(self.deadline_s))
        signals = {id: signal for id, signal in zip(quick, found[len(wanted) :], strict=True) if signal is not None}
        now, heartbeat_s = self.clock(), self.rules.blend.live_heartbeat_s
        documents = {
            (kind, id): lay_over(kind, id, document, signals)
            for (kind, id), document in zip(wanted, found, strict=False)
            if document is not None
        }
        return {
            (kind, id): correct_status(document, now, heartbeat_s) if kind == "live" else document
            for (kind, id), document in documents.items()
        }

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
        self.suggester.tick()  # what a balancer asks first: suggestions are there when the first shopper is
        about = self.serving.about()
        return {"status": "ready", "cluster": health["status"], "version": self.can.version, "published": about}
