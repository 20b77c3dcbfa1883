"""The numbers by which a lexicon is built, from `mappings/understand/build.yml`, checked and frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from stack.documents import Kind
from stack.rule_file import read_rule_file

Least = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
ValueType = Literal["colour", "size", "material"]


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VocabularyRules(_Rules):
    """Which words and pairs are kept."""

    min_count: Least
    min_count_elsewhere: Least
    min_bigram: Least
    most_pairs: Annotated[int, Field(ge=1_000)]


class DictionaryRules(_Rules):
    """What may be recognised by its words."""

    min_brand: Least
    min_category: Least
    category_kinds: tuple[Kind, ...]
    min_attribute: Least
    longest_value: Least
    most_words: Least
    least_share: Share
    most_products_of_name: Annotated[int, Field(ge=0)]
    brand_endings: tuple[str, ...]
    types: dict[ValueType, tuple[str, ...]]
    ignored: tuple[str, ...]
    ignored_values: frozenset[str]


class ThingRules(_Rules):
    """Which nouns name a product."""

    type_attributes: tuple[str, ...]
    min_head: Least
    least_head_share: Share
    enough_head_share: Share
    min_before_for: Least
    least_for_share: Share
    min_plural: Least
    least_plural_share: Share
    most_after_number: Share
    most_value_share: Share


class CategoryRules(_Rules):
    """How the category classifier is trained."""

    min_examples: Least
    most_documents: Least
    short_forms: Annotated[int, Field(ge=0, le=50)]
    most_words: Least
    label_copies: Annotated[int, Field(ge=0, le=1_000)]
    min_feature: Least
    most_features: Annotated[int, Field(ge=100)]
    character_grams: tuple[Annotated[int, Field(ge=2, le=8)], ...]
    inverse_regularisation: Positive
    iterations: Least
    folds: Annotated[int, Field(ge=3, le=20)]
    prior: Annotated[float, Field(ge=0)]
    least_probability: Share
    seed: int


class LexiconRules(_Rules):
    """All of `build.yml`."""

    vocabulary: VocabularyRules
    dictionaries: DictionaryRules
    things: ThingRules
    categories: CategoryRules


@cache
def load_lexicon_rules(mappings_dir: Path) -> LexiconRules:
    """Read and check `mappings/understand/build.yml`. Raises ConfigError that names every mistake with its field."""
    return read_rule_file(LexiconRules, mappings_dir, "understand/build.yml")
