"""How many nodes the data belongs to: more may join, fewer cannot elect, and a half-made cluster is not made twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.errors import EngineStartError
from stack.node.formation import FILE, Formation, node_count, read_formation, write_formation


def test_what_is_noted_counts_once_the_engine_wrote(tmp_path: Path) -> None:
    assert read_formation(tmp_path) is None
    write_formation(tmp_path, Formation(3, formed=False))
    assert read_formation(tmp_path) is None  # the nodes never started: any number may be asked for
    (tmp_path / "nodes").mkdir()
    assert read_formation(tmp_path) == Formation(3, formed=False)
    write_formation(tmp_path, Formation(3, formed=True))
    assert read_formation(tmp_path) == Formation(3, formed=True)


def test_data_without_a_note_is_of_one_node(tmp_path: Path) -> None:
    (tmp_path / "nodes").mkdir()
    assert read_formation(tmp_path) == Formation(1, formed=True)


@pytest.mark.parametrize("text", ["", "[]", '{"nodes": 3}', '{"nodes": "many", "formed": true}'])
def test_a_broken_note_is_not_guessed(tmp_path: Path, text: str) -> None:
    (tmp_path / "nodes").mkdir()
    (tmp_path / FILE).write_text(text)
    with pytest.raises(EngineStartError, match="cannot be read"):
        read_formation(tmp_path)


@pytest.mark.parametrize(
    ("formation", "asked", "expected"),
    [
        (None, None, 1),
        (None, 3, 3),
        (Formation(3, formed=True), None, 3),  # `souk up` after `souk down` brings all back
        (Formation(1, formed=True), 3, 3),
        (Formation(3, formed=False), 3, 3),
        (Formation(3, formed=False), None, 3),
    ],
)
def test_how_many_start(formation: Formation | None, asked: int | None, expected: int) -> None:
    assert node_count(formation, asked, default=1) == expected


def test_fewer_than_the_data_needs_is_refused_with_the_way() -> None:
    with pytest.raises(EngineStartError, match="spread over 3 nodes") as raised:
        node_count(Formation(3, formed=True), 1, default=1)
    assert "souk up --nodes 3" in raised.value.remedy
    assert "souk snapshot create" in raised.value.remedy


def test_another_number_than_the_unfinished_one_is_refused() -> None:
    with pytest.raises(EngineStartError, match="did not finish"):
        node_count(Formation(3, formed=False), 5, default=1)
