"""Feature frames as RankLib/SVMrank text, for other learners: `rating qid:1 1:0.5 2:0 # document query`.

Features are numbered from 1 in the order of the frame. Lines that begin with `#` say which is which, and what kind and
feature set the frame is of, so that such a file can be read back. Unjudged rows are rated 0 there, marked `unjudged`
in their comment: the format has no word for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from learn.frame import FeatureFrame
from stack.errors import InputError, Mistake

LINE = re.compile(r"(?P<rating>\d+) qid:(?P<qid>\S+) (?P<values>[^#]*)# ?(?P<about>\{.*\})$")
HEAD = "# souk "
SHOWN = 10


def write_ranklib(frame: FeatureFrame, file: Path) -> None:
    """Write the text; rows of a query adjoin, as those programs need it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        meta = {"kind": frame.kind, "names": frame.names, "set_hash": frame.set_hash}
        out.write(HEAD + json.dumps(meta, ensure_ascii=False) + "\n")
        out.writelines(_lines(frame))


def _lines(frame: FeatureFrame) -> Iterator[str]:
    numbers = {query: place for place, query in enumerate(dict.fromkeys(frame.queries), start=1)}
    for row, query in enumerate(frame.queries):
        rating = frame.ratings[row]
        # Nine digits bring every float32 back as it was.
        values = " ".join(f"{place}:{value:.9g}" for place, value in enumerate(frame.values[row], start=1))
        about = {"doc": frame.docs[row], "query": query} | ({"unjudged": True} if np.isnan(rating) else {})
        label = 0 if np.isnan(rating) else int(rating)
        yield f"{label} qid:{numbers[query]} {values} # {json.dumps(about, ensure_ascii=False)}\n"


def read_ranklib(file: Path) -> FeatureFrame:
    """Read what `write_ranklib` wrote. Raises InputError that names every line that is something else."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Mistake(str(file), f"cannot be read: {error}")]) from error
    if not lines or not lines[0].startswith(HEAD):
        raise InputError([Mistake(f"{file.name}:1", "has no head line")], "Write it with souk features log")
    meta = json.loads(lines[0].removeprefix(HEAD))
    width, mistakes = len(meta["names"]), []
    rows: list[tuple[str, str, float, list[float]]] = []
    for number, line in enumerate(lines[1:], start=2):
        found = LINE.fullmatch(line)
        values = dict(re.findall(r"(\d+):(\S+)", found["values"])) if found else {}
        if found is None or set(values) != {str(place) for place in range(1, width + 1)}:
            mistakes.append(Mistake(f"{file.name}:{number}", f"is not a row of {width} features"))
            continue
        about = json.loads(found["about"])
        rating = np.nan if about.get("unjudged") else float(found["rating"])
        rows.append((about["query"], about["doc"], rating, [float(values[str(at)]) for at in range(1, width + 1)]))
    if mistakes:
        raise InputError(mistakes[:SHOWN], f"{len(mistakes)} lines are wrong: write the file again")
    queries, docs, ratings, numbers = zip(*rows, strict=True) if rows else ((), (), (), ())
    return FeatureFrame(
        meta["kind"],
        tuple(meta["names"]),
        meta["set_hash"],
        np.array(queries, object),
        np.array(docs, object),
        np.array(ratings, np.float32),
        np.array(numbers, np.float32).reshape(len(rows), width),
    )
