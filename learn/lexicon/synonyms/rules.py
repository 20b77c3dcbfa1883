"""The numbers of `mappings/understand/synonyms.yml`, checked and frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stack.errors import ConfigError

FILE = "understand/synonyms.yml"
Least = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Cosine = Annotated[float, Field(ge=0, lt=1)]


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AbbreviationRules(_Rules):
    """`uninterruptible power supply (UPS)`."""

    min_products: Least
    least_spelt: Share


class SpellingRules(_Rules):
    """`rack mount`, `rackmount`."""

    min_apart: Least
    min_joined: Least
    enough: Least
    least_similarity: Cosine


class ValueRules(_Rules):
    """The colour Grey, titles with `gray`."""

    min_together: Least
    least_of_word: Share
    least_of_value: Share


class AlikeRules(_Rules):
    """`fibre`, `fiber`."""

    min_titles: Least
    min_letters: Least
    most_words: Least
    smoothing: Share
    least_context: Cosine
    least_similarity: Cosine
    short: Least
    short_similarity: Cosine


class QueryLogRules(_Rules):
    """`sofa cover`, `couch cover`."""

    min_shared: Least
    least_cosine: Share


class SynonymRules(_Rules):
    """All of the file."""

    abbreviations: AbbreviationRules
    spellings: SpellingRules
    values: ValueRules
    alike: AlikeRules
    query_log: QueryLogRules


@cache
def load_synonym_rules(mappings_dir: Path) -> SynonymRules:
    """Read and check the file. Raises ConfigError that names every mistake with its field."""
    try:
        return SynonymRules.model_validate(yaml.safe_load((mappings_dir / FILE).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"mappings/{FILE}: {error}", "Correct the file") from error
    except ValidationError as error:
        mistakes = [f"mappings/{FILE}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigError("; ".join(mistakes), "Correct the file") from error
