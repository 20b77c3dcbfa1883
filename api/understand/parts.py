"""What each word of a query is to it: a filler, an attribute, the thing that is wanted (`head`). For relaxation."""

from __future__ import annotations

from collections.abc import Sequence

from api.understand.lexicon import Lexicon
from api.understand.model import SpanType, Understanding
from api.understand.phrases import Phrases
from api.understand.step import known
from api.understand.step_rules import Part, StepRules, Words
from api.understand.tokens import Token
from api.understand.vocabulary import fold, singular
from stack.documents import model_key

# Excluded words and prices have left the text.
PART_OF: dict[SpanType, Part] = {
    "size": "size",
    "colour": "colour",
    "material": "material",
    "attribute": "attribute",
    "compatible": "compatible",
    "person": "person",
    "category": "category",
    "brand": "brand",
    "model": "model",
}


def parts_of(
    tokens: Sequence[Token], understanding: Understanding, lexicon: Lexicon | None, rules: StepRules
) -> list[Part]:
    """The part of each token."""
    words = rules.words_in(understanding.language)
    of_span = _in_spans(tokens, understanding)
    hints = Phrases.of(phrase for table in words.intent.values() for phrase in table)
    hinted = {place for hit in hints.all([fold(token.text) for token in tokens]) for place in range(hit.start, hit.end)}
    parts = [
        _part(token, of_span.get(place), lexicon, place in hinted, token.text in words.fillers)
        for place, token in enumerate(tokens)
    ]
    if (thing := _last(tokens, parts, "category", words)) is not None:
        parts[thing] = "head"
    elif (noun := _last(tokens, parts, "plain", words)) is not None:
        parts[noun] = "category"
    return parts


def _part(token: Token, span: Part | None, lexicon: Lexicon | None, hint: bool, filler: bool) -> Part:
    if filler or not token.keys:
        return "filler"
    if lexicon and not any(known(lexicon, key) for key in (*token.keys, model_key(token.text))):
        return "unknown"
    if hint and not span:
        return "intent"
    # "Backpack" is also a value of the attribute "case type".
    is_thing = lexicon is not None and any(singular(key) in lexicon.things for key in token.keys)
    if is_thing and span in (None, "attribute"):
        return "category"
    return span or "plain"


def _last(tokens: Sequence[Token], parts: Sequence[Part], wanted: Part, words: Words) -> int | None:
    """The last such word before "for", "with", …: in "smart tv with wifi" the tv. None: there is none at all."""
    ends = [place for place, token in enumerate(tokens) if token.text in words.negation.ends]
    for until in (*ends[:1], len(tokens)):
        places = [place for place in range(until) if _can_be_head(tokens[place], parts[place], wanted, words)]
        if places:
            return places[-1]
    return None


def _can_be_head(token: Token, part: Part, wanted: Part, words: Words) -> bool:
    return part == wanted and token.text not in words.function and not any(map(str.isdigit, token.text))


def _in_spans(tokens: Sequence[Token], understanding: Understanding) -> dict[int, Part]:
    """Token → the type of the surest span that covers it."""
    found: dict[int, Part] = {}
    for span in sorted(understanding.spans, key=lambda span: span.certainty):
        part = PART_OF.get(span.type)
        if part is None:
            continue
        length = len(span.text.split())
        for start in range(len(tokens)):
            end = _end_of(tokens, start, length)
            if end and " ".join(token.text for token in tokens[start:end]) == span.text:
                found |= dict.fromkeys(range(start, end), part)
    return found


def _end_of(tokens: Sequence[Token], start: int, words: int) -> int | None:
    """The token after the next `words` words; None when a token reaches beyond."""
    for end in range(start, len(tokens)):
        words -= len(tokens[end].text.split())
        if words <= 0:
            return end + 1 if words == 0 else None
    return None
