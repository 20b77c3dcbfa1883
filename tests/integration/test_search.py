"""The search core on the real engine, over a shop small enough to know every answer by heart."""

from __future__ import annotations

from typing import Any

import pytest
from catalogue import DOCUMENTS, LIVES, SOCKS, VIDEOS, WITHOUT_VECTOR, ask, ids

from api.bootstrap import build_searcher
from api.model import SearchRequest
from api.query.highlight import HIDDEN, MARK_END, MARK_START
from api.search import Searcher
from stack.errors import InputError, NotFoundError, UnsupportedError
from stack.settings import Settings

pytest_plugins = ["small_shop"]
pytestmark = pytest.mark.engine
ALL = {(document.kind, document.id) for document in DOCUMENTS}


async def test_settings_alone_make_a_searcher(small_shop: Settings) -> None:
    async with build_searcher(small_shop) as built:
        assert ids(await ask(built, q="bosch kettle"))[0] == "kettle"
        assert (await built.ready())["status"] == "ready"


@pytest.mark.parametrize("q", ["dv7-1211ea", "DV7 1211EA", "dv7 1211ea", "hp dv7-1211ea sleeve", "5050083023455"])
@pytest.mark.parametrize("fusion", ["score", "rrf"])
async def test_an_exact_model_number_comes_first(searcher: Searcher, q: str, fusion: str) -> None:
    answer = await ask(searcher, q=q, fusion=fusion, types=["product"])
    assert ids(answer)[0] == "dv7"


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("hp pavilion", {"dv7", "dv6", "unboxing", "sleeve"}),
        ("descale a kettle", {"kettle", "descale"}),
        ("something to boil water for tea", {"kettle"}),
        ("laptop deals live", {"dv7", "dv6", "ideapad", "on", "unboxing"}),
        ("cotton sock", {f"sock{n:02}" for n in range(SOCKS)}),
    ],
)
async def test_what_is_meant_comes_first(searcher: Searcher, q: str, first: set[str]) -> None:
    row = ids(await ask(searcher, q=q))
    assert set(row[: min(3, len(first))]) <= first


@pytest.mark.parametrize(
    "request_",
    [
        {"q": "cotton socks"},
        {"q": "cotton socks", "fusion": "rrf"},
        {"q": "cotton socks", "routes": ["lexical"]},
        {"q": "laptop"},
        {},
        {"sort": "price_asc"},
        {"sort": "popularity", "q": "socks"},
    ],
)
async def test_pages_have_no_repeats_and_no_gaps(searcher: Searcher, request_: dict[str, Any]) -> None:
    whole = await ask(searcher, **request_, size=100)
    assert whole.reachable == len(whole.hits)
    paged: list[Any] = []
    for page in range(1, whole.reachable // 7 + 2):
        answer = await ask(searcher, **request_, size=7, page=page)
        assert answer.reachable == whole.reachable
        assert [hit.position for hit in answer.hits] == [len(paged) + place + 1 for place in range(len(answer.hits))]
        paged += [(hit.type, hit.id) for hit in answer.hits]
    assert paged == [(hit.type, hit.id) for hit in whole.hits]
    assert len(set(paged)) == len(paged)


async def test_a_page_behind_the_last_is_empty(searcher: Searcher) -> None:
    answer = await ask(searcher, q="socks", page=50, size=20)
    assert answer.hits == []
    assert answer.totals["product"].value == SOCKS


async def test_browsing_is_by_popularity(searcher: Searcher) -> None:
    answer = await ask(searcher, size=100)
    assert {(hit.type, hit.id) for hit in answer.hits} == ALL
    assert [hit.id for hit in answer.hits if hit.type == "product"][:6] == [
        *("dv7", "dv6", "ideapad"),
        *("sleeve", "mouse", "kettle"),
    ]
    assert [hit.id for hit in answer.hits if hit.type == "video"] == ["descale", "unboxing", "repair"]
    assert next(hit.id for hit in answer.hits if hit.type == "live") == "on", "fewer viewers, but it is on"
    assert len({hit.type for hit in answer.hits[:6]}) == 3, "a mixed row"


@pytest.mark.parametrize("q", ["", "laptop"])
async def test_a_live_without_a_heartbeat_has_ended(searcher: Searcher, q: str) -> None:
    hits = {hit.id: hit for hit in (await ask(searcher, q=q, types=["live"])).hits}
    assert hits["stale"].document["status"] == "ended"
    assert hits["on"].document["status"] == "live"
    assert hits["on"].position < hits["stale"].position
    assert (await searcher.item("live", "stale"))["status"] == "ended"


async def test_a_missing_vector_removes_nothing(searcher: Searcher) -> None:
    answer = await ask(searcher, q="laptop repair at home", types=["video"])
    (repair,) = [hit for hit in answer.hits if hit.id == "repair"]
    assert set(repair.routes) == {"lexical"}
    assert repair.score == pytest.approx(searcher.rules.fusion.weights["lexical"]), "the best that words alone can give"
    for q, id_ in (("wireless mouse", "mouse"), ("ceramic vase", "vase")):
        assert ids(await ask(searcher, q=q, types=["product"]))[0] == id_
        assert id_ in ids(await ask(searcher, q=q)), "in the mixed row too"


@pytest.mark.parametrize(("language", "found"), [("de", True), ("en", False), (None, False)])
async def test_language(searcher: Searcher, language: str | None, found: bool) -> None:
    answer = await ask(searcher, q="haus", language=language, routes=["lexical"])
    assert ("haus" in ids(answer)) == found


async def test_totals_count_what_has_most_of_the_words(searcher: Searcher) -> None:
    answer = await ask(searcher, q="cotton socks", types=["product", "live"])
    assert {kind: (total.value, total.exact) for kind, total in answer.totals.items()} == {
        "product": (SOCKS, True),
        "live": (0, True),
    }
    nothing = await ask(searcher, q="zzzz qqqq", routes=["lexical"])
    assert nothing.hits == []
    assert all(total.value == 0 for total in nothing.totals.values())


async def test_routes_alone(searcher: Searcher) -> None:
    words = await ask(searcher, q="boil water for tea", routes=["lexical"], size=100)
    assert "kettle" not in ids(words)
    meaning = await ask(searcher, q="boil water for tea", routes=["vector"], types=["product"], size=100)
    assert ids(meaning)[0] == "kettle"
    assert not WITHOUT_VECTOR & set(ids(meaning))
    for answer, route in ((words, "lexical"), (meaning, "vector")):
        assert {name for hit in answer.hits for name in hit.routes} <= {route}


async def test_fusion_is_what_was_asked_for(searcher: Searcher) -> None:
    ranked = await ask(searcher, q="hp pavilion laptop", types=["product"], fusion="rrf")
    assert ranked.fusion == "rrf"
    assert ranked.hits[0].score == pytest.approx(2 / 61, abs=1e-3), "the first of both routes, or nearly"
    scored = await ask(searcher, q="hp pavilion laptop", types=["product"])
    assert scored.fusion == "score"
    assert set(ids(ranked)[:2]) == set(ids(scored)[:2]) == {"dv7", "dv6"}


async def test_native_mode_is_refused_where_the_cluster_cannot(searcher: Searcher) -> None:
    if searcher.can.hybrid:
        pytest.skip("this cluster has neural-search")
    with pytest.raises(UnsupportedError) as caught:
        await ask(searcher, q="laptop", mode="native")
    assert "portable" in caught.value.remedy
    assert (await ask(searcher, q="laptop", mode="auto")).mode == "portable"


async def test_every_mistake_at_once(searcher: Searcher) -> None:
    with pytest.raises(InputError) as caught:
        await ask(searcher, filters={"colour": "red", "price": "low"}, sort="best", language="fr")
    assert [each.where for each in caught.value.mistakes] == ["filters.colour", "filters.price", "sort", "language"]


async def test_queries_for_dev_tools_are_those_that_are_sent(searcher: Searcher) -> None:
    shown = await searcher.explain_query(SearchRequest(q="hp laptop", filters={"in_stock": True}, facets=["brand"]))
    assert shown["mode"] == "portable"
    assert len(shown["portable"]) == 3, "words, vector and counts of the one kind that has a stock"
    for entry in shown["portable"]:
        assert entry["path"] == f"/{searcher.recall.indexes['product']}/_search"
        sent = await searcher.client.transport.perform_request("POST", entry["path"], body=entry["body"])
        assert sent["timed_out"] is False
        assert entry["dev_tools"].startswith(f"# {entry['title']}\nPOST {entry['path']}\n{{")
    native = [entry["body"] for entry in shown["native"]]
    assert sum("hybrid" in body["query"] for body in native) == 1, "only products have a stock"
    assert sum("rescore" in body for body in native) == 1
    assert set(native[-1]["query"]["ids"]["values"]) >= {"dv7", "ideapad"}


async def test_hits_carry_what_a_card_shows_and_nothing_of_the_index(searcher: Searcher) -> None:
    answer = await ask(searcher, q="pavilion", types=["product"], debug=True)
    hit = answer.hits[0]
    assert not set(HIDDEN) & hit.document.keys()
    assert f"{MARK_START}Pavilion{MARK_END}" in hit.highlights["title"][0]
    assert [stage.name for stage in answer.stages] == ["understand", "embed", "recall", "fuse", "blend", "fetch"]
    assert answer.debug is not None
    assert answer.debug["understood"]["text"] == "pavilion"
    plain = await ask(searcher, q="pavilion")
    assert plain.debug is None
    assert plain.query_id != answer.query_id


async def test_one_document(searcher: Searcher) -> None:
    document = await searcher.item("product", "dv7")
    assert document["title"] == "HP Pavilion dv7-1211ea laptop"
    assert not set(HIDDEN) & document.keys()
    with pytest.raises(NotFoundError, match="no product 'dv8'"):
        await searcher.item("product", "dv8")
    with pytest.raises(NotFoundError):
        await searcher.item("video", "dv7")


@pytest.mark.parametrize(
    "q",
    [
        'title:(a OR b) AND "x"~2 /re/ * ? \\ [1 TO 5} +must -not ^4',
        "laptop OR",
        "\x00\ue000\u200b",
        "a-" * 256,
        "a b " * 128,
        "ﷺ" * 512,
        "吉" * 512,
        "{{mustache}} ${prefix}",
        "' OR 1=1 --",
        " ",
    ],
)
async def test_any_text_is_words(searcher: Searcher, q: str) -> None:
    answer = await ask(searcher, q=q)
    assert answer.q == q
    assert len(answer.hits) <= 20


async def test_ranking_for_evaluation_is_the_row_of_a_live_request(searcher: Searcher) -> None:
    request = SearchRequest(q="hp laptop", size=100)
    ranking = await searcher.rank(request, 100)
    assert [item.id for item in ranking.row[:100]] == ids(await searcher.search(request))
    assert len(VIDEOS) + len(LIVES) >= sum(item.kind != "product" for item in ranking.row)
