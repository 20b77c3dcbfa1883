"""The forms of product queries. Each has the shape of `speech.Form`."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from learn.market.judging.facts import Fact
from learn.market.judging.speech import Form, Speech, typed
from learn.market.judging.wants import Want, Wish

LIMITS = (10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 800, 1_000, 1_500)
HIGHEST_GUESS = 1.6


def thing(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`sunglasses`, `trainers`"""
    name = speech.name(fact.type, random)
    return speech.want(name, name)


def noun(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`wide-leg jeans`, `black tea`: as the title has it; another noun of the type is one lower"""
    nouns = sorted(fact.traits["noun"])
    if not nouns:
        return None
    name = random.choice(nouns)
    return speech.want(name, name, Wish("noun", name, soft=True))


def brand_thing(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`auvelo headphones`, at times the other way round"""
    name, brand = speech.name(fact.type, random), fact.one("brand")
    text = f"{brand} {name}" if random.random() < 0.75 else f"{name} {brand}"
    return speech.want(text, name, Wish("brand", brand))


def colour_thing(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`blue dress`, `midnight blue headphones`"""
    if not fact.traits.get("colour"):
        return None
    name, colour = speech.name(fact.type, random), random.choice(sorted(fact.traits["colour"]))
    text = f"{colour} {name}" if random.random() < 0.8 else f"{name} {colour}"
    return speech.want(text, name, Wish("colour", colour, soft=True))


def attribute_thing(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`merino wool sweater`, `power bank 20000mah`"""
    return _attribute(speech, fact, random, speech.words.asked)


def fitting(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`case for kestrix k12`"""
    return _attribute(speech, fact, random, speech.words.fits)


def long(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`black leather handbag`, `maëlune navy dress`: two wishes or three"""
    first = attribute_thing(speech, fact, random) or thing(speech, fact, random)
    if first is None:
        return None
    text, wishes = first.text, list(first.wishes)
    if fact.traits.get("colour"):
        colour = random.choice(sorted(fact.traits["colour"]))
        text, wishes = f"{colour} {text}", [*wishes, Wish("colour", colour, soft=True)]
    if len(wishes) < 2 or random.random() < 0.4:
        brand = fact.one("brand")
        text, wishes = f"{brand} {text}", [*wishes, Wish("brand", brand)]
    return Want(text, first.types, first.near, tuple(wishes))


def model(_speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`kx-402`, `kx402`: this model and nothing else"""
    number = fact.one("model")
    if not number:
        return None
    text = number if random.random() < 0.7 else number.replace("-", "")
    return Want(text, None, wishes=(Wish("model", number),), exact=True)


def brand_model(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`auvelo headphones kx-402`: others of the type are related"""
    number, name, brand = fact.one("model"), speech.name(fact.type, random), fact.one("brand")
    if not number:
        return None
    return speech.want(f"{brand} {name} {number}", name, Wish("model", number), Wish("brand", brand), exact=True)


def priced(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`tent under 150`: a limit that this one keeps"""
    price = fact.record["price"]
    limits = [limit for limit in LIMITS if price <= limit <= HIGHEST_GUESS * price]
    if not limits:
        return None
    name, limit = speech.name(fact.type, random), limits[0]
    form = random.choice(("{thing} under {value}", "{thing} under {value} euro", "{thing} up to {value} €"))
    return speech.want(typed(form, thing=name, value=str(limit)), name, most=limit)


def broad(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`bag`, `gym equipment`: several types"""
    names = [name for name, types in speech.words.broad.items() if fact.type in types]
    if not names:
        return None
    name = random.choice(names)
    return speech.want(name, name)


def brand(_speech: Speech, fact: Fact, _random: Random) -> Want | None:
    """`auvelo`: all of it"""
    value = fact.one("brand")
    return Want(value, None, wishes=(Wish("brand", value),))


def _attribute(speech: Speech, fact: Fact, random: Random, templates: Mapping[str, list[str]]) -> Want | None:
    known = [name for name in templates if fact.traits.get(name)]
    if not known:
        return None
    trait = random.choice(known)
    value, name = random.choice(sorted(fact.traits[trait])), speech.name(fact.type, random)
    text = typed(random.choice(templates[trait]), thing=name, value=value)
    return speech.want(text, name, Wish(trait, value, soft=trait not in speech.words.hard))


FORMS: Mapping[str, Form] = {
    form.__name__: form
    for form in (
        thing, noun, brand_thing, colour_thing, attribute_thing, long,
        fitting, model, priced, broad, brand, brand_model,
    )
}  # fmt: skip
