"""Too many words: those that say least are dropped, the answer says which, and the filters stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from catalogue import ask, ids
from rank_models import make_model, serve
from running import run_souk

from api.bootstrap import build_searcher
from api.model import Answer
from api.search import Searcher
from stack.embedding import Encoder
from stack.settings import Settings

pytestmark = pytest.mark.engine
NONSENSE = ["zzqqxxy", "vvkkwwjqx", "qqfjj"]


@pytest.fixture(scope="module")
def with_lexicon(market_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The market with the lexicon that `souk understand build` makes of it, published where no other test looks."""
    settings = market_settings.model_copy(update={"state_dir": tmp_path_factory.mktemp("lexicon")})
    run_souk(settings, "understand", "build")
    return settings


@pytest.fixture(scope="module")
async def knowing(with_lexicon: Settings, encoder: Encoder) -> AsyncIterator[Searcher]:
    async with build_searcher(with_lexicon, encoder) as built:
        assert built.serving.lexicon.version, "the lexicon is in use"
        yield replace(built, deadline_s=60)


@pytest.fixture(scope="module")
async def market(market_settings: Settings, encoder: Encoder) -> AsyncIterator[Searcher]:
    """Without a lexicon."""
    async with build_searcher(market_settings, encoder) as built:
        yield replace(built, deadline_s=60)


def totals(answer: Answer) -> dict[str, int]:
    return {kind: total.value for kind, total in answer.totals.items()}


async def exactly(searcher: Searcher, **request: Any) -> Answer:
    """The answer to words as they are, without spelling or relaxation."""
    return await ask(searcher, **request, without=["relaxation", "spelling", "compounds"])


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("place", [0, 1])
async def test_a_word_that_nothing_has_is_dropped(knowing: Searcher, nonsense: str, place: int) -> None:
    words = ["headphones"]
    words.insert(place, nonsense)
    asked: dict[str, Any] = {"q": " ".join(words), "types": ["product"], "facets": ["brand"], "size": 30}
    answer = await ask(knowing, **asked, without=["spelling", "compounds"])
    expected = await exactly(knowing, **asked | {"q": "headphones"})
    assert answer.query["relaxed"] == {"text": "headphones", "dropped": [nonsense]}
    assert totals(answer) == totals(expected)
    assert totals(answer)["product"] > 0
    assert set(ids(answer)) == set(ids(expected))
    assert answer.facets == expected.facets
    assert answer.q == asked["q"], "what was asked for is still said"
    (stage,) = [stage for stage in answer.stages if stage.name == "relax"]
    assert nonsense in stage.note


async def test_nothing_is_dropped_while_something_has_the_words(knowing: Searcher) -> None:
    answer = await ask(knowing, q="headphones")
    assert answer.query["relaxed"] is None
    assert "relax" not in [stage.name for stage in answer.stages]


async def test_a_request_can_switch_it_off(knowing: Searcher) -> None:
    answer = await exactly(knowing, q=f"headphones {NONSENSE[0]}", types=["product"])
    assert answer.query["relaxed"] is None
    assert totals(answer) == {"product": 0}


@pytest.mark.parametrize("lexicon", [True, False])
@pytest.mark.parametrize("q", [" ".join(NONSENSE), NONSENSE[0], f"{NONSENSE[0]} -{NONSENSE[1]}", "zz " * 64, "?!"])
async def test_all_nonsense_is_still_answered(knowing: Searcher, market: Searcher, lexicon: bool, q: str) -> None:
    answer = await ask(knowing if lexicon else market, q=q)
    assert answer.degraded == []
    assert answer.query["relaxed"] is None or answer.query["relaxed"]["text"]
    assert answer.reachable >= len(answer.hits)


async def test_filters_are_kept(knowing: Searcher) -> None:
    hits = (await exactly(knowing, q="headphones", types=["product"])).hits
    brand = hits[0].document["brand"]
    request: dict[str, Any] = {"types": ["product"], "filters": {"brand": brand}}
    answer = await ask(knowing, q=f"headphones {NONSENSE[0]}", **request, without=["spelling"])
    assert answer.query["relaxed"]["dropped"] == [NONSENSE[0]]
    assert {hit.document["brand"] for hit in answer.hits} == {brand}
    assert set(ids(answer)) == set(ids(await exactly(knowing, q="headphones", **request)))


async def test_a_filter_that_nothing_fits_is_not_dropped(knowing: Searcher) -> None:
    answer = await ask(knowing, q=f"headphones {NONSENSE[0]}", types=["product"], filters={"brand": "No such brand"})
    assert answer.hits == []
    assert totals(answer) == {"product": 0}


async def test_a_price_in_the_words_is_kept(knowing: Searcher) -> None:
    prices = [
        hit.document["price"] for hit in (await exactly(knowing, q="headphones", types=["product"], size=100)).hits
    ]
    middle = int(sorted(prices)[len(prices) // 2]) + 1
    answer = await ask(knowing, q=f"headphones {NONSENSE[0]} under {middle}", types=["product"], without=["spelling"])
    assert answer.query["price"]["lte"] == middle
    assert answer.query["relaxed"]["dropped"] == [NONSENSE[0]]
    assert answer.hits
    assert all(hit.document["price"] <= middle for hit in answer.hits)


@pytest.mark.parametrize("sort", ["relevance", "price_asc"])
async def test_pages_of_a_relaxed_query_are_stable(knowing: Searcher, sort: str) -> None:
    request: dict[str, Any] = {"q": f"headphones {NONSENSE[0]}", "types": ["product"], "sort": sort}
    whole = await ask(knowing, **request, size=20)
    paged = [ids(await ask(knowing, **request, size=10, page=page)) for page in (1, 2)]
    assert ids(whole) == paged[0] + paged[1]
    assert whole.query["relaxed"]["dropped"] == [NONSENSE[0]]


async def test_the_final_stage_ranks_the_words_that_are_left(knowing: Searcher) -> None:
    model = make_model(knowing.serving.features["product"], -1)
    searcher = serve(knowing, model)
    request: dict[str, Any] = {"types": ["product"], "size": 50, "without": ["spelling", "compounds"]}
    answer = await ask(searcher, q=f"{NONSENSE[0]} headphones", **request, explain=True)
    assert answer.models == {"product": "tiny"}
    assert ids(answer) == ids(await ask(searcher, q="headphones", **request))


async def test_without_a_lexicon_the_last_word_says_most(market: Searcher) -> None:
    """What is wanted mostly stands last; that nothing has a word is known to a lexicon only."""
    answer = await ask(market, q="zzqqxxy headphones", types=["product"])
    assert answer.query["relaxed"] == {"text": "headphones", "dropped": ["zzqqxxy"]}
    assert totals(answer)["product"] > 0


async def test_many_words_of_which_some_fit(knowing: Searcher) -> None:
    q = f"{NONSENSE[0]} wireless {NONSENSE[1]} headphones {NONSENSE[2]}"
    answer = await ask(knowing, q=q, types=["product"], without=["spelling", "compounds"])
    assert answer.query["relaxed"] is not None
    assert set(NONSENSE) <= set(answer.query["relaxed"]["dropped"])
    assert totals(answer)["product"] > 0
