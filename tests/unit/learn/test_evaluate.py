"""Judgments that nothing can be measured on are refused before the engine is asked."""

from __future__ import annotations

import pytest

from learn.evaluate import evaluate
from learn.judgments import Judgments
from learn.rankers import Ranker
from stack.errors import InputError
from stack.settings import Settings


@pytest.mark.parametrize(
    ("ratings", "other", "says"),
    [
        ({"laptop": {"1": 0}, "mouse": {"2": 0}}, None, "rated.csv: no query has a relevant document"),
        ({"laptop": {"1": 3}, "mouse": {"2": 0}}, Ranker("bm25"), "only one query.*leave out --compare"),
    ],
)
async def test_too_few_judgments(ratings: dict[str, dict[str, int]], other: Ranker | None, says: str) -> None:
    with pytest.raises(InputError, match=says):
        await evaluate(Settings(), Judgments(ratings, ("rated.csv",)), Ranker("full"), other, "product")
