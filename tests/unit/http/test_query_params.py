"""The query string: what it means, what is wrong with it, and the way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from fake_core import FIELDS
from hypothesis import given
from hypothesis import strategies as st

from api.http.query_params import read_search, to_pairs
from api.model import PARTS, RangeFilter, SearchRequest
from stack.documents import KINDS
from stack.errors import Mistake


def read(query: str) -> tuple[SearchRequest | None, list[Mistake]]:
    request, _, mistakes = read_search(parse_qsl(query, keep_blank_values=True), FIELDS)
    return request, mistakes


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", SearchRequest()),
        ("q=wireless+mouse&types=product,video", SearchRequest(q="wireless mouse", types=["product", "video"])),
        ("types=product&types=live", SearchRequest(types=["product", "live"])),
        ("filter.brand=HP&filter.brand=Acer", SearchRequest(filters={"brand": ["HP", "Acer"]})),
        ("filter.price=10..50", SearchRequest(filters={"price": RangeFilter(gte=10, lte=50)})),
        ("filter.price=10..", SearchRequest(filters={"price": RangeFilter(gte=10)})),
        ("filter.price=..49.90", SearchRequest(filters={"price": RangeFilter(lte=49.9)})),
        ("filter.price.gte=10&filter.price.lte=", SearchRequest(filters={"price": RangeFilter(gte=10)})),
        ("filter.price=10..&filter.price.lte=50", SearchRequest(filters={"price": RangeFilter(gte=10, lte=50)})),
        (
            "filter.published_at=2025-01-01..2025-02-01",
            SearchRequest(filters={"published_at": RangeFilter(gte="2025-01-01", lte="2025-02-01")}),
        ),
        ("filter.brand=Dr..Who", SearchRequest(filters={"brand": ["Dr..Who"]})),
        ("filter.brand=Acme, Inc.", SearchRequest(filters={"brand": ["Acme, Inc."]})),
        ("filter.attr.colour=Red", SearchRequest(filters={"attr.colour": ["Red"]})),
        ("filter.attr.size.gte=10..20", SearchRequest(filters={"attr.size.gte": ["10..20"]})),
        ("filter.brand=10..20", SearchRequest(filters={"brand": ["10..20"]})),
        ("filter.in_stock=true", SearchRequest(filters={"in_stock": [True]})),
        ("filter.in_stock=No", SearchRequest(filters={"in_stock": [False]})),
        ("filter.in_stock=maybe", SearchRequest(filters={"in_stock": ["maybe"]})),
        ("filter.price=7", SearchRequest(filters={"price": ["7"]})),
        ("sort=price_asc&page=3&size=10&debug=1", SearchRequest(sort="price_asc", page=3, size=10, debug=True)),
        ("facets=brand,category&language=de&mode=native&fusion=rrf&routes=lexical",
         SearchRequest(facets=["brand", "category"], language="de", mode="native", fusion="rrf", routes=["lexical"])),
        ("without=spelling,final_stage&without=price&explain=1",
         SearchRequest(without=["spelling", "final_stage", "price"], explain=True)),
        ("q=&sort=&page=&without=&explain=&filter.brand=", SearchRequest()),
    ],
)  # fmt: skip
def test_query_string_means_a_request(query: str, expected: SearchRequest) -> None:
    assert read(query) == (expected, [])


@pytest.mark.parametrize(
    ("query", "where", "what"),
    [
        ("colour=red", "colour", "no such parameter"),
        ("filter.=red", "filter.", "no such parameter"),
        ("page=1&page=2", "page", "given 2 times"),
        ("page=0", "page", "greater than or equal to 1"),
        ("page=two", "page", "valid integer"),
        ("size=101", "size", "less than or equal to 100"),
        ("types=shoes", "types.0", "no such choice"),
        ("types=,", "types", "at least 1"),
        ("mode=fast", "mode", "no such choice"),
        ("debug=maybe", "debug", "valid boolean"),
        ("explain=maybe", "explain", "valid boolean"),
        ("without=spelling,speling", "without.1", "no such choice"),
        (f"q={'x' * 513}", "q", "at most 512"),
        ("filter.price=10..50&filter.price=60..", "filter.price", "two ranges"),
        ("filter.price=10..50&filter.price=7", "filter.price", "a range and a value"),
        ("&".join(f"filter.f{n}=1" for n in range(51)), "filter", "at most 50"),
    ],
)
def test_each_mistake_says_where_and_what(query: str, where: str, what: str) -> None:
    request, mistakes = read(query)
    assert request is None
    assert [mistake.where for mistake in mistakes] == [where]
    assert what in mistakes[0].what


def test_all_mistakes_at_once_with_what_is_allowed() -> None:
    _, mistakes = read("colour=red&page=0&fusion=sum&filter.price=1..&filter.price=2&without=speling")
    found = {mistake.where: mistake.allowed for mistake in mistakes}
    assert found.keys() == {"colour", "page", "fusion", "filter.price", "without.0"}
    assert "types" in found["colour"]
    assert "filter.<field>" in found["colour"]
    assert found["fusion"] == ("score", "rrf")
    assert found["without.0"] == PARTS


words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20).filter(str.strip)
bounds = st.one_of(st.none(), st.integers(-(10**6), 10**6).map(float), st.decimals(0, 9999, places=2).map(float))
ranges = st.builds(RangeFilter, gte=bounds, lte=bounds).filter(lambda r: (r.gte, r.lte) != (None, None))
by_type: dict[str, st.SearchStrategy[Any]] = {
    "term": st.lists(words, min_size=1, max_size=3),
    "hierarchy": st.lists(words, min_size=1, max_size=3),
    "range": ranges,
    "flag": st.lists(st.booleans(), min_size=1, max_size=2),
}
filters = st.fixed_dictionaries(
    {},
    optional={field.name: by_type[field.type] for field in FIELDS.by_name.values()} | {"attr.colour": by_type["term"]},
)
listed = st.from_regex(r"[a-z_]{1,10}", fullmatch=True)
requests: st.SearchStrategy[Any] = st.builds(
    SearchRequest,
    q=st.one_of(st.just(""), words),
    types=st.lists(st.sampled_from(KINDS), min_size=1, unique=True).map(sorted),
    filters=filters,
    sort=listed,
    page=st.integers(1, 1000),
    size=st.integers(0, 100),
    facets=st.lists(listed, max_size=3),
    language=st.one_of(st.none(), st.just("en")),
    mode=st.sampled_from([None, "auto", "portable", "native"]),
    fusion=st.sampled_from([None, "score", "rrf"]),
    routes=st.sampled_from([["lexical"], ["vector"], ["lexical", "vector"]]),
    without=st.lists(st.sampled_from(PARTS), unique=True, max_size=4),
    explain=st.booleans(),
    debug=st.booleans(),
)


@given(requests)
def test_a_request_survives_its_own_address(request: SearchRequest) -> None:
    """The links of the page rest on it: what a page shows is what its address asks for."""
    again, mistakes = read(urlencode(to_pairs(request)))
    assert again is not None, mistakes
    assert again.model_copy(update={"types": sorted(again.types)}) == request


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=8))
def test_any_query_string_is_a_request_or_a_list_of_mistakes(pairs: list[tuple[str, str]]) -> None:
    request, _, mistakes = read_search([*pairs, ("filter.a" + "".join(name for name, _ in pairs), "1..2")], FIELDS)
    assert (request is None) == bool(mistakes)
