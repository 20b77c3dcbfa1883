"""Publishing a lexicon: what a killed build left is swept, what another build is writing now is not."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from api.understand.lexicon import Lexicon
from api.understand.lexicon_files import FORMAT, digests, pack
from learn.lexicon.build import ABANDONED_S, publish
from stack.published import Shelf


def test_leftovers_of_a_killed_build_go(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "lexicon")
    for name, age in (("old", ABANDONED_S + 60), ("now", 1)):
        folder = shelf.folder / f".unfinished-{name}"
        folder.mkdir(parents=True)
        (folder / "vocabulary.npz").write_bytes(b"half")
        os.utime(folder, (time.time() - age,) * 2)
    files = pack(Lexicon.of({"a": 1}))
    about = {"format": FORMAT, "hash": "0123456789abcdef", "files": digests(files)}
    name = publish(shelf, files, about, datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert name == "20260301-120000-01234567"
    assert [path.name for path in shelf.folder.glob(".unfinished-*")] == [".unfinished-now"]
    assert Lexicon.load(shelf.get(str(shelf.current()))).count("a") == 1
