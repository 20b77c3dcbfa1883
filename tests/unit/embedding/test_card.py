"""What identifies a model, and what is said when there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stack.embedding import card as card_module
from stack.embedding import source
from stack.embedding.card import ModelCard, model_hash, sha256_of, weights_file
from stack.embedding.encoder import read_card
from stack.embedding.export import ensure_exported
from stack.embedding.session import read_pooling
from stack.embedding.source import BUNDLED_NAME, BUNDLED_SHA256, find_source
from stack.errors import ConfigError
from stack.settings import Settings, load_settings

FACTS = ("a" * 64, "int8", 64)


def model_folder(
    folder: Path, pooling: str = '{"pooling_mode_mean_tokens": true, "word_embedding_dimension": 8}'
) -> Path:
    """The files of a sentence-transformers folder that are read before its weights are loaded."""
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "1_Pooling" / "config.json").write_text(pooling)
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def with_model(model: Path | str, **changes: object) -> Settings:
    return load_settings(model=str(model), **changes)


@pytest.mark.parametrize("changed", [("b" * 64, "int8", 64), ("a" * 64, "fp32", 64), ("a" * 64, "int8", 128)])
def test_the_hash_changes_with_each_fact(changed: tuple[str, str, int]) -> None:
    assert model_hash(*changed) != model_hash(*FACTS) == model_hash(*FACTS)


def test_the_hash_changes_with_the_text_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = model_hash(*FACTS)
    monkeypatch.setattr(card_module, "TEXT_VERSION", card_module.TEXT_VERSION + 1)
    assert model_hash(*FACTS) != before


def test_a_card_survives_the_index_meta() -> None:
    made = ModelCard("m", 384, model_hash(*FACTS))
    assert ModelCard(**json.loads(json.dumps(made.as_meta()))) == made
    assert len(made.hash) == 16


def test_settings_that_change_vectors_change_the_card(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "tiny")
    first = read_card(with_model(folder))
    assert (first.name, first.dimension) == ("tiny", 8)
    assert read_card(with_model(folder, query_cache=7, embed_threads=1)) == first
    others = [{"model_precision": "fp32"}, {"model_max_tokens": 128}]
    assert len({first.hash, *(read_card(with_model(folder, **other)).hash for other in others)}) == 3
    for file in ("model.safetensors", "tokenizer.json", "1_Pooling/config.json", "config_sentence_transformers.json"):
        before = read_card(with_model(folder)).hash
        text = (folder / file).read_text() if (folder / file).is_file() else ""
        (folder / file).write_text(text + " ")
        assert read_card(with_model(folder)).hash != before, f"{file} decides the vectors too"


def test_the_bundled_model_is_the_published_one() -> None:
    name, folder, _ = find_source("bundled")
    assert name == BUNDLED_NAME
    assert sha256_of(weights_file(folder)) == BUNDLED_SHA256
    assert read_card(load_settings()).dimension == 384


def test_bundled_weights_that_are_not_the_published_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BUNDLED_SHA256", "0" * 64)
    with pytest.raises(ConfigError, match="not the published 000000000000"):
        find_source("bundled")


def test_a_folder_without_weights(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no weights .*SOUK_MODEL"):
        find_source(str(tmp_path))


def test_neither_a_folder_nor_to_be_had_from_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"'no-such/model' is neither a folder nor to be had") as caught:
        find_source("no-such/model")
    assert "bundled" in caught.value.remedy


def test_a_folder_of_another_kind_of_model(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(ConfigError, match="not a sentence-transformers model"):
        read_card(with_model(tmp_path))


def test_a_model_of_unknown_parts_is_not_exported(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "odd")
    (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Transformer"}, {"type": "a.b.CNN"}]')
    with pytest.raises(ConfigError, match="made of Transformer, CNN"):
        ensure_exported(folder, tmp_path / "exported")
    assert not (tmp_path / "exported").exists()
    assert list(tmp_path.glob("exported.*")) == [tmp_path / "exported.lock"]


def test_an_export_that_is_there_is_taken(tmp_path: Path) -> None:
    (tmp_path / "exported").mkdir()
    assert ensure_exported(tmp_path / "nowhere", tmp_path / "exported") == tmp_path / "exported"


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode": "mean"}, "mean"),
        ({"pooling_mode": "cls"}, "cls"),
    ],
)
def test_pooling(tmp_path: Path, pooling: dict[str, object], expected: str) -> None:
    assert read_pooling(model_folder(tmp_path / "m", json.dumps(pooling))) == expected


@pytest.mark.parametrize("pooling", ['{"pooling_mode_max_tokens": true}', '{"pooling_mode": "lasttoken"}', "{}", "{"])
def test_a_pooling_that_this_runtime_has_not(tmp_path: Path, pooling: str) -> None:
    with pytest.raises(ConfigError, match="SOUK_MODEL"):
        read_pooling(model_folder(tmp_path / "m", pooling))
