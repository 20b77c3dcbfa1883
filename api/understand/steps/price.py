"""What it may cost: "under 500", "20-50 €", "between 20 and 50", "cheap". The words leave the text.

A number alone is no price: "iphone 12", "windows 10", "20-50 mm lens", "100-240v" and "over ear" stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from api.understand.lexicon import Lexicon
from api.understand.model import PriceRange, Span, Understanding
from api.understand.phrases import Phrases
from api.understand.step import Did, Kit, Step
from api.understand.step_rules import StepRules
from api.understand.vocabulary import fold, singular, words_of

NUMBER = r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d{1,8}(?:[.,]\d{1,2})?"
CERTAIN, LIKELY = 0.98, 0.85


@dataclass(frozen=True)
class _Bound:
    """One end of a range, as it was written: `side`, number and currency (None: none was written)."""

    amounts: tuple[float, ...]
    currency: str | None


def make(kit: Kit) -> Step:
    """The step, with each language's words."""
    grammars = {language: _Grammar(kit.rules, language) for language in kit.rules.words}

    def step(seen: Understanding) -> Did:
        grammar = grammars.get(seen.language)
        return _read(seen, grammar, kit) if grammar else Did(seen)

    return step


class _Grammar:
    """The patterns of a language. Each matches whole words only."""

    def __init__(self, rules: StepRules, language: str) -> None:
        words = rules.words_in(language).price
        self.words = words
        self.quantities = {*words.quantities, *(name for names in rules.normalise.units.values() for name in names)}
        self.currency = {fold(name): code for code, names in words.currencies.items() for name in names}
        self.wishes = {"cheap": Phrases.of(words.cheap), "expensive": Phrases.of(words.expensive)}
        to = _any(words.to)
        self.between = self._pattern(rf"{_any(words.between)}\s{{a}}(?:\s?{to}\s?){{b}}")
        self.range = self._pattern(rf"{{a}}(?:\s?{to}\s?){{b}}")
        self.up_to = self._pattern(rf"{_any(words.up_to)}\s{{a}}")
        self.up_to_weak = self._pattern(rf"(?P<weak>{_any(words.up_to_weak)})\s{{a}}")
        self.at_least = self._pattern(rf"{_any(words.at_least)}\s{{a}}")
        self.at_least_weak = self._pattern(rf"(?P<weak>{_any(words.at_least_weak)})\s{{a}}")

    def _pattern(self, form: str) -> re.Pattern[str]:
        signs = "|".join(sorted(map(re.escape, self.currency), key=len, reverse=True))
        amounts = {
            end: rf"(?:(?P<before_{end}>{signs})\s?)?(?P<{end}>{NUMBER})(?:\s?(?P<after_{end}>{signs})(?!\w))?"
            for end in ("a", "b")
        }
        around = rf"(?:{_any(self.words.around)}\s)*"
        return re.compile(rf"(?<!\S){around}{form.format(**amounts)}(?!\S)")


def _any(phrases: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, phrases), key=len, reverse=True))})" if phrases else "(?!)"


def _read(seen: Understanding, grammar: _Grammar, kit: Kit) -> Did:
    text, price, taken, certainty = seen.text, PriceRange(), [], 1.0
    for name in ("between", "range", "up_to", "up_to_weak", "at_least", "at_least_weak"):
        for found in getattr(grammar, name).finditer(text):
            bound = _bound(found, grammar)
            bounds = _merge(price, name, bound)
            if bounds and _is_price(found, name, bound, grammar, kit):
                price, text = bounds, _without(text, found.start(), found.end())
                taken.append(found[0])
                certainty = min(certainty, CERTAIN if bound.currency or name in ("up_to", "between") else LIKELY)
                break
    text, price, wished = _wish(text, price, grammar)
    if not taken and not wished:
        return Did(seen)
    spans = [Span("price", words, _written(price), certainty, "price") for words in (*taken, *wished)]
    return Did(replace(seen, text=text, price=price, spans=(*seen.spans, *spans)), certainty)


def _bound(found: re.Match[str], grammar: _Grammar) -> _Bound:
    groups = found.groupdict()
    amounts = tuple(_amount(groups[end]) for end in ("a", "b") if groups.get(end))
    signs = (groups.get(f"{side}_{end}") for end in ("b", "a") for side in ("after", "before"))
    return _Bound(amounts, next((grammar.currency[fold(sign)] for sign in signs if sign), None))


def _amount(written: str) -> float:
    """`1.000` and `1,000` → 1000, `19,99` → 19.99: three digits after a mark are thousands."""
    *head, last = re.split(r"[.,]", written)
    return float("".join(head) + ("." if head and len(last) < 3 else "") + last)


def _merge(price: PriceRange, name: str, bound: _Bound) -> PriceRange | None:
    """The range with one more bound; None when it has that bound already, or would be empty."""
    currency = bound.currency or price.currency
    if name in ("between", "range"):
        low, high = sorted(bound.amounts)
        return None if bound.amounts[0] > bound.amounts[1] else replace(price, gte=low, lte=high, currency=currency)
    end = "lte" if name.startswith("up_to") else "gte"
    if getattr(price, end) is not None:
        return None
    merged = PriceRange(**{**vars(price), end: bound.amounts[0], "currency": currency})
    empty = merged.gte is not None and merged.lte is not None and merged.gte > merged.lte
    return None if empty else merged


def _is_price(found: re.Match[str], name: str, bound: _Bound, grammar: _Grammar, kit: Kit) -> bool:
    """Is it money? With a currency surely; without one it depends on the words around."""
    if any(not 0 < amount <= kit.rules.price.most for amount in bound.amounts):
        return False
    after = found.string[found.end() :].split()
    if bound.currency:
        return True
    if name == "range" or (after and (after[0] in grammar.quantities or not _may_follow(after[0], kit.lexicon))):
        return False
    first, last = kit.rules.price.years
    if name != "up_to" and any(first <= amount <= last and amount % 50 for amount in bound.amounts):
        return False
    if name in ("up_to", "at_least", "between"):
        return True
    before = found.string[: found.start()].split()
    if before:
        return not after and not _is_name(before[-1], found["weak"], grammar, kit.lexicon)
    return not after or name == "up_to_weak"


def _may_follow(word: str, lexicon: Lexicon | None) -> bool:
    """After "under 500" stands what is wanted, or nothing; "under 500 foo" may count foos."""
    keys = words_of(word)
    return lexicon is None or not keys or any(lexicon.count(key) or lexicon.count(singular(key)) for key in keys)


def _is_name(before: str, weak: str, grammar: _Grammar, lexicon: Lexicon | None) -> bool:
    """Does the weak word end a name, as in "iphone 12 pro max 256"?"""
    if weak not in grammar.words.up_to_weak:
        return False
    return before in grammar.words.names_before or bool(lexicon and lexicon.bigram(fold(before), fold(weak)))


def _wish(text: str, price: PriceRange, grammar: _Grammar) -> tuple[str, PriceRange, list[str]]:
    taken: list[str] = []
    for wish in ("cheap", "expensive"):
        words = text.split()
        found = grammar.wishes[wish].all([fold(word) for word in words])
        if found and price.wish is None:
            price = replace(price, wish="cheap" if wish == "cheap" else "expensive")
            taken += [" ".join(words[hit.start : hit.end]) for hit in found]
            gone = {place for hit in found for place in range(hit.start, hit.end)}
            text = " ".join(word for place, word in enumerate(words) if place not in gone)
    return text, price, taken


def _without(text: str, start: int, end: int) -> str:
    return " ".join((text[:start] + text[end:]).split())


def _written(price: PriceRange) -> str:
    """`20..50 EUR`, `..500`, `cheap`."""
    ends = ["" if end is None else f"{end:g}" for end in (price.gte, price.lte)]
    amounts = "..".join(ends) if any(ends) else ""
    return " ".join(part for part in (amounts, price.currency, price.wish) if part)
