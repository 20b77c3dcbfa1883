"""All pictures and clips of a market into its media folder. What is there already is not made again.

A file's name holds a digest of all that it depends on, so that a name says what is in the file: pictures can be kept
in a cache that all markets share, and a page may keep them for ever.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from learn.market.drawing.clips import Captions, Clip
from learn.market.drawing.people import Face, Logo
from learn.market.drawing.posters import Poster, RoomPoster
from learn.market.drawing.raster import webp
from learn.market.drawing.views import views
from learn.market.drawing.wardrobe import Motif
from stack.errors import ConfigError

Subject = Motif | Poster | RoomPoster | Face | Logo | Clip | Captions
TEMPORARY = ".part"
OURS = (".webp", ".mp4", ".vtt", TEMPORARY)
ALONE = 24  # so few are made here: another process takes a second to start
AT_ONCE = 12  # subjects that travel to a process together
PROCESSES = 8  # at most


def contents(subject: Subject) -> list[bytes]:
    """The files of a subject, in the order of their names."""
    if isinstance(subject, Motif):
        return [webp(image) for image in views(subject)]
    if isinstance(subject, Clip | Captions):
        return [subject.content()]
    return [webp(subject.image())]


def develop(
    subjects: Iterable[Subject], folder: Path, cache: Path | None = None, done: Callable[[int], None] | None = None
) -> list[str]:
    """Make what is missing; returns the names of all files. `done` is told how many more files there are.

    Raises ConfigError when the folder cannot be written.
    """
    wanted = {name: subject for subject in subjects for name in subject.files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        missing = {subject: None for name, subject in wanted.items() if not _found(name, folder, cache)}
        if done:
            done(len(wanted) - sum(len(subject.files) for subject in missing))
        for subject, made in _made(list(missing)):
            for name, content in zip(subject.files, made, strict=True):
                _keep(name, content, folder, cache)
            if done:
                done(len(made))
    except OSError as error:
        raise ConfigError(f"market: cannot write {folder}: {error}", "Choose a folder that can be written") from error
    return sorted(wanted)


def sweep(folder: Path, kept: Iterable[str]) -> None:
    """Remove pictures and clips of ours that no record names any more, and what a killed run left."""
    known = set(kept)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.suffix in OURS and path.name not in known:
            path.unlink(missing_ok=True)


def _made(subjects: list[Subject]) -> Iterator[tuple[Subject, list[bytes]]]:
    workers = min(PROCESSES, os.cpu_count() or 1)
    if len(subjects) <= ALONE or workers == 1:
        yield from ((subject, contents(subject)) for subject in subjects)
        return
    # Not forked: the parent may have threads. Drawing holds Python's lock, so that threads would gain nothing.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        batches = _batches(subjects)
        try:
            for batch, made in zip(batches, pool.map(_contents, batches), strict=True):
                yield from zip(batch, made, strict=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _batches(subjects: list[Subject]) -> list[list[Subject]]:
    """What shows the same thing travels together: it is cut out once."""
    source = iter(sorted(subjects, key=_thing))
    return list(iter(lambda: list(islice(source, AT_ONCE)), []))


def _thing(subject: Subject) -> str:
    if isinstance(subject, Motif):
        return subject.name
    return subject.things[0].name if isinstance(subject, Poster | RoomPoster | Clip) else ""


def _contents(subjects: list[Subject]) -> list[list[bytes]]:
    return [contents(subject) for subject in subjects]


def _found(name: str, folder: Path, cache: Path | None) -> bool:
    """Whether it is in the folder; from the cache it is brought there."""
    if (folder / name).exists():
        return True
    if cache is None or not (cache / name).exists():
        return False
    _place(cache / name, folder / name)
    return True


def _keep(name: str, content: bytes, folder: Path, cache: Path | None) -> None:
    home = cache or folder
    home.mkdir(parents=True, exist_ok=True)
    part = home / f"{name}.{os.getpid()}{TEMPORARY}"
    part.write_bytes(content)
    part.replace(home / name)
    if cache:
        _place(cache / name, folder / name)


def _place(source: Path, target: Path) -> None:
    """A second name of the same file where the disk allows it, else a copy."""
    part = target.with_name(target.name + TEMPORARY)
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, part)
    part.replace(target)
