"""What judgment files hold, and what was seen while they were read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from stack.errors import Mistake

HIGHEST = 100


@dataclass(frozen=True)
class Judgment:
    """One rating, and where it stands."""

    query: str
    doc: str
    rating: int
    place: str


@dataclass
class Counts:
    """What the files had beside new ratings: nothing is left out without being counted here.

    `duplicates` say again what another row said, `unrated` wait for a rating, `filtered` have another locale or split.
    """

    rows: int = 0
    duplicates: int = 0
    unrated: int = 0
    filtered: int = 0


@dataclass(frozen=True)
class Judgments:
    """Ratings by query and document. `queries` keeps the order of the files."""

    ratings: dict[str, dict[str, int]]
    files: tuple[str, ...]
    counts: Counts = field(default_factory=Counts)

    @property
    def queries(self) -> list[str]:
        return list(self.ratings)

    @property
    def answerable(self) -> list[str]:
        """The queries that have a relevant document; the others have no nDCG and are left out of every mean."""
        return [query for query, ratings in self.ratings.items() if any(rating > 0 for rating in ratings.values())]

    @property
    def without_relevant(self) -> list[str]:
        """The queries that are left out because nothing is rated above 0."""
        answerable = set(self.answerable)
        return [query for query in self.ratings if query not in answerable]


@dataclass
class Problems:
    """What a reader notes while it reads: mistakes, which end the reading, and counts, which are reported."""

    mistakes: list[Mistake] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    def add(self, where: str, what: str, allowed: tuple[str, ...] = ()) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(where, what, allowed))

    def checked(self, place: str, query: str | None, doc: str | None, rating: object) -> Iterator[Judgment]:
        """The judgment of a row, or nothing and a mistake noted."""
        query, doc = (query or "").strip(), (doc or "").strip()
        value = _number(rating)
        if not query or not doc:
            self.add(place, "an empty query or document")
        elif not math.isfinite(value) or value < 0 or value != int(value) or value > HIGHEST:
            self.add(place, f"rating {rating!r} is not a whole number from 0 to {HIGHEST}")
        else:
            yield Judgment(query, doc, int(value), place)


def _number(rating: object) -> float:
    try:
        return float(str(rating))
    except ValueError:
        return math.nan
