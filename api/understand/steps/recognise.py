"""What the words name: brands, categories, attribute values, people, model numbers, measures, and what a thing is for.

By dictionaries built from the index itself, all in one automaton; then by shape (model numbers, measures) and by the
short lists of colours, materials and sizes that any catalogue has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from api.query.words import model_keys_of
from api.understand.automaton import Automaton
from api.understand.compatible import CompatibleReader, For
from api.understand.dictionaries import Entry
from api.understand.lexicon import Lexicon
from api.understand.model import Span, SpanType, Understanding
from api.understand.step import Did, Kit, Step
from api.understand.step_rules import RecogniseRules, Words
from api.understand.tokens import Keys, Token, keys_of
from api.understand.vocabulary import fold
from stack.documents import is_measure, model_key

MAX_MODEL_WORDS = 3


@dataclass(frozen=True)
class Placed:
    """A span that covers tokens `start` to `end`."""

    span: Span
    start: int
    end: int


@dataclass(frozen=True)
class _Reader:
    """What a language's query is read with."""

    lexicon: Lexicon | None
    rules: RecogniseRules
    entries: Automaton[Entry]
    listed: Automaton[tuple[SpanType, str]]
    compatible: CompatibleReader

    def read(self, tokens: Sequence[Token]) -> list[Span]:
        """All spans in the order of the words; what stands in the part after "for" is one span, `compatible`."""
        found = self._entries(tokens)
        found += self._models(tokens, _covered(found))
        found += self._listed(tokens, _covered(found))
        device = self.compatible.find([fold(token.text) for token in tokens])
        if device:
            known = [placed for placed in found if placed.end > device.start]
            found = [placed for placed in found if placed.end <= device.start]
            found.append(self._device(tokens, device, known))
        return [placed.span for placed in sorted(found, key=lambda placed: placed.start)]

    def _entries(self, tokens: Sequence[Token]) -> list[Placed]:
        keys = keys_of(tokens)
        found = []
        for match in self.entries.matches(keys.keys):
            start, end = keys.owners[match.start], keys.owners[match.end - 1] + 1
            # Half of a compound is no word: "r" and "b" of "r&b" name nothing.
            if _is_whole(keys, match.start, match.end):
                text = _text(tokens, start, end)
                readings = self._readings(match.values, keys.keys[match.start : match.end], text)
                found += [Placed(span, start, end) for span in readings]
        return found

    def _readings(self, entries: Sequence[Entry], keys: Sequence[str], text: str) -> list[Span]:
        """The surest readings of the same words, one a type."""
        spans: dict[SpanType, Span] = {}
        for entry in sorted(entries, key=lambda entry: -entry.count):
            certainty = self._certainty(entry, keys)
            if certainty >= self.rules.min_certainty:
                spans.setdefault(entry.type, Span(entry.type, text, entry.value, certainty, entry.field))
        return sorted(spans.values(), key=lambda span: -span.certainty)[: self.rules.max_readings]

    def _certainty(self, entry: Entry, keys: Sequence[str]) -> float:
        """The share of the documents with these words that have them in this sense: "switch" is hardly ever a brand."""
        if self.lexicon is None:
            return 0.0
        # Several words are in fewer documents together than the rarest of them is.
        rarest = min(map(self.lexicon.count, keys))
        together = [self.lexicon.bigram(first, second) for first, second in pairwise(keys)]
        documents = max(min([rarest, *together]), entry.count)
        # One word is a name by chance more easily than two.
        return round(entry.count / (documents + (self.rules.prior if len(keys) == 1 else 0)), 4)

    def _models(self, tokens: Sequence[Token], covered: set[int]) -> list[Placed]:
        """Maker's numbers and GTINs, longest run of words first; and measures."""
        found: list[Placed] = []
        for length in range(MAX_MODEL_WORDS, 0, -1):
            for start in range(len(tokens) - length + 1):
                places = set(range(start, start + length))
                placed = self._model(tokens, start, start + length)
                if placed and not places & (covered | _covered(found)):
                    found.append(placed)
        measures = ((place, token) for place, token in enumerate(tokens) if place not in covered and _is_size(token))
        return [*found, *(self._measure(token, place) for place, token in measures)]

    def _measure(self, token: Token, place: int) -> Placed:
        # One letter is hardly a unit: a "5g" phone weighs more.
        certainty = self.rules.known_model if token.is_measure else self.rules.unknown_model
        return Placed(Span("size", token.text, "".join(token.keys), certainty), place, place + 1)

    def _model(self, tokens: Sequence[Token], start: int, end: int) -> Placed | None:
        words = [token.text for token in tokens[start:end]]
        text, key = " ".join(words), model_key("".join(words))
        if any(map(_is_size, tokens[start:end])) or not self._is_model(text, key):
            return None
        is_known = self._has_model(key, tokens[start:end])
        # Joined words are a number only when the catalogue has it: "rtx 2060" may be two words.
        if len(words) > 1 and not is_known:
            return None
        certainty = self.rules.known_model if is_known else self._model_share(key)
        if certainty < self.rules.min_certainty:
            return None
        return Placed(Span("model", text, key, certainty, "model_keys"), start, end)

    def _is_model(self, text: str, key: str) -> bool:
        """By the rules of recall; or shorter (`t490`), of a shape that is nearly always one in this catalogue."""
        if key in model_keys_of(text):
            return True
        return self.lexicon is not None and key.isalnum() and self.lexicon.model_share(key) >= self.rules.shape_from

    def _model_share(self, key: str) -> float:
        """How many of the catalogue's words of this shape are model numbers; where it has none of it, a guess."""
        share = self.lexicon.model_share(key) if self.lexicon else 0.0
        return round(self.rules.shape_weight * share, 4) or self.rules.unknown_model

    def _has_model(self, key: str, tokens: Sequence[Token]) -> bool:
        """Does the catalogue hold the number, joined or (one word, `tn-2110`) in its parts?"""
        if self.lexicon is None:
            return False
        return self.lexicon.count(key) > 0 or (len(tokens) == 1 and all(map(self.lexicon.count, tokens[0].keys)))

    def _is_name(self, key: str) -> bool:
        return any(map(str.isdigit, key)) or (self.lexicon is not None and self.lexicon.protected(key))

    def _listed(self, tokens: Sequence[Token], covered: set[int]) -> list[Placed]:
        keys = keys_of(tokens)
        found = []
        for match in self.listed.matches(keys.keys):
            start, end = keys.owners[match.start], keys.owners[match.end - 1] + 1
            if not covered & set(range(start, end)):
                kind, value = match.values[0]
                found.append(Placed(Span(kind, _text(tokens, start, end), value, self.rules.listed), start, end))
        return found

    def _device(self, tokens: Sequence[Token], device: For, known: Sequence[Placed]) -> Placed:
        text = _text(tokens, device.start, len(tokens))
        keys = [key for token in tokens[device.place :] for key in token.keys]
        sure = bool(known) or any(self._is_name(key) for key in keys)
        certainty = self.rules.compatible if sure else self.rules.compatible_unknown
        value = " ".join(keys) or text
        return Placed(Span("compatible", text, value, certainty), device.start, len(tokens))


def make(kit: Kit) -> Step:
    """The step, with each language's lists."""
    languages = {*kit.languages, *kit.rules.words}
    readers = {language: _reader(kit, kit.words(language)) for language in languages}

    def step(seen: Understanding) -> Did:
        reader = readers.get(seen.language) or readers[kit.languages[0]]
        spans = reader.read(kit.tokenizer.tokens(seen.text))
        certainty = min((span.certainty for span in spans), default=1.0)
        return Did(replace(seen, spans=(*seen.spans, *spans)), certainty)

    return step


def _reader(kit: Kit, words: Words) -> _Reader:
    listed: list[tuple[str, tuple[SpanType, str]]] = [
        *((fold(text), ("colour", value)) for text, value in words.colours.items()),
        *((fold(text), ("material", text)) for text in words.materials),
        *((fold(text), ("size", text)) for text in words.sizes),
    ]
    compatible = CompatibleReader(words.compatible)
    return _Reader(kit.lexicon, kit.rules.recognise, kit.automaton, Automaton(listed), compatible)


def _text(tokens: Sequence[Token], start: int, end: int) -> str:
    return " ".join(token.text for token in tokens[start:end])


def _is_size(token: Token) -> bool:
    """`256 gb`, `5m`, `100-240v`."""
    return token.is_measure or is_measure(re.split(r"[-/]", token.text)[-1])


def _is_whole(keys: Keys, start: int, end: int) -> bool:
    """Does the match begin and end with a token?"""
    begins = start == 0 or keys.owners[start - 1] != keys.owners[start]
    ends = end == len(keys.keys) or keys.owners[end - 1] != keys.owners[end]
    return begins and ends


def _covered(found: Sequence[Placed]) -> set[int]:
    return {place for placed in found for place in range(placed.start, placed.end)}
