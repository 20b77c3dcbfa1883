"""What the published lexicon can complete: pairs of title words that end in a thing, like `espresso machine`."""

from __future__ import annotations

from api.suggest.completion import Counted, search_href
from api.suggest.rules import PhraseRules
from api.understand.lexicon import Lexicon
from api.understand.vocabulary import singular
from stack.documents import CATEGORY_SEPARATOR

LOW = 0xFFFFFFFF


def phrases(lexicon: Lexicon, rules: PhraseRules, most: int) -> list[Counted]:
    """The `most` frequent ones, each with the category in which most such things stand."""
    vocabulary = lexicon.vocabulary
    words = list(vocabulary.places)
    found: dict[str, int] = {}
    pairs = list(zip(vocabulary.pairs.tolist(), vocabulary.pair_counts.tolist(), strict=True))
    led: dict[int, int] = {}
    for pair, count in pairs:
        led[pair & LOW] = max(count, led.get(pair & LOW, 0))
    for pair, count in pairs:
        first, second = words[pair >> 32], words[pair & LOW]
        if count < rules.least_count or not _is_thing(first, second, lexicon):
            continue
        if led.get(pair >> 32, 0) > rules.most_led * lexicon.count(first):
            continue  # the tail of a compound: `ear headphones` of "over-ear headphones"
        if count >= rules.least_share * min(lexicon.count(first), lexicon.count(second)):
            found[f"{first} {second}"] = count
    kept = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]
    return [Counted(text, count, search_href(q=text), _category(text, lexicon)) for text, count in kept]


def _is_thing(first: str, second: str, lexicon: Lexicon) -> bool:
    plain = len(first) > 1 and not any(char.isdigit() for char in first + second)
    return plain and first != second and singular(second) in lexicon.things


def _category(text: str, lexicon: Lexicon) -> str | None:
    best = lexicon.categories(text)[:1]
    return best[0][0].rsplit(CATEGORY_SEPARATOR, 1)[-1] if best and best[0][1] >= 0.5 else None
