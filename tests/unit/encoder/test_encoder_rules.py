"""encoder.yml says numbers; a wrong one is named. Pace and frozen layers as they are declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from learn.encoder.rules import load_encoder_rules
from learn.encoder.run import is_frozen, pace
from stack.errors import ConfigError
from stack.settings import ROOT

FILE = (ROOT / "mappings" / "ranking" / "encoder.yml").read_text(encoding="utf-8")


def test_the_file_of_the_project_is_read() -> None:
    assert load_encoder_rules(ROOT / "mappings").batch >= 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (FILE.replace("scale:", "scales:"), "scale: Field required; scales: Extra inputs"),
        (FILE + "\nkeep: 3\n", "keep"),
        (FILE.replace("title:", "headline:"), "shares.headline"),
        ("{", "while parsing"),
        ("", "valid dictionary"),
    ],
)
def test_a_wrong_number_is_named(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "ranking").mkdir()
    (tmp_path / "ranking" / "encoder.yml").write_text(content)
    with pytest.raises(ConfigError, match=r"mappings/ranking/encoder\.yml") as caught:
        load_encoder_rules(tmp_path)
    assert told in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_encoder_rules(tmp_path)


@pytest.mark.parametrize(
    ("name", "layers", "frozen"),
    [
        ("0.auto_model.embeddings.word_embeddings.weight", 3, True),
        ("0.auto_model.encoder.layer.2.output.dense.weight", 3, True),
        ("0.auto_model.encoder.layer.3.output.dense.weight", 3, False),
        ("0.auto_model.layers.1.attn.weight", 3, True),
        ("0.auto_model.encoder.layer.10.output.dense.weight", 3, False),
        ("0.auto_model.embeddings.word_embeddings.weight", 0, False),
        ("0.auto_model.pooler.dense.weight", 3, False),
    ],
)
def test_the_lower_layers_and_the_embeddings_are_frozen(name: str, layers: int, frozen: bool) -> None:
    assert is_frozen(name, layers) is frozen


def test_the_rate_rises_to_its_full_height_and_falls_to_nothing() -> None:
    paces = [pace(step, 100, 0.1) for step in range(100)]
    assert paces[0] == pytest.approx(1 / 11)
    assert max(paces) == paces[10] == 1.0
    assert paces[:11] == sorted(paces[:11])
    assert paces[10:] == sorted(paces[10:], reverse=True)
    assert 0 < paces[-1] < 0.02
    assert pace(0, 1, 0.0) == 1.0
