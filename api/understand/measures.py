"""The same measure as a catalogue may write it: `43.2 cm` ↔ `17 inch`, `1000 gb` ↔ `1 tb`."""

from __future__ import annotations

import re
from itertools import pairwise

from api.understand.lexicon import Lexicon
from api.understand.step_rules import Conversion, NormaliseRules
from api.understand.vocabulary import words_of


def in_other_units(text: str, rules: NormaliseRules, lexicon: Lexicon | None) -> str:
    """The text with its measures in the other unit, where the catalogue writes that; rounded as it does."""
    other = text
    for conversion in rules.conversions:
        for found in re.finditer(rf"(?<!\S)(\d+(?:\.\d+)?) {conversion.from_unit}(?!\S)", text):
            measure = _convert(float(found[1]), conversion)
            if measure and (lexicon is None or _is_written(measure, lexicon)):
                other = other.replace(found[0], measure, 1)
    return other


def _convert(value: float, conversion: Conversion) -> str | None:
    if not conversion.least <= value <= conversion.most or (conversion.multiple and value % conversion.multiple):
        return None
    return f"{round(value * conversion.factor, conversion.decimals):g} {conversion.to}"


def _is_written(measure: str, lexicon: Lexicon) -> bool:
    """Does the catalogue hold it? `17 inch` is the word `17in`, `15.6 inch` the pair `15`, `6in`."""
    words = words_of(measure)
    together = all(lexicon.bigram(first, second) for first, second in pairwise(words))
    return together and all(map(lexicon.count, words))
