"""RankLib text holds all that the frame holds, and a broken line is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from learn.frame import FeatureFrame
from learn.ranklib import read_ranklib, write_ranklib
from stack.errors import InputError


def frame() -> FeatureFrame:
    values = np.random.default_rng(1).normal(0, 1, (4, 3)).astype(np.float32) * np.float32(1e6)
    values[0] = (0, 1 / 3, -1e-20)
    return FeatureFrame(
        "video",
        ("fused", "title bm25", "größe"),
        "set1",
        np.array(["usb # hub", "usb # hub", "tv", "tv"], object),
        np.array(["a", "b 2", "a", "ü"], object),
        np.array([3, np.nan, 0, 1], np.float32),
        values,
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "new" / "features.txt"
    write_ranklib(frame(), file)
    found = read_ranklib(file)
    assert (found.kind, found.names, found.set_hash) == ("video", frame().names, "set1")
    assert found.queries.tolist() == frame().queries.tolist()
    assert found.docs.tolist() == frame().docs.tolist()
    assert np.array_equal(found.ratings, frame().ratings, equal_nan=True)
    assert np.array_equal(found.values, frame().values)
    assert found.data_hash == frame().data_hash


def test_the_lines_are_the_formats_own(tmp_path: Path) -> None:
    """scikit-learn reads SVMrank text."""
    from sklearn.datasets import load_svmlight_file

    write_ranklib(frame(), tmp_path / "f.txt")
    values, ratings, groups = load_svmlight_file(str(tmp_path / "f.txt"), query_id=True)
    assert values.toarray() == pytest.approx(frame().values)
    assert ratings.tolist() == [3, 0, 0, 1]
    assert groups.tolist() == [1, 1, 2, 2]


def test_an_empty_frame_is_one_line(tmp_path: Path) -> None:
    nothing = frame()
    empty = FeatureFrame(
        nothing.kind, nothing.names, "s", nothing.queries[:0], nothing.docs[:0], nothing.ratings[:0], nothing.values[:0]
    )
    write_ranklib(empty, tmp_path / "f.txt")
    assert read_ranklib(tmp_path / "f.txt").values.shape == (0, 3)


def test_broken_lines_are_named(tmp_path: Path) -> None:
    file = tmp_path / "f.txt"
    write_ranklib(frame(), file)
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2][:20]
    lines[4] = lines[4].replace("2:", "7:")
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"f\.txt:3: is not a row of 3 features; f\.txt:5.*2 lines are wrong"):
        read_ranklib(file)


@pytest.mark.parametrize("content", [b"", b"1 qid:1 1:2\n", b"\xff\xfe"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.txt").write_bytes(content)
    with pytest.raises(InputError, match=r"f\.txt"):
        read_ranklib(tmp_path / "f.txt")
