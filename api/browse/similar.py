"""What is like an item: its neighbours by vector, and what shows or sells it → weighed, one row.

One search for the item (its vector is in a column only: docs/engine.md), one `_msearch` for the candidates, one for
the documents of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.browse.model import Similar, SimilarItem
from api.browse.nearness import Near, Traits, in_order
from api.browse.rules import SimilarRules
from api.engine import Deadline, multi_search, preference_of
from api.lives import effective_status
from api.query.vector import cosine_of, vector_query
from stack.documents import Kind
from stack.embedding.stored import WITH_VECTOR, vector_of
from stack.errors import NotFoundError

if TYPE_CHECKING:
    from api.search import Searcher

COLUMNS = [
    "id",
    "category_path",
    "price",
    "currency",
    "group_id",
    "in_stock",
    "status",
    {"field": "heartbeat_at", "format": "epoch_millis"},
    {"field": "updated_at", "format": "epoch_millis"},
]
# Where a kind names the products that it shows, and which clause finds it by one.
LINKS: dict[Kind, str] = {"video": "products.id", "live": "products"}


async def similar(searcher: Searcher, kind: Kind, id: str, size: int, kinds: Sequence[Kind]) -> Similar:
    """At most `size` items of `kinds`. Raises NotFoundError for an unknown item, else as a search does."""
    deadline, rules = Deadline(searcher.deadline_s), searcher.similar_rules
    item, vector, shows = await _read(searcher, kind, id, deadline)
    found = await _candidates(searcher, item, vector, shows, kinds, rules, deadline)
    row = in_order(item, found, rules)[:size]
    places = [(near.traits.kind, near.traits.id) for near, _ in row]
    documents = await searcher.items(places)
    items = [
        SimilarItem(type=kind, id=id, score=score, document=documents[kind, id])
        for (kind, id), (_, score) in zip(places, row, strict=True)
        if (kind, id) in documents
    ]
    # Stock moves faster than the index: what the documents say now decides.
    return Similar(items=sorted(items, key=lambda one: _is_gone(one.document)))


async def _read(
    searcher: Searcher, kind: Kind, id: str, deadline: Deadline
) -> tuple[Traits, list[float] | None, list[str]]:
    """The item, its vector (None: it has none) and the ids of the products that it shows."""
    body = {
        "size": 1,
        "query": {"ids": {"values": [id]}},
        "_source": ["products"],
        "docvalue_fields": COLUMNS,
    } | WITH_VECTOR
    (answer,) = await multi_search(
        searcher.client, [(searcher.recall.indexes[kind], body)], deadline, preference=preference_of(id)
    )
    if not answer["hits"]["hits"]:
        raise NotFoundError(f"there is no {kind} {id!r}", "Check the id and the type")
    (hit,) = answer["hits"]["hits"]
    return traits_of(hit, kind, searcher), vector_of(hit), _shown(hit["_source"].get("products", []))


def _shown(products: list[Any]) -> list[str]:
    """The ids of a video's links or of a live's bag."""
    return [one["id"] if isinstance(one, dict) else one for one in products]


async def _candidates(
    searcher: Searcher,
    item: Traits,
    vector: list[float] | None,
    shows: list[str],
    kinds: Sequence[Kind],
    rules: SimilarRules,
    deadline: Deadline,
) -> list[Near]:
    """Neighbours and linked items of all kinds, each once."""
    searches: list[tuple[Kind, bool, dict[str, Any]]] = []
    for kind in kinds:
        searches += [(kind, True, clause) for clause in _linked(item, kind, shows)]
        searches.append((kind, False, _near(searcher, item, vector, rules)))
    bodies = [
        (
            searcher.recall.indexes[kind],
            {
                "size": rules.candidates,
                "query": query,
                "track_total_hits": False,
                "_source": False,
                "docvalue_fields": COLUMNS,
            },
        )
        for kind, _, query in searches
    ]
    answers = await multi_search(searcher.client, bodies, deadline, preference=preference_of(item.id))
    found: dict[tuple[Kind, str], Near] = {}
    for (kind, linked, _), answer in zip(searches, answers, strict=True):
        for hit in answer["hits"]["hits"]:
            if "id" not in hit.get("fields", {}):
                continue
            near = Near(
                traits_of(hit, kind, searcher), None if linked or vector is None else cosine_of(hit["_score"]), linked
            )
            known = found.get((kind, near.traits.id))
            found[kind, near.traits.id] = near if known is None else Near(near.traits, near.cosine, known.linked)
    return list(found.values())


def _linked(item: Traits, kind: Kind, shows: list[str]) -> list[dict[str, Any]]:
    """What shows the product, or the products that are shown."""
    if item.kind == "product" and kind in LINKS:
        return [{"constant_score": {"filter": {"term": {LINKS[kind]: item.id}}}}]
    if kind == "product" and shows:
        return [{"ids": {"values": shows}}]
    return []


def _near(searcher: Searcher, item: Traits, vector: list[float] | None, rules: SimilarRules) -> dict[str, Any]:
    """The nearest by meaning; without a vector the best known of the category, or of all."""
    if vector is not None:
        return vector_query(vector, rules.candidates, [], searcher.rules.vector)
    deepest = max(item.categories, key=len, default=None)
    known = {"function_score": {"field_value_factor": {"field": "popularity", "missing": 0}, "boost_mode": "replace"}}
    return known if deepest is None else {"bool": {"must": [known], "filter": [{"term": {"category_path": deepest}}]}}


def traits_of(hit: dict[str, Any], kind: Kind, searcher: Searcher) -> Traits:
    fields = {name: values for name, values in hit.get("fields", {}).items() if values}

    def one(name: str) -> Any:
        return fields.get(name, [None])[0]

    beat = one("heartbeat_at")
    beats = datetime.fromtimestamp(int(beat) / 1000, UTC) if beat else None
    stored = one("status")
    if kind == "live":
        stored, beats = searcher.rooms().state(str(one("id")), stored, beats, int(one("updated_at") or 0))
    status = effective_status(stored, beats, searcher.clock(), searcher.rules.blend.live_heartbeat_s)
    return Traits(
        kind=kind,
        id=str(one("id")),
        categories=frozenset(fields.get("category_path", [])),
        price=one("price"),
        currency=one("currency"),
        group_id=one("group_id"),
        available=one("in_stock") is not False and status != "ended",
    )


def _is_gone(document: dict[str, Any]) -> bool:
    """Sold out, or over."""
    return document.get("stock") == 0 or document.get("in_stock") is False or document.get("status") == "ended"
