"""The floor under relevance: the whole Icecat catalogue, both judgment files together, by the production path.

nDCG@10 over the 95 dev queries with a relevant product. The floors are those asked for; README.md has the figures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from running import run_souk

from learn.evaluate import Extras, Result, evaluate
from learn.judgments import Judgments, read_judgments
from learn.live_folds import live_folds
from learn.measures import means
from learn.rankers import Ranker
from stack.settings import Settings

pytestmark = [pytest.mark.engine, pytest.mark.shared]

# The whole funnel, each query ranked by a model that never saw it: 0.809 measured, 0.002 of it the seed's; see
# docs/decisions/ranking.md. The 0.87 that is aimed at is not reached.
FUNNEL_FLOOR = 0.80
FLOORS = [(Ranker.BM25, 0.665), (Ranker.HYBRID, 0.785), (Ranker.FULL, 0.785)]


@pytest.fixture(scope="module")
def catalogue(
    shared_data: Path, make_indexes: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """All 19,406 products and their lexicon, by the commands that a user would run."""
    settings = make_indexes("icecat")
    source = shared_data / "chorus_icecat" / "products.jsonl.gz"
    run_souk(settings, "ingest", "products", str(source))
    settings = settings.model_copy(update={"published_dir": tmp_path_factory.mktemp("published")})
    run_souk(settings, "understand", "build")
    return settings


@pytest.fixture(scope="module")
def judgments(shared_data: Path) -> Judgments:
    folder = shared_data / "chorus_icecat"
    return read_judgments([folder / "judgments_dev.csv.gz", folder / "judgments_dev_added.csv.gz"])


@pytest.fixture(scope="module")
def results(catalogue: Settings, judgments: Judgments) -> dict[Ranker, Result]:
    return {ranker: asyncio.run(evaluate(catalogue, judgments, ranker, None, "product")) for ranker, _ in FLOORS}


def test_figures_are_over_the_95_queries(judgments: Judgments, results: dict[Ranker, Result]) -> None:
    assert len(judgments.queries) == 100
    assert len(judgments.answerable) == 95
    assert results[Ranker.HYBRID].unknown == ()


@pytest.mark.parametrize(("ranker", "floor"), FLOORS)
def test_floor(results: dict[Ranker, Result], ranker: Ranker, floor: float) -> None:
    assert means(results[ranker].evaluation.values)["nDCG@10"] >= floor


def test_the_whole_funnel_on_queries_that_it_has_not_seen(
    catalogue: Settings, judgments: Judgments, results: dict[Ranker, Result]
) -> None:
    folds = live_folds(catalogue.mappings_dir, lambda *_: None, trials=0)
    result = asyncio.run(evaluate(catalogue, judgments, Ranker.FULL, None, "product", Extras(folds=folds)))
    found = means(result.evaluation.values)
    assert found["nDCG@10"] >= FUNNEL_FLOOR
    assert found["nDCG@10"] > means(results[Ranker.HYBRID].evaluation.values)["nDCG@10"]
    assert found["R@200"] >= 0.98


def test_recall_of_the_recall_stage(results: dict[Ranker, Result]) -> None:
    """Ten points above BM25's: the vector route must bring what words miss."""
    recall = {ranker: means(result.evaluation.values)["R@200"] for ranker, result in results.items()}
    assert recall[Ranker.HYBRID] >= recall[Ranker.BM25] + 0.1
