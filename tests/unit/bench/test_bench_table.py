"""The table as a reader sees it, and the JSON as a program does."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bench.machine import Machine, cpu_model
from bench.table import Extra, Figure, Report, Result, Row, Target, markdown_table, number, with_unit

MACHINE = Machine(
    date="2025-01-02T03:04:05+00:00",
    cpu="A CPU",
    cores=2,
    memory_gb=8.0,
    load=0.1,
    system="Linux x86_64",
    python="3.11.2",
    opensearch="3.5.0 on 1 node",
    heap_gb=1.0,
    catalogue="Icecat",
    documents={"product": 19406, "live": 1000},
)


def row(value: float, unit: str, target: Target | None, note: str = "") -> Row:
    ours, bare = Figure("search", "ms", 20.0, 1000, 45.0, 200), Figure("multi_match", "ms", 2.5, 1000, 9.75, 200)
    return Row("search, p50", ours, bare, value, unit, target, note)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (0.00123, "0.00123"),
        (0.0157, "0.0157"),
        (2.5, "2.50"),
        (12.345, "12.3"),
        (99.9, "99.9"),
        (1234.5, "1,234"),
        (-0.25, "-0.250"),
        (float("nan"), "–"),
    ],
)
def test_numbers_have_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(5.1, "×", "5.10×"), (2.5, "ms", "2.50 ms"), (0.97987, "", "0.9799"), (1.0, "", "1.0000")],
)
def test_units(value: float, unit: str, shown: str) -> None:
    assert with_unit(value, unit) == shown


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [
        (8.0, Target("≤", 8), True),
        (8.01, Target("≤", 8), False),
        (0.9, Target("≥", 0.9), True),
        (0.89, Target("≥", 0.9), False),
        (float("nan"), Target("≤", 8), False),
        (3.0, None, None),
    ],
)
def test_met(value: float, target: Target | None, met: bool | None) -> None:
    assert row(value, "×", target).met is met


def test_columns_are_aligned_and_bars_escaped() -> None:
    lines = markdown_table(("what", "met"), [("a|b", "yes"), ("a longer name", "no")]).splitlines()
    assert lines == [
        "| what          | met |",
        "|---------------|-----|",
        "| a\\|b          | yes |",
        "| a longer name | no  |",
    ]


def test_the_report_says_everything_there_is_to_know() -> None:
    report = Report(MACHINE)
    extra = Extra("ef_search", ("ef", "recall"), (("256 (set)", 0.99112), ("100", 0.9)))
    report.add(Result([row(8.5, "×", Target("≤", 8), "three verticals"), row(3.0, "ms", None)], [extra]))
    report.failures["api"] = "the engine cannot be reached"
    text = report.markdown()
    for fact in ("A CPU", "2 cores", "3.11.2", "3.5.0", "Icecat", "19,406 products", "1,000 lives", "2025-01-02"):
        assert fact in text
    cells = [cell.strip() for cell in text.split("\n\n")[2].splitlines()[2].strip("|").split("|")]
    assert cells == [
        "search, p50", "20.0 / 45.0 ms", "multi_match", "2.50 / 9.75 ms", "1,000 (200)", "8.50×", "≤ 8×", "no",
    ]  # fmt: skip
    assert "- search, p50: three verticals" in text
    assert "- **api was not measured**: the engine cannot be reached" in text
    assert "| 256 (set) | 0.991  |" in text


def test_json_has_the_same_and_no_nan() -> None:
    report = Report(MACHINE)
    report.add(Result([row(8.5, "×", Target("≤", 8)), row(float("nan"), "×", Target("≤", 8))]))
    first, second = json.loads(json.dumps(report.as_dict(), allow_nan=False))["rows"]
    assert (first["value"], first["met"], first["target"]) == (8.5, False, {"sense": "≤", "limit": 8})
    assert (first["ours"]["p99"], first["baseline"]["what"], first["ours"]["warm_up"]) == (45.0, "multi_match", 200)
    assert (second["value"], second["met"]) == (None, False)


def test_a_figure_of_few_samples_has_no_p99() -> None:
    rate = Figure("souk ingest", "docs/s", 1150.0, 3)
    report = Report(MACHINE, [Row("ingest", rate, None, 0.95, "×", Target("≥", 0.9))])
    assert (
        "| 1,150 docs/s   | –        | –             | 3                 | 0.950×   | ≥ 0.9× | yes |"
        in report.markdown()
    )


def test_the_processor_is_named_as_linux_names_it() -> None:
    assert cpu_model("processor\t: 0\nmodel name\t: AMD  EPYC 7B13\nmodel name\t: other") == "AMD EPYC 7B13"
    assert cpu_model("processor : 0")


@pytest.mark.parametrize(("load", "warned"), [(0.1, False), (0.5, False), (1.9, True)])
def test_a_busy_machine_is_told(load: float, warned: bool) -> None:
    text = Report(replace(MACHINE, load=load)).markdown()
    assert ("others were working" in text) is warned
