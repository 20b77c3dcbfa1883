"""A market on disk: a file of each kind of record, and the truth apart from them in `truth/`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson

from learn.market.generate import RECORDS, TRUTHS, Made
from stack.errors import ConfigError

TEMPORARY = ".part"


class Writing:
    """Files that are being written beside their places."""

    def __init__(self, out: Path, paths: Sequence[Path], open_files: ExitStack) -> None:
        self._out = out
        self.counts = dict.fromkeys(paths, 0)
        self._files: dict[Path, BinaryIO] = {path: open_files.enter_context(_part(path).open("wb")) for path in paths}

    def add(self, made: Made) -> None:
        """A record and its truth, each to its file."""
        self._line(self._out / f"{made.name}.jsonl", made.record)
        self._line(self._out / "truth" / f"{made.truth_name}.jsonl", made.truth)

    def _line(self, path: Path, record: object) -> None:
        self._files[path].write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        self.counts[path] += 1

    def finish(self) -> None:
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())


def paths_of(out: Path, records: Iterable[str] = RECORDS, truths: Iterable[str] = TRUTHS) -> list[Path]:
    """The files of a market."""
    return [*(out / f"{name}.jsonl" for name in records), *(out / "truth" / f"{name}.jsonl" for name in truths)]


def existing(out: Path) -> list[Path]:
    """The files of records that a folder holds already."""
    return [path for path in paths_of(out, truths=()) if path.exists()]


@contextmanager
def writing(out: Path, paths: Sequence[Path]) -> Iterator[Writing]:
    """Each file whole or not at all: they are named when the block ends well, and removed when it does not.

    Raises ConfigError when the folder cannot be written.
    """
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as open_files:
            files = Writing(out, paths, open_files)
            yield files
            files.finish()
        for path in paths:
            _part(path).replace(path)
    except OSError as error:
        raise ConfigError(
            f"market: cannot write {out}: {error.strerror}", "Choose a folder that can be written"
        ) from error
    finally:
        for path in paths:
            _remove(_part(path))


def write(made: Iterable[Made], out: Path) -> dict[Path, int]:
    """Write all files of a market, without its pictures. Returns how many records each holds."""
    with writing(out, paths_of(out)) as files:
        for each in made:
            files.add(each)
    return files.counts


def _part(path: Path) -> Path:
    return path.with_name(path.name + TEMPORARY)


def _remove(part: Path) -> None:
    """Sweep a temporary file that a failure left; after success there is none."""
    if part.parent.is_dir():
        part.unlink(missing_ok=True)
