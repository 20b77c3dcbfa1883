"""What the page says of the words: corrected, left out, taken as a price or as not wanted, and the way back from each.

Pure: worked out from the request and the answer's `query` object.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.http.formats import Formats
from api.http.i18n import N_
from api.http.links import search_url
from api.model import Answer, SearchRequest

# A span that is less certain than this is not worth a word to a shopper.
SURE = 0.5
# Steps that rewrite words, the first is the likelier culprit.
REWRITERS = ("spelling", "compounds")
SPANS = {"brand": (N_("Brand"), "recognise"), "compatible": (N_("For"), "recognise")}
WISHES = {"cheap": N_("cheap"), "expensive": N_("expensive")}
# As the speller writes it (understand/steps/spelling.py).
OFFER = re.compile(r"did you mean (?P<meant>\S+) for (?P<written>[^?;]+)\?")
PART_LABELS = {
    "normalise": N_("clean-up"),
    "language": N_("language"),
    "spelling": N_("spelling"),
    "compounds": N_("compounds"),
    "recognise": N_("recognition"),
    "negation": N_("negation"),
    "price": N_("price"),
    "category": N_("category"),
    "synonyms": N_("synonyms"),
    "intent": N_("intent"),
    "relaxation": N_("relaxation"),
    "final_stage": N_("final ranking"),
}


@dataclass(frozen=True)
class Piece:
    """Some words; `changed` when they are not what was written."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class Taken:
    """What words were taken for, and the address of the search that takes them as words. `label` may be empty."""

    label: str
    value: str
    href: str
    part: str


@dataclass(frozen=True)
class Offer:
    """Words that may have been meant, and their search."""

    pieces: list[Piece]
    href: str


@dataclass(frozen=True)
class Understood:
    """`corrected` is empty when nothing was; `literal` searches for the words as they were written."""

    corrected: list[Piece]
    literal: str
    left_out: list[str]
    all_words: str
    taken: list[Taken]
    offers: list[Offer]
    off: list[Taken]


def understood(asked: SearchRequest, answer: Answer, formats: Formats) -> Understood:
    """Everything the page says of the query."""
    query, words = answer.query, formats.words
    relaxed = query.get("relaxed") or {}
    corrections = {each["from"]: each["to"] for each in query.get("corrections", [])}
    steps = query.get("steps", [])
    rewriters = [step["name"] for step in steps if step["name"] in REWRITERS and step["before"] != step["after"]]
    return Understood(
        corrected=pieces(asked.q, corrections, query.get("text", asked.q)) if corrections else [],
        literal=_without(asked, rewriters or REWRITERS[:1]),
        left_out=list(relaxed.get("dropped", [])),
        all_words=_without(asked, ["relaxation"]),
        taken=list(_taken(asked, query, formats)),
        offers=_offers(asked, steps),
        off=[Taken("", words.gettext(PART_LABELS[part]), _with(asked, part), part) for part in asked.without],
    )


def pieces(written: str, changes: Mapping[str, str], searched: str) -> list[Piece]:
    """`wirless mouse`, {wirless: wireless} → [wireless (changed), " mouse"]. Where the words as written do not show
    the changed ones (other letters, other spaces), what was searched for is shown instead.
    """
    folded = {old.casefold(): new for old, new in changes.items()}
    found = _split(written, folded)
    if {text.casefold() for text in found[1::2]} == set(folded):
        texts = [(folded[text.casefold()] if place % 2 else text, bool(place % 2)) for place, text in enumerate(found)]
        return [Piece(text, changed) for text, changed in texts if text]
    shown = _split(searched, {new.casefold(): new for new in changes.values()})
    return [Piece(text, bool(place % 2)) for place, text in enumerate(shown) if text]


def _split(text: str, words: Iterable[str]) -> list[str]:
    """The text cut at whole words, those at the odd places."""
    either = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.split(rf"(?<!\w)({either})(?!\w)", text, flags=re.IGNORECASE)


def _taken(asked: SearchRequest, query: Mapping[str, Any], formats: Formats) -> Iterable[Taken]:
    words = formats.words
    price = query.get("price")
    if price and "price" not in asked.filters:
        yield Taken(words.gettext("Price"), price_words(price, formats), _without(asked, ["price"]), "price")
    for thing in query.get("excluded", []):
        yield Taken(words.gettext("Without"), thing, _without(asked, ["negation"]), "negation")
    for span in query.get("spans", []):
        label, part = SPANS.get(span["type"], ("", ""))
        if label and span["certainty"] >= SURE:
            yield Taken(words.gettext(label), span["value"], _without(asked, [part]), part)


def price_words(price: Mapping[str, Any], formats: Formats) -> str:
    """`up to €20`, `€20 – €49.90`, `cheap`."""
    low, high = (
        None if price.get(end) is None else formats.money(float(price[end]), price.get("currency")).replace(".00", "")
        for end in ("gte", "lte")
    )
    wish = formats.words.gettext(WISHES.get(price.get("wish") or "", ""))
    return ", ".join(part for part in (formats.between(low, high), wish) if part)


def _offers(asked: SearchRequest, steps: Sequence[Mapping[str, Any]]) -> list[Offer]:
    """The words that the speller only offers, each in its place in the query."""
    notes = "; ".join(step.get("note", "") for step in steps if step["name"] == "spelling")
    offers = []
    for found in OFFER.finditer(notes):
        change = {found["written"]: found["meant"]}
        shown = pieces(asked.q, change, asked.q)
        if any(piece.changed for piece in shown):
            offers.append(Offer(shown, search_url(asked, q="".join(piece.text for piece in shown))))
    return offers


def _without(asked: SearchRequest, parts: Iterable[str]) -> str:
    return search_url(asked, without=list(dict.fromkeys([*asked.without, *parts])))


def _with(asked: SearchRequest, part: str) -> str:
    return search_url(asked, without=[one for one in asked.without if one != part])
