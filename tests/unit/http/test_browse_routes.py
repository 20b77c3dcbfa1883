"""Suggestions and browsing over HTTP: what is asked of the core, and what is refused by name."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fake_core import FakeCore
from http_documents import HOSTILE

from stack.errors import EngineUnavailableError


async def mistakes(http: httpx.AsyncClient, path: str) -> dict[str, list[str]]:
    answer = await http.get(path)
    assert answer.status_code == 422, answer.text
    return {mistake["where"]: mistake["allowed"] for mistake in answer.json()["mistakes"]}


async def test_suggestions_and_their_metrics(http: httpx.AsyncClient, core: FakeCore) -> None:
    core.late = True
    answer = await http.get("/v1/suggest?q=logi&limit=3")
    assert answer.status_code == 200
    found = answer.json()
    assert found.keys() == {"q", "took_ms", "suggestions"}
    assert found["suggestions"][0] == {
        "kind": "product",
        "text": "Logi M185 Wireless Mouse, plug and play, 12 months battery",
        "marked": [[0, 4]],
        "href": "/items/product/p1",
        "detail": None,
        "corrected": False,
    }
    metrics = (await http.get("/metrics")).text
    assert "souk_suggest_seconds_count 1.0" in metrics
    assert "souk_suggest_late_total 1.0" in metrics


@pytest.mark.parametrize("q", ["%00%1b", "<script>", "%F0%9F%98%80", "x" * 20_000, "", "%ff%fe", "%27%22%29"])
async def test_any_typed_text_is_answered(http: httpx.AsyncClient, q: str) -> None:
    answer = await http.get(f"/v1/suggest?q={q}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


async def test_a_hostile_title_is_json_and_nothing_else(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/suggest", params={"q": "<script>"})
    assert answer.json()["suggestions"][0]["text"] == HOSTILE
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_kinds_of_suggestion_are_chosen_by_commas_or_repeated(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/suggest?q=logi&types=brand,query")).json()["suggestions"] == []
    assert (await http.get("/v1/suggest?q=logi&types=brand&types=product")).json()["suggestions"]
    assert "brand" in (await mistakes(http, "/v1/suggest?q=logi&types=shoe"))["types"]
    assert (await mistakes(http, "/v1/suggest?limit=0")).keys() == {"limit"}
    assert (await mistakes(http, "/v1/suggest?limit=21")).keys() == {"limit"}


async def test_similar_is_of_the_items_type_unless_others_are_asked_for(http: httpx.AsyncClient) -> None:
    async def types(query: str) -> set[str]:
        return {
            item["type"] for item in (await http.get(f"/v1/items/product/p1/similar?size=50{query}")).json()["items"]
        }

    assert await types("") == {"product"}
    assert await types("&types=video,live") == {"video", "live"}
    assert (await mistakes(http, "/v1/items/product/p1/similar?types=shoe"))["types"] == ["product", "video", "live"]
    assert (await mistakes(http, "/v1/items/product/p1/similar?size=1000")).keys() == {"size"}
    assert (await mistakes(http, "/v1/items/shoe/p1/similar")).keys() == {"type"}


async def test_the_tree_of_categories(http: httpx.AsyncClient) -> None:
    roots = (await http.get("/v1/categories?types=product")).json()["categories"]
    assert roots[0]["name"] == "Electronics"
    assert {"name", "path", "value", "count", "counts", "children"} == roots[0].keys()
    assert all(child["value"].startswith("Electronics > ") for child in roots[0]["children"])


async def test_a_facet_is_searched_under_the_filters(http: httpx.AsyncClient) -> None:
    found = (await http.get("/v1/facets/brand?contains=LOG&filter.in_stock=true&size=5")).json()
    assert found == {"field": "brand", "values": [{"value": "Logi", "label": "Logi", "count": 1}]}
    wrong = await mistakes(http, "/v1/facets/brand?filter.shade=1&colour=red&page=0")
    assert wrong.keys() == {"filter.shade", "colour", "page"}
    assert (await mistakes(http, "/v1/facets/brand?size=0")).keys() == {"size"}


@pytest.mark.parametrize("path", ["/v1/suggest", "/v1/items/product/p1/similar", "/v1/categories", "/v1/facets/brand"])
async def test_an_engine_that_is_away_is_a_503(http: httpx.AsyncClient, core: FakeCore, path: str) -> None:
    core.raises = EngineUnavailableError("gone", "Wait")
    answer = await http.get(path)
    assert answer.status_code == 503
    assert answer.json()["error"] == "engine_unavailable"


async def test_a_cursor_has_its_mistakes_named(http: httpx.AsyncClient) -> None:
    wrong = await mistakes(http, "/v1/search?cursor=*&page=2&size=0&explain=1&routes=vector")
    assert wrong.keys() == {"page", "size", "explain", "routes"}


async def test_the_addresses_are_described(http: httpx.AsyncClient) -> None:
    described: dict[str, Any] = (await http.get("/openapi.json")).json()["paths"]
    assert {"/v1/suggest", "/v1/items/{type}/{id}/similar", "/v1/categories", "/v1/facets/{field}"} <= described.keys()
    named = {one["name"] for one in described["/v1/facets/{field}"]["get"]["parameters"]}
    assert {"field", "contains", "size", "q", "filter.<field>"} <= named
    cursor = next(one for one in described["/v1/search"]["get"]["parameters"] if one["name"] == "cursor")
    assert "next_cursor" in cursor["description"]
    assert "410" in described["/v1/search"]["get"]["responses"]
