"""Signals over documents: what a page shows is as new as the last price, stock or heartbeat.

The signals of a page come with its documents, in the same request. Recall and ranking read the documents, which may be
older (rooms apart, see `rooms.py`): a hit that its signal puts outside the request's own filters is left out of its
page, which is then shorter than `size`; other pages and totals stay, so that nothing shifts between them. What the
signal would have let in is found once the signal is folded into its document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.model import RangeFilter
from api.query.plan import Plan
from stack.documents import DocumentKind, Kind
from stack.signals import FAST, overlaid, signal_id

Signals = Mapping[str, dict[str, Any]]  # by `signal_id`
# What a signal changes beside the fields that it has.
DERIVED = ("in_stock",)


def signals_body(items: Iterable[tuple[Kind, str]]) -> dict[str, Any]:
    """The search for the signals of some items."""
    ids = [signal_id(kind, id) for kind, id in items]
    return {"size": len(ids), "query": {"ids": {"values": ids}}, "track_total_hits": False}


def read_signals(response: Mapping[str, Any]) -> Signals:
    """The signals of its answer, by `signal_id`."""
    return {hit["_id"]: hit["_source"] for hit in response.get("hits", {}).get("hits", [])}


def lay_over(kind: DocumentKind, id: str, document: dict[str, Any], signals: Signals) -> dict[str, Any]:
    """The document with what its signal says more newly."""
    return overlaid(kind, document, signals.get(signal_id(kind, id)))


def still_fits(kind: Kind, document: Mapping[str, Any], plan: Plan) -> bool:
    """Does a document that its signal changed still pass the filters on what signals change?"""
    price = plan.understanding.price
    if kind == "product" and price and "price" not in plan.request.filters and not _within(document, "price", price):
        return False
    names = [name for name in plan.request.filters if name in FAST.get(kind, ()) or name in DERIVED]
    return all(_passes(document.get(name), plan.request.filters[name]) for name in names)


def _within(document: Mapping[str, Any], name: str, wanted: Any) -> bool:
    bounds: dict[str, float] = wanted.bounds
    return _passes(document.get(name), RangeFilter(**bounds)) if bounds else True


def _passes(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, RangeFilter):
        if value is None:
            return False
        return (wanted.gte is None or value >= wanted.gte) and (wanted.lte is None or value <= wanted.lte)
    return value in (wanted if isinstance(wanted, list) else [wanted])
