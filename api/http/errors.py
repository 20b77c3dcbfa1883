"""Errors as HTTP answers: the one place that turns the tree of `stack/errors.py` into statuses and `Problem`s."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from stack.errors import (
    ConfigError,
    EngineError,
    EngineUnavailableError,
    ExpiredError,
    InputError,
    Mistake,
    ModelMismatchError,
    NotFoundError,
    SoukError,
    UnsupportedError,
)

log = logging.getLogger("souk.http")


class MistakeModel(BaseModel):
    """One thing wrong in the request."""

    where: str = Field(examples=["size"])
    what: str = Field(examples=["should be less than or equal to 100"])
    allowed: list[str] = []


class Problem(BaseModel):
    """Every error answer of the API has this shape."""

    error: str = Field(description="a stable name of the kind of error", examples=["invalid_request"])
    message: str = Field(description="what is wrong")
    remedy: str = Field("", description="what to do about it")
    mistakes: list[MistakeModel] = Field([], description="all mistakes of the request, for invalid_request")
    request_id: str = Field(description="the same as the header X-Request-Id; the server's log has it too")


# The first class that fits decides, so subclasses stand before their parents.
STATUSES: tuple[tuple[type[SoukError], int, str], ...] = (
    (InputError, 422, "invalid_request"),
    (NotFoundError, 404, "not_found"),
    (ExpiredError, 410, "expired"),
    (UnsupportedError, 409, "unsupported"),
    (EngineUnavailableError, 503, "engine_unavailable"),
    (ModelMismatchError, 503, "model_mismatch"),
    (EngineError, 502, "engine_failed"),
    (ConfigError, 500, "configuration"),
)
RETRY_LATER_S = 30
FIELDS_REMEDY = "Correct what is named; GET /v1/fields lists the fields that exist"
INTERNAL = "something went wrong here; it has been logged"


class Failure(BaseModel):
    """A problem with its status and the headers that belong to it."""

    status: int
    problem: Problem
    headers: dict[str, str] = {}


def failure_of(error: Exception, request_id: str) -> Failure:
    """What to answer to an exception. Only what a caller may know is in it; the rest is logged."""
    if isinstance(error, SoukError):
        return _souk_failure(error, request_id)
    if isinstance(error, HTTPException):
        return _http_failure(error, request_id)
    log.error("request %s failed", request_id, exc_info=error)
    return Failure(status=500, problem=Problem(error="internal", message=INTERNAL, request_id=request_id))


def _souk_failure(error: SoukError, request_id: str) -> Failure:
    status, name = next(((s, n) for kind, s, n in STATUSES if isinstance(error, kind)), (500, "internal"))
    if status >= 500:
        log.warning("request %s: %s", request_id, error)
    if status == 500:  # a setting of ours: nothing the caller could mend
        return Failure(status=500, problem=Problem(error=name, message=INTERNAL, request_id=request_id))
    problem = Problem(
        error=name,
        message=encodable(_message(error)),
        remedy=encodable(error.remedy) or (FIELDS_REMEDY if status == 422 else ""),
        mistakes=[as_model(mistake) for mistake in getattr(error, "mistakes", ())],
        request_id=request_id,
    )
    return Failure(status=status, problem=problem, headers=_retry_header(error, status))


def _message(error: SoukError) -> str:
    if isinstance(error, InputError):
        count = len(error.mistakes)
        return f"{count} mistake{'s' if count != 1 else ''} in the request"
    return error.message


def _retry_header(error: SoukError, status: int) -> dict[str, str]:
    wait = error.retry_after_s if isinstance(error, EngineUnavailableError) else RETRY_LATER_S
    return {"Retry-After": str(wait)} if status == 503 else {}


def _http_failure(error: HTTPException, request_id: str) -> Failure:
    phrase = HTTPStatus(error.status_code).phrase
    name = phrase.lower().replace(" ", "_").replace("-", "_")
    message = error.detail if error.detail != phrase else HTTP_MESSAGES.get(error.status_code, phrase)
    problem = Problem(
        error=name, message=message, remedy=HTTP_REMEDIES.get(error.status_code, ""), request_id=request_id
    )
    return Failure(status=error.status_code, problem=problem, headers=dict(error.headers or {}))


HTTP_MESSAGES = {404: "there is nothing at this address", 405: "this address does not take that method"}
HTTP_REMEDIES = {
    400: "Send JSON in UTF-8",
    404: "See /openapi.json for the addresses that exist",
    405: "See /openapi.json for the methods that exist",
    413: "Send fewer or shorter filters",
    429: "Try again in a second, with fewer events at once",
}


def as_model(mistake: Mistake) -> MistakeModel:
    """A mistake may repeat what the caller wrote."""
    return MistakeModel(where=encodable(mistake.where), what=encodable(mistake.what), allowed=list(mistake.allowed))


def encodable(text: str) -> str:
    """The text with `?` for lone surrogates: JSON may hold them (`"\\ud800"`), no UTF-8 answer can."""
    return text.encode("utf-8", "replace").decode()


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for OpenAPI: each status with the Problem model and an example."""
    return {
        status: {
            "model": Problem,
            "description": DESCRIPTIONS[status],
            "content": {"application/json": {"example": EXAMPLES[status]}},
        }
        for status in statuses
    }


DESCRIPTIONS = {
    400: "the body cannot be read",
    404: "no such item",
    409: "the cluster lacks what was asked for by name",
    410: "what was given out for a time is no longer good",
    413: "the body is larger than 64 kB",
    422: "the request has mistakes; all of them are listed",
    429: "more at once than is taken; `Retry-After` says when to try again",
    500: "a fault of the server; its log has the request id",
    502: "the engine refused the request or failed; asking again would not help",
    503: "the engine is away or too slow; `Retry-After` says when to ask again",
}


def _example(error: str, message: str, remedy: str = "", mistakes: tuple[Mistake, ...] = ()) -> dict[str, Any]:
    problem = Problem(
        error=error,
        message=message,
        remedy=remedy,
        mistakes=[as_model(mistake) for mistake in mistakes],
        request_id="5f0c7a0e9c2b4d6f8a1b3c5d7e9f0a1b",
    )
    return problem.model_dump()


EXAMPLES = {
    400: _example("bad_request", "There was an error parsing the body", HTTP_REMEDIES[400]),
    404: _example("not_found", "there is no product 4711", "Take an id from the hits of a search"),
    409: _example("unsupported", "native mode needs the plugin neural-search", "Ask with mode=portable"),
    410: _example("expired", "the point in time of this cursor is gone", "Start again with cursor=*"),
    413: _example("content_too_large", "the body is larger than 64 kB", HTTP_REMEDIES[413]),
    422: _example(
        "invalid_request",
        "2 mistakes in the request",
        FIELDS_REMEDY,
        (
            Mistake("size", "should be less than or equal to 100"),
            Mistake("sort", "no such sort", ("relevance", "price_asc", "price_desc", "newest")),
        ),
    ),
    429: _example("too_many_requests", "more events a second than are taken here", HTTP_REMEDIES[429]),
    500: _example("internal", INTERNAL),
    502: _example("engine_failed", "the engine refused the request (HTTP 400): field [a] is odd", "See souk status"),
    503: _example("engine_unavailable", "the engine did not answer in time", "Try again in 2 seconds"),
}
