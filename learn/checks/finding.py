"""MFT: a document that is asked for by its number or its very title must come first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from learn.checks.catalogue import Catalogue
from learn.checks.model import Answer, Case, Check, Failed, Make, Outcome
from learn.checks.words import tokens
from learn.items import Item
from stack.documents import is_measure, model_key

# Letters and digits, five characters at least, no spaces: what a maker prints on the box.
MODEL = re.compile(r"(?=.*\d.*\d)(?=.*[A-Za-z])[A-Za-z0-9][\w./-]{3,}[A-Za-z0-9]")
PARTS = re.compile(r"[A-Za-z]+|\d+")
TITLE_TOP = 3
# A query of more words than a shopper types; a data sheet has no more than so many of it.
LONG_LEAST, LONG_MOST = 15, 40


def first_is_it(case: Case, answers: Sequence[Answer]) -> Outcome:
    """The first result is the document, or another one of the same number or title."""
    return _among(case, answers[-1], 1)


def near_the_top(case: Case, answers: Sequence[Answer]) -> Outcome:
    """The document is among the first three, or another one with its title is."""
    return _among(case, answers[-1], TITLE_TOP)


def something_comes(_case: Case, answers: Sequence[Answer]) -> Outcome:
    """The row is not empty."""
    return None if all(answers) else Failed("nothing comes")


def _among(case: Case, answer: Answer, top: int) -> Outcome:
    target = case.item
    if target is None or any(_same(item, target) for item in answer[:top]):
        return None
    place = next((place for place, item in enumerate(answer, start=1) if _same(item, target)), None)
    seen = f"at rank {place}" if place else f"not in the top {len(answer)}" if answer else "nothing comes"
    return Failed(f"{target.title!r} is {seen}" + (f"; first: {answer[0].title!r}" if answer else ""))


def _same(item: Item, target: Item) -> bool:
    key = model_key(target.model)
    same_model = bool(key) and bool(MODEL.fullmatch(target.model)) and model_key(item.model) == key
    return item.id == target.id or item.title.casefold() == target.title.casefold() or same_model


def _each(query_of: Callable[[Item, Random], str | None]) -> Make:
    """One case a document of the sample, in random order."""

    def make(catalogue: Catalogue, random: Random) -> Iterator[Case]:
        for item in random.sample(catalogue.items, len(catalogue.items)):
            query = query_of(item, random)
            yield Case((query,) if query else (), item)

    return make


def _model(item: Item, _random: Random) -> str | None:
    fits = MODEL.fullmatch(item.model) and not is_measure(item.model)
    return item.model if fits else None


def _other_punctuation(item: Item, random: Random) -> str | None:
    """`TN-2110` → `tn2110`, `tn 2110`, `TN.2110`."""
    model = _model(item, random)
    parts = PARTS.findall(model or "")
    if model is None or not 2 <= len(parts) <= 3:
        return None
    forms = [joint.join(parts) for joint in ("", "-", " ", ".")]
    others = [form for form in forms if form.casefold() != model.casefold()]
    return random.choice(others).lower()


def _brand_and_model(item: Item, random: Random) -> str | None:
    model = _model(item, random)
    return f"{item.brand} {model}" if model and item.brand else None


def _gtin(item: Item, random: Random) -> str | None:
    return random.choice(item.gtin) if item.gtin else None


def _title(item: Item, _random: Random) -> str | None:
    return item.title if len(tokens(item.title)) > 2 else None


def _long(item: Item, _random: Random) -> str | None:
    """The title and what the attributes say, as one pastes it from a data sheet."""
    said = " ".join(f"{name} {value}" for name, value in item.attributes.items() if not isinstance(value, bool | list))
    words = f"{item.title} {said}".split()
    return " ".join(words[:LONG_MOST]) if len(words) >= LONG_LEAST else None


def _empty_words(_catalogue: Catalogue, random: Random) -> Iterator[Case]:
    words = ("the", "a", "of", "and", "for", "with", "without", "is", "to", "?", "-", "under")
    while True:
        yield Case((" ".join(random.sample(words, 3)),))


def _nonsense_beside(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    while True:
        noise = "".join(random.choice("bcdfghjklmnpqrstvwxz") for _ in range(9))
        yield Case((f"{noise} {catalogue.query(random)} {noise[::-1]}",))


def _no_error(_case: Case, _answers: Sequence[Answer]) -> Outcome:
    """An answer came at all: errors are noted where the query is run."""
    return None


CHECKS = (
    Check("model number", "MFT", "it alone: the product is first", _each(_model), first_is_it),
    Check("model number, respelt", "MFT", "other punctuation, spaces, case", _each(_other_punctuation), first_is_it),
    Check("brand and model number", "MFT", "the product is first", _each(_brand_and_model), first_is_it),
    Check("GTIN", "MFT", "the product is first", _each(_gtin), first_is_it),
    Check("title", "MFT", "the whole title: the product is in the first three", _each(_title), near_the_top),
    Check("long query", "MFT", "title and data sheet, 15 to 40 words: in the first three", _each(_long), near_the_top),
    Check("never empty", "MFT", "nonsense around a query: something comes", _nonsense_beside, something_comes),
    Check("only empty words", "MFT", "an answer, not an error", _empty_words, _no_error),
)
