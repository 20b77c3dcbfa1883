"""The whole OpenAPI description against the real application and engine, with inputs nobody thought of (schemathesis).

Every answer has a status, a content type and a shape that are declared for its operation, and none is a 5xx.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.bootstrap import build_searcher
from api.http.app import create_app
from api.http.event_routes import events_opener
from stack.embedding import Encoder
from stack.settings import Settings

pytest_plugins = ["browsing_shop"]
pytestmark = pytest.mark.engine

EXAMPLES = {GenerationMode.POSITIVE: 12, GenerationMode.NEGATIVE: 8}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
Operation = schemathesis.schemas.APIOperation


@pytest.fixture
def operations(browsing_settings: Settings, encoder: Encoder) -> Iterator[list[Operation]]:
    """What is declared, over an application that has all the time it needs: the machine may be busy."""
    settings = browsing_settings.model_copy(update={"deadline_ms": 60_000})
    app = create_app(lambda: build_searcher(settings, encoder), settings, events_opener(settings))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    yield [found.ok() for found in schema.get_all_operations()]
    shutdown_lifespans()


def test_every_operation_answers_as_it_declares(operations: list[Operation]) -> None:
    paths = {operation.path for operation in operations}
    assert {"/v1/search", "/v1/suggest", "/v1/facets/{field}", "/v1/items/{type}/{id}/similar", "/readyz"} <= paths
    statuses = {status for operation in operations for mode in EXAMPLES for status in asked(operation, mode)}
    assert {200, 404, 422} <= statuses, "what is right and what is wrong was asked"


def asked(operation: Operation, mode: GenerationMode) -> set[int]:
    """The statuses of some requests, the same ones every time. Raises with the request that shows what is wrong."""
    statuses: set[int] = set()

    @hypothesis.seed(5)
    @hypothesis.settings(
        max_examples=EXAMPLES[mode],
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        statuses.add(case.call_and_validate(checks=CHECKS).status_code)

    with suppress(hypothesis.errors.Unsatisfiable):  # nothing about it can be wrong
        ask()
    return statuses
