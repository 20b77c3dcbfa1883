"""A query, what whoever types it wants, and how well a document serves that."""

from __future__ import annotations

from dataclasses import dataclass

from learn.market.judging.facts import Fact

BEST = 3


@dataclass(frozen=True)
class Wish:
    """A trait that is asked for: "brand" "auvelo". Without a soft one a document is one lower, without a hard one it
    is at best related."""

    trait: str
    value: str
    soft: bool = False

    def met(self, fact: Fact) -> bool:
        return self.value in fact.traits.get(self.trait, ())


@dataclass(frozen=True)
class Want:
    """`types` are right, all when None; `near` are related. `most` is the highest price. `exact` wants one model and
    nothing else, however good it is."""

    text: str
    types: frozenset[str] | None
    near: frozenset[str] = frozenset()
    wishes: tuple[Wish, ...] = ()
    most: float | None = None
    exact: bool = False


def rate(want: Want, fact: Fact) -> int:
    """0 to 3.

    - 3: the right type, all that was asked for, and of good quality;
    - 2: the same of poor quality, or with one soft wish missed;
    - 1: the right type with more missed than that, or without a hard wish; a related type, or one that is shown beside;
    - 0: anything else.
    """
    hard = all(wish.met(fact) for wish in want.wishes if not wish.soft) and _cheap_enough(want, fact)
    if want.types is None:
        return _graded(want, fact) if hard else 0
    if fact.type not in want.types:
        return int(hard and (fact.type in want.near or bool(fact.beside & want.types)))
    return _graded(want, fact) if hard else 1


def _graded(want: Want, fact: Fact) -> int:
    if want.exact:
        return BEST
    missed = sum(wish.soft and not wish.met(fact) for wish in want.wishes)
    return max(1, BEST - missed - fact.poor)


def _cheap_enough(want: Want, fact: Fact) -> bool:
    return want.most is None or fact.record.get("price", 0) <= want.most
