"""What each recall route brings: alone, together, and what only it brought (`souk eval --routes`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.search import Searcher
from learn.judgments import Judgments
from learn.rankers import Advance, Ranker, Setup, as_setup, rank, scored
from stack.documents import Kind

CUTS = (100, 200)
Routes = Mapping[str, Sequence[str]]  # route → documents, best first


@dataclass(frozen=True)
class RouteFigures:
    """Means over queries: recall at each of `CUTS`, documents found. `only` counts the relevant documents that no other
    route brought, `only_share` is their mean share of a query's relevant ones, `only_queries` in how many queries.
    """

    name: str
    recall: dict[int, float]
    found: float
    only: int
    only_share: float
    only_queries: int


@dataclass(frozen=True)
class RoutesReport:
    """The routes, all of them together (whatever they found), and the ranked row that comes of them."""

    setup: Setup
    routes: tuple[RouteFigures, ...]
    together: float
    together_found: float
    ranked: dict[int, float]

    def as_json(self) -> dict[str, Any]:
        """For reports."""
        return {
            "ranker": str(self.setup),
            "routes": {each.name: vars(each) | {"name": each.name} for each in self.routes},
            "together": {"recall": self.together, "found": self.together_found},
            "ranked": self.ranked,
        }


async def measure_routes(
    searcher: Searcher,
    judgments: Judgments,
    kind: Kind,
    ranker: Ranker | Setup = Ranker.FULL,
    advance: Advance | None = None,
) -> RoutesReport:
    """Run the answerable queries and see which route found what. Raises as a live search does."""
    found: dict[str, Routes] = {}
    ranked: dict[str, list[str]] = {}
    queries, depth = judgments.answerable, max(CUTS)
    for done, query in enumerate(queries, start=1):
        ranking = await rank(searcher, ranker, query, kind, depth)
        routes = ranking.recalled.routes.get(kind, {})
        found[query] = {name: [item.id for item in items] for name, items in routes.items()}
        ranked[query] = [doc for doc, _ in scored(ranking, depth)]
        if advance:
            advance("recall routes", done, len(queries))
    return report_of(judgments, found, ranked, as_setup(ranker))


def report_of(
    judgments: Judgments, found: Mapping[str, Routes], ranked: Mapping[str, Sequence[str]], setup: Setup
) -> RoutesReport:
    """The figures from what each route found by query. A route that did not run for a query found nothing there."""
    relevant = {query: _relevant(judgments, query) for query in found}
    names = list(dict.fromkeys(name for routes in found.values() for name in routes))
    every = {query: set().union(*routes.values()) for query, routes in found.items()}
    return RoutesReport(
        setup,
        tuple(_figures(name, found, relevant) for name in names),
        _mean(_share(every[query], relevant[query]) for query in found),
        _mean(len(every[query]) for query in found),
        {cut: _mean(_share(set(ranked[query][:cut]), relevant[query]) for query in found) for cut in CUTS},
    )


def _figures(name: str, found: Mapping[str, Routes], relevant: Mapping[str, set[str]]) -> RouteFigures:
    only = {query: _only(name, routes) & relevant[query] for query, routes in found.items()}
    return RouteFigures(
        name,
        {
            cut: _mean(_share(set(routes.get(name, ())[:cut]), relevant[query]) for query, routes in found.items())
            for cut in CUTS
        },
        _mean(len(routes.get(name, ())) for routes in found.values()),
        sum(map(len, only.values())),
        _mean(_share(docs, relevant[query]) for query, docs in only.items()),
        sum(bool(docs) for docs in only.values()),
    )


def _only(name: str, routes: Routes) -> set[str]:
    others: set[str] = set().union(*(docs for other, docs in routes.items() if other != name))
    return set(routes.get(name, ())) - others


def _relevant(judgments: Judgments, query: str) -> set[str]:
    return {doc for doc, rating in judgments.ratings[query].items() if rating > 0}


def _share(docs: set[str], relevant: set[str]) -> float:
    return len(docs & relevant) / len(relevant)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
