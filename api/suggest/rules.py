"""The numbers of suggestions, from `mappings/suggest.yml`, checked and frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.suggest.model import SuggestionKind
from stack.rule_file import read_rule_file

Count = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Source = Literal["brand", "category", "creator", "seller", "phrase", "query"]


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TakenUpRules(_Rules):
    """How often, how long, and how many entries a source."""

    every_s: Annotated[float, Field(gt=0)]
    retry_s: Annotated[float, Field(gt=0)]
    first_wait_ms: Annotated[float, Field(ge=0)]
    timeout_s: Annotated[float, Field(gt=0)]
    most: dict[Source, Annotated[int, Field(ge=0, le=50_000)]]


class QueryRules(_Rules):
    """Which searches of others may be shown."""

    days: Count
    least_count: Count
    least_shoppers: Count
    longest: Count
    most_digits: Count


class PhraseRules(_Rules):
    """Which pairs of title words are worth a suggestion."""

    least_count: Count
    least_share: Share
    most_led: Share
    worth: Share


class SlipRules(_Rules):
    """When and how mistyped letters are mended."""

    below: Annotated[int, Field(ge=0)]
    one_from: Count
    two_from: Count
    keep: Annotated[int, Field(ge=1, le=10)]
    least_count: Count
    cost: Share

    def most(self, letters: int) -> int:
        """Slips that a word of so many letters may have."""
        return 2 if letters >= self.two_from else int(letters >= self.one_from)


class TitleRules(_Rules):
    """The small search for products."""

    deadline_ms: Annotated[float, Field(gt=0)]
    least_letters: Count
    size: Annotated[int, Field(ge=0, le=20)]
    looked_at: Annotated[int, Field(ge=1, le=100)]


class OrderRules(_Rules):
    """What stands first, and how the kinds share the list."""

    floor: Share
    whole: Weight
    inner: Share
    joined: Share
    weight: dict[SuggestionKind, Weight]
    most: dict[SuggestionKind, Count]
    least: dict[SuggestionKind, Count]


class SuggestRules(_Rules):
    """All of `suggest.yml`."""

    taken_up: TakenUpRules
    queries: QueryRules
    phrases: PhraseRules
    slips: SlipRules
    titles: TitleRules
    order: OrderRules


@cache
def load_suggest_rules(mappings_dir: Path) -> SuggestRules:
    """Read and check `mappings/suggest.yml`. Raises ConfigError that names every mistake with its field."""
    return read_rule_file(SuggestRules, mappings_dir, "suggest.yml")
