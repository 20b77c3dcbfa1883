"""`data/judgments.yml`: how shoppers type, and the numbers of the ratings; checked by pydantic."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from pydantic import Field, model_validator

from learn.market.text import placeholders
from learn.market.vocabulary import DATA, Frozen, load_vocabulary, read_words
from stack.documents import KINDS, Kind

FILE = DATA / "judgments.yml"
Templates = Annotated[list[str], Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
# What a template may name.
KNOWN = frozenset(("thing", "things", "brand", "value"))


class JudgmentWords(Frozen):
    """Each part is described where it stands, in the file."""

    queries: dict[Kind, Annotated[int, Field(ge=1)]]
    poor_below: dict[Kind, Share]
    traps: Annotated[int, Field(ge=0)]
    others: Annotated[int, Field(ge=0)]
    typos: Share
    names: dict[str, list[str]]
    broad: dict[str, list[str]]
    near: list[list[str]]
    colours: dict[str, list[str]]
    asked: dict[str, Templates]
    fits: dict[str, Templates]
    hard: list[str]
    kinds: dict[str, Templates]
    forms: dict[Kind, dict[str, Annotated[int, Field(ge=0)]]]

    @model_validator(mode="after")
    def _fits_the_vocabulary(self) -> JudgmentWords:
        types = load_vocabulary().types.keys()
        named = {*self.names, *(name for group in (*self.near, *self.broad.values()) for name in group)}
        if unknown := named - types:
            raise ValueError(f"there is no type {', '.join(sorted(unknown))}")
        if absent := set(KINDS) - (self.queries.keys() & self.poor_below.keys() & self.forms.keys()):
            raise ValueError(f"queries, poor_below and forms each need {', '.join(sorted(absent))}")
        if unknown := set(self.hard) - self.fits.keys():
            raise ValueError(f"hard names what fits does not: {', '.join(sorted(unknown))}")
        for group in (self.asked, self.fits, self.kinds):
            for template in (each for templates in group.values() for each in templates):
                if unknown := placeholders(template) - KNOWN:
                    raise ValueError(f"{template!r} names {', '.join(sorted(unknown))}")
        return self


@lru_cache(maxsize=1)
def load_words() -> JudgmentWords:
    """The file. Raises ConfigError that names it."""
    return read_words(FILE, JudgmentWords)
