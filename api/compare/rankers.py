"""The rankers that can be compared, by name, each as the request that a live search would make.

bm25 | vector | hybrid | full | model:<version>, each with `:-part,-part` for what is switched off
full:-spelling,-route:vector → the live ranker without spelling and without the vector route
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from api.model import PARTS, ROUTES, Part, Route, SearchRequest
from stack.errors import InputError, Mistake

Base = Literal["bm25", "vector", "hybrid", "full", "model"]
BASES: tuple[Base, ...] = get_args(Base)
# The routes of a ranker that is none of the live ones; it goes without understanding and without a funnel.
BARE: dict[str, tuple[Route, ...]] = {"bm25": ("lexical",), "vector": ("vector",), "hybrid": ("lexical", "vector")}
# How a recall route is named among what can be switched off: `category` is a route and a step of understanding.
ROUTE_PREFIX = "route:"
SWITCHES: tuple[str, ...] = (*PARTS, *(f"{ROUTE_PREFIX}{route}" for route in ROUTES))
# What a form offers; any other switch may be written too.
RANKERS = ("full", "full:-spelling", "full:-final_stage", "hybrid", "bm25", "vector")
REMEDY = "Correct what is named; /console/compare lists the rankers"
NAMES = ("bm25", "vector", "hybrid", "full", "full:-<part>", "model:<version>")


@dataclass(frozen=True)
class Ranker:
    """One side of a comparison. `without` names parts and routes; `version` a published ranking model."""

    base: Base
    without: tuple[str, ...] = ()
    version: str | None = None

    def __str__(self) -> str:
        """As `read_ranker` reads it."""
        name = self.base if self.version is None else f"{self.base}:{self.version}"
        return f"{name}:{','.join(f'-{part}' for part in self.without)}" if self.without else name

    @property
    def label(self) -> str:
        """In words: `full without spelling, final_stage`."""
        name = self.base if self.version is None else f"model {self.version}"
        return f"{name} without {', '.join(self.without)}" if self.without else name


def read_ranker(text: str, where: str) -> Ranker:
    """`model:v2:-spelling` → a ranker. Raises InputError that names `where` and what there is."""
    base, _, rest = text.strip().partition(":")
    if base not in BASES:
        raise InputError([Mistake(where, f"no such ranker: {text}", NAMES)])
    version = None
    if base == "model":
        version, _, rest = rest.partition(":")
        if not version:
            raise InputError([Mistake(where, "a model has a version: model:<version>", NAMES)])
    ranker = Ranker(base, _switches(rest, text, where), version)
    if not _routes(ranker):
        raise InputError([Mistake(where, "every route is switched off; leave one on")])
    return ranker


def read_rankers(named: Iterable[tuple[str, str]]) -> list[Ranker]:
    """Several, from (where, text). Raises InputError with the mistakes of all."""
    found: list[Ranker] = []
    mistakes: list[Mistake] = []
    for where, text in named:
        try:
            found.append(read_ranker(text, where))
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes, REMEDY)
    return found


def _switches(rest: str, text: str, where: str) -> tuple[str, ...]:
    given = [part.strip() for part in rest.split(",") if part.strip()]
    unmarked = [part for part in given if not part.startswith("-")]
    if unmarked or (not given and text.rstrip().endswith(":")):
        raise InputError([Mistake(where, "what is switched off is written :-part,-part", NAMES)])
    names = [part.removeprefix("-") for part in given]
    if wrong := [name for name in names if name not in SWITCHES]:
        raise InputError([Mistake(where, f"no such part: {name}", SWITCHES) for name in wrong])
    return tuple(dict.fromkeys(names))


def _routes(ranker: Ranker) -> list[Route]:
    every = BARE.get(ranker.base, ROUTES)
    return [route for route in every if f"{ROUTE_PREFIX}{route}" not in ranker.without]


def request_of(ranker: Ranker, live: SearchRequest) -> SearchRequest:
    """What a live search would ask, as this ranker answers it."""
    off: list[Part] = (
        list(PARTS) if ranker.base in BARE else [part for part in PARTS if part in (*live.without, *ranker.without)]
    )
    return live.model_copy(update={"routes": _routes(ranker), "without": off})
