"""DIR and MFT: words that narrow the wish (brand, price, colour, "without", "for") must narrow the row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from statistics import median

from learn.checks.catalogue import Catalogue, colours_of, has_word
from learn.checks.model import TOP, Answer, Case, Check, Failed, Outcome, Void
from learn.checks.words import is_plain, mentions, singular, stems, tokens

# A constraint is only asked for where the sample has so many documents that meet it.
LEAST = 3
# The share of a thing's documents that have a word which one may do without.
SOME = (0.1, 0.6)
UNDER = ("{} under {}", "{} below {}", "{} up to {}", "{} less than {}")
FOR = re.compile(r"^(?P<before>.+?) for (?P<device>[\w' +.-]+)", re.IGNORECASE)
# Words for whom, not for what: "shirt for men" is a shirt.
PEOPLE = frozenset(
    ("adult", "baby", "boys", "cat", "children", "dog", "girls", "kid", "men", "women", "pet", "use", "years")
)


def _places(case: Case, answer: Answer) -> Answer:
    """As many results as the sample has documents that meet the wish."""
    return answer[: min(TOP, int(case.limit))]


def all_of_the_brand(case: Case, answers: Sequence[Answer]) -> Outcome:
    """Every result is of the brand, as far down as the catalogue surely has some."""
    rows = _places(case, answers[-1])
    others = [item for item in rows if item.brand.casefold() != case.value.casefold()]
    return _none_but(others, rows, "another brand")


def all_of_the_colour(case: Case, answers: Sequence[Answer]) -> Outcome:
    """Every result names the colour, in its attributes or its title."""
    rows = _places(case, answers[-1])
    others = [item for item in rows if case.value not in [*colours_of(item), *tokens(item.title)]]
    return _none_but(others, rows, "another colour")


def all_within(case: Case, answers: Sequence[Answer]) -> Outcome:
    """No result has a price above the limit."""
    rows = answers[-1]
    return _none_but([item for item in rows if item.price is not None and item.price > case.limit], rows, "dearer")


def none_has_it(case: Case, answers: Sequence[Answer]) -> Outcome:
    """No result has the excluded word in title or brand, while the plain query shows some that do."""
    plain, without = answers
    if not any(has_word(item, case.value) for item in plain):
        return Void("the plain query shows none anyway")
    return _none_but([item for item in without if has_word(item, case.value)], without, f"with {case.value!r}")


def accessory_first(case: Case, answers: Sequence[Answer]) -> Outcome:
    """The first result is the accessory, and not the device it is for."""
    if not answers[0]:
        return Failed("nothing comes")
    first = answers[0][0]
    return None if has_word(first, case.value) else Failed(f"first: {first.title!r}")


def not_dearer(_case: Case, answers: Sequence[Answer]) -> Outcome:
    """The median price is not above the plain query's."""
    plain, cheap = ([item.price for item in answer if item.price is not None] for answer in answers)
    if not plain:
        return Void("no prices")
    if not cheap:
        return Failed("nothing comes")
    before, after = median(plain), median(cheap)
    return None if after <= before else Failed(f"median price {after:g}, plain {before:g}")


def mostly_the_thing(case: Case, answers: Sequence[Answer]) -> Outcome:
    """At least half of the results that have a category have this one."""
    stated = [item for item in answers[-1] if item.category]
    if not stated:
        return Void("no result has a category")
    right = sum(mentions(" ".join(item.category), case.value) for item in stated)
    return None if 2 * right >= len(stated) else Failed(f"{right} of {len(stated)} are in it")


def _none_but(wrong: Sequence[object], rows: Answer, what: str) -> Outcome:
    if not rows:
        return Failed("nothing comes")
    if not wrong:
        return None
    first = getattr(wrong[0], "title", "")
    return Failed(f"{len(wrong)} of {len(rows)} are {what}; first: {first!r}")


def brand_and_thing(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """`hp notebook`, for brands that make some."""
    for brand, thing, count in random.sample(catalogue.branded_things, len(catalogue.branded_things)):
        yield Case((f"{brand} {thing}".casefold(),), value=brand, limit=count)


def brand_alone(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """`kensington`, for brands of three documents and more."""
    counts = Counter(item.brand for item in catalogue.items if item.brand)
    for brand in random.sample(sorted(counts), len(counts)):
        yield Case((brand,) if counts[brand] >= LEAST else (), value=brand, limit=counts[brand])


def colour_and_thing(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """`black notebook`, where the sample has three."""
    pairs = [(colour, thing) for colour in sorted(catalogue.colours) for thing in catalogue.things]
    for colour, thing in random.sample(pairs, len(pairs)):
        count = sum(item.id in catalogue.colours[colour] for item in catalogue.things[thing])
        yield Case((f"{colour} {thing}",) if count >= LEAST else (), value=colour, limit=count)


def price_limit(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """`notebook under 300`, a round number below which the sample has ten and above which it has some."""
    things = list(catalogue.things)
    while things:
        thing = random.choice(things)
        prices = sorted(item.price for item in catalogue.things[thing] if item.price is not None)
        limit = _round(median(prices)) if prices else 0
        enough = sum(price <= limit for price in prices) >= LEAST and prices[-1] > limit
        query = random.choice(UNDER).format(thing, limit)
        yield Case((query,) if enough else (), limit=limit)


def _round(price: float) -> int:
    step = 5 if price < 50 else 10 if price < 200 else 50
    return max(step, round(price / step) * step)


def without_word(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """`mouse without cable`: a word that some of the things have in their titles, and most have not."""
    things = list(catalogue.things)
    while things:
        thing = random.choice(things)
        items = catalogue.things[thing]
        counts = Counter(word for item in items for word in catalogue.texts[item.id] - stems(thing))
        some = [
            word for word, count in sorted(counts.items()) if 0.1 <= count / len(items) <= 0.6 and is_plain(word, 4)
        ]
        word = random.choice(some) if some else ""
        yield Case((thing, f"{thing} without {word}") if word else (), value=word)


def accessory_for(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """`phone case for sorynt one plus`, from titles that say so."""
    for item in random.sample(catalogue.items, len(catalogue.items)):
        found = FOR.match(item.title)
        before = [word for word in tokens(found["before"]) if word in catalogue.nouns] if found else []
        device = tokens(found["device"])[:4] if found else []
        good = before and device and not PEOPLE & {*device, *map(singular, device)}
        yield Case((f"{before[-1]} for {' '.join(device)}",) if good else (), item, before[-1] if before else "")


def cheap(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """`cheap notebook`."""
    for thing in random.sample(list(catalogue.things), len(catalogue.things)):
        yield Case((thing, f"cheap {thing}"))


def category_alone(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """`headphones`, for categories of ten documents and more whose name is plain words."""
    counts = Counter(item.category[-1] for item in catalogue.items if item.category)
    for name in random.sample(sorted(counts), len(counts)):
        words = tokens(name)
        good = counts[name] >= TOP and words and all(map(is_plain, words))
        yield Case((" ".join(words),) if good else (), value=name)


CHECKS = (
    Check("brand and thing", "MFT", "all of this brand, while there are some", brand_and_thing, all_of_the_brand),
    Check("brand alone", "MFT", "all of this brand", brand_alone, all_of_the_brand),
    Check("category alone", "MFT", "half and more are in it", category_alone, mostly_the_thing),
    Check("colour and thing", "DIR", "all of this colour, while there are some", colour_and_thing, all_of_the_colour),
    Check("price limit", "DIR", "… under 50: none is dearer", price_limit, all_within),
    Check("cheap", "DIR", "cheap …: the median price does not rise", cheap, not_dearer),
    Check("negation", "DIR", "… without …: none has it", without_word, none_has_it),
    Check("case for X", "DIR", "an accessory for X: it is first, not X", accessory_for, accessory_first),
)
