"""What the checks know of a catalogue, all of it from a sample of its documents: things, brands, colours, words.

Nothing is known beforehand: the same checks run on computer parts and on a fashion shop.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from random import Random

from learn.checks.words import is_plain, mentions, plural, singular, stems, tokens
from learn.items import Item

# A thing is said of at least so many documents, this share of them, and by so many brands.
THING_DOCUMENTS, THING_SHARE, THING_BRANDS = 5, 0.002, 3
# How often it must end a run of words ("flash drive, 16 GB"): "memory" hardly does.
THING_ENDS = 0.15
# A colour is an attribute's value in so many documents.
COLOUR_DOCUMENTS = 3
# A word that follows a number as often as this is a unit.
UNIT_SHARE = 0.3
# Words on both sides of these do not belong together.
BREAK = re.compile(r"[^\w\s'’.-]|\s[-–—]\s")


@dataclass(frozen=True)
class Catalogue:
    """A sample of documents, and the groups of synonyms that are declared for their language."""

    items: tuple[Item, ...]
    synonyms: tuple[tuple[str, str], ...] = ()

    @cached_property
    def texts(self) -> dict[str, frozenset[str]]:
        """Id → the words of title and categories, in the singular."""
        return {item.id: stems(f"{item.title} {' '.join(item.category)}") for item in self.items}

    @cached_property
    def vocabulary(self) -> Counter[str]:
        """Word → documents whose title has it."""
        return Counter(word for item in self.items for word in set(tokens(item.title)))

    @cached_property
    def pairs(self) -> Counter[tuple[str, str]]:
        """Two neighbouring words → documents whose title has them."""
        return Counter(pair for item in self.items for pair in set(pairwise(tokens(item.title))))

    @cached_property
    def brand_words(self) -> frozenset[str]:
        """Every word of a brand's name."""
        return frozenset(word for item in self.items for word in tokens(item.brand))

    @cached_property
    def colours(self) -> dict[str, frozenset[str]]:
        """Colour, one word → ids of the documents whose attribute of that name has it."""
        found: dict[str, set[str]] = defaultdict(set)
        for item in self.items:
            for colour in colours_of(item):
                found[colour].add(item.id)
        return {colour: frozenset(ids) for colour, ids in found.items() if len(ids) >= COLOUR_DOCUMENTS}

    @cached_property
    def nouns(self) -> frozenset[str]:
        """Words that name things: the last word of a category, or one that titles have in both numbers ("cable" and
        "cables"), but no unit ("2 cores").
        """
        heads = {singular(tokens(path[-1])[-1]) for item in self.items if (path := item.category) and tokens(path[-1])}
        both = {word for word, count in self.vocabulary.items() if count > 1 and self.vocabulary[plural(word)] > 1}
        after_number = Counter[str]()
        for (before, word), count in self.pairs.items():
            after_number[word] += count * before.isdigit()
        named = [word for word in self.vocabulary if singular(word) in heads or singular(word) in both]
        return frozenset(
            word
            for word in named
            if after_number[word] < UNIT_SHARE * self.vocabulary[word]
            and is_plain(word)
            and word not in self.brand_words
            and word not in self.colours
        )

    @cached_property
    def things(self) -> dict[str, tuple[Item, ...]]:
        """What the documents are, in one or two words → the documents of which it is said."""
        ends: Counter[str] = Counter()
        documents: dict[str, set[str]] = defaultdict(set)
        brands: dict[str, set[str]] = defaultdict(set)
        for item in self.items:
            for phrase, is_end in self._phrases(item.title):
                if item.id not in documents[phrase]:
                    ends[phrase] += is_end
                documents[phrase].add(item.id)
                brands[phrase].add(item.brand)
        least = max(THING_DOCUMENTS, THING_SHARE * len(self.items))
        kept = [
            phrase
            for phrase, ids in documents.items()
            if len(ids) >= least and len(brands[phrase]) >= THING_BRANDS and ends[phrase] >= THING_ENDS * len(ids)
        ]
        one_each = {stems(phrase): phrase for phrase in sorted(kept, key=lambda phrase: len(documents[phrase]))}
        return {phrase: self.mentioning(phrase) for phrase in sorted(one_each.values())}

    def _phrases(self, title: str) -> list[tuple[str, bool]]:
        """Nouns, alone and with the plain word before them, and whether a run of words ends there."""
        found = []
        for run in BREAK.split(title):
            words = ["", *tokens(run), ""]
            for before, word, after in zip(words, words[1:], words[2:], strict=False):
                if word not in self.nouns:
                    continue
                is_end = not is_plain(after) or after in self.colours
                found.append((word, is_end))
                if is_plain(before) and before not in self.brand_words and before not in self.colours:
                    found.append((f"{before} {word}", is_end))
        return found

    def mentioning(self, phrase: str) -> tuple[Item, ...]:
        """The documents whose title or category has all words of a phrase."""
        wanted = stems(phrase)
        return tuple(item for item in self.items if wanted <= self.texts[item.id])

    @cached_property
    def branded_things(self) -> tuple[tuple[str, str, int], ...]:
        """Brand, thing, and how many of the brand's documents are that: three at least."""
        counts = Counter((item.brand, thing) for thing, items in self.things.items() for item in items if item.brand)
        return tuple((brand, thing, count) for (brand, thing), count in sorted(counts.items()) if count >= 3)

    def thing_of(self, item: Item) -> str | None:
        """The longest thing that a document is."""
        words = self.texts[item.id]
        found = [thing for thing in self.things if set(map(singular, thing.split())) <= words]
        return max(found, key=lambda thing: (len(thing.split()), len(thing)), default=None)

    def query(self, random: Random) -> str:
        """A plain query of two words or more: brand and thing, colour and thing, or a thing of two words."""
        makers = [self._branded, self._coloured, self._two_words]
        for make in random.sample(makers, len(makers)):
            if (query := make(random)) and len(query.split()) > 1:
                return query
        return " ".join(tokens(random.choice(self.items).title)[:3])

    def _branded(self, random: Random) -> str | None:
        brand, thing, _ = random.choice(self.branded_things or (("", "", 0),))
        return f"{brand} {thing}".strip().casefold() or None

    def _coloured(self, random: Random) -> str | None:
        if not self.colours or not self.things:
            return None
        colour, thing = random.choice(sorted(self.colours)), random.choice(list(self.things))
        return f"{colour} {thing}" if any(item.id in self.colours[colour] for item in self.things[thing]) else None

    def _two_words(self, random: Random) -> str | None:
        two = [thing for thing in self.things if " " in thing]
        return random.choice(two) if two else None


def colours_of(item: Item) -> list[str]:
    """The colours of a document that are one plain word."""
    named = [value for name, value in item.attributes.items() if "colour" in name or "color" in name]
    texts = [text for value in named for text in (value if isinstance(value, list) else [value])]
    return [text.casefold() for text in texts if isinstance(text, str) and is_plain(text.casefold())]


def has_word(item: Item, phrase: str) -> bool:
    """Is it in title, brand or category?"""
    return mentions(f"{item.title} {item.brand} {' '.join(item.category)}", phrase)
