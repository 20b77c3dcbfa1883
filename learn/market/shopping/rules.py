"""`data/behaviour.yml`: how shoppers behave; checked by pydantic."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from learn.market.vocabulary import DATA, Frozen, read_words
from stack.documents import Kind

FILE = DATA / "behaviour.yml"
Share = Annotated[float, Field(ge=0, le=1)]
Rating = Annotated[int, Field(ge=0, le=3)]
ByRating = dict[Rating, Share]


class BehaviourWords(Frozen):
    """Each number is described where it stands, in the file."""

    another_search: Share
    after_nothing: Share
    clients: Annotated[float, Field(gt=0, le=1)]
    popularity: Annotated[float, Field(ge=0)]
    queries: dict[Kind, Annotated[int, Field(ge=0)]]
    nothing: Share
    unsold: Annotated[list[str], Field(min_length=1)]
    row: Annotated[int, Field(ge=1, le=100)]
    most: dict[Kind, Annotated[int, Field(ge=0)]]
    own_type: float
    ranking_error: Annotated[float, Field(ge=0)]
    misfits: Annotated[int, Field(ge=0)]
    goes_on: Share
    examination: Annotated[float, Field(ge=0)]
    click: ByRating
    cart: ByRating
    purchase: Share
    refund: dict[Literal["good", "poor"], Share]
    refund_days: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]
    cart_from: dict[Literal["video", "live"], Share]
    watched: Share
    minutes: Annotated[float, Field(gt=0)]
    week: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=7, max_length=7)]
    day: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=24, max_length=24)]
    unrest: Annotated[float, Field(ge=0)]


@lru_cache(maxsize=1)
def load_behaviour() -> BehaviourWords:
    """The file. Raises ConfigError that names it."""
    return read_words(FILE, BehaviourWords)
