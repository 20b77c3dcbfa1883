"""Why a hit stands elsewhere in one row than in the other: how it was found, and what the ranking models made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from api.explain import ROUTE_WORDS, ordinal
from api.funnel.model import FUSED
from api.model import Explanation

Pulls = dict[str, float]
SHOWN = 3
# Features that did less than this share of the strongest are not named.
TELLING = 0.25
# A difference below this (in standard deviations of the scores) is no reason for a move.
LEAST = 0.05
# A route's own order must have changed by so many places to be named.
FAR = 3


def pulls(explained: Mapping[str, Explanation]) -> dict[str, Pulls]:
    """Id → label → what a feature did for this hit beside what it did for the other hits shown, in standard deviations
    of their scores: so that two models of different scale compare. Empty for a row that no model ordered.

    The first stage's own score is left out: it is where the row came from, not what moved it.
    """
    effects = {
        id_: {reason.label: reason.effect for reason in each.reasons if not reason.feature.startswith(FUSED)}
        for id_, each in explained.items()
        if each.score is not None
    }
    if len(effects) < 2:
        return {}
    spread = float(np.std([explained[id_].score or 0.0 for id_ in effects])) or 1.0
    labels = sorted({label for each in effects.values() for label in each})
    mean = {label: sum(each.get(label, 0.0) for each in effects.values()) / len(effects) for label in labels}
    return {
        id_: {label: (each.get(label, 0.0) - mean[label]) / spread for label in labels} for id_, each in effects.items()
    }


def move_of(a: int | None, b: int | None, size: int) -> str:
    """From place `a` to place `b`: ▲3, ▼2, =; `new` and `gone` for what was, or is, not among the first `size`."""
    was, stays = a is not None and a <= size, b is not None and b <= size
    if a is None or b is None or not (was and stays):
        return "new" if stays else "gone"
    return "=" if a == b else f"▲{a - b}" if a > b else f"▼{b - a}"


def weight_of(a: int | None, b: int | None) -> float:
    """How much a move matters, 0 to 1: the difference of the discounts of nDCG at both places."""
    ours, theirs = (0.0 if place is None else 1 / np.log2(1 + place) for place in (a, b))
    return float(abs(ours - theirs))


def why(
    places: tuple[int | None, int | None],
    explained: tuple[Explanation | None, Explanation | None],
    pulled: tuple[Pulls, Pulls],
    labels: tuple[str, str],
) -> str:
    """One or two sentences; empty for a hit that stayed. Each pair is of the first ranker and the second."""
    first, second = explained
    if first is None or second is None:
        return _one_sided(explained, pulled, labels)
    a, b = places
    if a is None or b is None or a == b:
        return ""
    up = b < a
    said = [each for each in (_routes(first, second), _features(pulled, up)) if each]
    if not said:
        return "Others fell behind it." if up else "Others moved past it."
    return " ".join(said)


def _one_sided(
    explained: tuple[Explanation | None, Explanation | None], pulled: tuple[Pulls, Pulls], labels: tuple[str, str]
) -> str:
    first, second = explained
    if second is not None:
        return f"Only {labels[1]} finds it, {_found(second.routes)}. {_features(({}, pulled[1]), True)}".strip()
    return f"Only {labels[0]} finds it, {_found(first.routes)}." if first else ""


def _found(routes: Mapping[str, int]) -> str:
    words = " and ".join(f"{ROUTE_WORDS.get(name, name)} ({ordinal(place)})" for name, place in routes.items())
    return f"by {words}" if words else "behind the window of its routes"


def _routes(first: Explanation, second: Explanation) -> str:
    """What found it in the second row and not in the first, and where a route's own order changed much."""
    gained = {name: place for name, place in second.routes.items() if name not in first.routes}
    lost = [ROUTE_WORDS.get(name, name) for name in first.routes if name not in second.routes]
    moved = [
        f"{ROUTE_WORDS.get(name, name)} {ordinal(first.routes[name])} → {ordinal(place)}"
        for name, place in second.routes.items()
        if name in first.routes and abs(first.routes[name] - place) >= FAR
    ]
    parts = [f"found {_found(gained)}"] * bool(gained) + [f"not by {' or '.join(lost)}"] * bool(lost) + moved
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _features(pulled: tuple[Pulls, Pulls], up: bool) -> str:
    """`Lifted by: …` or `Held back by: …`: the features that the models weigh differently for it, strongest first."""
    first, second = pulled
    sign = 1 if up else -1
    change = {label: sign * (second.get(label, 0.0) - first.get(label, 0.0)) for label in {**first, **second}}
    strongest = max(change.values(), default=0.0)
    if strongest < LEAST or sum(change.values()) <= 0:
        return ""
    named: Sequence[str] = sorted(
        (label for label in change if change[label] >= TELLING * strongest), key=lambda label: (-change[label], label)
    )
    return f"{'Lifted' if up else 'Held back'} by: {', '.join(named[:SHOWN])}."
