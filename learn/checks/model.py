"""A behavioural check, its cases, and the rate at which it holds. After CheckList (Ribeiro et al., ACL 2020)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from learn.checks.catalogue import Catalogue
from learn.items import Item

# Results of a query that a check looks at.
TOP = 10
# INV: the row must not change (much); DIR: it must change in one direction; MFT: the least that must work.
CheckKind = Literal["INV", "DIR", "MFT"]
Answer = Sequence[Item]


@dataclass(frozen=True)
class Case:
    """Queries that belong together, the plain one first, and what is asked of their answers."""

    queries: tuple[str, ...]
    item: Item | None = None
    value: str = ""
    limit: float = 0.0


@dataclass(frozen=True)
class Failed:
    """A case does not hold: what was seen."""

    seen: str


@dataclass(frozen=True)
class Void:
    """A case says nothing with these answers, for instance because the plain query finds nothing: it is not counted."""

    why: str


Outcome = Failed | Void | None  # None: it holds
Make = Callable[[Catalogue, Random], Iterator[Case]]
Holds = Callable[[Case, Sequence[Answer]], Outcome]


@dataclass(frozen=True)
class Check:
    """One behaviour. `make` yields cases from the catalogue, without end or until there are no more; `holds` judges the
    top ten of each of a case's queries.
    """

    name: str
    kind: CheckKind
    says: str
    make: Make
    holds: Holds


@dataclass(frozen=True)
class Failure:
    """A case that did not hold."""

    queries: tuple[str, ...]
    seen: str


@dataclass(frozen=True)
class Rate:
    """How often a check held for one ranker. `cases` are those that counted."""

    held: int
    cases: int
    void: int
    failures: tuple[Failure, ...]

    @property
    def share(self) -> float | None:
        """From 0 to 1; None when no case counted."""
        return self.held / self.cases if self.cases else None


@dataclass(frozen=True)
class ChecksReport:
    """For each check, its rate by ranker, in the order of `rankers`. `documents` is the size of the sample."""

    rankers: tuple[str, ...]
    rates: tuple[tuple[Check, tuple[Rate, ...]], ...]
    documents: int
    seed: int

    def mean(self, place: int) -> float | None:
        """The mean rate of a ranker over the checks that have cases."""
        shares = [rates[place].share for _, rates in self.rates]
        known = [share for share in shares if share is not None]
        return sum(known) / len(known) if known else None

    def as_json(self) -> dict[str, Any]:
        """Rates and all failures."""
        return {
            "rankers": self.rankers,
            "documents": self.documents,
            "seed": self.seed,
            "mean": {ranker: self.mean(place) for place, ranker in enumerate(self.rankers)},
            "checks": [
                {
                    "name": check.name,
                    "kind": check.kind,
                    "says": check.says,
                    "rates": {
                        ranker: {
                            "rate": rate.share,
                            "held": rate.held,
                            "cases": rate.cases,
                            "void": rate.void,
                            "failures": [vars(failure) for failure in rate.failures],
                        }
                        for ranker, rate in zip(self.rankers, rates, strict=True)
                    },
                }
                for check, rates in self.rates
            ],
        }
