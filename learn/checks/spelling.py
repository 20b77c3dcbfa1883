"""How well the speller does: right corrections of words that were mistyped on purpose, and harm to words that were not.

Words are mistyped as fingers do: two letters swapped, one left out, doubled, added or struck on the key beside, never
the first. The same seed gives the same mistakes. What comes out as another word that the catalogue knows has results
and is not corrected by design: it is counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from api.understand.chain import Understander
from api.understand.lexicon import Lexicon
from api.understand.step import known
from api.understand.steps.spelling import Speller
from api.understand.typos import NEIGHBOURS
from api.understand.vocabulary import singular

SLIPS = ("swap", "leave_out", "double", "insert", "neighbour_key")
SHORTEST = 4
# The chain up to the speller and no further: joining and price are not what is measured.
SPELLING_ONLY = frozenset({"price", "negation", "compounds", "recognise", "category", "synonyms", "intent"})


@dataclass(frozen=True)
class Slipped:
    """A query with one word mistyped, and what became of it."""

    query: str
    typed: str
    meant: str
    slip: str
    became: str

    @property
    def right(self) -> bool:
        """Another number of the word is as good: the index stems."""
        return singular(self.became) == singular(self.meant)


@dataclass(frozen=True)
class SpellingCheck:
    """`slipped` are those that could be corrected; `already_words` came out as words; `harmed` are clean texts that
    were changed, with what they became.
    """

    slipped: tuple[Slipped, ...]
    already_words: int
    clean: int
    harmed: tuple[tuple[str, str], ...]

    @property
    def right_share(self) -> float:
        """Of the mistyped words, those that came out right."""
        return sum(item.right for item in self.slipped) / max(1, len(self.slipped))

    @property
    def wrong_share(self) -> float:
        """Of the mistyped words, those that became another word than was meant."""
        return sum(not item.right and item.became != item.typed for item in self.slipped) / max(1, len(self.slipped))

    @property
    def harmed_share(self) -> float:
        """Of the clean texts, those that were changed."""
        return len(self.harmed) / max(1, self.clean)

    def right_by_slip(self) -> dict[str, float]:
        """The share of right corrections for each kind of slip."""
        of, right = Counter(item.slip for item in self.slipped), Counter(i.slip for i in self.slipped if i.right)
        return {slip: right[slip] / of[slip] for slip in SLIPS if of[slip]}


def check_spelling(understander: Understander, lexicon: Lexicon, texts: Sequence[str], seed: int = 1) -> SpellingCheck:
    """Mistype one word of each text and see; then all texts as they are. Texts are queries or single words."""
    chance, slipped, words = Random(seed), [], 0  # noqa: S311 (mistakes by chance, no secrets)
    for text in texts:
        for slip in SLIPS:
            item = _slip(understander, text, slip, chance)
            if item and known(lexicon, item.typed):
                words += 1
            elif item:
                slipped.append(item)
    after = [(text, understander.understand(text, without=SPELLING_ONLY).text) for text in texts]
    plain = [(text, understander.understand(text, without=SPELLING_ONLY | {"spelling"}).text) for text in texts]
    harmed = [
        (text, changed) for (text, changed), (_, expected) in zip(after, plain, strict=True) if changed != expected
    ]
    return SpellingCheck(tuple(slipped), words, len(texts), tuple(harmed))


def rewritten_if_unknown(understander: Understander, lexicon: Lexicon, seed: int = 1, sample: int = 600) -> float:
    """The share of the catalogue's rarest words (too rare to be corrections) that would be rewritten if unknown.

    An upper bound of the harm to new names: many of these are plurals and the catalogue's own typing mistakes.
    """
    speller = Speller(understander.kit, lexicon)
    least = speller.rules.min_count
    rare = sorted(word for word, count in lexicon.words.items() if count < least and _is_plain(word))
    words = Random(seed).sample(rare, min(sample, len(rare)))  # noqa: S311 (a sample by chance, no secrets)
    guesses = [speller.guess([word], 0) for word in words]
    return sum(guess is not None and guess.certainty >= speller.rules.min_certainty for guess in guesses) / max(
        1, len(words)
    )


def _is_plain(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha() and word.isascii()


def _slip(understander: Understander, text: str, slip: str, chance: Random) -> Slipped | None:
    words = text.lower().split()
    places = [place for place, word in enumerate(words) if _is_plain(word)]
    if not places:
        return None
    place = chance.choice(places)
    meant = words[place]
    words[place] = mistype(meant, slip, chance)
    if words[place] == meant:
        return None
    typed = " ".join(words)
    became = understander.understand(typed, without=SPELLING_ONLY).text.split()
    return Slipped(typed, words[place], meant, slip, became[place] if place < len(became) else "")


def mistype(word: str, slip: str, chance: Random) -> str:
    """`keyboard` → `keybaord` (swap), `keybord` (leave_out), `keyyboard` (double), …"""
    place = chance.randrange(1, len(word))
    if slip == "swap":
        place = min(place, len(word) - 2)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if slip == "leave_out":
        return word[:place] + word[place + 1 :]
    if slip == "double":
        return word[:place] + word[place] + word[place:]
    beside = sorted(b for a, b in NEIGHBOURS if a == word[place])
    key = chance.choice(beside) if beside else word[place]
    return word[:place] + key + word[place + (slip == "neighbour_key") :]
