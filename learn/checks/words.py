"""Words as the checks see them: cut plainly, apart from the search's own analysis, which is what they check."""

from __future__ import annotations

import re
from random import Random

TOKEN = re.compile(r"[^\W_]+")
STOP = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "by", "color", "colour", "for", "from", "in", "into", "is", "it",
    "of", "on", "or", "per", "pcs", "pc", "the", "this", "to", "up", "use", "via", "with", "without", "your",
))  # fmt: skip
# What a finger hits beside the right key (QWERTY).
NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
ACCENTS = str.maketrans("aeioucn", "áéíóúçñ")


def tokens(text: str) -> list[str]:
    """`HP "Pavilion" dv7-1211` → hp, pavilion, dv7, 1211."""
    return TOKEN.findall(text.casefold())


def is_plain(word: str, least: int = 3) -> bool:
    """Letters only, and enough of them to be a word."""
    return len(word) >= least and word.isascii() and word.isalpha() and word not in STOP


def singular(word: str) -> str:
    """The word without a plural's ending, by rule: batteries → battery, cases → case, boxes → box."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def plural(word: str) -> str:
    """battery → batteries, box → boxes, case → cases."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def stems(text: str) -> frozenset[str]:
    """The words of a text without plural endings."""
    return frozenset(map(singular, tokens(text)))


def mentions(text: str, phrase: str) -> bool:
    """Are all words of the phrase in the text, in any number?"""
    return stems(phrase) <= stems(text)


def one_edit(word: str, random: Random) -> str:
    """One slip of a finger behind the first letter: swapped, dropped, doubled, or the key beside it."""
    place = random.randrange(1, len(word) - 1)
    before, char, after = word[:place], word[place], word[place + 1 :]
    match random.randrange(4):
        case 0 if after and after[0] != char:
            return before + after[0] + char + after[1:]
        case 1:
            return before + after
        case 2:
            return before + char + char + after
        case _:
            return before + random.choice(NEIGHBOURS.get(char, "e")) + after
