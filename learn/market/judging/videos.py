"""The forms of video queries. Each has the shape of `speech.Form`."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from learn.market.judging.facts import Fact
from learn.market.judging.products import thing
from learn.market.judging.speech import Form, Speech, typed
from learn.market.judging.wants import Want, Wish
from learn.market.text import placeholders


def of_kind(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`air fryer review`, `best sneakers`: another kind of video is one lower, another brand is only related"""
    kind, name = fact.one("kind"), speech.name(fact.type, random)
    template = random.choice(speech.words.kinds[kind])
    things, brand = speech.things(fact.type), fact.one("brand")
    text = typed(template, thing=name, things=things, brand=brand)
    wishes = [Wish("kind", kind, soft=True)]
    if "brand" in placeholders(template):
        wishes.append(Wish("brand", brand))
    return speech.want(text, things if "things" in placeholders(template) else name, *wishes)


def task(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`how to clean white sneakers`: instructions for something else are one lower"""
    what = fact.one("task")
    if not what:
        return None
    text = f"how to {what}" if random.random() < 0.7 else what
    name = speech.things(fact.type)
    return speech.want(text, name, Wish("kind", "how-to", soft=True), Wish("task", what, soft=True))


def creator(_speech: Speech, fact: Fact, _random: Random) -> Want | None:
    """`ines.at.home`: all of theirs"""
    person = fact.one("person")
    return Want(person, None, wishes=(Wish("person", person),))


def creator_thing(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`ines.at.home storage baskets`"""
    person, name = fact.one("person"), speech.name(fact.type, random)
    return speech.want(f"{person} {name}", name, Wish("person", person, soft=True))


FORMS: Mapping[str, Form] = {form.__name__: form for form in (thing, of_kind, task, creator, creator_thing)}
