"""The text of a query cut into tokens: a word, or a number with its unit, with its keys in the lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from api.understand.vocabulary import words_of


@dataclass(frozen=True)
class Token:
    """`256 gb` → keys `("256gb",)`; `wi-fi` → `("wi", "fi")`; an emoji → none."""

    text: str
    keys: tuple[str, ...]

    @property
    def is_measure(self) -> bool:
        """A number with a unit of its own."""
        return " " in self.text


@dataclass(frozen=True)
class Keys:
    """The keys of all tokens in a row, and the token that each comes from."""

    keys: tuple[str, ...]
    owners: tuple[int, ...]


class Tokenizer:
    """Cuts at spaces, but not between a number and its unit."""

    def __init__(self, units: Iterable[str]) -> None:
        known = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
        self._pattern = re.compile(rf"\d+(?:[.,]\d+)?\s(?:{known})(?!\S)|\S+")

    def tokens(self, text: str) -> list[Token]:
        """In the order of the text; joined with spaces they are the text again."""
        return [Token(found[0], tuple(words_of(found[0]))) for found in self._pattern.finditer(text)]


def keys_of(tokens: Iterable[Token]) -> Keys:
    """All keys in a row."""
    pairs = [(key, place) for place, token in enumerate(tokens) for key in token.keys]
    return Keys(tuple(key for key, _ in pairs), tuple(place for _, place in pairs))
