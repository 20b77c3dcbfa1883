"""What a suggestion is, as it is answered."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from api.model import Frozen

SuggestionKind = Literal["query", "category", "brand", "product", "creator", "seller"]
SUGGESTION_KINDS: tuple[SuggestionKind, ...] = get_args(SuggestionKind)
MOST_SUGGESTIONS = 20

Range = tuple[int, int]


class Suggestion(Frozen):
    """One line of the list. `text` comes from documents and from what others typed: escape it."""

    kind: SuggestionKind
    text: str
    marked: list[Range] = Field(
        [], description="[start, end) ranges of `text` that stand for what was typed, in Unicode code points"
    )
    href: str = Field(description="where it leads, on this host")
    detail: str | None = Field(None, description="a price, or the category in which it stands")
    corrected: bool = Field(False, description="it stands for other letters than were typed")


class Suggestions(Frozen):
    """Best first. `q` is what was read: without control characters, and not longer than is of use."""

    q: str
    took_ms: float
    suggestions: list[Suggestion]
    late: Annotated[bool, Field(exclude=True, description="products came too late; for metrics, not sent")] = False
