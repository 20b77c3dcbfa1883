"""The saved objects: whole, with references that resolve; and how they are sent to Dashboards.

Whether each panel shows something is asked of the real engine in tests/integration/test_behaviour.py.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from souk import app
from stack.dashboards.build import COMMITTED, as_ndjson, build, read_source
from stack.dashboards.load import load, load_when_ready
from stack.dashboards.requests import panel_request
from stack.errors import ConfigError, EngineError, EngineUnavailableError
from stack.settings import ROOT, Settings

OBJECTS = build("souk")
PANELS = [each for each in OBJECTS if each["type"] in ("visualization", "search")]


def test_the_committed_file_is_what_the_source_says() -> None:
    """Else: `souk dashboards load --dry-run > stack/dashboards/souk.ndjson` with the prefix souk."""
    assert COMMITTED.read_bytes() == as_ndjson(OBJECTS)


def test_ids_are_unique_and_stable_and_of_the_prefix() -> None:
    ids = [(each["type"], each["id"]) for each in OBJECTS]
    assert len(set(ids)) == len(ids)
    assert [(each["type"], each["id"]) for each in build("souk")] == ids
    assert all(each["id"].startswith("shop-") for each in build("shop"))
    assert "${" not in as_ndjson(build("shop")).decode()


def test_every_reference_is_to_an_object_that_stands_before() -> None:
    seen: set[tuple[str, str]] = set()
    for each in OBJECTS:
        for reference in each["references"]:
            assert (reference["type"], reference["id"]) in seen, f"{each['id']} → {reference['id']}"
        seen.add((each["type"], each["id"]))


def test_every_name_of_a_reference_in_a_text_is_among_the_references() -> None:
    for each in OBJECTS:
        names = {reference["name"] for reference in each["references"]}
        source = json.loads(each["attributes"].get("kibanaSavedObjectMeta", {}).get("searchSourceJSON", "{}"))
        assert {source["indexRefName"]} <= names if "indexRefName" in source else "panel" not in source
        panels = json.loads(each["attributes"].get("panelsJSON", "[]"))
        assert {panel["panelRefName"] for panel in panels} == {name for name in names if name.startswith("panel_")}


def test_every_panel_stands_on_a_dashboard_and_none_covers_another() -> None:
    shown: set[str] = set()
    for board in (each for each in OBJECTS if each["type"] == "dashboard"):
        shown |= {reference["id"] for reference in board["references"]}
        taken: set[tuple[int, int]] = set()
        for panel in json.loads(board["attributes"]["panelsJSON"]):
            grid = panel["gridData"]
            assert grid["x"] + grid["w"] <= 48
            cells = {
                (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
            }
            assert not cells & taken, f"{board['id']}: panel {panel['panelIndex']}"
            taken |= cells
    assert shown == {panel["id"] for panel in PANELS}


def fields_of(node: Any) -> Iterator[str]:
    """Every field that a request names, except inside a Lucene query."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "field":
                yield value
            elif name in ("range", "term"):
                yield from value
            yield from fields_of(value)
    elif isinstance(node, list):
        for item in node:
            yield from fields_of(item)


def mapped(log: str) -> set[str]:
    """The fields of an index of `mappings/indexes/`, with their sub-fields."""
    found: set[str] = set()

    def walk(properties: dict[str, Any], path: str) -> None:
        for name, given in properties.items():
            found.add(path + name)
            walk(given.get("properties", {}) | given.get("fields", {}), f"{path}{name}.")

    template = json.loads((ROOT / "mappings" / "indexes" / f"{log}.json").read_text(encoding="utf-8"))
    walk(template["template"]["mappings"]["properties"], "")
    return found


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["id"])
def test_a_panel_asks_for_fields_that_the_mapping_has(panel: dict[str, Any]) -> None:
    request = panel_request(panel, OBJECTS, "now-14d")
    log = request.index.split(",")[0].removeprefix("souk-").removesuffix("*")
    known = mapped(log) | ({"_index", "indexed_at", "updated_at"} if log == "products" else set())
    assert set(fields_of(request.body)) <= known


class Dashboards:
    """A server at the import address of Dashboards: keeps the request, gives the answers that Dashboards documents."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.headers: dict[str, str] = {}
        self.path = ""
        self.body = b""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.path, outer.headers = self.path, {k.lower(): v for k, v in self.headers.items()}
                outer.body = self.rfile.read(int(self.headers["content-length"]))
                status, answer = outer.answers.pop(0)
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def dashboards() -> Iterator[Dashboards]:
    made = Dashboards()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


GOOD = {"success": True, "successCount": len(OBJECTS)}


def test_an_import_is_one_file_that_replaces(dashboards: Dashboards) -> None:
    dashboards.answers = [(200, GOOD)]
    settings = Settings(opensearch_user="admin", opensearch_password=SecretStr("pa:ss"))
    assert load(settings, dashboards.url + "/", as_ndjson(OBJECTS)).count == len(OBJECTS)
    assert dashboards.path == "/api/saved_objects/_import?overwrite=true"
    assert dashboards.headers["osd-xsrf"] == "true"
    assert dashboards.headers["securitytenant"] == "global"
    assert dashboards.headers["authorization"] == "Basic YWRtaW46cGE6c3M="
    assert dashboards.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="souk.ndjson"' in dashboards.body
    assert COMMITTED.read_bytes() in dashboards.body


def test_without_a_user_nobody_is_named(dashboards: Dashboards) -> None:
    dashboards.answers = [(200, GOOD)]
    load(Settings(), dashboards.url, b"{}\n")
    assert "authorization" not in dashboards.headers


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (401, {"statusCode": 401, "error": "Unauthorized", "message": "Authentication required"}, ConfigError),
        (503, b"OpenSearch Dashboards server is not ready yet", EngineUnavailableError),
        (400, {"statusCode": 400, "error": "Bad Request", "message": "Invalid file extension .json"}, EngineError),
        (200, b"<html>another server</html>", EngineError),
    ],
)
def test_what_dashboards_refuses_is_named(
    dashboards: Dashboards, status: int, answer: Any, error: type[Exception]
) -> None:
    dashboards.answers = [(status, answer)]
    with pytest.raises(error):
        load(Settings(), dashboards.url, b"{}\n")


def test_objects_that_were_not_taken_are_named(dashboards: Dashboards) -> None:
    refused = {"id": "souk-funnel", "type": "visualization", "error": {"type": "missing_references"}}
    dashboards.answers = [(200, {"success": False, "successCount": 29, "errors": [refused]})]
    result = CliRunner().invoke(app, ["dashboards", "load", "--url", dashboards.url])
    assert isinstance(result.exception, EngineError)
    assert "visualization souk-funnel: missing_references" in str(result.exception)


def test_it_is_waited_for_while_it_starts(dashboards: Dashboards) -> None:
    dashboards.answers = [(503, b"not ready"), (503, b"not ready"), (200, GOOD)]
    clock = [0.0]

    def wait(seconds: float) -> None:
        clock[0] += seconds

    assert load_when_ready(Settings(), dashboards.url, b"{}\n", 60, lambda: clock[0], wait).count == len(OBJECTS)
    assert clock[0] == 4
    dashboards.answers = [(503, b"not ready")] * 5
    with pytest.raises(EngineUnavailableError):
        load_when_ready(Settings(), dashboards.url, b"{}\n", 5, lambda: clock[0], wait)


def test_nobody_there_is_an_outage() -> None:
    with pytest.raises(EngineUnavailableError, match="cannot be reached"):
        load(Settings(), "http://127.0.0.1:9", b"{}\n")


def test_a_dry_run_prints_the_objects() -> None:
    result = CliRunner().invoke(app, ["dashboards", "load", "--dry-run"], env={"SOUK_INDEX_PREFIX": "souk"})
    assert result.exit_code == 0
    assert result.stdout.encode() == COMMITTED.read_bytes()


def test_the_source_names_each_dashboard_that_a_shop_needs() -> None:
    assert set(read_source()["dashboards"]) == {"searches", "latency", "conversion", "ingestion"}
