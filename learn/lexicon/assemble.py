"""From what was counted to a lexicon: words, pairs, dictionaries, things and shapes; the classifier comes later."""

from __future__ import annotations

import re

from api.understand.lexicon import Lexicon
from api.understand.vocabulary import GROUPS, Vocabulary
from learn.lexicon.entries import make_entries
from learn.lexicon.tally import Tally
from learn.lexicon.things import make_things

LETTERS = re.compile(r"[^\W\d_]")
MIN_SHAPE = 3


def assemble(tally: Tally) -> Lexicon:
    """A lexicon without a classifier and without a version."""
    entries = make_entries(tally)
    return Lexicon(
        version="",
        documents=tally.documents.total(),
        vocabulary=make_vocabulary(tally),
        entries=entries,
        things=make_things(tally, entries),
        kept=frozenset(
            word for entry in entries for word in entry.text.split() if len(word) > 1 and LETTERS.search(word)
        ),
        shapes={
            shape: round(tally.model_shapes[shape] / count, 3)
            for shape, count in tally.shapes.items()
            if count >= MIN_SHAPE and tally.model_shapes[shape]
        },
    )


def make_vocabulary(tally: Tally) -> Vocabulary:
    """The words that are frequent enough, with their counts by group, and the pairs of them."""
    rules = tally.rules.vocabulary
    words = {
        word: count
        for word, count in tally.words.items()
        if tally.product_words[word] >= rules.min_count or count >= max(rules.min_count, rules.min_count_elsewhere)
    }
    groups = {word: [tally.groups[group][word] for group in GROUPS] for word in words}
    pairs = {pair: count for pair, count in tally.pairs.items() if count >= rules.min_bigram}
    return Vocabulary.of(words, groups, pairs)
