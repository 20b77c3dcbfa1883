"""Explanations and steps, ready to draw: bars of reasons, the table of understanding. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.http.links import search_url
from api.model import PARTS, Answer, Explanation, Reason, SearchRequest

BARS = 8
HALF = 50.0


@dataclass(frozen=True)
class Bar:
    """One reason as a bar to the right (for it) or to the left (against it) of the middle, in percent of the width."""

    reason: Reason
    start: float
    width: float

    @property
    def helps(self) -> bool:
        return self.reason.effect >= 0


@dataclass(frozen=True)
class StepRow:
    """One part of the road: what it did, and the address of the search with it switched off, or on again."""

    name: str
    on: bool
    href: str
    before: str = ""
    after: str = ""
    certainty: float | None = None
    note: str = ""


def bars(explanation: Explanation, most: int = BARS) -> list[Bar]:
    """The strongest reasons; the strongest of all fills its half."""
    reasons: Sequence[Reason] = explanation.reasons[:most]
    strongest = max((abs(reason.effect) for reason in reasons), default=0.0) or 1.0
    widths = [(reason, HALF * abs(reason.effect) / strongest) for reason in reasons]
    return [
        Bar(reason, round(HALF if reason.effect >= 0 else HALF - width, 2), round(max(width, 0.5), 2))
        for reason, width in widths
    ]


def step_rows(asked: SearchRequest, answer: Answer) -> list[StepRow]:
    """Every part that can be switched off, in the order of the road, with what it did to this query."""
    did = {step["name"]: step for step in answer.query.get("steps", [])}
    spans = ", ".join(
        f"{span['type']} {span['value']} {span['certainty']:.2f}" for span in answer.query.get("spans", [])
    )
    rows = []
    for part in PARTS:
        off = part in asked.without
        step: dict[str, Any] = did.get(part, {})
        rest = [one for one in asked.without if one != part]
        note = [step.get("note", "")] + [spans] * (part == "recognise" and part in did)
        changed = step.get("before") != step.get("after")
        rows.append(
            StepRow(
                name=part,
                on=not off,
                href=search_url(asked, without=rest if off else [*rest, part]),
                before=step["before"] if changed else "",
                after=step["after"] if changed else "",
                certainty=step.get("certainty"),
                note="; ".join(filter(None, note)) or _note_of(part, answer),
            )
        )
    return rows


def _note_of(part: str, answer: Answer) -> str:
    if part == "relaxation" and answer.query.get("relaxed"):
        return f"left out {', '.join(answer.query['relaxed']['dropped'])}"
    if part == "final_stage":
        return ", ".join(f"{kind}s by model {name}" for kind, name in answer.models.items())
    if part == "intent":
        return ", ".join(f"{kind} {share:.2f}" for kind, share in answer.query.get("intent", {}).items())
    if part == "category":
        found = answer.query.get("categories", [])[:3]
        return ", ".join(f"{each['path']} {each['probability']:.2f}" for each in found)
    return ""
