"""Clean words: lower case, no stray punctuation, units written one way. `17"` = `17 in` = `17-inch` → `17 inch`.

Lower case because neither the analysers nor the encoder's cache should tell `SSD` from `ssd`. The same measure in
another unit is another form of the words: `compounds` searches it beside them.
"""

from __future__ import annotations

import re
from dataclasses import replace

from api.understand.model import Understanding
from api.understand.step import Did, Kit, Step
from api.understand.step_rules import NormaliseRules

QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "″": '"', "’": "'", "‘": "'", "′": "'", "`": "'", "–": "-", "—": "-"}
)
THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:,\d{3})+)(?![\d,])")
# `2 in 1` and `5 in a box` are no inches.
INCH_AFTER_NUMBER = re.compile(r"(\d)\s?-?in(?![^\s,;)])(?!\s(?:\d|an?\b|the\b|one\b))")
STRAY = re.compile(r"[,;:!?()\[\]{}|=*•®™©…~\\^\"“”„«»¿¡]+")
COMPARED = re.compile(r"([<>]=?)\s?(?=[$€£¥]?\s?\d)")
DANGLING = re.compile(r"[<>]=?(?!\s?[$€£¥]?\s?\d)")
# Marks at the ends of a word. A minus before a letter says what is not wanted, and a sign belongs to a price.
EDGES = re.compile(r"(?:^|(?<=\s))(?:[.'/_]+(?!\d)|-+(?![a-z0-9]))|[.'\-/_]+(?=\s|$)")
RANGE = re.compile(r"(\d[€$£]?)\s-\s(?=[$€£]?\d)")


def make(kit: Kit) -> Step:
    """The step, with the units of `steps.yml`."""
    units = _Units(kit.rules.normalise)

    def step(seen: Understanding) -> Did:
        return Did(replace(seen, text=clean(seen.text, units) or seen.text))

    return step


class _Units:
    """A number and its unit, in every writing, and how the pair is written here."""

    def __init__(self, rules: NormaliseRules) -> None:
        self.names = {writing: unit for unit, writings in rules.units.items() for writing in writings}
        self.joined = rules.joined
        longest_first = sorted(self.names, key=len, reverse=True)
        words = "|".join(re.escape(name) for name in longest_first if name[0].isalpha())
        signs = "|".join(re.escape(name) for name in longest_first if not name[0].isalpha()) or r"(?!)"
        self.pattern = re.compile(rf"(?<![\w.,])(\d+(?:[.,]\d{{1,2}})?)(?:\s?({signs})|[\s-]?({words})(?!\w))")

    def written(self, found: re.Match[str]) -> str:
        unit = self.names[found[2] or found[3]]
        return found[1].replace(",", ".") + ("" if unit in self.joined else " ") + unit + (" " if found[2] else "")


def clean(text: str, units: _Units) -> str:
    """Idempotent: what is clean stays as it is."""
    text = text.lower().translate(QUOTES)
    text = THOUSANDS.sub(lambda found: found[1] + found[2].replace(",", ""), text)
    text = INCH_AFTER_NUMBER.sub(r"\1 inch", text)
    text = units.pattern.sub(units.written, text)
    # `15,6` is one number; other commas part words.
    text = re.sub(r"(?<=\d),(?=\d{1,2}(?:\D|$))", ".", text)
    text = DANGLING.sub(" ", COMPARED.sub(r" \1 ", STRAY.sub(" ", text)))
    text = EDGES.sub(" ", RANGE.sub(r"\1-", " ".join(text.split())))
    # Once more: a stray mark may have stood between a number and its unit, as in `5{l`.
    return " ".join(units.pattern.sub(units.written, " ".join(text.split())).split())
