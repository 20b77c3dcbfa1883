"""Vector recall against exact search over the stored vectors, and what each `ef_search` gives and costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from opensearchpy import helpers

from api.query.vector import vector_query
from bench.bed import Bed
from bench.rows.search import milliseconds
from bench.table import Cell, Extra, Result, Row, Target
from bench.timing import Samples, interleave
from stack.client import engine_errors
from stack.embedding import load_encoder
from stack.embedding.session import Vectors
from stack.embedding.stored import WITH_VECTOR, vector_of
from stack.rules import VectorRules, load_rules

QUERIES, WARM_UP, DEPTH = 200, 50, 100
EF_SEARCH = (100, 128, 200, 256, 400)
TARGET = Target("≥", 0.98)
ROUNDS = 2
# Neighbours as near as the last exact one are as good as it: scores differ in the last digit of float32.
TIE = 1e-6


@dataclass(frozen=True)
class Exact:
    """Cosines of all queries to all documents `(queries, documents)`, the documents' places, the nearest's bound."""

    cosines: NDArray[np.float32]
    places: dict[str, int]
    bounds: NDArray[np.float32]
    depth: int

    def recall(self, query: int, ids: Sequence[str]) -> float:
        """The share of the `depth` nearest that is among `ids`; one as near as the last of them counts as it."""
        found = self.cosines[query, [self.places[each] for each in ids]]
        return min(1.0, int((found >= self.bounds[query] - TIE).sum()) / self.depth)


def exact_search(queries: Vectors, documents: Vectors, ids: Sequence[str], depth: int) -> Exact:
    """Exact search: unit vectors `(q, d)` and `(n, d)` → the cosines, and the `depth`-th best of each query."""
    cosines = queries @ documents.T
    depth = min(depth, len(ids))
    bounds = np.partition(cosines, len(ids) - depth, axis=1)[:, len(ids) - depth]
    return Exact(cosines, {each: place for place, each in enumerate(ids)}, bounds, depth)


# Vectors are not in the stored source; a script reads them from their own file.
STORED = {"_source": False} | WITH_VECTOR


def measure(bed: Bed) -> Result:
    """Two rows and a table: as ingested, and merged to one segment, where a graph search finds the least."""
    bed.fill()
    rules = load_rules(bed.settings.mappings_dir).vector
    asked = Asked(bed, rules)
    states: dict[str, dict[int, Found]] = {}
    for state in ("as ingested", "one segment"):
        if state == "one segment":
            with engine_errors():
                bed.client.indices.forcemerge(index=asked.index, params={"max_num_segments": 1, "request_timeout": 600})
        states[state] = asyncio.run(asked.compare(sorted({*EF_SEARCH, rules.ef_search}), f"recall, {state}"))
    return Result([_row(state, found, rules) for state, found in states.items()], [_table(states, rules)])


@dataclass(frozen=True)
class Found:
    """Of one `ef_search`: mean recall and times."""

    queries: int
    recall: float
    times: Samples


class Asked:
    """The queries with their vectors, and the exact answers."""

    def __init__(self, bed: Bed, rules: VectorRules) -> None:
        self._bed = bed
        self._rules = rules
        self.index = bed.settings.alias("product")
        encoder = load_encoder(bed.settings)
        self._queries = np.stack([encoder.encode_query(query) for query in bed.queries(QUERIES)])
        self._exact = exact_search(self._queries, *self._stored(), DEPTH)

    def _stored(self) -> tuple[Vectors, list[str]]:
        ids: list[str] = []
        vectors: list[Vectors] = []
        with engine_errors(), self._bed.ticking("reading vectors", self._bed.counts()["product"]) as tick:
            for hit in helpers.scan(self._bed.client, query=STORED, index=self.index, size=500):
                ids.append(hit["_id"])
                vectors.append(np.asarray(vector_of(hit), np.float32))
                tick()
        return np.stack(vectors), ids

    async def compare(self, efs: list[int], label: str) -> dict[int, Found]:
        """Every `ef_search` in turn on every query."""
        recalls: dict[int, list[float]] = {ef: [] for ef in efs}
        places = range(len(self._queries))

        def sampler(ef: int) -> Any:
            async def sample(place: int) -> float:
                seconds, ids = self._search(place, ef)
                recalls[ef].append(self._exact.recall(place, ids))
                return seconds

            return sample

        contenders = {str(ef): sampler(ef) for ef in efs}
        with self._bed.ticking(label, len(places) * ROUNDS) as tick:
            times = await interleave(contenders, places, rounds=ROUNDS, warm_up=WARM_UP, tick=tick)
        return {ef: Found(len(places), float(np.mean(recalls[ef][WARM_UP:])), times[str(ef)]) for ef in efs}

    def _search(self, place: int, ef: int) -> tuple[float, list[str]]:
        rules = self._rules.model_copy(update={"ef_search": ef})
        body = {
            "size": DEPTH,
            "_source": False,
            "track_total_hits": False,
            "query": vector_query(self._queries[place].tolist(), DEPTH, [], rules),
        }
        started = time.perf_counter()
        with engine_errors():
            answer = self._bed.client.search(index=self.index, body=body)
        return time.perf_counter() - started, [hit["_id"] for hit in answer["hits"]["hits"]]


def _row(state: str, found: dict[int, Found], rules: VectorRules) -> Row:
    ours, least = found[rules.ef_search], found[min(found)]
    return Row(
        f"vector recall@{DEPTH}, {state}",
        milliseconds(f"k-NN, ef_search {rules.ef_search}", ours.times),
        milliseconds(f"k-NN, ef_search {min(found)}", least.times),
        ours.recall,
        "",
        TARGET,
        f"mean over {ours.queries} queries, against exact search over the vectors stored, ef_search {rules.ef_search}",
    )


def _table(states: dict[str, dict[int, Found]], rules: VectorRules) -> Extra:
    header = ["ef_search"]
    for state in states:
        header += [f"recall@{DEPTH}, {state}", "p50 to the first", "p99 to the first"]
    rows = [
        (
            f"{ef} (set)" if ef == rules.ef_search else str(ef),
            *(cell for found in states.values() for cell in _cells(found, ef)),
        )
        for ef in next(iter(states.values()))
    ]
    return Extra("ef_search: recall and time", tuple(header), tuple(rows))


def _cells(found: dict[int, Found], ef: int) -> tuple[Cell, ...]:
    times, first = found[ef].times, found[min(found)].times
    return found[ef].recall, times.p50 / first.p50, times.p99 / first.p99
