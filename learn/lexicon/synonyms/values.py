"""An attribute's value and the word that titles have in its place: the colour Grey, titles with `gray`."""

from __future__ import annotations

from collections.abc import Iterator

from api.understand.vocabulary import singular
from learn.lexicon.synonyms.alike import least_similarity
from learn.lexicon.synonyms.candidate import Candidate
from learn.lexicon.synonyms.collect import Collection
from learn.lexicon.synonyms.rules import SynonymRules
from learn.lexicon.synonyms.vectors import Similarity


def candidates(collection: Collection, similarity: Similarity, rules: SynonymRules) -> Iterator[Candidate]:
    """Pairs (value, title word) that stand for each other."""
    least = rules.values
    for (value, word), count in collection.beside.items():
        if (
            count < least.min_together
            or len(word) < 2
            or word in collection.brand_words
            or singular(word) == singular(value)
        ):
            continue
        of_word, of_value = count / collection.titles[word], count / collection.absent_values[value]
        if of_word < least.least_of_word or of_value < least.least_of_value or collection.siblings(value, word):
            continue
        cosine = similarity(value, word)
        # `micro` beside MicroATX is a part of it, in two words.
        if cosine < least_similarity(value, word, rules.alike) or value.startswith(word) or word.startswith(value):
            continue
        evidence = (
            f"{count} products have the value {value} and {word} in the title: {of_value:.0%} of the value's, "
            f"{of_word:.0%} of the word's, similarity {cosine:.2f}"
        )
        yield Candidate((value, word), (of_word + of_value + cosine) / 3, "value and title", evidence)
