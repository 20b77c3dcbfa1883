"""Runs of other systems, to compare with: TREC run files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from learn.judgments.lines import open_text
from learn.rankers import Row
from stack.errors import InputError, Mistake

SHOWN = 20


@dataclass(frozen=True)
class NamedRun:
    """A run that was made elsewhere: query → [(document, score)], best first, under the tag that the file gives it."""

    name: str
    run: dict[str, Row]


def read_run(file: Path) -> NamedRun:
    """Read `query_with_underscores Q0 document rank score tag`, plain or gzip. The order is by score, as TREC has it.

    Raises InputError that names every line which is none, and a document that stands twice for one query.
    """
    found: dict[str, dict[str, float]] = {}
    mistakes: list[Mistake] = []
    tag = file.name
    try:
        with open_text(file) as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    query, _, doc, _, score, tag = line.split()
                    known = found.setdefault(query.replace("_", " "), {})
                    value = float(score)
                except ValueError:
                    mistakes.append(Mistake(f"{file.name}:{number}", "is not: query Q0 document rank score tag"))
                    continue
                if doc in known:
                    mistakes.append(Mistake(f"{file.name}:{number}", f"document {doc} stands twice for {query}"))
                known[doc] = value
    except (OSError, EOFError, UnicodeDecodeError) as error:
        mistakes.append(Mistake(str(file), f"cannot be read: {error}"))
    if not mistakes and not found:
        mistakes.append(Mistake(str(file), "the run is empty"))
    if mistakes:
        raise InputError(mistakes[:SHOWN], "Correct the run")
    return NamedRun(tag, {query: sorted(docs.items(), key=lambda each: -each[1]) for query, docs in found.items()})
