"""Nouns that name a product: `case`, `cable`, `toner`. "case for iPhone" wants a case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from api.understand.dictionaries import Entry
from api.understand.vocabulary import plural, singular, words_of
from learn.lexicon.heads import head_of
from learn.lexicon.tally import Tally


def make_things(tally: Tally, entries: Iterable[Entry]) -> frozenset[str]:
    """Heads of categories and of product types, and of titles where the word behaves as a noun."""
    listed = tuple(entries)
    heads = _heads(tally, _texts(listed, "colour", "size", "material"))
    known = {word for word in _labelled(tally, listed) if heads[word]}
    described = _texts(listed, "colour", "size", "material") | _mostly_names(listed, tally)
    found = {word for word, count in heads.items() if word not in described and _is_thing(word, count, tally)}
    return frozenset(word for word in known | found if len(word) > 1)


def _texts(entries: Iterable[Entry], *types: str) -> frozenset[str]:
    return frozenset(entry.text for entry in entries if entry.type in types)


def _mostly_names(entries: Iterable[Entry], tally: Tally) -> frozenset[str]:
    """Words that are hardly anything but an attribute's value or of a brand: `original`, `lite`; `case` is not."""
    share = tally.rules.things.most_value_share
    words = [(entry.text, entry.count) for entry in entries if entry.type == "attribute"]
    words += [(word, entry.count) for entry in entries if entry.type == "brand" for word in entry.text.split()]
    names = {word for word, count in words if count > share * tally.words[word]}
    return frozenset(names | set(map(singular, names)))


def _heads(tally: Tally, describing: frozenset[str]) -> Counter[str]:
    heads: Counter[str] = Counter()
    for end, count in tally.ends.items():
        if head := head_of(end, describing):
            heads[head] += count
    return heads


def _labelled(tally: Tally, entries: Iterable[Entry]) -> set[str]:
    """Last words of category labels and of the attributes that name a product's type."""
    rules = tally.rules
    labels = [entry.text for entry in entries if entry.type == "category"]
    labels += [
        value
        for (name, value), count in tally.attributes.items()
        if name in rules.things.type_attributes and count >= rules.dictionaries.min_attribute
    ]
    return {singular(words[-1]) for label in labels if (words := words_of(label)) and words[-1].isalpha()}


def _is_thing(word: str, heads: int, tally: Tally) -> bool:
    """Titles end with it, and: it has a plural, or goes on with "for", or titles hardly hold it but at the end."""
    rules, many = tally.rules.things, plural(word)
    uses = tally.title_uses[word] + tally.title_uses[many]
    if tally.after_number[word] + tally.after_number[many] > rules.most_after_number * uses:
        return False
    plurals, fors = tally.product_words[many], tally.before_for[word]
    counted = plurals >= max(rules.min_plural, rules.least_plural_share * uses)
    fitted = fors >= max(rules.min_before_for, rules.least_for_share * uses)
    least = rules.least_head_share if counted or fitted else rules.enough_head_share
    return heads >= max(rules.min_head, least * uses)
