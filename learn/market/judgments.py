"""Judgments of a generated market: truth → queries → ratings → Chorus CSV. The road of `souk market judgments`.

Somebody has a document in mind and types part of what is true of it (`judging/products.py` and its siblings); every
document is then rated by what is true of that one (`judging/wants.py`). The texts decide nothing but which of the
documents that are rated 0 are written: those that share most words with the query, and a few others.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from learn.judgments.chorus import COLUMNS
from learn.market.judging import lives, products, videos
from learn.market.judging.facts import Fact, words_of
from learn.market.judging.reading import read_truth
from learn.market.judging.speech import Form, Speech, slip
from learn.market.judging.wants import Want, rate
from learn.market.judging.words import JudgmentWords, load_words
from learn.market.text import stream
from learn.market.vocabulary import load_vocabulary
from stack.documents import KINDS, Kind
from stack.errors import ConfigError, InputError, Mistake

FORMS: Mapping[Kind, Mapping[str, Form]] = {"product": products.FORMS, "video": videos.FORMS, "live": lives.FORMS}
# Draws of a form without a new query, after which it is taken to be used up (a small market).
PATIENCE = 40
# A query is kept when something is at least so good for it.
GOOD = 2
# Names and numbers that nobody would guess at: a slip in them is a query for nothing.
NO_SLIPS = frozenset(("model", "brand", "brand_model", "creator", "creator_thing", "host", "host_thing"))


@dataclass(frozen=True)
class Judged:
    """A query with its ratings; `traps` are those rated 0 that share a word with it."""

    want: Want
    form: str
    ratings: Mapping[str, int]
    traps: frozenset[str]


def judge_market(
    folder: Path, seed: int, most: int | None = None, done: Callable[[Kind, int, int], None] | None = None
) -> dict[Kind, list[Judged]]:
    """Judge the market of a folder. `most` is how many product queries there are, the other types in proportion; the
    numbers of `data/judgments.yml` when None. The same folder and seed give the same.

    Raises InputError when the folder holds no market, or one in which nothing can be asked for.
    """
    words = load_words()
    speech = Speech(words, read_truth(folder, words, load_vocabulary()))
    judged: dict[Kind, list[Judged]] = {}
    for kind in KINDS:
        facts = speech.truth.facts[kind]
        wanted = _count(words, kind, most) if facts else 0
        asked = list(ask(speech, kind, seed, wanted))
        judged[kind] = []
        for form, want in asked:
            judged[kind].append(judge(want, form, facts, words, stream(seed, "judged", kind, want.text)))
            if done:
                done(kind, len(judged[kind]), len(asked))
    if not judged["product"]:
        raise InputError([Mistake(str(folder), "nothing can be asked for")], "Generate a larger market")
    return judged


def _count(words: JudgmentWords, kind: Kind, most: int | None) -> int:
    usual = words.queries
    return usual[kind] if most is None else math.ceil(most * usual[kind] / usual["product"])


def ask(speech: Speech, kind: Kind, seed: int, count: int) -> Iterator[tuple[str, Want]]:
    """At most `count` queries with the forms that they are of, no text twice, each with something good to be found."""
    facts, seen = speech.truth.facts[kind], set[str]()
    for form, share in _shares(speech.words.forms[kind], count).items():
        random = stream(seed, "asked", kind, form)
        for want in _of_form(FORMS[kind][form], speech, facts, random, share):
            if form not in NO_SLIPS and random.random() < speech.words.typos:
                want = replace(want, text=slip(want.text, random))
            if want.text not in seen and any(rate(want, fact) >= GOOD for fact in facts):
                seen.add(want.text)
                yield form, want


def _shares(shares: Mapping[str, int], count: int) -> dict[str, int]:
    """Queries of each form, `count` together: the largest remainders get what rounding leaves."""
    total = sum(shares.values())
    exact = {form: count * share / total for form, share in shares.items()}
    given = {form: int(value) for form, value in exact.items()}
    for form in sorted(exact, key=lambda form: given[form] - exact[form])[: count - sum(given.values())]:
        given[form] += 1
    return given


def _of_form(form: Form, speech: Speech, facts: Sequence[Fact], random: Random, count: int) -> Iterator[Want]:
    """Up to `count` different queries of one form; types are drawn evenly, then one of their documents."""
    by_type: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_type[fact.type].append(fact)
    seen, vain = set[str](), 0
    while len(seen) < count and vain < PATIENCE:
        want = form(speech, random.choice(by_type[random.choice(list(by_type))]), random)
        if want is None or want.text in seen:
            vain += 1
            continue
        seen.add(want.text)
        vain = 0
        yield want


def judge(want: Want, form: str, facts: Sequence[Fact], words: JudgmentWords, random: Random) -> Judged:
    """Everything that is relevant, and of the rest the documents most like it in words, and some drawn at random."""
    ratings = {fact.id: rate(want, fact) for fact in facts}
    rest = [fact for fact in facts if ratings[fact.id] == 0]
    random.shuffle(rest)
    shared = Counter({fact.id: len(words_of(want.text) & fact.words) for fact in rest})
    traps = [identity for identity, count in shared.most_common(words.traps) if count]
    others = [fact.id for fact in rest if fact.id not in traps][: words.others]
    kept = {identity for identity, rating in ratings.items() if rating} | {*traps, *others}
    return Judged(want, form, {fact.id: ratings[fact.id] for fact in facts if fact.id in kept}, frozenset(traps))


def write_judgments(judged: Mapping[Kind, Sequence[Judged]], out: Path) -> dict[Kind, Path]:
    """`<type>.csv` of each type that has queries. Raises ConfigError when the folder cannot be written."""
    files: dict[Kind, Path] = {}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind, queries in judged.items():
            if queries:
                files[kind] = out / f"{kind}.csv"
                files[kind].write_text(_csv(queries), encoding="utf-8")
    except OSError as error:
        what = f"judgments: cannot write {out}: {error.strerror}"
        raise ConfigError(what, "Choose a folder that can be written") from error
    return files


def _csv(queries: Sequence[Judged]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows((each.want.text, doc, rating) for each in queries for doc, rating in each.ratings.items())
    return text.getvalue()
