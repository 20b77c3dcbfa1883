"""The files of the steps: read as they stand, and a mistake is named with its file and field."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from chain_lexicon import RULES

from api.understand.step_rules import load_step_rules
from stack.errors import ConfigError
from stack.settings import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("understand", "synonyms"):
        shutil.copytree(ROOT / "mappings" / name, tmp_path / name)
    return tmp_path


def test_words_that_yaml_takes_for_flags_are_words() -> None:
    assert {"no", "on", "off"} <= RULES.words_in("en").function
    assert RULES.words_in("xx").function == frozenset()


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("steps.yml", "min_certainty: 0.6", "min_certainty: 6", "steps.yml: spelling.min_certainty"),
        ("steps.yml", "min_letters", "letters", "steps.yml: language.letters"),
        ("words.de.yml", "weak: [für, fuer, fur]", "weak: 3", "words.de.yml: compatible.weak"),
        ("words.en.yml", "  weak: [", "  weak: {", "words.en.yml"),
    ],
)
def test_a_mistake_is_named_with_its_place(folder: Path, file: str, old: str, new: str, message: str) -> None:
    path = folder / "understand" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_step_rules(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "understand" / "steps.yml").unlink()
    with pytest.raises(ConfigError, match=r"steps\.yml"):
        load_step_rules(folder)
