"""An evaluation as Markdown, or JSON when the file is named so."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from learn.evaluate import Evaluation, Result
from learn.measures import COLUMNS, means
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
        "without_relevant": without_relevant(result),
        "unknown_documents": result.unknown,
        "index": result.index,
        "model": result.model,
        "rankers": {
            each.ranker: {"means": means(each.values), "per_query": each.values} for each in evaluations(result)
        },
        "comparison": asdict(result.comparison) if result.comparison else None,
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
    return "\n".join([*lines, "## Per query", "", *_per_query(result)])


def evaluations(result: Result) -> list[Evaluation]:
    """The ranker, and what it is compared with."""
    return [result.evaluation, *([result.other] if result.other else [])]


def without_relevant(result: Result) -> list[str]:
    """The queries that are left out because nothing is rated above 0."""
    measured = set(result.judgments.answerable)
    return [query for query in result.judgments.queries if query not in measured]


def notes(result: Result) -> list[str]:
    """What the figures are over, and what is not in them."""
    left_out = without_relevant(result)
    lines = [f"{len(result.judgments.answerable)} of {len(result.judgments.queries)} queries have a relevant document."]
    if left_out:
        lines.append(f"Left out, nothing is rated above 0: {', '.join(left_out)}.")
    if result.unknown:
        lines.append(f"{len(result.unknown)} judged documents are not in the index: {', '.join(result.unknown[:10])} …")
    return lines


def describe(found: Comparison, ours: str, theirs: str) -> str:
    """One sentence: by how much, how sure."""
    return (
        f"{ours} against {theirs}, nDCG@10: {found.difference:+.4f} "
        f"(95% {found.low:+.4f} to {found.high:+.4f}, p = {found.p_value:.4f}, paired permutation test); "
        f"{found.wins} queries better, {found.losses} worse, {found.ties} equal"
    )


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
