"""The measures, by their names in the field, by ir-measures. Gains are linear, unjudged documents count as 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import RR, Judged, R, nDCG

from learn.judgments import Judgments

Run = Mapping[str, Sequence[tuple[str, float]]]
PerQuery = dict[str, float]

MEASURES = {
    "nDCG@10": nDCG @ 10,
    "R@100": R @ 100,
    "R@200": R @ 200,
    "RR@10": RR @ 10,
    "judged@10": Judged @ 10,
}
# nDCG@10 of the run without its unjudged documents (the "condensed list" of Sakai 2007).
JUDGED_ONLY = "nDCG@10 judged-only"
COLUMNS = ("nDCG@10", JUDGED_ONLY, "R@100", "R@200", "RR@10", "judged@10")


def measure(run: Run, judgments: Judgments) -> dict[str, PerQuery]:
    """Measure → query → value, over the queries that have a relevant document. An empty result counts as 0."""
    queries = judgments.answerable
    qrels = {query: judgments.ratings[query] for query in queries}
    values = {name: dict.fromkeys(queries, 0.0) for name in COLUMNS}
    _fill(values, qrels, {query: dict(run.get(query, ())) for query in queries}, MEASURES)
    condensed = {query: {doc: score for doc, score in run.get(query, ()) if doc in qrels[query]} for query in queries}
    _fill(values, qrels, condensed, {JUDGED_ONLY: nDCG @ 10})
    return values


def _fill(
    values: dict[str, dict[str, float]],
    qrels: dict[str, dict[str, int]],
    run: dict[str, dict[str, float]],
    measures: Mapping[str, ir_measures.Measure],
) -> None:
    names = {str(measure): name for name, measure in measures.items()}
    answered = {query: docs for query, docs in run.items() if docs}  # Judged divides by the number of results
    known = {query: qrels[query] for query in answered}
    for found in ir_measures.iter_calc(list(measures.values()), known, answered) if answered else ():
        values[names[str(found.measure)]][found.query_id] = float(found.value)


def means(values: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Measure → mean over queries."""
    return {name: sum(each.values()) / len(each) for name, each in values.items() if each}
