"""Files of a market → Truth: the records as they are ingested, and `truth/`, which only an evaluation may read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from learn.market.judging.facts import Fact, Truth
from learn.market.judging.words import JudgmentWords
from learn.market.text import Record, spoken
from learn.market.vocabulary import Vocabulary
from stack.documents import Kind
from stack.errors import InputError, Mistake


def read_truth(folder: Path, words: JudgmentWords, vocabulary: Vocabulary) -> Truth:
    """Read what `souk market generate` wrote. Raises InputError that names a file that is absent or not its work."""
    reading = _Reading(folder, words, vocabulary)
    return Truth(
        {
            "product": list(reading.facts("products")),
            "video": list(reading.facts("videos")),
            "live": list(reading.facts("lives")),
        },
        vocabulary,
    )


@dataclass(frozen=True)
class _Reading:
    """Products are read first: the others show them."""

    folder: Path
    words: JudgmentWords
    vocabulary: Vocabulary
    products: dict[str, Fact] = field(default_factory=dict)

    def facts(self, name: str) -> Iterator[Fact]:
        make = {"products": self._product, "videos": self._video, "lives": self._live}[name]
        truths = {row["id"]: row for row in self._lines(self._truth(name))}
        for record in self._lines(self.folder / f"{name}.jsonl"):
            try:
                truth = truths[record["id"]]
                self.vocabulary.types[truth["type"]]
                yield make(record, truth)
            except (KeyError, TypeError) as error:
                raise self._foreign(self._truth(name), f"{record['id']}: nothing is known of {error}") from error

    def _truth(self, name: str) -> Path:
        return self.folder / "truth" / f"{name}.jsonl"

    def _lines(self, file: Path) -> Iterator[Record]:
        try:
            with file.open("rb") as lines:
                for line in lines:
                    row = orjson.loads(line)
                    yield row | {"id": str(row["id"])}
        except OSError as error:
            raise self._foreign(file, f"cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise self._foreign(file, f"is not a file of a market: {error}") from error

    def _foreign(self, file: Path, what: str) -> InputError:
        remedy = f"Generate it again: souk market generate --out {self.folder} --force"
        return InputError([Mistake(str(file), what)], remedy)

    def _product(self, record: Record, truth: Record) -> Fact:
        title = record["title"].lower()
        traits = {name: _values(value) for name, value in record["attributes"].items()}
        if "colour" in traits:
            traits["colour"] |= self._plain(traits["colour"])
        traits["brand"] = _values(record["brand"])
        traits["model"] = _values(record["model"]) if "model" in record else frozenset()
        nouns = (noun.lower() for noun in self.vocabulary.types[truth["type"]].nouns)
        traits["noun"] = frozenset(noun for noun in nouns if noun in title)
        found = Fact(record["id"], record, truth["type"], self._poor("product", truth["quality"]), traits)
        self.products[found.id] = found
        return found

    def _video(self, record: Record, truth: Record) -> Fact:
        shown = [self.products[span["id"]] for span in truth["shows"]]
        traits = {
            "brand": frozenset(item.one("brand") for item in shown),
            "kind": _values(truth["kind"]),
            "task": _values(truth["task"]) if truth["task"] else frozenset(),
            "person": _values(record["creator_name"]),
        }
        beside = frozenset(item.type for item in shown) - {truth["type"]}
        return Fact(record["id"], record, truth["type"], self._poor("video", truth["creator_quality"]), traits, beside)

    def _live(self, record: Record, truth: Record) -> Fact:
        bag = [self.products[identity] for identity in record["products"]]
        name = record["host_name"]
        traits = {
            "brand": frozenset(item.one("brand") for item in bag if item.type == truth["type"]),
            "person": _values([name, name.split()[0]]),
            "state": _values("on air" if truth["on_air"] else "off air"),
        }
        beside = frozenset(item.type for item in bag) - {truth["type"]}
        over = record["status"] == "ended" or (record["status"] == "live" and not truth["on_air"])
        poor = over or self._poor("live", truth["host_quality"])
        return Fact(record["id"], record, truth["type"], poor, traits, beside)

    def _poor(self, kind: Kind, quality: float) -> bool:
        return quality < self.words.poor_below[kind]

    def _plain(self, colours: frozenset[str]) -> frozenset[str]:
        """The plain names of shades: `navy` is `blue`."""
        return frozenset(plain for plain, shades in self.words.colours.items() if colours & set(shades))


def _values(value: object) -> frozenset[str]:
    """As they are typed, lower-cased: `30.0` → `30`; several are asked for one by one."""
    each = value if isinstance(value, list) else [value]
    return frozenset(spoken(one).lower() for one in each)
