"""Dictionaries for recognition: brands, categories, attribute values and people, from the tally."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from api.understand.dictionaries import Entry
from api.understand.model import SpanType
from api.understand.rules import DictionaryRules
from api.understand.vocabulary import fold, key_of, plural, singular, words_of
from learn.lexicon.tally import Tally
from stack.documents import CATEGORY_SEPARATOR, category_prefixes, is_measure

LETTERS = re.compile(r"[^\W\d_]")


def make_entries(tally: Tally) -> tuple[Entry, ...]:
    """All entries, one a text and type, ordered by text; the most frequent meaning of a text first."""
    rules = tally.rules.dictionaries
    found = [*brand_entries(tally, rules), *category_entries(tally, rules), *attribute_entries(tally, rules)]
    found += person_entries(tally, rules)
    best: dict[tuple[str, SpanType], Entry] = {}
    for entry in sorted(found, key=lambda entry: (-entry.count, entry.value, entry.field or "")):
        if entry.text:
            best.setdefault((entry.text, entry.type), entry)
    return tuple(sorted(best.values(), key=lambda entry: (entry.text, -entry.count, entry.type)))


def brand_entries(tally: Tally, rules: DictionaryRules) -> Iterator[Entry]:
    """Each brand under its name, its name without a legal ending, and both joined: `tp link`, `tplink`."""
    for forms, count in _spellings(tally.brands):
        if count < rules.min_brand:
            continue
        for text in _brand_texts(words_of(forms[0]), frozenset(rules.brand_endings)):
            yield Entry(text, "brand", forms[0], "brand", count)


def _brand_texts(words: list[str], endings: frozenset[str]) -> set[str]:
    short = list(words)
    while len(short) > 1 and short[-1] in endings:
        short.pop()
    texts = {" ".join(words), " ".join(short)}
    # `d link` → `dlink`; what is one letter and a number joined would be a model.
    return texts | {text.replace(" ", "") for text in texts if len(text) >= 4}


def category_entries(tally: Tally, rules: DictionaryRules) -> Iterator[Entry]:
    """Each level of each path by its label, also in the other number: `headphone`, `headphones`."""
    counts: Counter[str] = Counter()
    for path, count in tally.categories.items():
        counts.update(dict.fromkeys(category_prefixes(path), count))
    for value, count in counts.items():
        label = value.rsplit(CATEGORY_SEPARATOR, 1)[-1]
        if count >= rules.min_category and LETTERS.search(label):
            for text in _numbers(key_of(label)):
                yield Entry(text, "category", value, "category", count)


def _numbers(text: str) -> set[str]:
    if not text:
        return set()
    before, last = text.split()[:-1], singular(text.split()[-1])
    return {text, *(" ".join([*before, form]) for form in ((last, plural(last)) if last.isalpha() else ()))}


def attribute_entries(tally: Tally, rules: DictionaryRules) -> Iterator[Entry]:
    """Values that shoppers may ask by. `field` is the attribute that holds the value most often."""
    usable = {name: type for name in {name for name, _ in tally.attributes} if (type := type_of(name, rules))}
    by_text: defaultdict[tuple[str, SpanType], Counter[tuple[str, str]]] = defaultdict(Counter)
    for (name, value), count in tally.attributes.items():
        if name in usable and (text := _value_text(value, rules)):
            by_text[text, usable[name]][name, value] += count
    brands = {key_of(brand) for brand in tally.brands}
    for (text, type), uses in by_text.items():
        (name, value), _ = min(uses.items(), key=lambda item: (-item[1], item[0]))
        count = sum(uses.values())
        rarest = min(tally.words[word] for word in text.split())
        if count >= rules.min_attribute and count >= rules.least_share * rarest and text not in brands:
            yield Entry(text, type, value, f"attr.{name}", min(count, rarest))


def type_of(name: str, rules: DictionaryRules) -> SpanType | None:
    """The type of an attribute's values by its name; None for one that no shopper asks by."""
    text = " ".join(re.findall(r"[a-z]+", fold(name)))
    last = text.rsplit(" ", 1)[-1]
    typed: Iterable[tuple[SpanType, tuple[str, ...]]] = rules.types.items()
    for type, endings in typed:
        if last in endings:
            return type
    padded = f" {text} "
    return None if any(f" {ignored} " in padded for ignored in rules.ignored) else "attribute"


def _value_text(value: str, rules: DictionaryRules) -> str:
    """The words of a value that can be recognised by them; empty for numbers, measures and sentences."""
    words = words_of(value)
    text = " ".join(words)
    if len(words) > rules.most_words or text in rules.ignored_values:
        return ""
    return text if any(len(word) > 1 and LETTERS.search(word) and not is_measure(word) for word in words) else ""


def person_entries(tally: Tally, rules: DictionaryRules) -> Iterator[Entry]:
    """Creators, hosts and sellers, but for names that are a word of products."""
    for (field, name), count in tally.people.items():
        words = words_of(name)
        alone = len(words) == 1 and tally.product_words[words[0]] > rules.most_products_of_name
        if words and not alone and any(LETTERS.search(word) and len(word) > 1 for word in words):
            yield Entry(" ".join(words), "person", name, field, count)


def _spellings(labels: Counter[str]) -> Iterator[tuple[list[str], int]]:
    """Labels that differ in case or punctuation only, most frequent first, with their count together."""
    by_key: defaultdict[str, list[str]] = defaultdict(list)
    for label in labels:
        by_key[key_of(label)].append(label)
    for forms in by_key.values():
        forms.sort(key=lambda form: (-labels[form], form))
        yield forms, sum(labels[form] for form in forms)
