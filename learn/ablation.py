"""What each part pays: the full ranker without it, against the full ranker, query by query (`souk eval --ablate`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from api.search import Searcher
from learn.judgments import Judgments
from learn.measures import means, measure
from learn.rankers import SWITCHES, Advance, Ranker, Setup, run_ranker
from learn.significance import Comparison, compare
from stack.documents import Kind

DEPTH = 200
MEASURE = "nDCG@10"


@dataclass(frozen=True)
class Ablated:
    """The figures without one part, and how they differ from the full ranker's (negative: the part helps)."""

    part: str
    means: dict[str, float]
    against_full: Comparison

    @property
    def verdict(self) -> str:
        """In words: does the part pay?"""
        found = self.against_full
        if found.wins == found.losses == 0:
            return "changes nothing here"
        if found.high < 0:
            return "pays"
        if found.low > 0:
            return "does harm"
        return "not proven"


@dataclass(frozen=True)
class Ablation:
    """The full ranker's means, and each part taken away."""

    full: dict[str, float]
    parts: tuple[Ablated, ...]

    def as_json(self) -> dict[str, Any]:
        """For reports."""
        return {
            "full": self.full,
            "without": {
                each.part: {"means": each.means, "against_full": asdict(each.against_full), "verdict": each.verdict}
                for each in self.parts
            },
        }


async def ablate(
    searcher: Searcher, judgments: Judgments, kind: Kind, advance: Advance | None = None, full: Setup | None = None
) -> Ablation:
    """Run the full ranker and the full ranker without each part in turn. Raises as a live search does."""
    whole = full or Setup(Ranker.FULL)
    whole_values = await _values(searcher, judgments, kind, whole, advance)
    parts = []
    for part in SWITCHES:
        values = await _values(searcher, judgments, kind, Setup(Ranker.FULL, (*whole.without, part)), advance)
        parts.append(Ablated(part, means(values), compare(values[MEASURE], whole_values[MEASURE])))
    return Ablation(means(whole_values), tuple(parts))


async def _values(
    searcher: Searcher, judgments: Judgments, kind: Kind, setup: Setup, advance: Advance | None
) -> dict[str, dict[str, float]]:
    run = await run_ranker(searcher, setup, judgments.answerable, kind, DEPTH, advance)
    return measure(run, judgments)
