"""The shape of the searches: routes, windows, native bodies (docs/engine.md: what the engine allows beside what)."""

from __future__ import annotations

import pytest
from query_plans import NOW, OFFICIAL, PORTABLE, RECALL, RULES, VECTOR, part, parts, plan, walk

from api.funnel.rank import Ranked
from api.query.browse import browse_query
from api.query.native import rescore_body
from api.query.plan import choose_mode
from api.query.vector import cosine_of, lucene_score
from api.rescore import rescore_entries
from stack.documents import KINDS
from stack.errors import UnsupportedError


def test_one_search_for_each_kind_and_route() -> None:
    assert [(each.kind, each.purpose, each.index) for each in parts(q="mouse")] == [
        (kind, purpose, f"souk-{kind}s") for kind in KINDS for purpose in ("lexical", "vector", "count")
    ]


@pytest.mark.parametrize(
    ("request_", "purposes"),
    [
        ({"q": "x", "routes": ["lexical"]}, ["lexical", "count"]),
        ({"q": "x", "routes": ["vector"]}, ["vector", "count"]),
        ({"q": ""}, ["lexical", "count"]),
        ({"q": "", "routes": ["vector"]}, ["lexical", "count"]),
        ({"q": "x", "sort": "price_asc"}, ["lexical", "count"]),
        ({"q": "x", "sort": "price_asc", "routes": ["vector"]}, ["lexical", "count"]),
    ],
)
def test_routes(request_: dict[str, object], purposes: list[str]) -> None:
    assert [each.purpose for each in parts(types=["product"], **request_)] == purposes


def test_without_a_vector_the_words_go_on_alone() -> None:
    made = plan(q="x", types=["video"])
    assert [each.purpose for each in RECALL.parts(made, None)] == ["lexical", "count"]
    native = plan(q="x", types=["video"], can=OFFICIAL)
    assert [each.purpose for each in RECALL.parts(native, None)] == ["lexical", "count"]


def test_filters_stand_inside_the_knn() -> None:
    knn = part("product", "vector", q="x", filters={"brand": "HP"}).body["query"]["knn"]["text_vector"]
    assert knn["filter"] == {"bool": {"filter": [{"terms": {"brand.keyword": ["HP"]}}]}}
    assert knn["k"] == RULES.fusion.window["product"]
    assert knn["method_parameters"]["ef_search"] >= knn["k"]
    assert "filter" not in part("product", "vector", q="x").body["query"]["knn"]["text_vector"]


def test_filters_restrict_the_words_and_do_not_score() -> None:
    query = part("product", "lexical", q="x", filters={"brand": "HP"}).body["query"]
    assert query["bool"]["filter"] == [{"terms": {"brand.keyword": ["HP"]}}]


@pytest.mark.parametrize(("page", "size"), [(1, 20), (10, 20), (11, 20), (50, 20)])
def test_pages_behind_the_window_ask_the_words_for_more_and_the_vectors_for_the_same(page: int, size: int) -> None:
    window = RULES.fusion.window["product"]
    assert part("product", "lexical", q="x", page=page, size=size).body["size"] == max(window, page * size)
    assert part("product", "vector", q="x", page=page, size=size).body["size"] == window


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("price_asc", {"price": {"order": "asc", "missing": "_last"}}),
        ("newest", {"created_at": {"order": "desc", "missing": "_last"}}),
    ],
)
def test_orders_put_missing_values_last_and_ties_by_id(sort: str, expected: dict[str, object]) -> None:
    assert part("product", "lexical", q="x", sort=sort).body["sort"] == [expected, {"id": "asc"}]
    assert "sort" not in part("product", "lexical", q="x").body


def test_only_products_are_searched_by_model_number() -> None:
    keyed = {each.kind for each in parts(q="dv7-1211ea") if any("model_keys" in path for path, _ in walk(each.body))}
    assert keyed == {"product"}


def test_languages_are_searched_in_their_own_fields() -> None:
    fields = part("product", "lexical", q="x", language="de").body["query"]["bool"]["must"][0]["multi_match"]["fields"]
    assert all(".de^" in field for field in fields)


def test_browsing_is_by_popularity_with_lives_that_are_on_first() -> None:
    assert part("product", "lexical").body["query"] == browse_query("product", NOW, 120)
    assert part("product", "lexical").body["sort"] == ["_score", {"id": "asc"}]
    should = part("live", "lexical").body["query"]["bool"]["should"]
    assert should[0]["constant_score"]["filter"]["bool"]["filter"][0] == {"term": {"status": "live"}}
    assert part("product", "count").body["query"] == {"match_all": {}}


def test_recall_of_lives_brings_what_tells_whether_they_are_on() -> None:
    for each in parts(q="x"):
        names = [field["field"] if isinstance(field, dict) else field for field in each.body.get("docvalue_fields", [])]
        status = ["status", "heartbeat_at", "updated_at"] if each.kind == "live" else []
        assert names == ([] if each.purpose == "count" else ["id", *status])


@pytest.mark.parametrize("fusion", ["score", "rrf"])
def test_native_mode_is_one_hybrid_query_for_each_kind(fusion: str) -> None:
    searches = parts(q="dv7", can=OFFICIAL, fusion=fusion, filters={"in_stock": True}, page=3)
    (hybrid,) = [each for each in searches if each.purpose == "hybrid"]
    assert list(hybrid.body["query"]) == ["hybrid"], "hybrid must be the top-level query"
    query = hybrid.body["query"]["hybrid"]
    assert len(query["queries"]) == 2
    assert "knn" in query["queries"][1]
    assert "filter" not in query["queries"][1]["knn"]["text_vector"], "the filter of hybrid reaches both"
    assert query["filter"] == {"bool": {"filter": [{"terms": {"in_stock": [True]}}]}}
    assert query["pagination_depth"] == RULES.fusion.window["product"], "scores must not hang on the page"
    assert hybrid.body["size"] == 2 * RULES.fusion.window["product"], "all that two queries can find"
    assert hybrid.body["search_pipeline"] == f"souk-hybrid-{fusion}"
    assert not {"rescore", "sort", "from", "profile"} & hybrid.body.keys()


def test_native_mode_asks_for_cosines_and_goes_deeper_than_its_window() -> None:
    shallow = [each.purpose for each in parts(q="dv7", can=OFFICIAL, types=["product"])]
    assert shallow == ["hybrid", "vector", "count"]
    deep = [each.purpose for each in parts(q="dv7", can=OFFICIAL, types=["product"], page=30, size=20)]
    assert deep == ["hybrid", "vector", "lexical", "count"]


def test_rescore_is_never_beside_hybrid() -> None:
    for q in ("", "x", "dv7-1211ea"):
        for each in parts(q=q, can=OFFICIAL):
            keys = {path[-1] for path, _ in walk(each.body) if path}
            assert not {"hybrid", "rescore"} <= keys


def test_rescore_is_a_request_over_the_found_ids() -> None:
    body = rescore_body(["a", "b"], "souk-products", {"keywords": "mouse"})
    assert body["query"] == {"ids": {"values": ["a", "b"]}}
    assert body["size"] == body["rescore"]["window_size"] == 2
    assert body["rescore"]["query"]["query_weight"] == 0
    assert body["rescore"]["query"]["rescore_query"]["sltr"] == {
        "model": "souk-products",
        "params": {"keywords": "mouse"},
    }


def test_nothing_is_rescored_whose_features_were_not_read() -> None:
    assert rescore_entries(Ranked({}), plan(q="x"), VECTOR, {}, RECALL) == []


def test_native_falls_back_to_the_route_that_is_asked_for() -> None:
    assert [each.purpose for each in parts(q="x", can=OFFICIAL, routes=["vector"], types=["live"])] == [
        "vector",
        "count",
    ]
    assert [each.purpose for each in parts(q="x", can=OFFICIAL, routes=["lexical"], types=["live"])] == [
        "lexical",
        "count",
    ]


@pytest.mark.parametrize(
    ("mode", "can", "expected"),
    [
        ("auto", PORTABLE, "portable"),
        ("auto", OFFICIAL, "native"),
        ("portable", OFFICIAL, "portable"),
        ("native", OFFICIAL, "native"),
    ],
)
def test_mode(mode: str, can: object, expected: str) -> None:
    assert choose_mode(mode, can) == expected  # type: ignore[arg-type]
    assert plan(q="x", mode=mode, can=can).mode == expected  # type: ignore[arg-type]


def test_native_mode_on_a_cluster_without_the_plugin_says_what_to_do() -> None:
    with pytest.raises(UnsupportedError) as caught:
        plan(q="x", mode="native")
    assert "neural-search" in caught.value.message
    assert "portable" in caught.value.remedy


def test_both_modes_of_a_plan() -> None:
    portable = plan(q="x")
    assert RECALL.parts(portable.in_mode("native"), VECTOR) == RECALL.parts(plan(q="x", can=OFFICIAL), VECTOR)


@pytest.mark.parametrize("cosine", [-1.0, 0.0, 0.2, 1.0])
def test_a_cosine_and_the_score_that_lucene_makes_of_it(cosine: float) -> None:
    assert cosine_of(lucene_score(cosine)) == pytest.approx(cosine)
    assert 0 <= lucene_score(cosine) <= 1
