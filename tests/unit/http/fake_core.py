"""A search core over a few documents in memory, for the tests of the HTTP layer only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fake_words import UNKNOWN, explanation, query_object, understand
from http_documents import DOCUMENTS

from api.browse.categories import tree
from api.browse.model import Categories, FacetChoice, FacetChoices, Similar, SimilarItem
from api.compare.alike import overlap
from api.compare.model import CompareRequest, Comparison, Side
from api.compare.rankers import RANKERS, read_rankers
from api.compare.side_by_side import moves_between
from api.dev_tools import dev_tools_entry
from api.http.core import Place
from api.model import Answer, Facet, FacetValue, Hit, RangeFilter, SearchRequest, Stage, Total
from api.query.fields import load_fields
from api.query.plan import make_plan
from api.suggest.model import SUGGESTION_KINDS, Suggestion, SuggestionKind, Suggestions
from stack.capabilities import Capabilities
from stack.documents import KINDS, Kind
from stack.errors import NotFoundError
from stack.rules import load_rules
from stack.settings import ROOT

FIELDS = load_fields(ROOT / "mappings")
RULES = load_rules(ROOT / "mappings")
STORED = {"seller": "seller_name", "creator": "creator_name", "host": "host_name"}


class FakeCore:
    """Matches words in titles. `raises` is raised by every call; `delay_s` makes every call slow."""

    def __init__(self, raises: Exception | None = None, delay_s: float = 0.0, degraded: tuple[str, ...] = ()) -> None:
        self.fields = FIELDS
        self.raises = raises
        self.delay_s = delay_s
        self.degraded = degraded
        self.late = False
        self.shadow: dict[Kind, float] = {}
        self.asked: list[SearchRequest] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[FakeCore]:
        yield self

    async def _trouble(self) -> None:
        await asyncio.sleep(self.delay_s)
        if self.raises:
            raise self.raises

    async def search(self, request: SearchRequest) -> Answer:
        self.asked.append(request)
        await self._trouble()
        self.plan(request)
        seen = understand(request)
        relaxed = None
        if UNKNOWN in seen.text.split() and "relaxation" not in request.without:
            relaxed = (" ".join(word for word in seen.text.split() if word != UNKNOWN), (UNKNOWN,))
        words = request.model_copy(update={"q": relaxed[0] if relaxed else seen.text})
        found = [one for one in DOCUMENTS if one[0] in request.types and _matches(one[1], words)]
        start = (request.page - 1) * request.size
        shown = found[start : start + request.size]
        return Answer(
            query_id="q-1",
            q=request.q,
            query=query_object(seen, relaxed),
            models={"product": "v7"} if request.debug else {},
            shadow=self.shadow,
            mode="portable",
            fusion="score",
            page=request.page,
            size=request.size,
            totals={kind: Total(value=sum(one[0] == kind for one in found)) for kind in request.types},
            reachable=len(found),
            hits=[_hit(kind, body, start + number, words) for number, (kind, body) in enumerate(shown, 1)],
            facets=[_facet(name, words) for name in request.facets],
            degraded=list(self.degraded),
            took_ms=18.4,
            stages=[
                Stage(name="understand", took_ms=3.1, note="language en"),
                Stage(name="recall", took_ms=12.2, candidates_out=len(DOCUMENTS)),
                Stage(name="fuse", took_ms=0.8, candidates_in=len(DOCUMENTS), candidates_out=len(found)),
                Stage(name="present", took_ms=2.3, candidates_in=len(found), candidates_out=len(shown)),
            ],
            debug=_debug(request) if request.debug else None,
        )

    def plan(self, request: SearchRequest) -> object:
        """The real core's checks of names and values."""
        return make_plan(
            request,
            catalog=FIELDS,
            rules=RULES,
            languages=("en",),
            default_mode="auto",
            can=Capabilities(
                version="3.5.0", distribution="opensearch", plugins=(), knn=True, hybrid=False, ltr=False, faiss=False
            ),
            now=datetime(2025, 11, 21, tzinfo=UTC),
        )

    async def explain_query(self, request: SearchRequest) -> dict[str, Any]:
        await self._trouble()
        entry = dev_tools_entry("product: lexical", "souk-products", _body(request))
        return {"mode": "portable", "can": {"hybrid": False}, "portable": [entry], "native": []}

    async def compare(self, asked: CompareRequest) -> Comparison:
        """`full` has the matching documents in their order, every other ranker the other way round less the last."""
        await self._trouble()
        rankers = read_rankers([("a", asked.a), ("b", asked.b)])
        answer = await self.search(SearchRequest(q=asked.q, types=[asked.type], explain=True, size=50))
        rows = [answer.hits if ranker.base == "full" else answer.hits[:0:-1] for ranker in rankers]
        ids = [[hit.id for hit in row] for row in rows]
        sides = [
            Side(ranker=str(ranker), label=ranker.label, text=asked.q, found=len(row))
            for ranker, row in zip(rankers, ids, strict=True)
        ]
        return Comparison(
            q=asked.q, type=asked.type, size=asked.size, a=sides[0], b=sides[1],
            overlap=overlap(*ids, asked.size), rbo=0.5, tau=None,
            hits=moves_between(ids, rows, asked.size, (sides[0].label, sides[1].label)),
        )  # fmt: skip

    def rankers(self, kind: Kind) -> list[str]:
        return [*RANKERS, "model:v7"]

    async def item(self, kind: Kind, id: str) -> dict[str, Any]:
        await self._trouble()
        for one, body in DOCUMENTS:
            if (one, body["id"]) == (kind, id):
                return body
        raise NotFoundError(f"there is no {kind} {id}", "Take an id from the hits of a search")

    async def items(self, wanted: Sequence[Place]) -> dict[Place, dict[str, Any]]:
        await self._trouble()
        return {(kind, body["id"]): body for kind, body in DOCUMENTS if (kind, body["id"]) in wanted}

    async def suggest(self, q: str, limit: int, kinds: Sequence[SuggestionKind] = SUGGESTION_KINDS) -> Suggestions:
        """The titles that begin so."""
        await self._trouble()
        begun = [body for kind, body in DOCUMENTS if kind == "product" and body["title"].casefold().startswith(q)]
        lines = [
            Suggestion(kind="product", text=body["title"], marked=[(0, len(q))], href=f"/items/product/{body['id']}")
            for body in begun
            if "product" in kinds
        ]
        return Suggestions(q=q, took_ms=0.4, suggestions=lines[:limit], late=self.late)

    async def facet_values(self, request: SearchRequest, field: str, contains: str, size: int) -> FacetChoices:
        await self._trouble()
        values = [one for one in _facet(field, request).values if contains.casefold() in str(one.value).casefold()]
        choices = [FacetChoice(value=one.value, label=str(one.value), count=one.count) for one in values]
        return FacetChoices(field=field, values=choices[:size])

    async def categories(self, kinds: Sequence[Kind]) -> Categories:
        """By the real tree."""
        await self._trouble()
        counts: dict[Kind, dict[str, int]] = {kind: {} for kind in kinds}
        for kind, body in DOCUMENTS:
            for path in _held(body, "category") if kind in counts else ():
                counts[kind][path] = counts[kind].get(path, 0) + 1
        return tree(counts)

    async def similar(self, kind: Kind, id: str, size: int, kinds: Sequence[Kind]) -> Similar:
        """Whatever else there is of those kinds."""
        await self._trouble()
        others = [(one, body) for one, body in DOCUMENTS if one in kinds and body["id"] != id][:size]
        return Similar(items=[SimilarItem(type=one, id=body["id"], score=0.5, document=body) for one, body in others])

    async def ready(self) -> dict[str, Any]:
        await self._trouble()
        return {"status": "ready", "indexes": list(KINDS)}


def _body(request: SearchRequest) -> dict[str, Any]:
    return {"query": {"match": {"title": request.q}}}


def _debug(request: SearchRequest) -> dict[str, Any]:
    part = {"kind": "product", "purpose": "lexical", "index": "souk-products", "body": _body(request)}
    return {"understood": {"text": request.q, "kinds": list(request.types)}, "dsl": [part]}


def _matches(body: dict[str, Any], request: SearchRequest, but: str = "") -> bool:
    words = request.q.casefold().split()
    if not all(word in body["title"].casefold() for word in words):
        return False
    return all(_passes(body, field, value) for field, value in request.filters.items() if field != but)


def _passes(body: dict[str, Any], field: str, value: Any) -> bool:
    held = _held(body, field)
    if isinstance(value, RangeFilter):
        low, high = float(value.gte or 0), float(value.lte or 1e9)
        return any(low <= float(one) <= high for one in held)
    wanted = value if isinstance(value, list) else [value]
    return any(str(one).casefold() == str(want).casefold() for one in held for want in wanted)


def _held(body: dict[str, Any], field: str) -> list[Any]:
    if field == "category":
        path = body.get("category", [])
        return [" > ".join(path[: depth + 1]) for depth in range(len(path))]
    if field == "in_stock":
        return [body["stock"] > 0] if "stock" in body else []
    stored = STORED.get(field, field)
    return [body[stored]] if stored in body else []


def _facet(name: str, request: SearchRequest) -> Facet:
    counts: dict[Any, int] = {}
    for kind, body in DOCUMENTS:
        if kind in request.types and _matches(body, request, but=name):
            for value in _held(body, name):
                counts[value] = counts.get(value, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return Facet(field=name, values=[FacetValue(value=value, count=count) for value, count in ordered])


def _hit(kind: Kind, body: dict[str, Any], position: int, request: SearchRequest) -> Hit:
    title, q = body["title"], request.q
    for word in q.split():
        at = title.casefold().find(word.casefold())
        if at >= 0:
            title = f"{title[:at]}\ue000{title[at : at + len(word)]}\ue001{title[at + len(word) :]}"
    return Hit(
        type=kind,
        id=body["id"],
        position=position,
        score=1 / position,
        routes={"lexical": 20 / position, "vector": 0.9 - position / 100},
        highlights={"title": [title]} if q else {},
        explanation=explanation(position) if request.explain else None,
        document=body,
    )
