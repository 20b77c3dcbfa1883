"""The query string: what it means, what is wrong with it, and the way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.query_params import RANGE, parse_search, read_search, to_pairs
from api.model import RangeFilter, SearchRequest
from stack.documents import KINDS
from stack.errors import InputError


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
        ("filter.attributes.colour=Red", SearchRequest(filters={"attributes.colour": ["Red"]})),
        ("sort=price_asc&page=3&size=10&debug=1", SearchRequest(sort="price_asc", page=3, size=10, debug=True)),
        ("facets=brand,category&language=de&mode=native&fusion=rrf&routes=lexical",
         SearchRequest(facets=["brand", "category"], language="de", mode="native", fusion="rrf", routes=["lexical"])),
        ("q=&sort=&page=&filter.brand=", SearchRequest()),
    ],
)  # fmt: skip
def test_query_string_means_a_request(query: str, expected: SearchRequest) -> None:
    assert parse_search(parse_qsl(query, keep_blank_values=True)) == expected


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
        (f"q={'x' * 513}", "q", "at most 512"),
        ("filter.price=10..50&filter.price=60..", "filter.price", "two ranges"),
        ("filter.price=10..50&filter.price=7", "filter.price", "a range and a value"),
        ("&".join(f"filter.f{n}=1" for n in range(51)), "filter", "at most 50"),
    ],
)
def test_each_mistake_says_where_and_what(query: str, where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_search(parse_qsl(query, keep_blank_values=True))
    assert [mistake.where for mistake in caught.value.mistakes] == [where]
    assert what in caught.value.mistakes[0].what


def test_all_mistakes_at_once_with_what_is_allowed() -> None:
    with pytest.raises(InputError) as caught:
        parse_search(
            [("colour", "red"), ("page", "0"), ("fusion", "sum"), ("filter.price", "1.."), ("filter.price", "2")]
        )
    found = {mistake.where: mistake.allowed for mistake in caught.value.mistakes}
    assert found.keys() == {"colour", "page", "fusion", "filter.price"}
    assert "types" in found["colour"]
    assert "filter.<field>" in found["colour"]
    assert found["fusion"] == ("score", "rrf")


words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20).filter(str.strip)
terms = words.filter(lambda word: not RANGE.fullmatch(word))
names = st.from_regex(r"[a-z_]{1,10}(\.[a-z]{1,2})?", fullmatch=True)
bounds = st.one_of(st.none(), st.integers(-(10**6), 10**6).map(float), st.decimals(0, 9999, places=2).map(float))
ranges = st.builds(RangeFilter, gte=bounds, lte=bounds).filter(lambda r: (r.gte, r.lte) != (None, None))
listed = st.from_regex(r"[a-z_]{1,10}", fullmatch=True)
requests: st.SearchStrategy[Any] = st.builds(
    SearchRequest,
    q=st.one_of(st.just(""), words),
    types=st.lists(st.sampled_from(KINDS), min_size=1, unique=True).map(sorted),
    filters=st.dictionaries(names, st.one_of(st.lists(terms, min_size=1, max_size=3), ranges), max_size=4),
    sort=listed,
    page=st.integers(1, 1000),
    size=st.integers(0, 100),
    facets=st.lists(listed, max_size=3),
    language=st.one_of(st.none(), st.just("en")),
    mode=st.sampled_from([None, "auto", "portable", "native"]),
    fusion=st.sampled_from([None, "score", "rrf"]),
    routes=st.sampled_from([["lexical"], ["vector"], ["lexical", "vector"]]),
    debug=st.booleans(),
)


@given(requests)
def test_a_request_survives_its_own_address(request: SearchRequest) -> None:
    """The links of the page rest on it: what a page shows is what its address asks for."""
    query = urlencode(to_pairs(request))
    again = parse_search(parse_qsl(query, keep_blank_values=True))
    assert again.model_copy(update={"types": sorted(again.types)}) == request


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=8))
def test_any_query_string_is_a_request_or_a_list_of_mistakes(pairs: list[tuple[str, str]]) -> None:
    request, _, mistakes = read_search([*pairs, ("filter.a" + "".join(name for name, _ in pairs), "1..2")])
    assert (request is None) == bool(mistakes)
