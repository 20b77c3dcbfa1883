"""The last step: ranked candidates and fetched documents → hits; and the debug part of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.dev_tools import shorten_vectors
from api.fuse import Candidate
from api.lives import correct_status
from api.model import Hit
from api.overlay import Signals, lay_over, still_fits
from api.query.plan import Plan
from api.query.recall import Part
from stack.documents import Kind


def present(
    page: Sequence[Candidate],
    responses: Mapping[Kind, dict[str, Any]],
    first: int,
    plan: Plan,
    heartbeat_s: int,
    signals: Signals | None = None,
) -> list[Hit]:
    """The hits of a page in row order, as their signals have them now.

    A document that went away since recall is left out, and one that its signal puts outside the filters.
    """
    fetched = {(kind, hit["_id"]): hit for kind, response in responses.items() for hit in response["hits"]["hits"]}
    shown = (
        _hit(item, fetched[item.kind, item.id], first + place, plan, heartbeat_s, signals or {})
        for place, item in enumerate(page, start=1)
        if (item.kind, item.id) in fetched
    )
    return [hit for hit in shown if hit is not None]


def _hit(
    item: Candidate, stored: dict[str, Any], position: int, plan: Plan, heartbeat_s: int, signals: Signals
) -> Hit | None:
    document = lay_over(item.kind, item.id, stored["_source"], signals)
    is_changed = document is not stored["_source"]
    if item.kind == "live":
        document = correct_status(document, plan.now, heartbeat_s)
    if is_changed and not still_fits(item.kind, document, plan):
        return None
    return Hit(
        type=item.kind,
        id=item.id,
        position=position,
        score=round(item.score, 6),
        routes={name: round(score, 6) for name, score in item.routes.items()},
        highlights={name.split(".")[0]: texts for name, texts in stored.get("highlight", {}).items()},
        document=document,
    )


def debug_of(plan: Plan, parts: Sequence[Part]) -> dict[str, Any]:
    """What was understood and what was sent; vectors are cut short for reading (`/v1/query` has them whole)."""
    return {
        "understood": {
            "text": plan.words.text,
            "model_keys": list(plan.words.model_keys),
            "kinds": list(plan.kinds),
            "language": plan.language,
            "mode": plan.mode,
            "fusion": plan.fusion,
            "window": dict(plan.window),
        },
        "dsl": [
            {"kind": part.kind, "purpose": part.purpose, "index": part.index, "body": shorten_vectors(part.body)}
            for part in parts
        ],
    }
