"""The noun that a title is about: the last word before what only describes it."""

from __future__ import annotations

import re

from api.understand.vocabulary import fold, singular

# What follows tells what the thing is for, has or comes with.
TAIL = re.compile(r"\s(?:for|with|without|from|to|of|and|in|by|incl)\s|[,;(/+\[|]|[-–—]\s|[.]\s", re.IGNORECASE)
NAME = re.compile(r"[^\W\d_]{3,}")
BEFORE_FOR = re.compile(r"([^\W\d_]{3,}) for\s")
MOST = 4


def end_of(title: str) -> tuple[str, ...]:
    """`"Kensington SP25 15.6” Laptop Backpack black, 2 l"` → `("laptop", "backpack", "black")`.

    The last words of letters, at most four, before what follows a comma, "for", "with" and the like.
    """
    words = fold(TAIL.split(title, maxsplit=1)[0]).split()
    while words and not NAME.fullmatch(words[-1]):
        words.pop()
    start = len(words)
    while start and len(words) - start < MOST and NAME.fullmatch(words[start - 1]):
        start -= 1
    return tuple(words[start:])


def head_of(end: tuple[str, ...], describing: frozenset[str] = frozenset()) -> str | None:
    """The singular of the last word that does not only describe (a colour, a finish): `backpack`."""
    for word in reversed(end):
        if word not in describing:
            return singular(word)
    return None


def words_before_for(text: str) -> set[str]:
    """`"Carry case for notebooks, ideal for travel"` → `{"case", "ideal"}`, in the singular."""
    return {singular(word) for word in BEFORE_FOR.findall(fold(text))}
