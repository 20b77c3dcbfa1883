"""The list: what fits and which products were found → suggestions in their order, no kind alone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from api.suggest.complete import Fitting
from api.suggest.completion import page_href
from api.suggest.letters import key_of, marked
from api.suggest.model import SUGGESTION_KINDS, Suggestion, SuggestionKind
from api.suggest.rules import OrderRules
from api.suggest.titles import Title

NAMES = ("category", "brand")
"""Kinds that say more than a query of the same words."""


@dataclass(frozen=True)
class Line:
    """A suggestion with its score and the folded letters by which it is compared."""

    suggestion: Suggestion
    key: str
    score: float

    @property
    def kind(self) -> SuggestionKind:
        return self.suggestion.kind

    @property
    def order(self) -> tuple[float, int, str, str]:
        return -self.score, SUGGESTION_KINDS.index(self.kind), self.key, self.suggestion.href


def in_order(fitting: Sequence[Fitting], titles: Sequence[Line], limit: int, rules: OrderRules) -> list[Suggestion]:
    """At most `limit`, best first. Each kind has its most while others have something left, and its least where it has
    as many.
    """
    lines = sorted(_once([*(_line(one, rules) for one in fitting), *titles]), key=lambda line: line.order)
    kept = _reserved(lines, limit, rules)
    for fill in (rules.most, {}):
        counts = Counter(line.kind for line in kept)
        for line in lines:
            if len(kept) < limit and line not in kept and counts[line.kind] < fill.get(line.kind, limit):
                kept.append(line)
                counts[line.kind] += 1
    return [line.suggestion for line in sorted(kept, key=lambda line: line.order)]


def _reserved(lines: Sequence[Line], limit: int, rules: OrderRules) -> list[Line]:
    """The places that a kind has in any case, where the list is long enough to share."""
    if limit < 2 * sum(rules.least.values()):
        return []
    kept: list[Line] = []
    for kind, least in rules.least.items():
        kept += [line for line in lines if line.kind == kind][:least]
    return kept


def _once(lines: list[Line]) -> list[Line]:
    """A place once, and no query whose words are already there as a category or a brand."""
    named = {line.key for line in lines if line.kind in NAMES}
    best: dict[tuple[SuggestionKind, str], Line] = {}
    for line in lines:
        if line.kind == "query" and line.key in named:
            continue
        place = (line.kind, line.suggestion.href)
        if place not in best or line.order < best[place].order:
            best[place] = line
    return list(best.values())


def _line(one: Fitting, rules: OrderRules) -> Line:
    what = one.completion
    fit = rules.whole if one.whole else 1.0 if one.at_start else rules.inner
    suggestion = Suggestion(
        kind=what.kind,
        text=what.text,
        marked=marked(what.text, one.typed),
        href=what.href,
        detail=what.detail,
        corrected=one.slips > 0,
    )
    return Line(suggestion, what.key, _score(what.kind, fit * one.share, what.worth, rules))


def title_lines(titles: Sequence[Title], typed: str, slips: int, cost: float, rules: OrderRules) -> list[Line]:
    """Products as lines. `typed` are the letters that they were searched by, `slips` those that were mended in them."""
    lines = []
    for title in titles:
        key = key_of(title.text)
        fit = (1.0 if key.startswith(typed) else rules.inner) * cost**slips
        suggestion = Suggestion(
            kind="product",
            text=title.text,
            marked=marked(title.text, typed),
            href=page_href("items/product", title.id),
            detail=_price(title),
            corrected=slips > 0,
        )
        lines.append(Line(suggestion, key, _score("product", fit, title.popularity, rules)))
    return lines


def _score(kind: SuggestionKind, fit: float, worth: float, rules: OrderRules) -> float:
    return round(rules.weight[kind] * fit * (rules.floor + (1 - rules.floor) * worth), 9)


def _price(title: Title) -> str | None:
    """`29.90 EUR`; None without a price or its currency."""
    return None if title.price is None or title.currency is None else f"{title.price:.2f} {title.currency}"
