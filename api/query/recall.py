"""The one `_msearch` of recall: every vertical × route, and the facet counts, as a list of parts.

    plan, vector → [Part(product, lexical), Part(product, vector), Part(product, count), Part(video, …), …]

The routes are siblings (`routes.py`); `mappings/ranking/funnel.yml` says which kinds take which. In native mode the
words and the vector of a kind are one `hybrid` query, fused by the search pipeline; the other routes stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api.query.browse import browse_query
from api.query.facets import aggregation_name, facet_aggregation, facet_groups
from api.query.fields import FieldCatalog
from api.query.filters import Clause, filter_clauses
from api.query.lexical import lexical_query, matching_query
from api.query.native import hybrid_body
from api.query.plan import Plan
from api.query.routes import ROUTES, asked_routes
from api.query.vector import NEAREST, lucene_score, vector_query
from api.query.wishes import wish_clauses
from api.rooms import NO_ROOMS
from stack.documents import Kind
from stack.rules import RankingRules

# Counting every match of a common word would visit them all; past this a total is "more than".
COUNT_UP_TO = 10_000


@dataclass(frozen=True)
class Part:
    """One search of the `_msearch`. `purpose` is a route, `hybrid` or `count`."""

    kind: Kind
    purpose: str
    index: str
    body: dict[str, Any]
    facets: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Recall:
    """Builds the parts. `indexes` are the aliases by kind, `prefix` names the search pipelines."""

    rules: RankingRules
    catalog: FieldCatalog
    indexes: dict[Kind, str]
    prefix: str

    def parts(self, plan: Plan, vector: Sequence[float] | None) -> list[Part]:
        """All searches of a plan. Without a vector the vector route is left out."""
        return [part for kind in plan.kinds for part in self._of_kind(plan, kind, vector)]

    def _of_kind(self, plan: Plan, kind: Kind, vector: Sequence[float] | None) -> list[Part]:
        filters = self._filters(plan, kind)
        others = self._other_routes(plan, kind, filters)
        counts = self._count_parts(plan, kind)
        if plan.mode == "native" and vector is not None and plan.wants_lexical:
            # The engine's fusion hides the cosines that tell how well a kind fits, and ends behind its window.
            nearest = self._vector(kind, vector, filters, NEAREST)
            deeper = [self._lexical(plan, kind, filters)] if plan.depth > plan.window[kind] else []
            return [self._hybrid(plan, kind, vector, filters), nearest, *deeper, *others, *counts]
        parts = [self._lexical(plan, kind, filters)] if plan.wants_lexical else []
        if vector is not None:
            parts.append(self._vector(kind, vector, filters, plan.window[kind]))
        return parts + others + counts

    def _other_routes(self, plan: Plan, kind: Kind, filters: list[Clause]) -> list[Part]:
        names = asked_routes(plan, kind, self.rules.funnel) if plan.by_relevance and not plan.browsing else []
        found = ((name, ROUTES[name](plan, kind, self.rules)) for name in names)
        return [
            Part(
                kind,
                name,
                self.indexes[kind],
                {"size": plan.window[kind], "track_total_hits": False, "query": filtered(query, filters)}
                | _returned(kind),
            )
            for name, query in found
        ]

    def _lexical(self, plan: Plan, kind: Kind, filters: list[Clause]) -> Part:
        body: dict[str, Any] = {
            # Vectors reach no further than the window; behind it the words alone go on, so that pages do not shift.
            "size": max(plan.window[kind], plan.depth),
            "track_total_hits": False,
            # In an order that is not relevance a stray word would bring the cheapest of everything to the top.
            "query": filtered(
                self._words_query(plan, kind) if plan.by_relevance else self._counted_query(plan, kind), filters
            ),
        }
        body |= _returned(kind)
        if (sort_field := plan.sort.kinds[kind]) is not None:
            body["sort"] = [{sort_field: {"order": plan.sort.order, "missing": "_last"}}, {"id": "asc"}]
        elif plan.browsing:
            body["sort"] = ["_score", {"id": "asc"}]
        return Part(kind, "lexical", self.indexes[kind], body)

    def _vector(self, kind: Kind, vector: Sequence[float], filters: list[Clause], k: int) -> Part:
        body = {
            "size": k,
            "track_total_hits": False,
            "min_score": lucene_score(self.rules.vector.min_cosine),
            "query": vector_query(vector, k, filters, self.rules.vector),
        }
        return Part(kind, "vector", self.indexes[kind], body | _returned(kind))

    def _hybrid(self, plan: Plan, kind: Kind, vector: Sequence[float], filters: list[Clause]) -> Part:
        queries = [self._words_query(plan, kind), vector_query(vector, plan.window[kind], [], self.rules.vector)]
        body = hybrid_body(queries, filters, plan.window[kind], f"{self.prefix}-hybrid-{plan.fusion}")
        return Part(kind, "hybrid", self.indexes[kind], body | _returned(kind))

    def _count_parts(self, plan: Plan, kind: Kind) -> list[Part]:
        """The total with the facets that no filter touches, then one search for each facet that has a filter."""
        mine = [name for name in plan.request.facets if (found := self.catalog.find(name)) and kind in found.kinds]
        groups = facet_groups(mine, set(plan.request.filters))
        return [self._count_part(plan, kind, but, names) for but, names in groups]

    def _count_part(self, plan: Plan, kind: Kind, but: str | None, names: list[str]) -> Part:
        body: dict[str, Any] = {
            "size": 0,  # such searches are cached by the shard
            "track_total_hits": COUNT_UP_TO if but is None else False,
            "query": filtered(self._counted_query(plan, kind), self._filters(plan, kind, but)),
        }
        aggregations = {
            aggregation_name(name): facet_aggregation(found, self.catalog.facet_size_of(found))
            for name in names
            if (found := self.catalog.find(name))
        }
        return Part(
            kind, "count", self.indexes[kind], body | ({"aggs": aggregations} if aggregations else {}), tuple(names)
        )

    def _counted_query(self, plan: Plan, kind: Kind) -> dict[str, Any]:
        if plan.browsing:
            return {"match_all": {}}
        return matching_query(plan.words, kind, plan.language, self.rules.lexical)

    def _words_query(self, plan: Plan, kind: Kind) -> dict[str, Any]:
        if plan.browsing:
            return browse_query(kind, plan.now, self.rules.blend.live_heartbeat_s, plan.rooms)
        return lexical_query(plan.words, kind, plan.language, self.rules.lexical)

    def count_parts(self, plan: Plan) -> list[Part]:
        """Only the totals: does anything have these words?"""
        return [self._count_part(plan, kind, None, []) for kind in plan.kinds]

    def counted(self, plan: Plan) -> list[Part]:
        """The totals and all facets that are asked for, without any hits."""
        return [part for kind in plan.kinds for part in self._count_parts(plan, kind)]

    def walk_parts(self, plan: Plan) -> list[Part]:
        """What a walk by cursor asks of each kind: all that is counted in the totals, in an order without ties."""
        return [self._walk_part(plan, kind) for kind in plan.kinds]

    def _walk_part(self, plan: Plan, kind: Kind) -> Part:
        sort_field = plan.sort.kinds[kind]
        query = self._counted_query(plan, kind)
        if sort_field is None:
            # An order that stands still: by the documents, whatever rooms come on or go off while somebody walks.
            scored = self._words_query(replace(plan, rooms=NO_ROOMS), kind)
            query = {"bool": {"filter": [query], "should": [scored]}}
        order = "_score" if sort_field is None else {sort_field: {"order": plan.sort.order, "missing": "_last"}}
        body: dict[str, Any] = {
            "size": plan.request.size,
            "track_total_hits": False,
            "query": filtered(query, self._filters(plan, kind)),
            "sort": [order, {"id": "asc"}],
        }
        return Part(kind, "walk", self.indexes[kind], body | _returned(kind))

    def facet_body(self, plan: Plan, kind: Kind, facet: str) -> dict[str, Any]:
        """What the values of one facet are counted in: the words and all filters but its own."""
        query = filtered(self._counted_query(plan, kind), self._filters(plan, kind, facet))
        return {"size": 0, "track_total_hits": False, "query": query}

    def _filters(self, plan: Plan, kind: Kind, but: str | None = None) -> list[Clause]:
        heartbeat_s = self.rules.blend.live_heartbeat_s
        asked = filter_clauses(plan.request.filters, self.catalog, plan.now, heartbeat_s, but, plan.rooms)
        return asked + wish_clauses(plan, kind, self.rules.funnel, but)


def _returned(kind: Kind) -> dict[str, Any]:
    """What comes back of each document: its id from a column, and for a live what tells whether it is on.

    `_id` is a stored field, in one compressed block with the source: reading 200 of them took more than finding them
    (recall of three verticals 13 ms in place of 21 ms, in one run).
    """
    times = [{"field": name, "format": "epoch_millis"} for name in ("heartbeat_at", "updated_at")]
    status: list[Any] = ["status", *times] if kind == "live" else []
    return {"stored_fields": "_none_", "docvalue_fields": ["id", *status]}


def filtered(query: dict[str, Any], filters: list[Clause]) -> dict[str, Any]:
    """The query, restricted."""
    return {"bool": {"must": [query], "filter": filters}} if filters else query
