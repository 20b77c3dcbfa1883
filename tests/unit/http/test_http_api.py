"""The JSON API: answers, mistakes, statuses, headers, metrics, OpenAPI."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
from fake_core import FakeCore
from http_serving import Serve

from api.http import examples
from api.http.app import create_app
from api.http.errors import Problem
from api.model import Answer, SearchRequest
from stack.errors import (
    ConfigError,
    EngineError,
    EngineStartError,
    EngineUnavailableError,
    InputError,
    Mistake,
    ModelMismatchError,
    NotFoundError,
    SoukError,
    UnsupportedError,
)
from stack.settings import Settings


async def test_get_and_post_ask_the_same(http: httpx.AsyncClient, core: FakeCore) -> None:
    posted = await http.post("/v1/search", json={"q": "mouse", "filters": {"brand": ["HP"]}, "facets": ["brand"]})
    got = await http.get("/v1/search?q=mouse&filter.brand=HP&facets=brand")
    assert posted.status_code == got.status_code == 200
    assert posted.json() == got.json()
    assert core.asked[0] == core.asked[1]
    assert [hit["id"] for hit in got.json()["hits"]] == ["p3"]


async def test_highlights_are_html_and_documents_are_not_touched(http: httpx.AsyncClient) -> None:
    answer = (await http.get("/v1/search?q=mouse")).json()
    hostile = next(hit for hit in answer["hits"] if hit["id"] == "p12")
    assert hostile["highlights"]["title"] == [
        "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;quoted&quot; <em>mouse</em>"
    ]
    assert hostile["document"]["title"].startswith("<script>")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"q": ', ["body"]),
        (b"", ["body"]),
        (b"[1]", ["body"]),
        (b'{"size": 101, "page": 0, "colour": "red"}', ["page", "size", "colour"]),
        (b'{"q": "\\ud800"}', ["q"]),
        (b'{"filters": {"\\ud800": "x"}}', ["filters.?"]),
        (b'{"filters": {"\\ud800": [[]]}}', ["filters.\ufffd\ufffd\ufffd"]),
        (b'{"filters": {"brand": ["\\udfff"], "attr.\\ud800": "x"}}', ["filters.brand", "filters.attr.?"]),
        (b'{"facets": ["\\ud800"], "sort": "\\ud800"}', ["sort", "facets"]),
        (b'{"size": 101, "facets": ["\\ud800"]}', ["size", "facets.?"]),
        (b'{"filters": {"price": {"from": 1}}}', ["filters.price"]),
        (b'{"filters": {"price": null, "brand": [[]]}}', ["filters.price", "filters.brand"]),
        (b'{"filters": [], "types": [], "routes": ["magic"]}', ["types", "filters", "routes.0"]),
        (
            b'{"size": 101, "sort": "odd", "facets": ["x", "price", "attr.s"], "filters": {"y": 1, "attr.s": "L"}}',
            ["size", "filters.y", "facets.x", "facets.price", "sort"],
        ),
    ],
)
async def test_every_mistake_of_a_body_is_named(http: httpx.AsyncClient, body: bytes, where: list[str]) -> None:
    answer = await http.post("/v1/search", content=body, headers={"content-type": "application/json"})
    problem = Problem.model_validate(answer.json())
    assert answer.status_code == 422
    assert problem.error == "invalid_request"
    assert [mistake.where for mistake in problem.mistakes] == where
    assert problem.remedy


async def test_a_form_instead_of_json_says_what_to_send(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/search", data={"q": "mouse"})
    assert answer.status_code == 422
    assert "application/json" in answer.json()["mistakes"][0]["what"]


@pytest.mark.parametrize("path", ["/v1/search", "/v1/query"])
async def test_a_large_body_is_refused(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.post(path, json={"q": "x" * 70_000})
    assert answer.status_code == 413
    assert "64 kB" in answer.json()["message"]


async def test_a_large_body_without_a_length_is_refused(http: httpx.AsyncClient) -> None:
    async def chunks() -> Any:
        for _ in range(80):
            yield b" " * 1024

    answer = await http.post("/v1/search", content=chunks(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


async def test_bytes_that_are_no_text_are_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/search", content=b"\xff\xfe{", headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert Problem.model_validate(answer.json()).remedy


async def test_unknown_parameters_and_names_come_together(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/search?colour=red&sort=odd&filter.shade=1")
    mistakes = {mistake["where"]: mistake["allowed"] for mistake in answer.json()["mistakes"]}
    assert answer.status_code == 422
    assert {"relevance", "price_asc", "newest"} <= set(mistakes["sort"])
    assert "brand" in mistakes["filter.shade"]
    assert "q" in mistakes["colour"]


async def test_a_filter_of_the_wrong_form_is_named_as_the_caller_wrote_it(http: httpx.AsyncClient) -> None:
    got = await http.get("/v1/search?filter.in_stock=maybe&filter.price=cheap&page=99")
    posted = await http.post("/v1/search", json={"filters": {"in_stock": "maybe", "price": "cheap"}, "page": 99})
    assert [m["where"] for m in got.json()["mistakes"]] == ["filter.in_stock", "filter.price", "page"]
    assert [m["where"] for m in posted.json()["mistakes"]] == ["filters.in_stock", "filters.price", "page"]


async def test_native_mode_of_a_cluster_without_it_is_409(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/search?mode=native")
    assert answer.status_code == 409
    assert "portable" in answer.json()["remedy"]


@pytest.mark.parametrize(
    ("error", "status", "name", "retry"),
    [
        (InputError([Mistake("sort", "no such sort")]), 422, "invalid_request", None),
        (NotFoundError("there is no product 1", "Search for it"), 404, "not_found", None),
        (UnsupportedError("no neural-search", "Ask with mode=portable"), 409, "unsupported", None),
        (EngineUnavailableError("away", "Try again", retry_after_s=7), 503, "engine_unavailable", "7"),
        (ModelMismatchError("another model", "Reindex"), 503, "model_mismatch", "30"),
        (EngineStartError("did not start", "See the log"), 502, "engine_failed", None),
        (EngineError("refused", "See the log"), 502, "engine_failed", None),
        (NotFoundError("there is no \ud800", "Search for \ud800"), 404, "not_found", None),
    ],
)
async def test_each_error_has_its_status(
    serve: Serve, error: SoukError, status: int, name: str, retry: str | None
) -> None:
    async with serve(FakeCore(raises=error)) as http:
        answer = await http.get("/v1/search?q=mouse")
    problem = Problem.model_validate(answer.json())
    assert (answer.status_code, problem.error, answer.headers.get("retry-after")) == (status, name, retry)
    assert problem.remedy == error.remedy.replace("\ud800", "?") or status == 422
    assert problem.request_id == answer.headers["x-request-id"]


@pytest.mark.parametrize("error", [RuntimeError("secret detail"), ConfigError("/etc/secret detail is wrong", "mend")])
async def test_faults_of_ours_are_logged_and_kept_to_ourselves(
    serve: Serve, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "souk.http"):
        async with serve(FakeCore(raises=error)) as http:
            answer = await http.post("/v1/search", json={}, headers={"X-Request-Id": "trace-me-1"})
            metrics = (await http.get("/metrics")).text
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "trace-me-1" in caplog.text
    assert "secret detail" in caplog.text
    assert 'route="/v1/search",status="500"' in metrics


async def test_an_engine_that_hangs_is_503_within_the_deadline(serve: Serve) -> None:
    async with serve(FakeCore(delay_s=30), deadline_ms=50) as http:
        answer = await http.get("/v1/search")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.elapsed.total_seconds() < 5


async def test_an_engine_that_comes_back_is_found(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.http.core.REOPEN_AFTER_S", 0.0)

    class Returning(FakeCore):
        away = True

        def open(self) -> Any:
            if self.away:
                raise EngineUnavailableError("away", "Start it with souk up")
            return super().open()

    core = Returning()
    async with serve(core) as http:
        assert (await http.get("/healthz")).json() == {"status": "ok"}
        assert (await http.get("/readyz")).status_code == 503
        core.away = False
        assert (await http.get("/readyz")).json()["status"] == "ready"
        assert (await http.get("/v1/search?q=mouse")).status_code == 200


async def test_another_error_at_start_stops_the_start(serve: Serve) -> None:
    class Wrong(FakeCore):
        def open(self) -> Any:
            raise ModelMismatchError("another model", "Reindex")

    with pytest.raises(ModelMismatchError):
        async with serve(Wrong()):
            pass


@pytest.mark.parametrize(
    ("given", "kept"),
    [("client-7.of_shop", True), ("short", False), ("x" * 65, False), ("two words!", False), ("", False)],
)
async def test_the_request_id_is_the_callers_when_it_is_a_plain_token(
    http: httpx.AsyncClient, given: str, kept: bool
) -> None:
    first = (await http.get("/healthz", headers={"X-Request-Id": given})).headers["x-request-id"]
    assert (first == given) is kept
    assert len(first) >= 8


@pytest.mark.parametrize("path", ["/", "/v1/search", "/nothing", "/static/souk.css", "/search?sort=odd"])
async def test_every_answer_has_the_security_headers(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert policy["script-src"] == policy["connect-src"] == policy["media-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/nothing", 404),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/static/../app.py", 404),
        ("DELETE", "/v1/search", 405),
        ("GET", "/v1/items/product/nope", 404),
        ("GET", "/v1/items/shoe/p1", 422),
        ("GET", f"/v1/items/product/{'x' * 300}", 422),
        ("GET", "/docs", 404),
    ],
)
async def test_other_addresses_answer_problems_too(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert Problem.model_validate(answer.json()).message


async def test_items_fields_and_query(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/items/video/v1")).json()["creator_name"] == "Tiny Tech Tests"
    fields = (await http.get("/v1/fields?types=product")).json()
    assert {"name": "brand", "label": "Brand", "type": "term", "kinds": ["product"]} in fields["facets"]
    assert {"name": "price_asc", "label": "Price, low to high", "kinds": ["product"]} in fields["sorts"]
    assert "creator" not in {field["name"] for field in fields["filters"]}
    explained = (await http.post("/v1/query", json={"q": "mouse"})).json()
    assert explained["portable"][0]["path"] == "/souk-products/_search"
    assert explained["portable"][0]["dev_tools"].startswith("# product: lexical\nPOST /souk-products/_search\n{")


async def test_metrics_count_requests_stages_and_what_was_dropped(serve: Serve) -> None:
    async with serve(FakeCore(degraded=("vector",))) as http:
        items = ("/v1/items/product/p1", "/v1/items/product/p2")
        for path in ("/v1/search?q=mouse", "/search", *items, "/typo-1", "/typo-2"):
            await http.get(path)
        lines = (await http.get("/metrics")).text.splitlines()
    assert 'souk_http_requests_total{method="GET",route="/v1/search",status="200"} 1.0' in lines
    assert 'souk_http_requests_total{method="GET",route="/v1/items/{type}/{id}",status="200"} 2.0' in lines
    assert 'souk_http_requests_total{method="GET",route="unmatched",status="404"} 2.0' in lines
    assert 'souk_search_stage_seconds_count{stage="recall"} 2.0' in lines
    assert 'souk_search_degraded_total{what="vector"} 2.0' in lines
    assert any(line.startswith('souk_http_request_seconds_bucket{le="0.1",route="/search"}') for line in lines)


async def test_metrics_count_reworded_searches_and_the_shadow_model(serve: Serve) -> None:
    core = FakeCore()
    core.shadow = {"product": 0.86}
    async with serve(core) as http:
        for q in ("wirless mouse", "mousse", "mouse xyzzy", "wirless xyzzy", "mouse"):
            assert "shadow" not in (await http.get("/v1/search", params={"q": q})).json()
        lines = (await http.get("/metrics")).text.splitlines()
    assert 'souk_search_reworded_total{how="correction"} 2.0' in lines
    assert 'souk_search_reworded_total{how="offer"} 1.0' in lines
    assert 'souk_search_reworded_total{how="relaxation"} 2.0' in lines
    assert 'souk_shadow_agreement_bucket{kind="product",le="0.8"} 0.0' in lines
    assert 'souk_shadow_agreement_bucket{kind="product",le="0.9"} 5.0' in lines


async def test_parts_are_left_out_and_reasons_given_on_request(http: httpx.AsyncClient) -> None:
    plain = (await http.get("/v1/search?q=wirless+mouse")).json()
    assert plain["query"]["corrections"] == [{"from": "wirless", "to": "wireless"}]
    assert {hit["explanation"] for hit in plain["hits"]} == {None}
    literal = (await http.get("/v1/search?q=wirless+mouse&without=spelling")).json()
    assert (literal["query"]["corrections"], literal["hits"]) == ([], [])
    explained = (await http.post("/v1/search", json={"q": "mouse", "explain": True, "without": ["spelling"]})).json()
    assert all(hit["explanation"]["reasons"] for hit in explained["hits"])
    refused = await http.get("/v1/search?without=speling&explain=perhaps")
    assert refused.status_code == 422
    mistakes = {mistake["where"]: mistake["allowed"] for mistake in refused.json()["mistakes"]}
    assert mistakes.keys() == {"without.0", "explain"}
    assert "spelling" in mistakes["without.0"]


def test_documented_examples_are_what_the_api_takes_and_gives() -> None:
    for example in examples.REQUESTS.values():
        SearchRequest.model_validate(example["value"])
    Answer.model_validate(examples.ANSWER)


def test_openapi_is_complete() -> None:
    schema = create_app(FakeCore().open, Settings()).openapi()
    search = schema["paths"]["/v1/search"]
    assert {"422", "502", "503", "409", "413", "400", "500", "200"} <= search["post"]["responses"].keys()
    names = {parameter["name"]: parameter for parameter in search["get"]["parameters"]}
    assert {
        "q",
        "types",
        "sort",
        "page",
        "size",
        "facets",
        "debug",
        "explain",
        "without",
        "filter.<field>",
    } <= names.keys()
    assert names["size"]["schema"]["maximum"] == 100
    assert "final_stage" in names["without"]["schema"]["items"]["enum"]
    assert search["post"]["requestBody"]["content"]["application/json"]["examples"]["words"]["value"]["q"]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")):
                    reference = response["content"]["application/json"]["schema"]["$ref"]
                    assert reference.endswith("/Problem"), f"{where} {status}"
                    assert Problem.model_validate(response["content"]["application/json"]["example"]), where
    assert "HTTPValidationError" not in json.dumps(schema)
