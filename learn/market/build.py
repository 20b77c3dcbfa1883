"""The road of `souk market generate`: records → pictures → files in their places → a note of what was made.

A market that is there already, made of the same seed, sizes, words and drawings, is not made again: only its lives are,
which follow the clock.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from learn.market.drawing.studio import Subject, develop, sweep
from learn.market.drawing.wardrobe import style
from learn.market.generate import RECORDS, Made, Sizes, make, make_only_lives
from learn.market.vocabulary import DATA
from learn.market.write import existing, paths_of, writing
from stack.errors import InputError, Mistake

NOTE = "market.json"
MEDIA = "media"
Report = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Built:
    """What a folder holds: records by file name, what can be said of them, names of pictures and clips."""

    inputs: str
    counts: dict[str, int]
    notes: dict[str, str]
    media: tuple[str, ...]
    anew: bool = True


def build(
    out: Path,
    seed: int,
    sizes: Sizes,
    now: datetime,
    cache: Path | None,
    force: bool,
    report: Report,
    pictures: bool = True,
) -> Built:
    """Make a market in a folder. `report(part, done, total)` is told how far each part is; a total is told once.
    Without `pictures` the records name files that are not there, which does for tests of scale.

    Raises InputError when the folder holds a market and `force` is not set, ConfigError when it cannot be written.
    """
    if (found := existing(out)) and not force:
        raise InputError(
            [Mistake("--out", f"{out} holds a market already ({found[0].name})")], "Add --force to replace it"
        )
    inputs = inputs_of(seed, sizes, pictures)
    known = _read_note(out)
    if known and known.inputs == inputs and _is_whole(out, known):
        _renew_lives(out, seed, sizes, now, report)
        return known
    note = out / NOTE
    note.unlink(missing_ok=True)
    noted = _Noted()
    with writing(out, paths_of(out)) as files:
        for each in make(seed, sizes, now, lambda kind, count: report(kind, count, None)):
            files.add(each)
            noted.add(each)
        subjects = noted.subjects if pictures else {}
        report("pictures", 0, sum(len(subject.files) for subject in subjects))
        drawn = 0

        def done(count: int) -> None:
            nonlocal drawn
            drawn += count
            report("pictures", drawn, None)

        media = develop(subjects, out / MEDIA, cache, done)
    sweep(out / MEDIA, media)
    counts = {str(path.relative_to(out)): count for path, count in files.counts.items()}
    built = Built(inputs, counts, noted.notes, tuple(media))
    part = out / f"{NOTE}.part"
    part.write_text(json.dumps(asdict(built)), encoding="utf-8")
    part.replace(note)
    return built


def inputs_of(seed: int, sizes: Sizes, pictures: bool = True) -> str:
    """16 hex digits over all that a market depends on but the clock."""
    digest = hashlib.blake2b(f"{version('souk')} {seed} {sizes} {pictures} {style()}".encode(), digest_size=8)
    for path in sorted([*DATA.rglob("*.yml"), *Path(__file__).parent.glob("*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _renew_lives(out: Path, seed: int, sizes: Sizes, now: datetime, report: Report) -> None:
    with writing(out, paths_of(out, ["lives"], ["lives"])) as files:
        for each in make_only_lives(seed, sizes, now, lambda kind, count: report(kind, count, None)):
            files.add(each)


def _is_whole(out: Path, known: Built) -> bool:
    there = {path.name for path in (out / MEDIA).iterdir()} if (out / MEDIA).is_dir() else set()
    return all((out / name).exists() for name in known.counts) and there.issuperset(known.media)


def _read_note(out: Path) -> Built | None:
    try:
        note: dict[str, Any] = json.loads((out / NOTE).read_text(encoding="utf-8"))
        return Built(**note | {"media": tuple(note["media"]), "anew": False})
    except (OSError, ValueError, KeyError, TypeError):
        return None


class _Noted:
    """What is to be drawn, each once, and what the summary says."""

    def __init__(self) -> None:
        self.subjects: dict[Subject, None] = {}
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._on_air = 0

    def add(self, made: Made) -> None:
        for subject in made.pictures:
            self.subjects[subject] = None
        for what in _told_apart(made):
            self._seen[what[0]].add(what[1])
        self._on_air += made.record.get("status") == "live"

    @property
    def notes(self) -> dict[str, str]:
        seen = {what: len(values) for what, values in self._seen.items()}
        return {
            "products.jsonl": f"{seen.get('category', 0)} categories, {seen.get('brand', 0)} brands",
            "videos.jsonl": f"{seen.get('creator', 0)} creators, {seen.get('media', 0)} can be played",
            "lives.jsonl": f"{self._on_air} on air",
            "sellers.jsonl": "as buyers see them",
            "creators.jsonl": "of videos, and hosts of lives",
        }


def _told_apart(made: Made) -> Iterator[tuple[str, str]]:
    record = made.record
    if made.name == RECORDS[0]:
        yield "category", record["category"][0]
        yield "brand", record["brand"]
    elif made.name == "videos":
        yield "creator", record["creator_id"]
        if "media" in record:
            yield "media", record["media"]
