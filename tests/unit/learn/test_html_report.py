"""The page for a human: whole, self-contained, safe, and with sections left out when nothing was measured for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from learn.ablation import Ablated, Ablation
from learn.checks import CHECKS
from learn.checks.model import ChecksReport, Failure, Rate
from learn.evaluate import Evaluation
from learn.html_report import render, verdict, write_page
from learn.intervals import mean_interval
from learn.items import Item
from learn.judgments import Counts, Judgments
from learn.measures import COLUMNS, means, measure
from learn.page import Measured, Page
from learn.rankers import Ranker, Row, Setup
from learn.routes import report_of
from learn.significance import Comparison, compare
from learn.worst import why, worst_queries

JUDGED = Judgments(
    {"usb <b>hub</b>": {"a": 3, "b": 0}, "mouse": {"m": 2}, "nothing": {"z": 0}},
    ("rated.csv",),
    Counts(rows=6, duplicates=2),
)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
EVIL = Item("b", "<script>alert(1)</script> & more", "Acme")


def measured(ranker: Ranker, run: dict[str, Row]) -> Measured:
    evaluation = Evaluation(Setup(ranker), run, measure(run, JUDGED))
    return Measured(evaluation, {name: mean_interval(list(evaluation.values[name].values())) for name in COLUMNS})


def page() -> Page:
    ours = measured(Ranker.FULL, {"usb <b>hub</b>": [("b", 2.0), ("a", 1.0)], "mouse": [("m", 1.0)]})
    theirs = measured(Ranker.HYBRID, {"usb <b>hub</b>": [("b", 1.0)], "mouse": [("m", 1.0)]})
    comparison = compare(ours.per_query, theirs.per_query)
    found = {query: {"lexical": ["a"], "vector": ["m"]} for query in JUDGED.answerable}
    failed = Rate(1, 2, 1, (Failure(("mouse", "mosue <i>"), "0 of 10 stay"),))
    return Page(
        judgments=JUDGED,
        made_at=NOW,
        index="souk-products",
        model="a model",
        rankers=(ours, theirs),
        comparisons={"hybrid": comparison},
        routes=report_of(JUDGED, found, {query: [] for query in found}, Setup(Ranker.FULL)),
        worst=tuple(
            why(query, ours.evaluation, JUDGED, {"b": EVIL}) for query in worst_queries(ours.evaluation, JUDGED)
        ),
        unknown=("gone-1",),
        ablation=Ablation(
            means(ours.evaluation.values),
            tuple(Ablated(part, dict.fromkeys(COLUMNS, 0.5), comparison) for part in ("spelling", "route:vector")),
        ),
        checks=ChecksReport(("hybrid", "full"), ((CHECKS[0], (Rate(0, 0, 0, ()), failed)),), 500, 7),
    )


class Tags(HTMLParser):
    """Open and close, and what is loaded."""

    VOID = frozenset({"meta", "br", "rect", "line", "circle", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.seen: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    return tags


def test_it_is_one_whole_page_that_loads_and_runs_nothing() -> None:
    html = render(page())
    tags = parsed(html)
    assert tags.loaded == []
    assert not {"script", "link", "iframe", "img"} & tags.seen
    assert "url(" not in html
    assert "@import" not in html


def test_titles_and_queries_are_text() -> None:
    html = render(page())
    assert "<script>alert" not in html
    assert "<b>hub</b>" not in html
    assert "<i>" not in html
    assert EVIL.title in "".join(parsed(html).text)


def test_it_says_what_matters() -> None:
    text = " ".join("".join(parsed(render(page())).text).split())
    for said in (
        "2 of 3 queries with a relevant document",
        "few relevant: only 1 judged document is above 0",
        "Left out, nothing is rated above 0: nothing.",
        "1 judged documents are not in the index and can never be found: gone-1",
        "2 of 6 rows say again what another row says",
        "Steps and stages",
        "spelling",
        "Recall routes",
        "typo",
        "mouse → mosue <i>: 0 of 10 stay",
    ):
        assert said in text, said


def test_what_was_not_measured_is_left_out_and_said() -> None:
    text = "".join(parsed(render(replace(page(), ablation=None, checks=None))).text)
    assert "What each part pays" not in text
    assert "Behaviour" not in text
    assert "The ablation was not run." in text
    assert "The behavioural checks were not run." in text


@pytest.mark.parametrize(
    ("difference", "p", "wins", "losses", "says"),
    [
        (0.1, 0.001, 5, 1, "full is better than hybrid"),
        (-0.1, 0.001, 1, 5, "full is worse than hybrid"),
        (0.01, 0.4, 3, 2, "No difference between full and hybrid is proven"),
        (0.0, 1.0, 0, 0, "full and hybrid rank all queries alike"),
    ],
)
def test_the_verdict_claims_no_more_than_was_shown(
    difference: float, p: float, wins: int, losses: int, says: str
) -> None:
    assert verdict(Comparison(difference, -0.2, 0.2, p, wins, losses, 0), "full", "hybrid").startswith(says)


def test_it_is_written_into_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    write_page(page(), tmp_path / "deep" / "report.html")
    assert (tmp_path / "deep" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
