"""A market on disk: `products.jsonl`, `videos.jsonl`, `lives.jsonl`, and the truth apart from them in `truth/`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import orjson

from learn.market.generate import Market
from learn.market.text import Record
from stack.errors import ConfigError

TEMPORARY = ".part"


def files_of(market: Market, out: Path) -> dict[Path, list[Record]]:
    """Each file and its records."""
    kinds = {"products": market.products, "videos": market.videos, "lives": market.lives}
    return {out / f"{name}.jsonl": records for name, records in kinds.items()} | {
        out / "truth" / f"{name}.jsonl": records for name, records in market.truth.items()
    }


def existing(out: Path) -> list[Path]:
    """The files of a market that a folder holds already."""
    return [path for path in (out / f"{name}.jsonl" for name in ("products", "videos", "lives")) if path.exists()]


def write(market: Market, out: Path, done: Callable[[Path, int], None] | None = None) -> list[Path]:
    """Write all files, each whole or not at all: first beside their places, then renamed. Returns their paths.

    Raises ConfigError when the folder cannot be written.
    """
    files = files_of(market, out)
    parts = {path: path.with_name(path.name + TEMPORARY) for path in files}
    try:
        for path, records in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_lines(parts[path], records)
            if done:
                done(path, len(records))
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        raise ConfigError(
            f"market: cannot write {out}: {error.strerror}", "Choose a folder that can be written"
        ) from error
    finally:
        for part in parts.values():
            _remove(part)
    return list(files)


def _write_lines(path: Path, records: list[Record]) -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records)
        file.flush()
        os.fsync(file.fileno())


def _remove(part: Path) -> None:
    """Sweep a temporary file that a failure left; after success there is none."""
    if part.parent.is_dir():
        part.unlink(missing_ok=True)
