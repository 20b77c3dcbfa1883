"""The forms of live queries. Each has the shape of `speech.Form`."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from learn.market.judging.facts import Fact
from learn.market.judging.products import thing
from learn.market.judging.speech import Form, Speech, typed
from learn.market.judging.wants import Want, Wish

AROUND = ("{thing} live", "live {thing}", "{thing} live shopping", "{thing} live sale", "{things} demo live")
NOW = ("{thing} live now", "{things} on air", "live now {thing}")


def thing_live(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`garden chairs live`"""
    return _about(speech, fact, random, AROUND)


def live_now(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`headphones live now`: a room that is not on air is one lower"""
    if fact.one("state") != "on air":
        return None
    return _about(speech, fact, random, NOW, Wish("state", "on air", soft=True))


def host(_speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`marco yilmaz`, `marco live`: all of theirs"""
    person = random.choice(sorted(fact.traits["person"]))
    text = person if " " in person else f"{person} live"
    return Want(text, None, wishes=(Wish("person", person),))


def host_thing(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`marco roof box`"""
    person, name = random.choice(sorted(fact.traits["person"])), speech.name(fact.type, random)
    return speech.want(f"{person} {name}", name, Wish("person", person, soft=True))


def brand_live(speech: Speech, fact: Fact, random: Random) -> Want | None:
    """`auvelo headphones live`"""
    brand, name = random.choice(sorted(fact.traits["brand"])), speech.name(fact.type, random)
    return speech.want(f"{brand} {name} live", name, Wish("brand", brand, soft=True))


def shop(speech: Speech, fact: Fact, _random: Random) -> Want | None:
    """`pets live shopping`: the whole of a top category"""
    root = fact.record["category"][0]
    return Want(typed("{value} live shopping", value=root), speech.truth.roots[root])


def _about(speech: Speech, fact: Fact, random: Random, templates: tuple[str, ...], *wishes: Wish) -> Want | None:
    name, things, template = speech.name(fact.type, random), speech.things(fact.type), random.choice(templates)
    text = typed(template, thing=name, things=things)
    return speech.want(text, things if "{things}" in template else name, *wishes)


FORMS: Mapping[str, Form] = {
    form.__name__: form for form in (thing, thing_live, live_now, host, host_thing, brand_live, shop)
}
