"""TREC qrels: `qid iteration docid rating`, no header. `_` in the qid stands for a space, as our runs write it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from learn.judgments.lines import open_text
from learn.judgments.model import Judgment, Problems


def read(file: Path, problems: Problems) -> Iterator[Judgment]:
    """Yield the ratings. Raises OSError, EOFError and UnicodeDecodeError for what cannot be read."""
    with open_text(file) as lines:
        for number, line in enumerate(lines, start=1):
            parts = line.split()
            if len(parts) == 4:
                yield from problems.checked(f"{file.name}:{number}", parts[0].replace("_", " "), parts[2], parts[3])
            elif parts:
                problems.add(f"{file.name}:{number}", f"{len(parts)} columns, qrels have 4")
