"""The clock of a request: what each stage took, and how many candidates went in and out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api import telemetry
from api.model import Stage


@dataclass
class OpenStage:
    """A stage that is running; it fills in what it finds."""

    candidates_out: int | None = None
    note: str = ""


class Stages:
    """The stages of one request, in order."""

    def __init__(self) -> None:
        self.done: list[Stage] = []

    @contextmanager
    def stage(self, name: str, candidates_in: int | None = None) -> Iterator[OpenStage]:
        """Time what happens inside; a span of the trace, too, where there is one."""
        started, running = time.perf_counter(), OpenStage()
        with telemetry.span(name) as span:
            yield running
            if telemetry.active():
                span.set_attributes(_facts(candidates_in, running))
        took = round((time.perf_counter() - started) * 1000, 3)
        self.done.append(
            Stage(
                name=name,
                took_ms=took,
                candidates_in=candidates_in,
                candidates_out=running.candidates_out,
                note=running.note,
            )
        )


def _facts(candidates_in: int | None, stage: OpenStage) -> dict[str, str | int | float | bool]:
    facts = {
        "souk.candidates_in": candidates_in,
        "souk.candidates_out": stage.candidates_out,
        "souk.note": stage.note or None,
    }
    return {name: value for name, value in facts.items() if value is not None}
