"""What a thing is for: "case for iphone 12" wishes a case. The words after the marker are no wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.understand.phrases import Found, Phrases
from api.understand.step_rules import CompatibleWords


@dataclass(frozen=True)
class For:
    """The marker stands at words `start` to `place`; the device is what follows, to the end."""

    start: int
    place: int


class CompatibleReader:
    """Finds the marker of a language."""

    def __init__(self, words: CompatibleWords) -> None:
        self._markers = Phrases({**dict.fromkeys(words.weak, False), **dict.fromkeys(words.strong, True)})
        self._uses = words.uses

    def find(self, words: Sequence[str]) -> For | None:
        """The first marker with a wish before it and something after it. `words` are folded."""
        for hit in self._markers.all(words):
            if hit.start > 0 and hit.end < len(words) and not self._is_use(words, hit):
                return For(hit.start, hit.end)
        return None

    def _is_use(self, words: Sequence[str], hit: Found[bool]) -> bool:
        """ "For kids", "for work": what follows is no device."""
        return not hit.value and words[-1] in self._uses
