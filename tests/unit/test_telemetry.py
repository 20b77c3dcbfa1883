"""Traces when they are asked for, else nothing at all. What is sent: `tests/integration/test_workers_live.py`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from api import telemetry
from api.stages import Stages
from stack.errors import ConfigError

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        (ENDPOINT | {"OTEL_SDK_DISABLED": "true"}, False),
        (ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_the_standard_variables_decide(env: dict[str, str], wanted: bool) -> None:
    assert telemetry.wanted(env) is wanted


def test_a_protocol_that_is_not_carried_is_named() -> None:
    with (
        pytest.raises(ConfigError, match=r"'grpc' is not carried. Use http/protobuf"),
        telemetry.exporting(ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}),
    ):
        pass


def test_without_an_address_nothing_of_it_is_loaded() -> None:
    check = (
        "import sys, api.bootstrap, api.http.server\n"
        "from api import telemetry\n"
        "with telemetry.exporting({}), telemetry.span('x'): pass\n"
        "heavy = ('opentelemetry.sdk', 'opentelemetry.exporter', 'opentelemetry.proto')\n"  # FastAPI loads the rest
        "sys.exit(any(name.startswith(heavy) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_a_stage_is_timed_without_a_trace_and_a_failed_one_is_left_out() -> None:
    stages = Stages()
    with stages.stage("recall", 3) as stage:
        stage.candidates_out = 2
    with pytest.raises(ValueError, match="no"), stages.stage("fuse"):
        raise ValueError("no")
    assert [(done.name, done.candidates_in, done.candidates_out) for done in stages.done] == [("recall", 3, 2)]
    assert telemetry.trace_id() == ""
