"""The cache of document vectors: right or empty, never wrong; a broken disk costs only the cache."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from stack.embedding.card import ModelCard
from stack.embedding.session import Vectors
from stack.embedding.vectors import VectorCache

CARD = ModelCard("tiny", 4, "0123456789abcdef")
FILE = "tiny-0123456789abcdef.sqlite"


def rows(count: int, first: int = 0) -> Vectors:
    return np.arange(first * 4, (first + count) * 4, dtype=np.float32).reshape(count, 4)


def assert_known(cache: VectorCache, texts: list[str], vectors: Vectors) -> None:
    known = cache.get_many(texts)
    assert list(known) == list(range(len(texts)))
    np.testing.assert_array_equal(np.stack([known[place] for place in range(len(texts))]), vectors)


def test_what_was_kept_is_there_again_and_nothing_else(tmp_path: Path) -> None:
    VectorCache(tmp_path, CARD).put_many(["a", "b"], rows(2))
    again = VectorCache(tmp_path, CARD)
    assert_known(again, ["a", "b"], rows(2))
    assert set(again.get_many(["x", "b", "y", "a"])) == {1, 3}
    assert again.get_many([]) == {}


def test_a_text_that_is_twice_in_a_batch_is_found_twice(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, CARD)
    cache.put_many(["a", "a", "b"], rows(3))
    known = cache.get_many(["b", "a", "x", "a", "b"])
    assert list(known) == [0, 1, 3, 4]
    np.testing.assert_array_equal(known[1], known[3])
    np.testing.assert_array_equal(known[0], known[4])


def test_more_texts_than_one_statement_takes(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, CARD)
    texts = [f"text {place}" for place in range(1_203)]
    cache.put_many(texts, rows(len(texts)))
    assert_known(cache, texts, rows(len(texts)))


def test_another_model_has_another_file(tmp_path: Path) -> None:
    VectorCache(tmp_path, CARD).put_many(["a"], rows(1))
    assert VectorCache(tmp_path, ModelCard("tiny", 4, "f" * 16)).get_many(["a"]) == {}


def test_threads_share_one_cache(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, CARD)

    def write(first: int) -> None:
        for place in range(first, first + 20):
            cache.put_many([str(place)], rows(1, place))
            cache.get_many([str(place), "missing"])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(0, 80, 20)))
    assert_known(cache, [str(place) for place in range(80)], rows(80))


WRITER = """
import sys; from pathlib import Path; import numpy as np
from stack.embedding.card import ModelCard; from stack.embedding.vectors import VectorCache
first = int(sys.argv[2])
for place in range(first, first + 50):
    cache = VectorCache(Path(sys.argv[1]), ModelCard("tiny", 4, "0123456789abcdef"))
    cache.put_many([str(place)], np.arange(place * 4, place * 4 + 4, dtype=np.float32)[None])
    cache.close()
"""


def test_two_processes_write_one_file(tmp_path: Path) -> None:
    """Both open it anew for each entry: the first moments of a file are where processes meet."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(first)], stderr=subprocess.PIPE, text=True)
        for first in (0, 50)
    ]
    errors = [writer.communicate(timeout=60)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], errors
    assert_known(VectorCache(tmp_path, CARD), [str(place) for place in range(100)], rows(100))


def test_a_file_that_is_no_cache_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_bytes(b"this is not SQLite" * 100)
    cache = VectorCache(tmp_path, CARD)
    assert "made anew" in caplog.text
    cache.put_many(["a"], rows(1))
    assert_known(VectorCache(tmp_path, CARD), ["a"], rows(1))


def test_a_file_that_breaks_while_it_is_open_costs_only_the_cache(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = VectorCache(tmp_path, CARD)
    cache.put_many(["a"], rows(1))
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("DROP TABLE vectors")
    assert cache.get_many(["a"]) == {}
    cache.put_many(["b"], rows(1))
    assert caplog.text.count("computed without it") == 1, "said once, not once a batch"


def test_a_full_disk_costs_only_the_cache(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """`max_page_count` makes SQLite answer as it does on a full disk: "database or disk is full"."""
    cache = VectorCache(tmp_path, CARD)
    cache.put_many(["a"], rows(1))
    assert cache._db is not None
    cache._db.execute("PRAGMA max_page_count=4")
    many = [f"text {place}" for place in range(5_000)]
    cache.put_many(many, rows(len(many)))
    assert "full" in caplog.text
    assert cache.get_many(many) == {}, "a batch is kept whole or not at all"
    assert_known(cache, ["a"], rows(1))
    cache._db.execute("PRAGMA max_page_count=100000")
    cache.put_many(["b"], rows(1, 1))
    assert_known(cache, ["a", "b"], rows(2))


def test_where_no_file_can_be_made_there_is_no_cache(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    cache = VectorCache(tmp_path / "taken", CARD)
    cache.put_many(["a"], rows(1))
    assert cache.get_many(["a"]) == {}
    cache.close()
    assert caplog.record_tuples[0][1] == logging.WARNING


def test_a_vector_for_each_text_or_none_is_kept(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, CARD)
    with pytest.raises(ValueError, match="zip"):
        cache.put_many(["a", "b"], rows(1))
    assert cache.get_many(["a", "b"]) == {}
