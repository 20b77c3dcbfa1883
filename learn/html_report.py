"""`souk eval report`: the page as one HTML file, with its style and plots inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.compare.rankers import ROUTE_PREFIX
from learn.ablation import Ablated, Ablation
from learn.checks.model import ChecksReport
from learn.checks.table import percent
from learn.intervals import Interval
from learn.measures import COLUMNS
from learn.page import Page
from learn.plots import bar, distribution, whisker, wins_and_losses
from learn.report import count_notes
from learn.significance import Comparison

TEMPLATES = Path(__file__).parent / "templates"
# How many wins and losses are named below their plot.
NAMED = 5
# Below this a difference is called significant.
ALPHA = 0.05


def write_page(page: Page, file: Path) -> None:
    """Write the page. Raises OSError when the file cannot be written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render(page), encoding="utf-8")


def render(page: Page) -> str:
    """The page as HTML: no script, nothing from the network."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    differences = _differences(page)
    ordered = sorted(differences.items(), key=lambda each: -each[1])
    # Ours, written here: nothing in it comes from outside.
    style = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704
    return environment.get_template("report.html").render(
        page=page,
        style=style,
        columns=COLUMNS,
        comparison=page.comparisons[page.baseline.name],
        verdict=verdict(page.comparisons[page.baseline.name], page.ours.name, page.baseline.name),
        wins_plot=wins_and_losses(differences, page.ours.name, page.baseline.name),
        wins=[each for each in ordered[:NAMED] if each[1] > 0],
        losses=[each for each in reversed(ordered[-NAMED:]) if each[1] < 0],
        distribution_plot=distribution(
            {each.name: list(each.per_query.values()) for each in (page.baseline, page.ours)}
        ),
        whiskers={each.name: _mean_whisker(page, each.intervals["nDCG@10"]) for each in page.rankers},
        ablation=_ablation_groups(page.ablation) if page.ablation else {},
        checks=_check_rows(page.checks) if page.checks else [],
        percent=percent,
        notes=count_notes(page.judgments.counts),
        per_query=sorted(page.judgments.answerable, key=lambda query: page.ours.per_query[query]),
    )


def verdict(found: Comparison, ours: str, theirs: str) -> str:
    """One sentence for who reads no further."""
    if found.wins == found.losses == 0:
        return f"{ours} and {theirs} rank all queries alike."
    if found.p_value >= ALPHA:
        return f"No difference between {ours} and {theirs} is proven (p = {found.p_value:.2f})."
    better = "better" if found.difference > 0 else "worse"
    return f"{ours} is {better} than {theirs}, and hardly by chance (p = {found.p_value:.4f})."


def _differences(page: Page) -> dict[str, float]:
    theirs = page.baseline.per_query
    return {query: value - theirs[query] for query, value in page.ours.per_query.items()}


def _mean_whisker(page: Page, interval: Interval) -> Markup:
    every = [each.intervals["nDCG@10"] for each in page.rankers]
    return whisker(interval, min(each.low for each in every), max(each.high for each in every))


def _ablation_groups(ablation: Ablation) -> dict[str, list[Mapping[str, Any]]]:
    """Heading → rows, what costs most first. Routes apart: beside theirs the differences of the parts are not seen."""
    routes = [each for each in ablation.parts if each.part.startswith(ROUTE_PREFIX)]
    parts = [each for each in ablation.parts if each not in routes]
    groups = {"Steps and stages": parts, "Recall routes": routes}
    return {heading: _ablation_rows(group) for heading, group in groups.items() if group}


def _ablation_rows(parts: Sequence[Ablated]) -> list[Mapping[str, Any]]:
    """Each with its plot on a scale that they share."""
    low, high = min(each.against_full.low for each in parts), max(each.against_full.high for each in parts)
    return [
        {
            "part": each.part.removeprefix(ROUTE_PREFIX),
            "means": each.means,
            "found": each.against_full,
            "verdict": each.verdict,
            "plot": whisker(
                Interval(each.against_full.difference, each.against_full.low, each.against_full.high),
                min(low, 0.0),
                max(high, 0.0),
                zero=True,
            ),
        }
        for each in sorted(parts, key=lambda each: each.against_full.difference)
    ]


def _check_rows(report: ChecksReport) -> list[Mapping[str, Any]]:
    return [
        {
            "check": check,
            "rates": rates,
            "bars": [bar(rate.share, f"series{place}") for place, rate in enumerate(rates)],
            "failures": rates[-1].failures[:3],
        }
        for check, rates in report.rates
    ]
