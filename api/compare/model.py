"""What a comparison asks and what it gives. Pydantic at the edge."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.model import MAX_QUERY, Explanation, Frozen
from stack.documents import Kind

MAX_SHOWN = 50


class CompareRequest(Frozen):
    """Two rankers by name (`rankers.py`) and a query. `size` is how many hits of each are laid side by side."""

    q: Annotated[str, Field(max_length=MAX_QUERY)] = ""
    a: Annotated[str, Field(min_length=1, max_length=400)] = "hybrid"
    b: Annotated[str, Field(min_length=1, max_length=400)] = "full"
    type: Kind = "product"
    size: Annotated[int, Field(ge=1, le=MAX_SHOWN)] = 10


class Side(Frozen):
    """What one ranker did with the query. `text` are the words it searched with."""

    ranker: str
    label: str
    text: str
    corrections: dict[str, str] = Field({}, description="word as written → as searched")
    dropped: list[str] = Field([], description="words left out because nothing has all of them")
    model: str | None = Field(None, description="the ranking model that ordered the row")
    found: int = Field(description="hits of its row")
    degraded: list[str] = Field([], description="what was dropped to keep the deadline")


class Moved(Frozen):
    """A document that either ranker shows: its places in both rows, from 1 (None: not in that row), and why."""

    id: str
    title: str
    a: int | None
    b: int | None
    move: str = Field(description="from a to b: ▲3, ▼2, =, new or gone")
    why: str = ""
    explained_a: Explanation | None = None
    explained_b: Explanation | None = None


class Comparison(Frozen):
    """Two rows side by side. `tau` is None when they share fewer than two of the hits shown."""

    q: str
    type: Kind
    size: int
    a: Side
    b: Side
    overlap: float = Field(description="share of the hits shown that both show")
    rbo: float = Field(description="rank-biased overlap of the rows, p = 0.9")
    tau: float | None = Field(description="Kendall's τ of the hits that both show, -1 to 1")
    hits: list[Moved]

    def column(self, side: str) -> list[Moved]:
        """The hits that one side (`a` or `b`) shows, in its order."""
        placed = [(place, hit) for hit in self.hits if (place := getattr(hit, side)) and place <= self.size]
        return [hit for _, hit in sorted(placed, key=lambda item: item[0])]
