"""An evaluation as Markdown, or JSON when the file is named so."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from learn.ablation import Ablation
from learn.evaluate import Evaluation, Result
from learn.judgments import Counts
from learn.measures import COLUMNS, JUDGED_ONLY, means
from learn.routes import CUTS, RoutesReport
from learn.significance import Comparison


def write_report(result: Result, file: Path) -> None:
    """Write the report; `.json` gets the figures, anything else Markdown."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(result), indent=2, ensure_ascii=False) if file.suffix == ".json" else as_markdown(result)
    file.write_text(text + "\n", encoding="utf-8")


def as_json(result: Result) -> dict[str, Any]:
    """The whole result without the runs."""
    return {
        "judgments": result.judgments.files,
        "queries": len(result.judgments.queries),
        "measured_queries": len(result.judgments.answerable),
        "without_relevant": result.judgments.without_relevant,
        "unknown_documents": result.unknown,
        "rows": asdict(result.judgments.counts),
        "index": result.index,
        "model": result.model,
        "rankers": {
            str(each.ranker): {"means": means(each.values), "per_query": each.values} for each in evaluations(result)
        },
        "comparison": asdict(result.comparison) if result.comparison else None,
        "routes": result.routes.as_json() if result.routes else None,
        "ablation": result.ablation.as_json() if result.ablation else None,
    }


def as_markdown(result: Result) -> str:
    """Means, comparison, and the table per query."""
    lines = [
        f"# Evaluation: {result.evaluation.ranker}",
        "",
        f"Judgments: {', '.join(result.judgments.files)}. Index {result.index}, model {result.model}.",
        "",
        *notes(result),
        "",
        *_table(["ranker", *COLUMNS], [[str(each.ranker), *_means(each)] for each in evaluations(result)]),
        "",
    ]
    if result.comparison and result.other:
        lines += [describe(result.comparison, str(result.evaluation.ranker), str(result.other.ranker)), ""]
    if result.routes:
        lines += ["## Recall routes", "", *_table(*route_table(result.routes)), ""]
    if result.ablation:
        lines += ["## Ablation", "", *_table(*ablation_table(result.ablation)), ""]
    return "\n".join([*lines, "## Per query", "", *_per_query(result)])


def evaluations(result: Result) -> list[Evaluation]:
    """The ranker, and what it is compared with."""
    return [result.evaluation, *([result.other] if result.other else [])]


def notes(result: Result) -> list[str]:
    """What the figures are over, and what is not in them."""
    judgments = result.judgments
    lines = [f"{len(judgments.answerable)} of {len(judgments.queries)} queries have a relevant document."]
    if judgments.without_relevant:
        lines.append(f"Left out, nothing is rated above 0: {', '.join(judgments.without_relevant)}.")
    if result.unknown:
        lines.append(f"{len(result.unknown)} judged documents are not in the index: {', '.join(result.unknown[:10])} …")
    return [*lines, *count_notes(judgments.counts)]


def count_notes(counts: Counts) -> list[str]:
    """What stood in the files and is not a rating of its own."""
    said = [
        (counts.duplicates, "rows say again what another row says; they count once."),
        (counts.unrated, "rows wait for a rating; they count as not judged."),
        (counts.filtered, "rows have another locale or split; they were not read."),
    ]
    return [f"{number} of {counts.rows + counts.unrated + counts.filtered} {what}" for number, what in said if number]


def describe(found: Comparison, ours: str, theirs: str) -> str:
    """One sentence: by how much, how sure."""
    return (
        f"{ours} against {theirs}, nDCG@10: {found.difference:+.4f} "
        f"(95% {found.low:+.4f} to {found.high:+.4f}, p = {found.p_value:.4f}, paired permutation test); "
        f"{found.wins} queries better, {found.losses} worse, {found.ties} equal"
    )


def route_table(routes: RoutesReport) -> tuple[list[str], list[list[str]]]:
    """Head and rows: each route alone, then all together, then the ranked row."""
    head = ["route", *(f"R@{cut}" for cut in CUTS), "found", "only this one: relevant", "share", "queries"]
    rows = [
        [
            each.name,
            *(f"{each.recall[cut]:.4f}" for cut in CUTS),
            f"{each.found:.0f}",
            str(each.only),
            f"{each.only_share:.4f}",
            str(each.only_queries),
        ]
        for each in routes.routes
    ]
    union = ["all of them, R@all", "", f"{routes.together:.4f}", f"{routes.together_found:.0f}", "", "", ""]
    return head, [*rows, union, [f"ranked: {routes.setup}", *(f"{routes.ranked[cut]:.4f}" for cut in CUTS), *[""] * 4]]


def ablation_table(ablation: Ablation) -> tuple[list[str], list[list[str]]]:
    """Head and rows: the full ranker, then without each part, what costs most first."""
    head = ["without", "nDCG@10", "judged only", "R@200", "difference", "95%", "p", "better/worse", ""]
    figures = ("nDCG@10", JUDGED_ONLY, "R@200")
    rows = [["(full)", *(f"{ablation.full[name]:.4f}" for name in figures), "", "", "", "", ""]]
    for each in sorted(ablation.parts, key=lambda each: each.against_full.difference):
        found = each.against_full
        rows.append(
            [
                each.part,
                *(f"{each.means[name]:.4f}" for name in figures),
                f"{found.difference:+.4f}",
                f"{found.low:+.4f} to {found.high:+.4f}",
                f"{found.p_value:.4f}",
                f"{found.wins}/{found.losses}",
                each.verdict,
            ]
        )
    return head, rows


def _means(each: Evaluation) -> list[str]:
    values = means(each.values)
    return [f"{values.get(name, 0.0):.4f}" for name in COLUMNS]


def _per_query(result: Result) -> list[str]:
    head = ["query", *COLUMNS]
    if result.other:
        head.append(f"nDCG@10 {result.other.ranker}")
    values = result.evaluation.values
    ordered = sorted(result.judgments.answerable, key=lambda query: values["nDCG@10"][query])
    rows = [
        [query, *(f"{values[name][query]:.3f}" for name in COLUMNS)]
        + ([f"{result.other.values['nDCG@10'][query]:.3f}"] if result.other else [])
        for query in ordered
    ]
    return _table(head, rows)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] + ["---:"] * (len(head) - 1), *cells]]
