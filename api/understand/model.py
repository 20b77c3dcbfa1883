"""What understanding a query gives. Frozen values: query building, features and the answer read them.

"wirless mouse without cable under 20 euro" →
text "wireless mouse", corrections (wirless → wireless), spans (…), excluded ("cable",), price(lte=20)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from stack.documents import Kind

SpanType = Literal[
    "brand", "category", "attribute", "colour", "size", "material", "model", "compatible", "excluded", "price", "person"
]


@dataclass(frozen=True)
class Span:
    """A run of words that was recognised. `value` is its canonical form, `field` the public field that holds it
    (None: none does), `certainty` from 0 to 1. `compatible` marks what comes after "for": it is not what is wanted.
    """

    type: SpanType
    text: str
    value: str
    certainty: float
    field: str | None = None


@dataclass(frozen=True)
class PriceRange:
    """Bounds that the words ask for, inclusive; `wish` is a direction without a number."""

    gte: float | None = None
    lte: float | None = None
    currency: str | None = None
    wish: Literal["cheap", "expensive"] | None = None

    @property
    def bounds(self) -> dict[str, float]:
        """As a range filter takes them; empty for a mere wish."""
        given = {"gte": self.gte, "lte": self.lte}
        return {name: bound for name, bound in given.items() if bound is not None}


@dataclass(frozen=True)
class StepReport:
    """What a step did: the text before and after it, how sure it was (0 to 1), and a note for a reader."""

    name: str
    before: str
    after: str
    certainty: float = 1.0
    note: str = ""
    found: tuple[Span, ...] = ()

    @property
    def changed(self) -> bool:
        """Did it rewrite or find anything?"""
        return self.before != self.after or bool(self.found) or bool(self.note)


@dataclass(frozen=True)
class Understanding:
    """A query as it is searched, and everything that was recognised in it.

    `text` is what is searched: normalised, corrected, without what is excluded or only a price. `variants` are other
    spellings of the same words, searched beside it (`smartwatch` for `smart watch`). `categories` are pairs of
    category path and calibrated probability, most probable first. `intent` is the probability that the query wants
    each kind. `version` names the lexicon that was used, None when there is none.
    """

    original: str
    text: str
    language: str
    corrections: tuple[tuple[str, str], ...] = ()
    variants: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    excluded: tuple[str, ...] = ()
    price: PriceRange | None = None
    categories: tuple[tuple[str, float], ...] = ()
    intent: Mapping[Kind, float] = field(default_factory=lambda: MappingProxyType({}))
    informativeness: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    steps: tuple[StepReport, ...] = ()
    version: str | None = None

    @property
    def category_certainty(self) -> float:
        """The probability of the most probable category; 0 when none was predicted."""
        return self.categories[0][1] if self.categories else 0.0

    def of_type(self, type: SpanType) -> tuple[Span, ...]:
        """The spans of one type, in the order of the words."""
        return tuple(span for span in self.spans if span.type == type)

    def as_json(self) -> dict[str, Any]:
        """For the answer's `query` object."""
        return {
            "text": self.text,
            "language": self.language,
            "corrections": [{"from": old, "to": new} for old, new in self.corrections],
            "variants": list(self.variants),
            "spans": [vars(span) for span in self.spans],
            "excluded": list(self.excluded),
            "price": None if self.price is None else vars(self.price),
            "categories": [{"path": path, "probability": round(share, 4)} for path, share in self.categories],
            "intent": {kind: round(share, 4) for kind, share in self.intent.items()},
            "steps": [
                {"name": step.name, "before": step.before, "after": step.after, "certainty": round(step.certainty, 4)}
                | ({"note": step.note} if step.note else {})
                for step in self.steps
                if step.changed
            ],
            "version": self.version,
        }
