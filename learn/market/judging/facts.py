"""What is true of each document of a market, read from its files: the records, and `truth/` beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import orjson

from learn.market.judging.words import JudgmentWords
from learn.market.text import Record, spoken
from learn.market.vocabulary import ProductType, Vocabulary
from stack.documents import Kind
from stack.errors import InputError, Mistake

Traits = Mapping[str, frozenset[str]]
FILES: Mapping[Kind, str] = {"product": "products", "video": "videos", "live": "lives"}


@dataclass(frozen=True)
class Fact:
    """A document and what it is: `type` its product type or topic, `beside` the types that it shows too.

    `traits` are what a shopper may ask for, lower-cased; `poor` says that its hidden quality is low.
    """

    id: str
    record: Record
    type: str
    poor: bool
    traits: Traits
    beside: frozenset[str] = frozenset()

    @cached_property
    def text(self) -> str:
        """All its words, lower-cased."""
        kept = ("title", "description", "transcript", "brand", "category", "hashtags", "attributes", "host_name")
        return " ".join(str(self.record.get(name, "")) for name in kept).lower()

    def one(self, trait: str) -> str:
        """Its first value of a trait; "" when it has none."""
        return min(self.traits.get(trait, ()), default="")


@dataclass(frozen=True)
class Truth:
    """The documents of a market by kind."""

    facts: Mapping[Kind, Sequence[Fact]]
    vocabulary: Vocabulary

    @cached_property
    def types(self) -> dict[str, ProductType]:
        return {item.type: item for category in self.vocabulary.categories for item in category.types}

    @cached_property
    def roots(self) -> dict[str, frozenset[str]]:
        """Top category → its types."""
        return {each.category: frozenset(item.type for item in each.types) for each in self.vocabulary.categories}


def read_truth(folder: Path, words: JudgmentWords, vocabulary: Vocabulary) -> Truth:
    """Read what `souk market generate` wrote. Raises InputError that names the file when it is absent or not its work."""
    types = frozenset(item.type for category in vocabulary.categories for item in category.types)
    known: dict[str, Record] = {}
    facts: dict[Kind, Sequence[Fact]] = {}
    for kind, make in (("product", _product), ("video", _video), ("live", _live)):
        found = []
        for record, truth in _pairs(folder, FILES[kind]):
            try:
                fact = make(record, truth, known, words)
            except (KeyError, TypeError) as error:
                raise _foreign(folder / "truth" / f"{FILES[kind]}.jsonl", f"{record.get('id')}: no {error}") from error
            if fact.type not in types:
                raise _foreign(folder / "truth" / f"{FILES[kind]}.jsonl", f"{fact.id}: no such type {fact.type!r}")
            found.append(fact)
            if kind == "product":
                known[fact.id] = {"type": fact.type, "brand": fact.one("brand")}
        facts[kind] = found
    return Truth(facts, vocabulary)


def _pairs(folder: Path, name: str) -> Iterator[tuple[Record, Record]]:
    """Records with their truth, in the order of the file."""
    truth_file = folder / "truth" / f"{name}.jsonl"
    truth = {str(row["id"]): row for row in _lines(truth_file)}
    for record in _lines(folder / f"{name}.jsonl"):
        if str(record["id"]) not in truth:
            raise _foreign(truth_file, f"says nothing of {record['id']}")
        yield record, truth[str(record["id"])]


def _lines(file: Path) -> Iterator[Record]:
    try:
        with file.open("rb") as lines:
            for line in lines:
                row = orjson.loads(line)
                row["id"]  # noqa: B018  a row without one is no document
                yield row
    except OSError as error:
        raise _foreign(file, f"cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _foreign(file, f"is not a file of a market: {error}") from error


def _foreign(file: Path, what: str) -> InputError:
    return InputError([Mistake(str(file), what)], f"Generate it again: souk market generate --out {file.parent}")


def _product(record: Record, truth: Record, known: Mapping[str, Record], words: JudgmentWords) -> Fact:
    traits = {name: frozenset(_values(value)) for name, value in record["attributes"].items()}
    if "colour" in traits:
        traits["colour"] |= _families(traits["colour"], words)
    traits |= {
        "brand": _set(record["brand"]),
        "model": _set(record["model"]) if "model" in record else frozenset(),
        "group": _set(truth["model_group"]),
    }
    return Fact(record["id"], record, truth["type"], truth["quality"] < words.poor_below["product"], traits)


def _video(record: Record, truth: Record, known: Mapping[str, Record], words: JudgmentWords) -> Fact:
    shown = [known[span["id"]] for span in truth["shows"]]
    traits = {
        "brand": frozenset(item["brand"] for item in shown),
        "kind": _set(truth["kind"]),
        "task": _set(truth["task"]) if truth["task"] else frozenset(),
        "person": _set(record["creator_name"]),
    }
    beside = frozenset(item["type"] for item in shown) - {truth["type"]}
    poor = truth["creator_quality"] < words.poor_below["video"]
    return Fact(record["id"], record, truth["type"], poor, traits, beside)


def _live(record: Record, truth: Record, known: Mapping[str, Record], words: JudgmentWords) -> Fact:
    bag = [known[identity] for identity in record["products"]]
    types = Counter(item["type"] for item in bag)
    traits = {
        "brand": frozenset(item["brand"] for item in bag if item["type"] == truth["type"]),
        "person": frozenset((record["host_name"].lower(), record["host_name"].split()[0].lower())),
        "state": _set("on air" if truth["on_air"] else "off air"),
    }
    poor = truth["host_quality"] < words.poor_below["live"]
    return Fact(record["id"], record, truth["type"], poor, traits, frozenset(types) - {truth["type"]})


def _values(value: object) -> list[str]:
    """Several values are asked for one by one."""
    each = value if isinstance(value, list) else [value]
    return [spoken(one).lower() for one in each]


def _families(values: frozenset[str], words: JudgmentWords) -> frozenset[str]:
    return frozenset(plain for plain, shades in words.colours.items() if values & set(shades))


def _set(value: object) -> frozenset[str]:
    return frozenset((str(value).lower(),))
