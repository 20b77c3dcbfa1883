"""From a catalogue and judgments to the trainings that are to be run: one, or one a fold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learn.encoder.job import ABOUT, Job
from learn.encoder.pairs import Pair, catalogue_pairs, judged_pairs
from learn.encoder.rules import EncoderRules
from learn.judgments import Judgments
from learn.train.folds import make_folds
from stack.documents import Document
from stack.embedding.source import find_source
from stack.errors import InputError, Mistake
from stack.settings import Settings

SHOWN = 5
Wrong = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Material:
    """What there is to learn from. `also_wrong`: query → documents that BM25 found, hard negatives where no 0 is."""

    documents: Sequence[Document]
    judgments: Judgments | None = None
    also_wrong: Wrong | None = None

    @property
    def by_id(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @property
    def unknown(self) -> list[str]:
        """Judged documents that the catalogue does not hold: nothing can be learned from them."""
        known = self.by_id
        ratings = self.judgments.ratings.values() if self.judgments else ()
        return sorted({doc for rated in ratings for doc in rated if doc not in known})


@dataclass(frozen=True)
class Planned:
    """A training to run, the folder it writes, and the judged queries that it must not see."""

    out: Path
    job: Job
    held_out: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Does `out` hold what this very training gives? A killed run of several folds is then gone on with."""
        try:
            written = json.loads((self.out / ABOUT).read_text(encoding="utf-8"))
            return bool(written["key"] == self.job.key and written["rules"]["keep"] == self.job.rules.keep)
        except (OSError, ValueError, KeyError, TypeError):
            return False


def plan_jobs(
    material: Material, rules: EncoderRules, settings: Settings, out: Path, folds: int | None, seed: int
) -> list[Planned]:
    """One job that writes `out`, or with `folds` one each that writes `out/fold-1` and so on.

    Raises InputError when there is nothing to learn from, or too few queries for the folds.
    """
    own = catalogue_pairs(material.documents, rules, seed)
    if material.judgments is None or folds is None:
        return [_planned(material, own, rules, settings, out, (), seed)]
    return [
        _planned(material, own, rules, settings, out / f"fold-{number}", fold, seed)
        for number, fold in enumerate(_folds(material.judgments, folds, seed), start=1)
    ]


def _folds(judgments: Judgments, count: int, seed: int) -> list[tuple[str, ...]]:
    return make_folds(judgments.queries, relevant(judgments), count, seed)


def relevant(judgments: Judgments) -> dict[str, set[str]]:
    """Query → the documents rated above 0."""
    return {query: {doc for doc, rating in rated.items() if rating > 0} for query, rated in judgments.ratings.items()}


def _planned(
    material: Material,
    own: Sequence[Pair],
    rules: EncoderRules,
    settings: Settings,
    out: Path,
    held_out: tuple[str, ...],
    seed: int,
) -> Planned:
    pairs = [*own, *_judged(material, set(held_out), seed)]
    useful = [pair for pair in pairs if rules.shares.get(pair.family, 0) > 0]
    if len(useful) < rules.batch:
        what = f"{len(useful)} pairs to learn from in {len(material.documents)} documents, a batch takes {rules.batch}"
        raise InputError(
            [Mistake("catalogue", what)], "Give more documents or judgments, or lower batch in ranking/encoder.yml"
        )
    _, base, hash_ = find_source(settings.model)
    return Planned(out, Job(base, hash_, useful, rules, settings.model_max_tokens, seed), held_out)


def _judged(material: Material, held_out: set[str], seed: int) -> list[Pair]:
    if material.judgments is None:
        return []
    seen = {query: rated for query, rated in material.judgments.ratings.items() if query not in held_out}
    return judged_pairs(seen, material.by_id, material.also_wrong or {}, seed)


def steps_for(epochs: float, documents: int, batch: int) -> int:
    """Steps that show each document `epochs` times."""
    return max(1, math.ceil(epochs * documents / batch))


def check_measured(measured: Judgments, taught: Judgments | None, folds: int | None) -> None:
    """Raise InputError when a model would be measured on a query that it, or a near-duplicate of it, was taught, and
    when there are too few queries to compare two models on.
    """
    if len(measured.answerable) < 2:
        what = f"{len(measured.answerable)} queries have a relevant document, a paired comparison needs two"
        raise InputError([Mistake("--measure", what)], "Judge more queries, or leave --measure out")
    if taught is None:
        return
    if folds is None:
        what = "a model that learned from --judgments would be measured on what it was taught"
        raise InputError(
            [Mistake("--measure", what)], "Add --folds 5: each query is then measured without having been seen"
        )
    strange = [query for query in measured.queries if query not in taught.ratings]
    if strange:
        what = f"{len(strange)} queries are in no fold: {', '.join(strange[:SHOWN])} …"
        raise InputError([Mistake("--measure", what)], "Give the same files as to --judgments")


def about(planned: Planned, settings: Settings, material: Material) -> dict[str, Any]:
    """What a trained folder's `about.json` says of its making."""
    judged = material.judgments
    return {
        "base": settings.model,
        "base_hash": planned.job.base_hash,
        "key": planned.job.key,
        "documents": len(material.documents),
        "pairs": len(planned.job.pairs),
        "judgments": list(judged.files) if judged else [],
        "held_out": list(planned.held_out),
        "seed": planned.job.seed,
        "max_tokens": planned.job.max_tokens,
        "rules": planned.job.rules.model_dump(),
    }
