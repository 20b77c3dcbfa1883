"""How near a candidate is to an item: meaning, category and price, as one score. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.browse.rules import SimilarRules
from stack.documents import Kind

UNKNOWN = 0.5  # what cannot be compared speaks neither for nor against


@dataclass(frozen=True)
class Traits:
    """What of a document is compared. `categories` has an entry a level (`category_path`); `available` is False for
    what is known to be sold out or over.
    """

    kind: Kind
    id: str
    categories: frozenset[str] = frozenset()
    price: float | None = None
    currency: str | None = None
    group_id: str | None = None
    available: bool = True


@dataclass(frozen=True)
class Near:
    """A candidate, the cosine of its vector with the item's (None: not known), and whether one shows the other."""

    traits: Traits
    cosine: float | None
    linked: bool = False


def nearness(item: Traits, near: Near, rules: SimilarRules) -> float:
    """The weighted sum of `similar.yml`."""
    weight = rules.weight
    return (
        weight["meaning"] * (UNKNOWN if near.cosine is None else max(0.0, near.cosine))
        + weight["category"] * shared_path(item.categories, near.traits.categories)
        + weight["price"] * price_closeness(item, near.traits, rules.price_fold)
        + (rules.linked if near.linked else 0.0)
    )


def shared_path(one: frozenset[str], other: frozenset[str]) -> float:
    """Levels that both paths have, of the deeper one's; 0.5 when a path is not known."""
    return len(one & other) / max(len(one), len(other)) if one and other else UNKNOWN


def price_closeness(one: Traits, other: Traits, fold: float) -> float:
    """1 at the same price, falling with the logarithm of the ratio to 0 at `fold` times."""
    if not one.price or not other.price or one.currency != other.currency:
        return UNKNOWN
    return max(0.0, 1 - abs(math.log(one.price / other.price)) / math.log(fold))


def in_order(item: Traits, found: Sequence[Near], rules: SimilarRules) -> list[tuple[Near, float]]:
    """Best first, each model once, without the item and its variants; what is to be had before what is not."""
    scored = [(near, round(nearness(item, near, rules), 6)) for near in found if not _is_of(item, near.traits)]
    scored.sort(key=lambda each: (not each[0].traits.available, -each[1], each[0].traits.kind, each[0].traits.id))
    seen: set[tuple[str, str]] = set()
    kept = []
    for near, score in scored:
        traits = near.traits
        model = ("group", traits.group_id) if traits.group_id else (traits.kind, traits.id)
        if model not in seen:
            seen.add(model)
            kept.append((near, score))
    return kept


def _is_of(item: Traits, other: Traits) -> bool:
    """The item itself, or a variant of it."""
    return (item.kind, item.id) == (other.kind, other.id) or (
        item.group_id is not None and item.group_id == other.group_id
    )
