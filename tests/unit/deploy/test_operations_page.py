"""What docs/operations.md names is there, and its formulas are computed right."""

from __future__ import annotations

import json
import re

import pytest
from prometheus_client import generate_latest

from api.events.tally import Tally
from api.http.metrics import Metrics
from stack.settings import ROOT, Settings

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BYTES = {"4 d": 4.0, "2 d": 2.0, "d": 1.0, "d / 2": 1 / 2, "d / 4": 1 / 4, "d / 8": 1 / 8}
DIMENSION = 384  # of the bundled encoder


def test_memory_by_the_formula_of_the_engine() -> None:
    vectors = json.loads((ROOT / "mappings" / "components" / "vectors.json").read_text(encoding="utf-8"))
    field = vectors["template"]["mappings"]["properties"]["text_vector"]
    links = field["method"]["parameters"]["m"]
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| (d / \d|\d? ?d) \| ([\d.]+) \|", PAGE, re.M)
    assert len(rows) == len(BYTES)
    for each, shown in rows:
        assert float(shown) == pytest.approx(1.1 * (BYTES[each] * DIMENSION + 8 * links) / 1000, abs=0.006)


def test_settings_that_it_names_exist() -> None:
    named = {name.removeprefix("SOUK_").lower() for name in re.findall(r"\bSOUK_[A-Z_]+[A-Z]\b", PAGE)}
    assert named
    assert named <= set(Settings.model_fields)


def test_metrics_that_it_names_exist() -> None:
    metrics = Metrics()
    Tally(metrics.registry)
    there = set(re.findall(r"^# TYPE (\S+)", generate_latest(metrics.registry).decode(), re.M))
    named = set(re.findall(r"`((?:souk|process)_[a-z_]+)", PAGE))
    assert {name for name in named if name.startswith(("souk_", "process_"))} <= there
