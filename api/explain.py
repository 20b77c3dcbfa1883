"""Why a hit stands where it does: its way through the stages, and what each feature did, in a merchandiser's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.answers import Recalled
from api.funnel.feature_set import FeatureSet
from api.funnel.final_stage import DECIDES
from api.funnel.rank import Ranked
from api.fuse import Candidate
from api.model import Explanation, Hit, Reason
from stack.documents import Kind

# Features that did less than this share of the strongest are left out of the summary.
TELLING = 0.25
SHOWN = 3
ROUTE_WORDS = {
    "lexical": "its words",
    "vector": "its meaning",
    "variants": "another spelling",
    "category": "its category",
    "hybrid": "words and meaning together",
}


def explanations(
    hits: Sequence[Hit],
    recalled: Recalled,
    first: Mapping[Kind, Sequence[Candidate]],
    ranked: Ranked,
    features: Mapping[Kind, FeatureSet],
) -> list[Explanation]:
    """One for each hit, in their order. SHAP values are computed for these hits alone."""
    return [_explain(hit, recalled, first, ranked, features) for hit in hits]


def _explain(
    hit: Hit,
    recalled: Recalled,
    first: Mapping[Kind, Sequence[Candidate]],
    ranked: Ranked,
    features: Mapping[Kind, FeatureSet],
) -> Explanation:
    routes = {
        name: place
        for name, found in recalled.routes.get(hit.type, {}).items()
        if (place := _place(hit.id, found)) is not None
    }
    said: dict[str, Any] = {
        "routes": routes,
        "first_stage": _place(hit.id, first.get(hit.type, ())) or 0,
    }
    said |= _final_stage(hit, ranked, features)
    return Explanation(summary=_summary(said, hit.type in ranked.models), **said)


def _final_stage(hit: Hit, ranked: Ranked, features: Mapping[Kind, FeatureSet]) -> dict[str, Any]:
    model, seen = ranked.models.get(hit.type), ranked.features.get(hit.type)
    if model is None or seen is None or hit.id not in seen.ids:
        return {}
    row = seen.values[[seen.ids.index(hit.id)]]
    *effects, average = model.contributions(row)[0]
    labels = features[hit.type].labels
    reasons = [
        Reason(feature=name, label=labels[name], value=round(float(value), 4), effect=round(float(effect), 4))
        for name, value, effect in zip(seen.names, row[0], effects, strict=True)
        if abs(effect) >= 5e-5
    ]
    return {
        "final_stage": _place(hit.id, ranked.candidates[hit.type]),
        "decided": DECIDES in seen.names and bool(row[0][seen.names.index(DECIDES)] >= 1),
        "model": model.name,
        "score": round(float(model.score(row)[0]), 4),
        "average": round(float(average), 4),
        "reasons": sorted(reasons, key=lambda reason: -abs(reason.effect)),
    }


def _place(id_: str, found: Sequence[Any]) -> int | None:
    return next((place for place, item in enumerate(found, start=1) if item.id == id_), None)


def _summary(said: Mapping[str, Any], has_model: bool) -> str:
    """`Found by its words (3rd) and its meaning (12th). Up from 5th to 1st: …; against it: …`"""
    found = " and ".join(f"{ROUTE_WORDS.get(name, name)} ({ordinal(place)})" for name, place in said["routes"].items())
    text = f"Found by {found}." if found else "Found behind the window of the routes."
    last = said.get("final_stage")
    if last is None:
        why = "too far down for the ranking model" if has_model else "no ranking model"
        return f"{text} {ordinal(said['first_stage'])} of its kind after the first stage; {why}."
    moved = said["first_stage"] - last
    way = "Stays" if moved == 0 else "Up" if moved > 0 else "Down"
    text += (
        f" {way} {'at' if moved == 0 else 'from ' + ordinal(said['first_stage']) + ' to'} {ordinal(last)} of its kind"
    )
    # That it stood high before is no reason that a merchandiser can do anything about.
    reasons = [reason for reason in said["reasons"] if not reason.feature.startswith("fused")]
    strongest = max((abs(reason.effect) for reason in reasons), default=0.0)
    telling = [reason for reason in reasons if abs(reason.effect) >= TELLING * strongest]
    helped = [reason.label for reason in telling if reason.effect > 0][:SHOWN]
    harmed = [reason.label for reason in telling if reason.effect < 0][:SHOWN]
    parts = [f"for it: {', '.join(helped)}"] * bool(helped) + [f"against it: {', '.join(harmed)}"] * bool(harmed)
    number = "; it has the very number that was asked for, which no model outvotes" if said.get("decided") else ""
    return f"{text}{number}{'; ' + '; '.join(parts) if parts else ''}."


def ordinal(place: int) -> str:
    """1 → 1st, 12 → 12th."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"
