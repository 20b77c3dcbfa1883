"""What is said in a video."""

from __future__ import annotations

from random import Random
from typing import Any

from learn.market.products import Listing
from learn.market.text import sentence
from learn.market.vocabulary import VideoKind, Vocabulary


def whole(vocabulary: Vocabulary, kind: VideoKind, shown: list[Listing], values: dict[str, Any], random: Random) -> str:
    """A hook, the product, what the creator found, then the next product and so on, a verdict and a farewell. A how-to
    tells the steps of its task instead, and names the product once."""
    words, item = vocabulary.videos, shown[0].type
    talk = random.sample(item.talk, len(item.talk))
    spoken = [sentence(random.choice(kind.hooks), values)]
    if kind.howto:
        spoken += [sentence(step, values) for step in vocabulary.tasks[values["task"]]]
        spoken += [sentence(random.choice(words.howto_mentions), values), sentence(talk.pop(), values)]
        return " ".join([*spoken, random.choice(words.howto_verdicts), random.choice(words.closings)])
    spoken.append(sentence(random.choice(words.mentions), values))
    spoken += [sentence(talk.pop(), values) for _ in range(2 if kind.many else len(talk))]
    for listing, link in zip(shown[1:], random.sample(words.links, len(words.links)), strict=False):
        spoken.append(sentence(link, listing.words))
        if talk:
            spoken.append(sentence(talk.pop(), listing.words))
    return " ".join([*spoken, sentence(random.choice(words.verdicts), values), random.choice(words.closings)])


def short(vocabulary: Vocabulary, kind: VideoKind, shown: list[Listing], values: dict[str, Any], random: Random) -> str:
    """What fits into some seconds: the product and one thing about it, or the first step of a task."""
    if kind.howto:
        first = sentence(vocabulary.tasks[values["task"]][0], values)
        return f"{sentence('How to {task}?', values)} {first}"
    mention = sentence(random.choice(vocabulary.videos.mentions), values)
    return f"{mention} {sentence(random.choice(shown[0].type.talk), values)}"
