"""The final stage on the real engine: what it changes, what it leaves, and what happens when it cannot."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from catalogue import DOCUMENTS, NOW, WITHOUT_VECTOR, ask, ids, write
from rank_models import make_model, serve

import api.finish
import api.funnel.rank
from api.bootstrap import build_searcher
from api.funnel.feature_set import Feature, FeatureSet
from api.funnel.model import RankModel
from api.model import Answer, SearchRequest
from api.search import Searcher
from learn.feature_log import Logged, log_features
from learn.judgments import Judgments
from learn.measures import means, measure
from learn.models import publish
from learn.train.data import read_log
from learn.train.fit import train
from learn.train.options import load_options
from stack.client import connect
from stack.documents import KINDS
from stack.embedding import Encoder
from stack.errors import EngineError, EngineUnavailableError
from stack.settings import ROOT, Settings

pytest_plugins = ["small_shop"]
pytestmark = pytest.mark.engine
QUERIES = 14


@pytest.fixture(scope="module")
async def market(market_settings: Settings, encoder: Encoder) -> AsyncIterator[Searcher]:
    async with build_searcher(market_settings, encoder) as built:
        yield replace(built, deadline_s=60)


@pytest.fixture(scope="module")
def judgments(market_settings: Settings) -> Judgments:
    """The leaf category as a query; what stands in it and is cheap is good, which the first stage cannot know."""
    file = market_settings.state_dir.parent / "market" / "products.jsonl"
    products = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    leaves: dict[str, list[dict[str, Any]]] = {}
    for product in products:
        if product.get("category") and product.get("price"):
            leaves.setdefault(product["category"][-1], []).append(product)
    ratings = {}
    for leaf, found in sorted(leaves.items(), key=lambda item: -len(item[1]))[:QUERIES]:
        middle = float(np.median([product["price"] for product in found]))
        ratings[leaf] = {product["id"]: 3 if product["price"] < middle else 0 for product in found}
    return Judgments(ratings, ("market",))


@pytest.fixture(scope="module")
async def logged(market: Searcher, judgments: Judgments) -> Logged:
    return await log_features(serve(market), judgments, "product")


@pytest.fixture(scope="module")
def trained(logged: Logged, judgments: Judgments, tmp_path_factory: pytest.TempPathFactory) -> RankModel:
    """A model of `souk train`, published and loaded as a process that serves loads it."""
    folder = tmp_path_factory.mktemp("model")
    options = load_options(ROOT / "mappings", trials=0, inner_folds=2, bags=1)
    train(read_log(logged.frame, judgments), options).write(folder / "trained", {}, datetime.now(UTC))
    return publish(folder / "published", folder / "trained", False, "trained", datetime.now(UTC)).model


def all_models(searcher: Searcher, sign: float = -1) -> list[RankModel]:
    """One for each kind, that turns the first stage's order round."""
    return [make_model(searcher.serving.features[kind], sign, name=f"{kind}-{sign:g}") for kind in KINDS]


def stage_of(answer: Answer, name: str) -> Any:
    return next((stage for stage in answer.stages if stage.name == name), None)


async def test_without_a_model_there_is_no_final_stage(market: Searcher) -> None:
    answer = await ask(serve(market), q="wireless headphones")
    assert answer.models == {}
    assert stage_of(answer, "final_stage") is None
    assert answer.hits


async def test_the_log_is_what_the_live_path_sees(market: Searcher, logged: Logged, judgments: Judgments) -> None:
    frame = logged.frame
    assert frame.names == market.serving.features["product"].names
    assert np.isfinite(frame.values).all()
    assert set(frame.queries) | set(logged.empty) == set(judgments.queries)
    query = str(frame.queries[0])
    live = await serve(market, *all_models(market)).rank(SearchRequest(q=query, types=["product"]), 20)
    rows = np.flatnonzero(frame.queries == query)
    assert list(live.ranked.features["product"].ids) == list(frame.docs[rows])
    assert live.ranked.features["product"].values == pytest.approx(frame.values[rows], abs=1e-4)
    rated = {(query, doc) for query, found in judgments.ratings.items() for doc in found}
    seen = {(query, doc) for query, doc in zip(frame.queries, frame.docs, strict=True)}
    missing = {(query, doc) for query, docs in logged.not_recalled.items() for doc in docs}
    assert rated - seen == missing, "what recall did not bring is counted, not dropped"


async def test_a_trained_model_ranks_better_than_the_first_stage(
    market: Searcher, trained: RankModel, judgments: Judgments
) -> None:
    searcher = serve(market, trained)
    runs: dict[str, dict[str, list[tuple[str, float]]]] = {"with": {}, "without": {}}
    for query in judgments.queries:
        for name, off in (("with", []), ("without", ["final_stage"])):
            answer = await ask(searcher, q=query, types=["product"], size=50, without=off)
            runs[name][query] = [(id_, 100.0 - place) for place, id_ in enumerate(ids(answer))]
    found = {name: means(measure(run, judgments))["nDCG@10"] for name, run in runs.items()}
    assert found["with"] > found["without"] + 0.05, found


async def test_each_stage_reports_what_went_in_and_out(market: Searcher, trained: RankModel) -> None:
    answer = await ask(serve(market, trained), q="headphones", debug=True)
    assert [stage.name for stage in answer.stages] == [
        *("understand", "embed", "recall", "fuse", "final_stage", "blend", "fetch"),
    ]
    assert answer.models == {"product": "trained"}
    final = stage_of(answer, "final_stage")
    assert final.candidates_in == stage_of(answer, "fuse").candidates_out
    assert 0 < final.candidates_out <= market.rules.funnel.final_window["product"], "of the one kind that has a model"
    assert final.took_ms > 0
    assert "engine" in final.note


async def test_a_request_can_switch_it_off(market: Searcher, trained: RankModel) -> None:
    request: dict[str, Any] = {"q": "headphones", "types": ["product"], "size": 100}
    plain, off, on = (
        await ask(serve(market), **request),
        await ask(serve(market, trained), **request, without=["final_stage"]),
        await ask(serve(market, trained), **request),
    )
    assert ids(off) == ids(plain)
    assert off.models == {}
    assert ids(on) != ids(plain), "it changes the order"
    assert sorted(ids(on)) == sorted(ids(plain)), "and nothing else"
    assert [hit.score for hit in on.hits] == pytest.approx([hit.score for hit in plain.hits])


@pytest.mark.parametrize("changes", [{"routes": ["lexical"]}, {"routes": ["vector"]}, {"sort": "price_asc"}, {"q": ""}])
async def test_it_ranks_only_what_it_was_trained_on(market: Searcher, changes: dict[str, Any]) -> None:
    answer = await ask(serve(market, *all_models(market)), **({"q": "headphones", "types": ["product"]} | changes))
    assert stage_of(answer, "final_stage") is None
    assert answer.models == {}
    assert answer.hits


async def test_products_videos_and_lives_have_their_own(market: Searcher) -> None:
    searcher = serve(market, *all_models(market))
    for kind in KINDS:
        request: dict[str, Any] = {"q": "headphones", "types": [kind], "size": 100}
        first, ranked = await ask(serve(market), **request), await ask(searcher, **request)
        assert ranked.models == {kind: f"{kind}--1"}
        assert sorted(ids(ranked)) == sorted(ids(first))
        assert ids(ranked) != ids(first)
    mixed = await ask(searcher, q="headphones")
    assert "product" in mixed.models
    assert set(mixed.models) >= {hit.type for hit in mixed.hits}, "what is shown was ranked by its own model"


async def test_explanations_sum_to_the_score_and_name_the_way(market: Searcher, trained: RankModel) -> None:
    searcher = serve(market, trained)
    answer = await ask(searcher, q="headphones", types=["product"], explain=True, size=30)
    before = ids(await ask(searcher, q="headphones", types=["product"], size=100, without=["final_stage"]))
    scores = []
    for hit in answer.hits:
        said = hit.explanation
        assert said is not None
        assert said.score is not None
        assert said.average is not None
        scores.append(said.score)
        effects = sum(reason.effect for reason in said.reasons)
        assert said.average + effects == pytest.approx(said.score, abs=5e-3)
        assert said.final_stage == hit.position
        assert said.first_stage == before.index(hit.id) + 1
        assert said.routes, "a route found it"
        assert said.summary.startswith("Found by its ")
        labels = market.serving.features["product"].labels
        assert all(reason.label == labels[reason.feature] for reason in said.reasons)
    assert scores == sorted(scores, reverse=True), "the order is by this score"
    assert stage_of(answer, "explain").candidates_in == len(answer.hits)
    assert all(hit.explanation is None for hit in (await ask(searcher, q="headphones")).hits)


async def test_explanations_without_a_model(market: Searcher) -> None:
    answer = await ask(serve(market), q="headphones", explain=True)
    for hit in answer.hits:
        assert hit.explanation is not None
        assert hit.explanation.model is None
        assert hit.explanation.first_stage >= 1
        assert hit.explanation.summary.endswith("no ranking model.")


async def test_a_shadow_scores_beside_and_changes_nothing(market: Searcher) -> None:
    features = market.serving.features["product"]
    model, other = make_model(features, 1, name="model"), make_model(features, -1, name="other")
    request: dict[str, Any] = {"q": "headphones", "types": ["product"], "debug": True}
    alone = await ask(serve(market, model), **request)
    shadowed = await ask(serve(market, model, shadows=(other,)), **request)
    assert ids(shadowed) == ids(alone)
    assert shadowed.models == {"product": "model"}
    assert shadowed.debug is not None
    assert shadowed.debug["shadow"]["product"] < -0.8, "it ranks the other way round"
    same = await ask(serve(market, model, shadows=(model,)), **request)
    assert same.debug is not None
    assert same.debug["shadow"]["product"] > 0.8


async def pages(searcher: Searcher, size: int, count: int, **request: Any) -> list[tuple[str, str]]:
    answers = [await ask(searcher, **request, size=size, page=page) for page in range(1, count + 1)]
    return [(hit.type, hit.id) for answer in answers for hit in answer.hits]


@pytest.fixture(scope="module")
def broad(market_settings: Settings) -> str:
    """A word that many products have: as many as have it can be paged to."""
    file = market_settings.state_dir.parent / "market" / "products.jsonl"
    titles = [json.loads(line)["title"].lower().split() for line in file.read_text(encoding="utf-8").splitlines()]
    words = Counter(word for title in titles for word in set(title) if word.isalpha() and len(word) > 3)
    return words.most_common(1)[0][0]


def narrow(searcher: Searcher, window: int, recalled: int) -> Searcher:
    """The same with other windows: of the final stage, and of the routes."""
    rules = searcher.rules.model_copy(
        update={
            "funnel": searcher.rules.funnel.model_copy(update={"final_window": dict.fromkeys(KINDS, window)}),
            "fusion": searcher.rules.fusion.model_copy(update={"window": dict.fromkeys(KINDS, recalled)}),
        }
    )
    return replace(searcher, recall=replace(searcher.recall, rules=rules))


@pytest.mark.parametrize(("window", "recalled"), [(100, 100), (20, 100), (10, 40), (20, 20)])
@pytest.mark.parametrize("by", ["fused", "lexical_score", "votes_rrf", "spread"])
async def test_pages_are_stable(market: Searcher, broad: str, by: str, window: int, recalled: int) -> None:
    """Pages of ten, and pages of double the size, are one row: inside the windows and behind them."""
    model = make_model(market.serving.features["product"], -1, by)
    searcher = serve(narrow(market, window, recalled), model)
    single = await pages(searcher, 10, 12, q=broad, types=["product"])
    double = await pages(searcher, 20, 6, q=broad, types=["product"])
    whole = await pages(searcher, 60, 2, q=broad, types=["product"])
    assert len(set(single)) == len(single) > 60, "no repeats"
    assert single == double == whole


@pytest.mark.parametrize("window", [100, 10])
async def test_pages_of_the_mixed_row_are_stable(market: Searcher, window: int) -> None:
    searcher = serve(narrow(market, window, 100), *all_models(market))
    single, double = await pages(searcher, 10, 12, q="headphones"), await pages(searcher, 20, 6, q="headphones")
    assert single == double
    assert len(set(single)) == len(single)
    assert {kind for kind, _ in single} == set(KINDS)


def broken_set(searcher: Searcher, *broken: Feature) -> FeatureSet:
    known = searcher.serving.features["product"]
    return FeatureSet(kind="product", features=(*known.features, *broken))


def odd(name: str, **source: Any) -> Feature:
    return Feature(name=name, group="x", label=name, kinds=("product",), **source)


BROKEN = [
    odd("odd_clause", engine={"match": {"title": {"query": "$text", "nonsense": 1}}}),
    odd(
        "odd_script",
        engine={"script_score": {"query": {"match_all": {}}, "script": {"source": "doc['nothing'].value"}}},
    ),
    odd("odd_column", field="title"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda each: each.name)
async def test_a_feature_that_the_engine_refuses_costs_the_final_stage_and_no_more(
    market: Searcher, broken: Feature
) -> None:
    features = broken_set(market, broken)
    searcher = serve(market, make_model(features), features={**market.serving.features, "product": features})
    answer = await ask(searcher, q="headphones", types=["product"])
    assert answer.degraded == ["final_stage"]
    assert answer.models == {}
    assert ids(answer) == ids(await ask(serve(market), q="headphones", types=["product"]))


@pytest.mark.parametrize(
    "broken", [[each] for each in BROKEN] + [BROKEN], ids=lambda each: "+".join(b.name for b in each)
)
async def test_in_the_feature_log_it_is_an_error_that_names_query_and_feature(
    market: Searcher, broken: list[Feature]
) -> None:
    features = broken_set(market, *broken)
    searcher = serve(market, features={**market.serving.features, "product": features})
    with pytest.raises(EngineError) as caught:
        await log_features(searcher, Judgments({"headphones": {"p1": 1}}, ("x",)), "product")
    assert "query 'headphones'" in caught.value.message
    for each in broken:
        assert each.name in caught.value.message
    assert "title_bm25" not in caught.value.message.split(" of products")[0], "only those that are wrong"
    assert "mappings/features" in caught.value.remedy


async def test_an_answer_in_part_is_no_answer(market: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Candidates that the engine had no time for would be ranked as if no feature were theirs."""
    real = api.funnel.rank.scored_search

    async def partial(*given: Any, **named: Any) -> dict[str, Any]:
        return await real(*given, **named) | {"timed_out": True}

    monkeypatch.setattr(api.funnel.rank, "scored_search", partial)
    answer = await ask(serve(market, *all_models(market)), q="headphones")
    assert answer.degraded == ["final_stage"]
    assert answer.hits
    with pytest.raises(EngineError, match=r"query 'headphones'.*in part only"):
        await log_features(serve(market), Judgments({"headphones": {"p1": 1}}, ("x",)), "product")


async def test_with_little_time_left_the_first_stage_is_the_answer(
    market: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.finish, "RANK_SHARE", 2.0)
    answer = await ask(serve(market, *all_models(market)), q="headphones")
    assert answer.degraded == ["final_stage"]
    assert ids(answer) == ids(await ask(serve(market), q="headphones"))
    with pytest.raises(EngineUnavailableError, match="query 'headphones': dropped final_stage"):
        await log_features(serve(market), Judgments({"headphones": {"p1": 1}}, ("x",)), "product")


async def test_documents_without_vectors_and_sketches_stay(searcher: Searcher) -> None:
    """The small shop is written without sketches, and some of it without vectors."""
    ranked = serve(searcher, *all_models(searcher))
    for q in ("wireless mouse", "ceramic vase", "laptop repair at home", "hp pavilion laptop"):
        first, last = await ask(serve(searcher), q=q, size=100), await ask(ranked, q=q, size=100, explain=True)
        assert last.degraded == []
        assert sorted(ids(first)) == sorted(ids(last))
        assert last.models
    assert WITHOUT_VECTOR & set(ids(await ask(ranked, q="wireless mouse", size=100)))


async def test_one_candidate(searcher: Searcher) -> None:
    answer = await ask(serve(searcher, *all_models(searcher)), q="kettle", filters={"brand": "Bosch"}, explain=True)
    assert ids(answer) == ["kettle"]
    assert answer.models == {"product": "product--1"}
    assert answer.hits[0].explanation is not None
    assert answer.hits[0].explanation.final_stage == 1


async def test_no_candidates(searcher: Searcher) -> None:
    answer = await ask(serve(searcher, *all_models(searcher)), q="kettle", filters={"brand": "Nobody"})
    assert (answer.hits, answer.degraded, answer.models) == ([], [], {})


@pytest.mark.parametrize(
    "q", ["a " * 256, "ab123-" * 80, " ".join(f"word{n}" for n in range(64)), "吉" * 512, '"\\{{$text']
)
async def test_any_text_gets_its_features(searcher: Searcher, q: str) -> None:
    answer = await ask(serve(searcher, *all_models(searcher)), q=q)
    assert answer.degraded == []


async def test_a_document_that_goes_between_recall_and_features(
    make_indexes: Callable[..., Settings], encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_indexes("going", languages=("en", "de"))
    write(settings, encoder, [each for each in DOCUMENTS if each.kind == "product"])
    real = api.finish.final_stage

    async def late(*given: Any, **named: Any) -> Any:
        def remove() -> None:
            with connect(settings) as client:
                client.delete(index=settings.alias("product"), id="dv7", refresh=True)

        await asyncio.to_thread(remove)
        return await real(*given, **named)

    async with build_searcher(settings, encoder) as built:
        searcher = serve(replace(built, clock=lambda: NOW, deadline_s=60), *all_models(built))
        assert "dv7" in ids(await ask(serve(searcher), q="hp pavilion", types=["product"]))[:2]
        monkeypatch.setattr(api.finish, "final_stage", late)
        answer = await ask(searcher, q="hp pavilion", types=["product"], explain=True)
    assert answer.degraded == []
    assert {"dv6", "sleeve"} <= set(ids(answer))
    assert "dv7" not in ids(answer)


async def test_an_index_that_goes_away_costs_the_final_stage(market: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    real = api.funnel.rank.scored_search

    async def gone(client: Any, index: str, *given: Any, **named: Any) -> dict[str, Any]:
        return await real(client, f"{index}-gone", *given, **named)

    monkeypatch.setattr(api.funnel.rank, "scored_search", gone)
    answer = await ask(serve(market, *all_models(market)), q="headphones")
    assert answer.degraded == ["final_stage"]
    assert answer.hits
    with pytest.raises(EngineUnavailableError, match="query 'headphones'"):
        await log_features(serve(market), Judgments({"headphones": {"p1": 1}}, ("x",)), "product")


def test_the_published_folder_of_a_trained_model(trained: RankModel, logged: Logged) -> None:
    assert trained.kind == "product"
    assert trained.set_hash == logged.frame.set_hash
    trained.check(logged.frame.names, logged.frame.set_hash)
