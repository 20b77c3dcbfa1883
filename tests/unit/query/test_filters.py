"""Filters of any shape give clauses or one error that names every wrong field; facets are disjunctive."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError
from query_plans import FIELDS, NOW, part, parts, plan, walk

from api.model import MAX_FILTERS, RangeFilter, SearchRequest
from api.query.facets import aggregation_name, facet_aggregation, facet_groups, facet_value
from api.query.fields import Field
from api.query.filters import filter_clauses
from stack.documents import KINDS, Kind, attribute_values
from stack.errors import InputError

quick = hypothesis_settings(deadline=None, max_examples=100)
names = st.sampled_from([*FIELDS.by_name, "attr.colour", "attr.", "no_such", "", "_id", "__proto__"]) | st.text(
    max_size=20
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
dates = st.dates().map(str) | st.datetimes().map(lambda time: time.isoformat())
bounds = st.none() | numbers | st.text(max_size=12) | dates
values = (
    st.text(max_size=20)
    | st.booleans()
    | numbers
    | st.lists(st.text(max_size=10) | st.booleans() | numbers, max_size=5)
    | st.builds(RangeFilter, gte=bounds, lte=bounds)
)


def clauses(filters: dict[str, Any], but: str | None = None) -> list[dict[str, Any]]:
    return filter_clauses(SearchRequest(filters=filters).filters, FIELDS, NOW, 120, but)


@quick
@given(st.dictionaries(names, values, max_size=8))
def test_any_filter_gives_a_clause_or_is_named(filters: dict[str, Any]) -> None:
    request = SearchRequest(q="x", filters=filters)
    try:
        made = plan(request)
    except InputError as error:
        wrong = [mistake.where.removeprefix("filters.") for mistake in error.mistakes]
        assert len(wrong) == len(set(wrong))
        alone = [name for name, value in request.filters.items() if refused(name, value)]
        assert wrong == alone, "all mistakes are named at once, and nothing that is right"
        return
    built = filter_clauses(request.filters, FIELDS, made.now, 120)
    assert len(built) == len(filters)
    encoded = orjson.loads(orjson.dumps(built))
    assert encoded == built, "NaN and infinity would arrive as null"


def refused(name: str, value: Any) -> bool:
    try:
        plan(filters={name: value})
    except InputError:
        return True
    return False


def test_every_mistake_of_a_request_at_once() -> None:
    with pytest.raises(InputError) as caught:
        plan(
            filters={"colour": "red", "price": "cheap", "in_stock": "yes", "brand": ["HP"]},
            facets=["brand", "price", "nonsense"],
            sort="cheapest",
            language="xx",
            page=101,
            size=10,
        )
    mistakes = {mistake.where: mistake for mistake in caught.value.mistakes}
    assert list(mistakes) == [
        *("filters.colour", "filters.price", "filters.in_stock"),
        *("facets.price", "facets.nonsense"),
        *("sort", "language", "page"),
    ]
    assert {"brand", "attr.<name>"} <= set(mistakes["filters.colour"].allowed)
    assert "price" not in mistakes["facets.price"].allowed
    assert "price_asc" in mistakes["sort"].allowed
    assert mistakes["language"].allowed == ("en", "de", "cjk")


@pytest.mark.parametrize(
    ("filters", "problem"),
    [
        ({"price": {"gte": 50, "lte": 10}}, "gte is more than lte"),
        ({"price": {}}, "takes a range with gte, lte or both"),
        ({"price": {"gte": "cheap"}}, "takes numbers"),
        ({"price": {"lte": 1e300}}, "takes numbers"),
        ({"price": 10}, 'takes a range, like {"gte": 10, "lte": 50}'),
        ({"updated_at": {"gte": 5}}, "takes ISO dates, like 2026-01-31"),
        ({"updated_at": {"gte": "20260131"}}, "takes ISO dates, like 2026-01-31"),
        ({"updated_at": {"gte": "2026-W05-6"}}, "takes ISO dates, like 2026-01-31"),
        ({"updated_at": {"gte": "2026-02-30"}}, "takes ISO dates, like 2026-01-31"),
        ({"updated_at": {"gte": "2026-02-02", "lte": "2026-02-01"}}, "gte is more than lte"),
        ({"brand": {"gte": 1}}, "takes a value or a list of values, not a range"),
        ({"brand": []}, "takes 1 to 100 values"),
        ({"brand": ["x"] * 101}, "takes 1 to 100 values"),
        ({"brand": ""}, "takes values of 1 to 512 characters"),
        ({"brand": "x" * 513}, "takes values of 1 to 512 characters"),
        ({"in_stock": "yes"}, "takes true or false"),
        ({"attr." + "x" * 257: "y"}, "no such field"),
        ({"attr.": "y"}, "no such field"),
        ({"brand.keyword": "y"}, "no such field"),
    ],
)
def test_a_wrong_filter_says_what_is_wrong(filters: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        plan(filters=filters)
    (mistake,) = caught.value.mistakes
    assert (mistake.where, mistake.what) == (f"filters.{next(iter(filters))}", problem)


@pytest.mark.parametrize(
    ("filters", "clause"),
    [
        ({"brand": "HP"}, {"terms": {"brand.keyword": ["HP"]}}),
        ({"brand": ["HP", "Dell"]}, {"terms": {"brand.keyword": ["HP", "Dell"]}}),
        ({"price": {"gte": 10}}, {"range": {"price": {"gte": 10}}}),
        ({"price": {"gte": 10, "lte": 20.5}}, {"range": {"price": {"gte": 10, "lte": 20.5}}}),
        ({"in_stock": True}, {"terms": {"in_stock": [True]}}),
        ({"category": "Electronics>Audio"}, {"terms": {"category_path": ["Electronics > Audio"]}}),
        ({"updated_at": {"gte": "2026-01-31T08:00", "lte": "2026-01-31"}},
         {"range": {"updated_at": {"gte": "2026-01-31T08:00", "lte": "2026-01-31"}}}),
        ({"status": "scheduled"}, {"term": {"status": "scheduled"}}),
    ],
)  # fmt: skip
def test_clauses(filters: dict[str, Any], clause: dict[str, Any]) -> None:
    plan(filters=filters)
    assert clauses(filters) == [clause]
    assert clauses(filters, but=next(iter(filters))) == []


@pytest.mark.parametrize("value", ["Red", 17.0, 17.3, True, False, "17"])
def test_an_attribute_is_filtered_in_the_form_in_which_it_is_indexed(value: Any) -> None:
    assert clauses({"attr.size": value}) == [{"terms": {"attribute_values": attribute_values({"size": value})}}]


def test_a_live_that_is_on_has_a_fresh_heartbeat() -> None:
    (clause,) = clauses({"status": "live"})
    assert clause["bool"]["filter"] == [
        {"term": {"status": "live"}},
        {"range": {"heartbeat_at": {"gte": "2026-03-01T11:58:00+00:00"}}},
    ]
    (both,) = clauses({"status": ["ended", "replay"]})
    assert both["bool"]["minimum_should_match"] == 1
    stale = both["bool"]["should"][0]["bool"]["should"][1]
    assert stale == {"bool": {"filter": [{"term": {"status": "live"}}], "must_not": [clause]}}


@pytest.mark.parametrize(
    ("request_", "kinds"),
    [
        ({}, KINDS),
        ({"types": ["live", "product"]}, ("product", "live")),
        ({"filters": {"brand": "HP"}}, ("product",)),
        ({"filters": {"category": "Audio"}}, KINDS),
        ({"filters": {"brand": "HP", "creator": "Ann"}}, ()),
        ({"filters": {"attr.colour": "red"}, "types": ["product", "video"]}, ("product",)),
        ({"sort": "price_asc"}, ("product",)),
        ({"sort": "views"}, ("video",)),
        ({"sort": "popularity"}, KINDS),
    ],
)
def test_kinds_without_a_field_are_left_out(request_: dict[str, Any], kinds: tuple[Kind, ...]) -> None:
    assert plan(**request_).kinds == kinds
    assert tuple(dict.fromkeys(each.kind for each in parts(**request_))) == kinds


@pytest.mark.parametrize(("page", "size", "good"), [(50, 20, True), (10, 100, True), (51, 20, False), (1001, 0, False)])
def test_depth_is_bounded(page: int, size: int, good: bool) -> None:
    if good:
        assert plan(page=page, size=size).depth == page * size
    else:
        with pytest.raises(InputError, match="at most 1000 hits"):
            plan(page=page, size=size)


@pytest.mark.parametrize(
    "request_",
    [
        {"q": "x" * 513},
        {"size": 101},
        {"size": -1},
        {"page": 0},
        {"types": []},
        {"types": ["shop"]},
        {"routes": []},
        {"facets": ["brand"] * 21},
        {"filters": {f"attr.a{n}": "x" for n in range(MAX_FILTERS + 1)}},
        {"unknown": 1},
        {"filters": {"price": {"gte": float("nan")}}},
        {"filters": {"brand": [float("inf")]}},
    ],
)
def test_the_edge_refuses_what_is_out_of_bounds(request_: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SearchRequest(**request_)


def test_facet_groups_leave_out_their_own_filter() -> None:
    assert facet_groups(["brand", "currency", "seller"], {"brand", "price"}) == [
        (None, ["currency", "seller"]),
        ("brand", ["brand"]),
    ]
    assert facet_groups([], {"brand"}) == [(None, [])]


def test_a_filtered_facet_is_counted_without_its_filter() -> None:
    searches = parts(q="x", types=["product"], filters={"brand": "HP", "in_stock": True}, facets=["brand", "seller"])
    counts = [each for each in searches if each.purpose == "count"]
    assert [each.facets for each in counts] == [("seller",), ("brand",)]
    filtered = [{path[-1] for path, _ in walk(each.body["query"]["bool"]["filter"]) if path} for each in counts]
    assert {"brand.keyword", "in_stock"} <= filtered[0]
    assert "brand.keyword" not in filtered[1]
    assert "in_stock" in filtered[1]
    assert counts[0].body["track_total_hits"] == 10_000
    assert counts[1].body["track_total_hits"] is False, "only one of the searches counts the total"


@pytest.mark.parametrize(("kind", "facets"), [("product", ("category", "brand")), ("video", ("category", "creator"))])
def test_a_kind_counts_its_own_facets(kind: Kind, facets: tuple[str, ...]) -> None:
    assert part(kind, "count", q="x", facets=["category", "brand", "creator"]).facets == facets


@quick
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256), st.text(max_size=256))
def test_names_of_aggregations_are_legal_and_differ(name: str, other: str) -> None:
    legal = aggregation_name(name)
    assert not set(legal) & set("[]>")
    assert (legal == aggregation_name(other)) == (name == other)


@pytest.mark.parametrize(
    ("name", "bucket", "value"),
    [
        ("in_stock", {"key": 1, "key_as_string": "true"}, True),
        ("in_stock", {"key": 0, "key_as_string": "false"}, False),
        ("brand", {"key": "HP"}, "HP"),
        ("attr.colour", {"key": "colour=Red=ish"}, "Red=ish"),
    ],
)
def test_the_value_of_a_bucket_is_what_a_filter_takes(name: str, bucket: dict[str, Any], value: Any) -> None:
    field = FIELDS.find(name)
    assert field is not None
    assert facet_value(field, bucket) == value
    assert plan(filters={name: value}).kinds == ("product",)


def test_an_attribute_facet_counts_its_own_name_only() -> None:
    field = Field(
        name="attr.a.b|c", label="a.b|c", type="term", field="attribute_values", kinds=("product",), facet=True
    )
    assert facet_aggregation(field, 30)["terms"]["include"] == r"a\.b\|c=.*"
