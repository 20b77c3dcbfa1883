"""The lines that the API logs, as a process of its own writes them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

TALK = """
import logging
from api.http import logs

logs.configure({form!r}, {level!r})
logs.request_id.set("req-12345")
scope = {{"method": "GET", "query_string": b"q=red%20shoes%0Aforged"}}
logs.answered(scope, "/v1/search", 200, 0.0123)
logs.answered(scope, "/healthz", 200, 0.001)
logging.getLogger("uvicorn.error").error("of the server", extra={{"color_message": "\\x1b[31m"}})
logging.getLogger("aiohttp").info("headers: authorization")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("souk.http").exception("it broke")
"""


def _lines(form: str, level: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", TALK.format(form=form, level=level)], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_json_is_one_object_a_line_with_the_id_of_its_request() -> None:
    lines = [json.loads(line) for line in _lines("json", "info")]
    assert [(line["logger"], line["level"]) for line in lines] == [
        ("souk.access", "INFO"),
        ("uvicorn.error", "ERROR"),
        ("souk.http", "ERROR"),
    ]
    request, server, broken = lines
    assert {line["request_id"] for line in lines} == {"req-12345"}
    assert {name: request[name] for name in ("method", "route", "status", "ms")} == {
        "method": "GET", "route": "/v1/search", "status": 200, "ms": 12.3,
    }  # fmt: skip
    assert "query" not in request
    assert "color_message" not in server
    assert "ZeroDivisionError" in broken["exc_info"]
    assert request["time"].startswith("20")


def test_debug_has_the_query_and_the_probes_and_no_line_can_be_forged() -> None:
    lines = [json.loads(line) for line in _lines("json", "debug")]
    assert [line["route"] for line in lines if line["logger"] == "souk.access"] == ["/v1/search", "/healthz"]
    assert lines[0]["query"] == "q=red%20shoes%0Aforged"
    assert not any("authorization" in line["message"] for line in lines)


def test_text_is_for_people() -> None:
    first = _lines("text", "info")[0]
    assert first.endswith("INFO souk.access: GET /v1/search 200 12.3 ms [req-12345]")


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_usual_level_has_no_line_for_what_went_well(form: str) -> None:
    assert not any("/v1/search" in line for line in _lines(form, "warning"))
