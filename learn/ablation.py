"""What each part pays: the full ranker without it, against the full ranker, query by query (`souk eval --ablate`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from api.compare.rankers import SWITCHES
from api.search import Searcher
from learn.judgments import Judgments
from learn.measures import means, measure
from learn.rankers import Advance, FoldLike, Ranker, Setup, run_folds, run_ranker
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
    searcher: Searcher,
    judgments: Judgments,
    kind: Kind,
    folds: Sequence[FoldLike] = (),
    advance: Advance | None = None,
) -> Ablation:
    """Run the full ranker and the full ranker without each part in turn, with each fold's own model where there are
    folds. Raises as a live search does.
    """

    async def values(setup: Setup) -> dict[str, dict[str, float]]:
        if folds:
            run = await run_folds(searcher, folds, kind, DEPTH, advance, setup)
        else:
            run = await run_ranker(searcher, setup, judgments.answerable, kind, DEPTH, advance)
        return measure(run, judgments)

    whole = await values(Setup(Ranker.FULL))
    parts = []
    for part in SWITCHES:
        lacking = await values(Setup(Ranker.FULL, (part,)))
        parts.append(Ablated(part, means(lacking), compare(lacking[MEASURE], whole[MEASURE])))
    return Ablation(means(whole), tuple(parts))
