"""The numbers and words of query understanding, from `mappings/understand/`, checked and frozen. Each file says why."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stack.documents import Kind
from stack.errors import ConfigError
from stack.mappings import read_synonyms

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Terms = tuple[str, ...]
Slip = Literal["swap", "double", "neighbour_key", "vowel", "insert", "leave_out", "other_key", "first_letter"]
Part = Literal[
    "filler", "unknown", "intent", "compatible", "plain", "size", "colour", "material",
    "attribute", "person", "category", "brand", "head", "model",
]  # fmt: skip


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Conversion(_Rules):
    """One unit as another; `least`, `most` and `multiple` say which numbers are ever written so."""

    from_unit: str = Field(alias="from")
    to: str
    factor: Annotated[float, Field(gt=0)]
    decimals: Annotated[int, Field(ge=0, le=3)]
    least: float
    most: float = 1e9
    multiple: float | None = None


class NormaliseRules(_Rules):
    """`units` maps a unit to the ways it is written; those in `joined` stay at their number."""

    units: dict[str, Terms]
    joined: Terms
    conversions: tuple[Conversion, ...]


class LanguageRules(_Rules):
    """When a language is sure enough to be taken."""

    min_confidence: Share
    min_letters: Count


class SpellingRules(_Rules):
    """Which words are looked at, what a slip costs (nats), and from which certainty a word is rewritten."""

    one_edit_from: Count
    two_edits_from: Count
    min_count: Count
    candidates: Annotated[int, Field(ge=1, le=100)]
    costs: dict[Slip, float]
    frequency: float
    context: float
    unknown: float
    unknown_per_letter: float
    min_certainty: Share
    min_offer: Share
    rare: Count
    rare_ratio: Count


class CompoundRules(_Rules):
    """When one form takes another's place, and when it is searched beside it."""

    min_count: Count
    replace_ratio: Annotated[float, Field(ge=1)]
    variant_share: Share
    min_part: Annotated[int, Field(ge=2)]
    unseen_certainty: Share
    max_variants: Annotated[int, Field(ge=0, le=5)]


class RecogniseRules(_Rules):
    """How sure each way of recognising is."""

    min_certainty: Share
    max_readings: Annotated[int, Field(ge=1)]
    prior: float
    known_model: Share
    unknown_model: Share
    shape_weight: Share
    shape_from: Share
    listed: Share
    compatible: Share
    compatible_unknown: Share


class NegationRules(_Rules):
    """How many words a negation takes."""

    phrase_share: Share
    max_words: Annotated[int, Field(ge=1)]


class PriceRules(_Rules):
    """Which numbers can be prices."""

    years: tuple[int, int]
    most: float


class CategoryRules(_Rules):
    """From which probability a category may filter."""

    filter_from: Share


class IntentRules(_Rules):
    """Prior shares of the kinds, what a person adds (log-odds, by the field of the person), and what voids a hint."""

    prior: dict[Kind, Share]
    person: dict[str, dict[Kind, float]]
    product_share: Share
    phrase_count: Count


class RelaxRules(_Rules):
    """How often a query is relaxed, and which parts go first."""

    rounds: Annotated[int, Field(ge=0, le=5)]
    order: tuple[Part, ...]


class NegationWords(_Rules):
    """Words around what is not wanted."""

    strong: Terms = ()
    weak: Terms = ()
    not_after_weak: frozenset[str] = frozenset()
    joiners: Terms = ()
    ends: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()


class PriceWords(_Rules):
    """Words around a price. `between` and `to` are "between … and …"; `currencies` maps ISO 4217 to its writings."""

    up_to: Terms = ()
    up_to_weak: Terms = ()
    at_least: Terms = ()
    at_least_weak: Terms = ()
    between: Terms = ()
    to: Terms = ()
    names_before: frozenset[str] = frozenset()
    around: Terms = ()
    currencies: dict[str, Terms] = {}
    quantities: frozenset[str] = frozenset()
    cheap: Terms = ()
    expensive: Terms = ()


class CompatibleWords(_Rules):
    """Words before what a thing is for; `uses` are no devices."""

    strong: Terms = ()
    weak: Terms = ()
    uses: frozenset[str] = frozenset()


class Words(_Rules):
    """`words.<language>.yml`. `links` are letters that join compounds; `intent` log-odds by kind and words."""

    function: frozenset[str] = frozenset()
    fillers: frozenset[str] = frozenset()
    links: Terms = ()
    negation: NegationWords = NegationWords()
    price: PriceWords = PriceWords()
    compatible: CompatibleWords = CompatibleWords()
    intent: dict[Kind, dict[str, float]] = {}
    colours: dict[str, str] = {}
    materials: Terms = ()
    sizes: Terms = ()


NO_WORDS = Words()


class StepRules(_Rules):
    """All of `mappings/understand/`, and the synonym rules of each language."""

    normalise: NormaliseRules
    language: LanguageRules
    spelling: SpellingRules
    compounds: CompoundRules
    recognise: RecogniseRules
    negation: NegationRules
    price: PriceRules
    category: CategoryRules
    intent: IntentRules
    relax: RelaxRules
    words: dict[str, Words] = {}
    synonyms: dict[str, Terms] = {}

    def words_in(self, language: str) -> Words:
        """The words of a language; empty lists when it has no file."""
        return self.words.get(language, NO_WORDS)


@cache
def load_step_rules(mappings_dir: Path) -> StepRules:
    """Read and check `mappings/understand/steps.yml`, `words.*.yml` and the synonyms.

    Raises ConfigError that names every mistake with its file and field.
    """
    folder = mappings_dir / "understand"
    words = {file.name.split(".")[1]: _read(file) for file in sorted(folder.glob("words.*.yml"))}
    synonyms = {file.stem: read_synonyms(file) for file in sorted((mappings_dir / "synonyms").glob("*.txt"))}
    content = _read(folder / "steps.yml") | {"words": words, "synonyms": synonyms}
    try:
        return StepRules.model_validate(content)
    except ValidationError as error:
        mistakes = [f"mappings/understand/{_place(item['loc'])}: {item['msg']}" for item in error.errors()]
        raise ConfigError("; ".join(mistakes), "Correct the file") from error


def _read(file: Path) -> dict[str, Any]:
    try:
        # Scalars as strings, which pydantic reads: to the safe loader the words "no", "on" and "off" are flags.
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 (makes no objects)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"mappings/understand/{file.name}: {error}", "Correct the file") from error
    if not isinstance(content, dict):
        raise ConfigError(f"mappings/understand/{file.name}: not a table", "Correct the file")
    return content


def _place(where: tuple[int | str, ...]) -> str:
    """`("words", "en", "price", "to")` → `words.en.yml: price.to`."""
    if where[0] == "words":
        return f"words.{where[1]}.yml: {'.'.join(map(str, where[2:]))}"
    return f"steps.yml: {'.'.join(map(str, where))}"
