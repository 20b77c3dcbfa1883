"""What was typed, read: bounded, without control characters, and as letters."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from api.suggest.letters import Letters, letters_of

LONGEST = 100  # characters: no suggestion is longer
MOST_WORDS = 10


@dataclass(frozen=True)
class Typed:
    """`text` is the cleaned line, `letters` its key and places; `closed` when a space follows the last word."""

    text: str
    letters: Letters
    closed: bool

    @property
    def key(self) -> str:
        return self.letters.key

    @property
    def words(self) -> list[str]:
        return self.key.split()


def read_typed(q: str) -> Typed:
    """Any text will do. What is behind the first hundred characters or ten words is not read."""
    plain = "".join(" " if _is_control(char) else char for char in q[: 4 * LONGEST])
    text = " ".join(plain.split()[:MOST_WORDS])[:LONGEST].rstrip()
    return Typed(text, letters_of(text), plain[:1] != "" and plain[-1:].isspace())


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
