"""Which of our languages the words are in. Unsure, as short queries mostly are: the default."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from api.understand.model import Understanding
from api.understand.step import Did, Kit, Step, unchanged

if TYPE_CHECKING:
    from lingua import LanguageDetector

# Chinese, Japanese, Korean are told by their script and share one analyser, which is no language to lingua.
CJK = "cjk"
CJK_LETTERS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")


def make(kit: Kit) -> Step:
    """The step. With one language there is nothing to tell apart: no model is loaded."""
    if len(kit.languages) < 2:
        return unchanged
    detect = _detector([language for language in kit.languages if language != CJK])
    rules = kit.rules.language

    def step(seen: Understanding) -> Did:
        if CJK in kit.languages and CJK_LETTERS.search(seen.text):
            return Did(replace(seen, language=CJK), note=f"language {CJK}, by its letters")
        if sum(map(str.isalpha, seen.text)) < rules.min_letters:
            return Did(seen)
        language, certainty = detect(seen.text)
        if certainty < rules.min_confidence:
            return Did(seen, certainty)
        note = f"language {language}" if language != seen.language else ""
        return Did(replace(seen, language=language), certainty, note)

    return step


def _detector(languages: list[str]) -> Callable[[str], tuple[str, float]]:
    """Text → the most probable language with its probability (lingua, restricted to these languages)."""
    if len(languages) < 2:
        return lambda _text: (languages[0] if languages else CJK, 0.0)
    detector = _load(tuple(languages))

    def detect(text: str) -> tuple[str, float]:
        best = detector.compute_language_confidence_values(text)[0]
        return best.language.iso_code_639_1.name.lower(), best.value

    return detect


@cache
def _load(languages: tuple[str, ...]) -> LanguageDetector:
    """Shared by all lexicons, 70 MB for two languages. The low-accuracy mode takes 10; to it "samsung" is German."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, language.upper()) for language in languages]
    # Read now, in about a second, and not within a search.
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_preloaded_language_models().build()
