"""What the encoder learns from: pairs of texts that belong together, made from documents and judgments.

    title    the title                      ↔ what else the document says (type, brand, description, attributes)
    phrase   a few words of the title       ↔ one of the passages that the document's vector is made from
    judged   a query with a relevant one    ↔ a passage of that document, with a passage of one rated 0 against it

The other documents of a batch are the negatives (Henderson et al. 2017, arXiv:1705.00652).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from learn.encoder.rules import EncoderRules, Family
from stack.documents import Document
from stack.embedding.text import PASSAGE_BREAK, describing_fields, document_text

WORD = re.compile(r"\w+")
# What joins words to a phrase in a title: a comma or a bracket ends it.
GAP = re.compile(r"[\s\-/']*")
# A phrase neither begins nor ends with one of these: "for notebook" is no query.
LINKS = frozenset(["a", "an", "and", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "without"])


@dataclass(frozen=True)
class Pair:
    """Two texts that belong together, and perhaps a third that does not belong to the first."""

    family: Family
    anchor: str
    positive: str
    negative: str = ""


def words_of(text: str) -> frozenset[str]:
    """The words of a text, without case."""
    return frozenset(WORD.findall(text.casefold()))


def catalogue_pairs(documents: Sequence[Document], rules: EncoderRules, seed: int) -> list[Pair]:
    """`title` and `phrase` pairs, at most one each a document; the same for the same seed."""
    random = Random(seed)  # noqa: S311
    phrases = _frequent_phrases(documents, rules)
    pairs: list[Pair] = []
    for document in documents:
        if rest := _rest(document):
            pairs.append(Pair("title", document.title, rest))
        own = [phrase for phrase in phrases_of(document.title, rules.phrase_words) if phrase in phrases]
        if own:
            pairs.append(Pair("phrase", _query(random, own, document, rules), _passage(random, document)))
    return pairs


def phrases_of(title: str, longest: int) -> list[str]:
    """`"HP Black toner cartridge, 6 pcs"`, 2 → `["hp", "hp black", "black", "black toner", "toner", …, "pcs"]`.

    Runs of up to `longest` neighbouring words; none holds a digit, none begins or ends with a linking word.
    """
    runs = list(_runs(title))
    found = (
        run[start:end]
        for run in runs
        for start in range(len(run))
        for end in range(start + 1, min(start + longest, len(run)) + 1)
    )
    kept = (words for words in found if words[0] not in LINKS and words[-1] not in LINKS and len(words[-1]) > 1)
    return list(dict.fromkeys(" ".join(words) for words in kept))


def _runs(title: str) -> Iterator[list[str]]:
    """The title cut where a word holds a digit, and where more than a space or a hyphen is between two words."""
    run: list[str] = []
    matches = list(WORD.finditer(title.casefold()))
    for here, after in pairwise([*matches, None]):
        assert here is not None
        if not any(char.isdigit() for char in here[0]):
            run.append(here[0])
            if after is not None and GAP.fullmatch(title.casefold()[here.end() : after.start()]):
                continue
        yield run
        run = []


def _frequent_phrases(documents: Sequence[Document], rules: EncoderRules) -> frozenset[str]:
    titles = Counter(phrase for each in documents for phrase in phrases_of(each.title, rules.phrase_words))
    brands = {str(brand).casefold() for each in documents if (brand := getattr(each, "brand", None))}
    return frozenset(
        phrase for phrase, count in titles.items() if count >= rules.phrase_titles and phrase not in brands
    )


def _query(random: Random, phrases: list[str], document: Document, rules: EncoderRules) -> str:
    phrase = random.choice(phrases)
    brand = getattr(document, "brand", None)
    if brand and random.random() < rules.phrase_brand and not words_of(brand) & words_of(phrase):
        return f"{brand.casefold()} {phrase}"
    return phrase


def _passage(random: Random, document: Document) -> str:
    return random.choice(document_text(document).split(PASSAGE_BREAK))


def _rest(document: Document) -> str:
    """What a document says beside its title: a description that only repeats it says nothing."""
    known = words_of(document.title)
    parts = [part.strip(" .") for part in describing_fields(document).written[1:] if part]
    return ". ".join(part for part in parts if not words_of(part) <= known)


def judged_pairs(
    ratings: Mapping[str, Mapping[str, int]],
    documents: Mapping[str, Document],
    also_wrong: Mapping[str, Sequence[str]],
    seed: int,
) -> list[Pair]:
    """`judged` pairs: each query with each of its relevant documents, against one that is rated 0.

    `also_wrong`, such as what BM25 found, fills in where a query has no 0: documents of it that nobody rated.
    Judged documents that `documents` does not hold are left out; count them before.
    """
    random = Random(seed)  # noqa: S311
    pairs = []
    for query, rated in ratings.items():
        good = [doc for doc, rating in rated.items() if rating > 0 and doc in documents]
        zeros = [doc for doc, rating in rated.items() if rating == 0 and doc in documents]
        wrong = zeros or [doc for doc in also_wrong.get(query, ()) if doc not in rated and doc in documents]
        pairs += [
            Pair("judged", query, _passage(random, documents[doc]), _passage(random, documents[random.choice(wrong)]))
            for doc in good
            if wrong
        ]
    return pairs
