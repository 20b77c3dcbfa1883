"""mappings/understand/build.yml: what is wrong in it is named, all of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from api.understand.rules import load_lexicon_rules
from stack.errors import ConfigError
from stack.settings import ROOT

GIVEN = ROOT / "mappings" / "understand" / "build.yml"


def test_the_given_file_is_right() -> None:
    assert load_lexicon_rules(ROOT / "mappings").vocabulary.min_count >= 1


def test_every_mistake_is_named(tmp_path: Path) -> None:
    content = yaml.safe_load(GIVEN.read_text())
    content["vocabulary"]["min_count"] = 0
    content["things"]["no_such"] = 1
    del content["categories"]["seed"]
    (tmp_path / "understand").mkdir()
    (tmp_path / "understand" / "build.yml").write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigError) as caught:
        load_lexicon_rules(tmp_path)
    for part in ("vocabulary.min_count", "things.no_such", "categories.seed", "build.yml"):
        assert part in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"build\.yml"):
        load_lexicon_rules(tmp_path)
