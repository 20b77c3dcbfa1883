"""Two rankers side by side on the real engine: places, moves, reasons, and a published ranking model as one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import lightgbm as lgb
import numpy as np
import pytest
from catalogue import NOW
from running import app_client
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from api.bootstrap import build_searcher
from api.compare.model import CompareRequest, Comparison
from api.funnel.feature_set import load_features
from api.funnel.model import FILES
from api.model import PARTS, SearchRequest
from api.search import Searcher
from api.serving import rank_shelf
from stack.embedding import Encoder
from stack.errors import InputError
from stack.published import Shelf
from stack.settings import Settings

pytestmark = pytest.mark.engine
pytest_plugins = ["small_shop"]
# What the model of these tests ranks by: short titles first.
FEATURE = "title_words"


def trained(settings: Settings) -> tuple[str, dict[str, object]]:
    """A model's text and what its about.json says."""
    features = load_features(settings.mappings_dir, "product")
    rows = np.random.default_rng(5).random((600, len(features.names))).astype(np.float32)
    place = features.names.index(FEATURE)
    rows[:, place] *= 12
    data = lgb.Dataset(rows, -rows[:, place])
    trees = lgb.train({"objective": "regression", "verbosity": -1, "num_threads": 1}, data, 20)
    about = {"kind": "product", "trainer": "lightgbm", "feature_names": list(features.names), "blend": 0.0}
    return trees.model_to_string(), about | {"feature_set": features.hash}


@pytest.fixture(scope="module")
def shop_with_models(small_shop: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The small shop where `short` is published and not current, and `stale` is of another feature set."""
    settings = small_shop.model_copy(update={"state_dir": tmp_path_factory.mktemp("state")})
    content, about = trained(settings)
    shelf = Shelf(settings.published, rank_shelf("product"))
    for name, changes in (("short", {}), ("stale", {"feature_set": "another"})):
        with shelf.publishing(name, about | changes, current=False) as folder:
            (folder / FILES["lightgbm"]).write_text(content, encoding="utf-8")
    return settings


@pytest.fixture(scope="module")
async def shop(shop_with_models: Settings, encoder: Encoder) -> AsyncIterator[Searcher]:
    async with build_searcher(shop_with_models, encoder) as built:
        yield replace(built, clock=lambda: NOW, deadline_s=10)


def shown(comparison: Comparison, side: str) -> list[str]:
    return [hit.id for hit in comparison.column(side)]


async def ids(shop: Searcher, request: SearchRequest) -> list[str]:
    return [hit.id for hit in (await shop.search(request)).hits]


async def test_each_side_is_what_a_live_search_gives(shop: Searcher) -> None:
    comparison = await shop.compare(CompareRequest(q="laptop", a="bm25", b="full", size=10))
    bare = SearchRequest(q="laptop", types=["product"], size=10)
    assert shown(comparison, "b") == await ids(shop, bare)
    words = bare.model_copy(update={"routes": ["lexical"], "without": list(PARTS)})
    assert shown(comparison, "a") == await ids(shop, words)
    assert all(hit.title for hit in comparison.hits)


async def test_what_only_one_side_finds_is_new_and_said_to_be(shop: Searcher) -> None:
    comparison = await shop.compare(CompareRequest(q="something to boil water", a="bm25", b="full"))
    kettle = next(hit for hit in comparison.hits if hit.id == "kettle")
    assert (kettle.a, kettle.move) == (None, "new")
    assert "Only full finds it, by its meaning" in kettle.why
    assert comparison.overlap < 1


async def test_the_same_ranker_twice_moves_nothing(shop: Searcher) -> None:
    comparison = await shop.compare(CompareRequest(q="laptop", a="full", b="full"))
    assert (comparison.overlap, comparison.rbo, comparison.tau) == (1, 1, 1)
    assert {(hit.move, hit.why) for hit in comparison.hits} == {("=", "")}


async def test_a_published_model_ranks_its_side_and_says_why(shop: Searcher) -> None:
    comparison = await shop.compare(CompareRequest(q="laptop", a="full", b="model:short"))
    assert (comparison.a.model, comparison.b.model) == (None, "short")
    titles = [len(hit.title.split()) for hit in comparison.column("b")]
    assert titles == sorted(titles)
    assert len(set(titles)) > 1
    moved = [hit for hit in comparison.hits if hit.move[0] in "▲▼"]
    assert moved
    assert any("words of its title" in hit.why for hit in moved)
    for hit in comparison.column("b"):
        said = hit.explained_b
        assert said is not None
        assert said.score is not None
        assert said.average is not None
        assert sum(reason.effect for reason in said.reasons) + said.average == pytest.approx(said.score, abs=0.01)
    # The model that was asked for by name ranked its side alone: what serves has none.
    assert (await shop.search(SearchRequest(q="laptop"))).models == {}


@pytest.mark.parametrize(
    ("a", "b", "where", "what"),
    [
        ("model:none", "full", ["a"], "no version 'none'"),
        ("model:stale", "model:none", ["a", "b"], "feature set another"),
        ("full", "model:../../etc", ["b"], "no version"),
    ],
)
async def test_a_model_that_cannot_rank_is_a_mistake_of_its_side(
    shop: Searcher, a: str, b: str, where: list[str], what: str
) -> None:
    with pytest.raises(InputError) as raised:
        await shop.compare(CompareRequest(q="laptop", a=a, b=b))
    assert [mistake.where for mistake in raised.value.mistakes] == where
    assert what in raised.value.mistakes[0].what
    assert "model:short" in raised.value.mistakes[0].allowed


async def test_the_page_and_its_mistakes(shop_with_models: Settings, encoder: Encoder) -> None:
    async with app_client(shop_with_models, encoder) as http:
        page = await _page(http, "a=full&b=model:short&q=laptop", 200)
        assert len(page.css(".sides ol")) == 2
        assert page.css(".moves .reasons")
        assert "model:short" in {node.attributes["value"] for node in page.css("#rankers option")}
        wrong = await _page(http, "a=model:stale&b=full&q=laptop", 422)
        assert "feature set" in wrong.css_first(".mistakes").text()


async def _page(http: httpx.AsyncClient, query: str, status: int) -> HTMLParser:
    answer = await http.get(f"/console/compare?{query}")
    assert answer.status_code == status
    return HTMLParser(answer.text)
