"""`mappings/` filled in: languages, values, synonyms; and what is said about a file that is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stack.embedding.card import ModelCard
from stack.errors import ConfigError
from stack.mappings import Resource, merge, read_json, read_synonyms, render
from stack.settings import ROOT, Settings, load_settings

CARD = ModelCard("tiny", 8, "0123456789abcdef")


def rendered(**settings: Any) -> dict[str, Resource]:
    """The resources by path, below the prefix `shop`."""
    return {resource.path: resource for resource in render(load_settings(index_prefix="shop", **settings), CARD)}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of `mappings/` to break."""
    return Path(shutil.copytree(ROOT / "mappings", tmp_path / "mappings"))


def changed(folder: Path, file: str, text: str) -> Settings:
    (folder / file).write_text(text, encoding="utf-8")
    return load_settings(mappings_dir=folder)


def leaves(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [*node, *(leaf for value in node.values() for leaf in leaves(value))]
    return [leaf for item in node for leaf in leaves(item)] if isinstance(node, list) else [str(node)]


def test_components_stand_before_the_templates_that_are_made_of_them() -> None:
    resources = rendered()
    paths = list(resources)
    for kind in ("products", "videos", "lives"):
        template = resources[f"/_index_template/shop-{kind}"].body
        assert template["index_patterns"] == [f"shop-{kind}-*"]
        for component in template["composed_of"]:
            assert paths.index(f"/_component_template/{component}") < paths.index(f"/_index_template/shop-{kind}")
    stamped = resources["/_component_template/shop-settings"].body["template"]["settings"]["index"]["final_pipeline"]
    assert paths.index(f"/_ingest/pipeline/{stamped}") < paths.index("/_component_template/shop-settings")


def test_values_keep_their_type_and_nothing_is_left_to_fill_in() -> None:
    resources = rendered(shards=3, replicas=1)
    index = resources["/_component_template/shop-settings"].body["template"]["settings"]["index"]
    assert (index["number_of_shards"], index["number_of_replicas"]) == (3, 1)
    vectors = resources["/_component_template/shop-vectors"].body["template"]["mappings"]["properties"]
    assert vectors["text_vector"]["dimension"] == 8
    left = [leaf for resource in resources.values() for leaf in leaves(resource.body) if "${" in leaf]
    assert left == []
    assert not any(
        leaf in ("_why", "_requires", "$language", "$synonyms")
        for each in resources.values()
        for leaf in leaves(each.body)
    )


def test_the_model_is_written_in_every_index() -> None:
    for kind in ("products", "videos", "lives"):
        meta = rendered()[f"/_index_template/shop-{kind}"].body["template"]["mappings"]["_meta"]
        assert meta == {"embedding": {"name": "tiny", "dimension": 8, "hash": "0123456789abcdef"}}


@pytest.mark.parametrize("languages", [("en",), ("de", "en"), ("en", "de", "cjk")])
def test_a_text_field_is_analysed_once_for_each_language(languages: tuple[str, ...]) -> None:
    resources = rendered(languages=languages)
    common = resources["/_component_template/shop-common"].body["template"]
    title = common["mappings"]["properties"]["title"]["fields"]
    for language in languages:
        assert title[language]["analyzer"] == f"text_{language}"
        assert title[language]["search_analyzer"] == f"text_{language}_search"
    assert set(title) - set(languages) == {"typed"}
    analyzers = common["settings"]["index"]["analysis"]["analyzer"]
    wanted = {leaf for each in resources.values() for leaf in leaves(each.body) if leaf.startswith("text_")}
    assert wanted - {"text_vector", "text_sketch"} <= set(analyzers), "no field names an analyzer that is not there"
    assert {name for name in analyzers if name.startswith("text_")} == {
        f"text_{language}{which}" for language in languages for which in ("", "_search")
    }


def test_synonyms_of_a_language_are_in_its_filter() -> None:
    analysis = rendered()["/_component_template/shop-common"].body["template"]["settings"]["index"]["analysis"]
    assert "fridge, refrigerator" in analysis["filter"]["en_synonyms"]["synonyms"]
    assert not any(rule.startswith("#") for rule in analysis["filter"]["en_synonyms"]["synonyms"])


def test_search_pipelines_need_neural_search() -> None:
    resources = rendered()
    hybrid = [each for path, each in resources.items() if path.startswith("/_search/pipeline/")]
    assert {each.requires for each in hybrid} == {"hybrid"}
    assert {each.path for each in hybrid} == {f"/_search/pipeline/shop-hybrid-{way}" for way in ("score", "rrf")}
    processors = resources["/_search/pipeline/shop-hybrid-score"].body["phase_results_processors"]
    weights = processors[0]["normalization-processor"]["combination"]["parameters"]["weights"]
    assert sum(weights) == pytest.approx(1), "the engine takes no others"


def test_an_unknown_language_names_those_that_are_there() -> None:
    with pytest.raises(ConfigError, match=r"language 'fr' has no file fr\.json") as caught:
        rendered(languages=("en", "fr"))
    assert "cjk, de, en" in caught.value.remedy


def test_what_is_not_json_is_named_with_its_line(copied: Path) -> None:
    with pytest.raises(ConfigError, match=r"indexes/lives\.json.*line 3 column") as caught:
        render(changed(copied, "indexes/lives.json", '{\n  "priority": 200,\n  "x": ,\n}'), CARD)
    assert "SOUK_MAPPINGS_DIR" in caught.value.remedy


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("components/vectors.json", "[]", r"vectors\.json: not a JSON object"),
        (
            "components/vectors.json",
            '{"template": {"x": "${dimensions}"}}',
            r"components/vectors\.json: .*\$\{dimensions\}",
        ),
        ("languages/en.json", "{}", r'en\.json: has no object "analysis"'),
        ("components/analysis.json", '{"analysis": 1}', r'analysis\.json: has no object "analysis"'),
    ],
)
def test_other_mistakes_name_their_file(copied: Path, file: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        render(changed(copied, file, text), CARD)


def test_a_file_that_is_missing_is_named(copied: Path) -> None:
    (copied / "indexes" / "videos.json").unlink()
    with pytest.raises(ConfigError, match=r"indexes/videos\.json.*No such file"):
        render(load_settings(mappings_dir=copied), CARD)


def test_reading_synonyms(tmp_path: Path) -> None:
    file = tmp_path / "en.txt"
    file.write_text("# a comment\n\n  tv, television  \n  # another\nps4 => ps4, playstation 4\n", encoding="utf-8")
    assert read_synonyms(file) == ["tv, television", "ps4 => ps4, playstation 4"]
    assert read_synonyms(tmp_path / "none.txt") == []
    file.write_bytes(b"k\xf6nig, kaiser")
    with pytest.raises(ConfigError, match=r"en\.txt.*UTF-8"):
        read_synonyms(file)


def test_merging_goes_into_objects() -> None:
    into = {"a": {"b": 1, "c": {"d": [1]}}, "e": 1}
    merge(into, {"a": {"b": 2, "c": {"f": 3}}, "e": {"g": 4}})
    assert into == {"a": {"b": 2, "c": {"d": [1], "f": 3}}, "e": {"g": 4}}


def test_reading_json_leaves_text_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"ü": "”"}), encoding="utf-8")
    assert read_json(tmp_path / "x.json") == {"ü": "”"}
