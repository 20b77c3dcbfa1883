"""`souk apply` on the real engine: idempotent, shows what it does, refuses what would do harm."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch
from typer.testing import CliRunner

import souk
from api.bootstrap import build_searcher
from stack.apply import Change, apply, plan
from stack.capabilities import read_capabilities
from stack.client import connect
from stack.documents import KINDS
from stack.embedding.encoder import read_card
from stack.errors import ConfigError, EngineError, ModelMismatchError, NotFoundError
from stack.indexes import check_writable, read_index
from stack.settings import ROOT, Settings

pytestmark = pytest.mark.engine
SYNONYMS = "template.settings.index.analysis.filter.en_synonyms.synonyms"


@pytest.fixture(scope="module")
def shop(make_indexes: Callable[..., Settings]) -> Settings:
    return make_indexes("apply")


@pytest.fixture(scope="module")
def engine(shop: Settings) -> Iterator[OpenSearch]:
    with connect(shop) as client:
        yield client


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "mappings", tmp_path / "mappings"))


@pytest.fixture
def command(souk_env: dict[str, str], shop: Settings) -> Callable[..., str]:
    """Run a `souk` command on these indexes; its output."""

    def run(*arguments: str, **environment: str) -> str:
        mine = souk_env | {"SOUK_INDEX_PREFIX": shop.index_prefix} | environment
        result = CliRunner().invoke(souk.app, list(arguments), env=mine, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def planned(engine: OpenSearch, settings: Settings, recreate: bool = False) -> list[Change]:
    return plan(engine, settings, read_card(settings), read_capabilities(engine), recreate)


def actions(changes: list[Change]) -> dict[str, str]:
    """What happens to each path, but for what this cluster cannot have."""
    return {change.path: change.action for change in changes if change.action != "skip"}


def state(engine: OpenSearch, settings: Settings) -> dict[str, Any]:
    """Everything that `souk apply` writes, as the engine holds it."""
    prefix = f"{settings.index_prefix}-*"
    get = engine.transport.perform_request
    return {
        "indexes": engine.indices.get(index=prefix),
        "templates": get("GET", f"/_index_template/{prefix}"),
        "components": get("GET", f"/_component_template/{prefix}"),
        "pipelines": get("GET", f"/_ingest/pipeline/{prefix}"),
    }


def test_a_second_apply_changes_nothing(engine: OpenSearch, shop: Settings) -> None:
    before = state(engine, shop)
    changes = planned(engine, shop)
    assert set(actions(changes).values()) == {"unchanged"}, [change for change in changes if change.diff]
    apply(engine, changes)
    assert state(engine, shop) == before


def test_each_kind_has_a_versioned_index_behind_its_alias(engine: OpenSearch, shop: Settings) -> None:
    for kind in KINDS:
        info = read_index(engine, shop.alias(kind))
        assert info.name == f"{shop.alias(kind)}-000001"
        assert info.model == read_card(shop)
        aliases = engine.indices.get_alias(index=info.name)[info.name]["aliases"]
        assert aliases == {shop.alias(kind): {"is_write_index": True}}


def test_a_dry_run_shows_all_and_changes_nothing(
    engine: OpenSearch, shop: Settings, command: Callable[..., str]
) -> None:
    new = shop.model_copy(update={"index_prefix": f"{shop.index_prefix}dry"})
    shown = command("apply", "--dry-run", SOUK_INDEX_PREFIX=new.index_prefix)
    for kind in KINDS:
        assert f"+ /_index_template/{new.alias(kind)}  mappings/indexes/{kind}s.json" in shown
        assert f"+ /{new.alias(kind)}-000001  alias {new.alias(kind)}" in shown
    assert "Nothing was changed" in shown
    assert engine.indices.get(index=f"{new.index_prefix}-*") == {}
    assert set(actions(planned(engine, new)).values()) == {"create"}


def test_the_command_repeated_says_that_nothing_changed(command: Callable[..., str]) -> None:
    assert "0 changed" in command("apply")


def test_a_changed_synonym_is_shown_and_applied(
    engine: OpenSearch, shop: Settings, copied: Path, command: Callable[..., str]
) -> None:
    file = copied / "synonyms" / "en.txt"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("sofa, couch\n", "") + "zorb, blorp\n", encoding="utf-8")
    changed = shop.model_copy(update={"mappings_dir": copied})
    shown = command("apply", "--dry-run", SOUK_MAPPINGS_DIR=str(copied))
    assert f"~ /_component_template/{shop.index_prefix}-common" in shown
    changes = planned(engine, changed)
    (component,) = [change for change in changes if change.action == "update"]
    assert component.diff == (f"- {SYNONYMS}: sofa, couch", f"+ {SYNONYMS}: zorb, blorp")

    apply(engine, changes)
    after = planned(engine, changed)
    assert actions(after)[component.path] == "unchanged"
    (index,) = [change for change in after if change.path == f"/{shop.alias('product')}-000001"]
    assert index.action == "differs"
    assert "souk reindex products" in index.note
    assert list(index.diff) == [
        "- analysis.filter.en_synonyms.synonyms: sofa, couch",
        "+ analysis.filter.en_synonyms.synonyms: zorb, blorp",
    ]

    apply(engine, planned(engine, changed, recreate=True))
    assert set(actions(planned(engine, changed)).values()) == {"unchanged"}
    assert words(engine, shop, "text_en_search", "blorp") == {"zorb", "blorp"}
    apply(engine, planned(engine, shop, recreate=True))
    assert words(engine, shop, "text_en_search", "blorp") == {"blorp"}


def words(engine: OpenSearch, settings: Settings, analyzer: str, text: str) -> set[str]:
    answer = engine.indices.analyze(index=settings.alias("product"), body={"analyzer": analyzer, "text": text})
    return {token["token"] for token in answer["tokens"]}


def test_rules_of_synonyms_that_are_joined_are_a_change(engine: OpenSearch, shop: Settings, copied: Path) -> None:
    """`a, b` and `c, d` on two lines are not `a, b, c, d` on one."""
    file = copied / "synonyms" / "en.txt"
    text = file.read_text(encoding="utf-8")
    assert "sofa, couch\ntorch, flashlight\n" in text
    file.write_text(text.replace("sofa, couch\ntorch", "sofa, couch, torch"), encoding="utf-8")
    changes = planned(engine, shop.model_copy(update={"mappings_dir": copied}))
    assert [change.action for change in changes if change.path.endswith("-common")] == ["update"]


def test_a_synonym_that_the_engine_refuses_names_the_file(engine: OpenSearch, shop: Settings, copied: Path) -> None:
    (copied / "synonyms" / "en.txt").write_text("a => b => c\n", encoding="utf-8")
    broken = shop.model_copy(update={"mappings_dir": copied, "index_prefix": f"{shop.index_prefix}broken"})
    with pytest.raises(EngineError, match=r"mappings/components/common\.json"):
        apply(engine, planned(engine, broken))
    assert engine.indices.get(index=f"{broken.index_prefix}-*") == {}
    assert set(actions(planned(engine, shop)).values()) == {"unchanged"}


def test_languages_come_and_go(make_indexes: Callable[..., Settings], engine: OpenSearch) -> None:
    english = make_indexes("languages")
    three = english.model_copy(update={"languages": ("en", "de", "cjk")})
    changes = planned(engine, three)
    templates = {f"/_index_template/{english.alias(kind)}" for kind in KINDS}
    assert {change.action for change in changes if change.path in templates} == {"update"}
    assert any(
        line.startswith("+ template.mappings.properties.title.fields.de") for change in changes for line in change.diff
    )
    apply(engine, changes)
    assert set(actions(planned(engine, three)).values()) == {"unchanged", "differs"}, "the indexes are still English"
    apply(engine, planned(engine, three, recreate=True))
    assert set(actions(planned(engine, three)).values()) == {"unchanged"}
    assert words(engine, three, "text_de", "Häuser") == words(engine, three, "text_de", "haus")

    apply(engine, planned(engine, english))
    apply(engine, planned(engine, english, recreate=True))
    assert set(actions(planned(engine, english)).values()) == {"unchanged"}
    fields = engine.indices.get_mapping(index=english.alias("video"))[f"{english.alias('video')}-000001"]
    assert set(fields["mappings"]["properties"]["title"]["fields"]) == {"en", "typed"}


def test_faiss_is_refused_before_it_reaches_the_node(engine: OpenSearch, shop: Settings, copied: Path) -> None:
    if read_capabilities(engine).faiss:
        pytest.skip("this cluster can load faiss")
    file = copied / "components" / "vectors.json"
    file.write_text(
        file.read_text(encoding="utf-8").replace('"engine": "lucene"', '"engine": "faiss"'), encoding="utf-8"
    )
    before = state(engine, shop)
    with pytest.raises(ConfigError, match="asks for the engine faiss"):
        planned(engine, shop.model_copy(update={"mappings_dir": copied}))
    assert state(engine, shop) == before
    document = {"id": "a", "kind": "product", "title": "still here", "updated_at": "2026-01-01T00:00:00Z"}
    vector = [1.0] + [0.0] * (read_card(shop).dimension - 1)
    engine.index(index=shop.alias("product"), id="a", body=document | {"text_vector": vector}, refresh=True)
    assert engine.count(index=shop.alias("product"))["count"] == 1


async def test_vectors_of_another_model(engine: OpenSearch, shop: Settings) -> None:
    other = shop.model_copy(update={"model_max_tokens": 128})
    differing = [change for change in planned(engine, other) if change.action == "differs"]
    assert {change.path for change in differing} == {f"/{shop.alias(kind)}-000001" for kind in KINDS}
    assert all("souk reindex all" in change.note for change in differing)
    with pytest.raises(ModelMismatchError, match="SOUK_MODEL"):
        async with build_searcher(other):
            pass
    for kind in KINDS:
        with pytest.raises(ModelMismatchError, match="SOUK_MODEL"):
            check_writable(engine, other, kind, read_card(other))
        assert check_writable(engine, other, kind, None).name == f"{shop.alias(kind)}-000001", "without vectors"


def test_an_ingest_with_another_model_is_refused(shop: Settings, command: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"id": "z", "title": "Z", "updated_at": "2026-01-01T00:00:00Z"}\n')
    with pytest.raises(ModelMismatchError, match="SOUK_MODEL"):
        command("ingest", "products", str(tmp_path / "p.jsonl"), SOUK_MODEL_MAX_TOKENS="128")


async def test_indexes_that_are_missing(engine: OpenSearch, shop: Settings) -> None:
    nowhere = shop.model_copy(update={"index_prefix": "test-nowhere"})
    with pytest.raises(NotFoundError, match="souk apply"):
        read_index(engine, nowhere.alias("product"))
    with pytest.raises(NotFoundError, match="souk apply"):
        async with build_searcher(nowhere):
            pass


def test_recreate_asks_first(engine: OpenSearch, shop: Settings, souk_env: dict[str, str]) -> None:
    engine.index(index=shop.alias("live"), id="l", body={"id": "l", "kind": "live", "title": "L"}, refresh=True)
    mine = souk_env | {"SOUK_INDEX_PREFIX": shop.index_prefix}
    for answer in ("n\n", ""):
        result = CliRunner().invoke(souk.app, ["apply", "--recreate"], env=mine, input=answer)
        assert isinstance(result.exception, ConfigError)
        assert engine.count(index=shop.alias("live"))["count"] == 1
    result = CliRunner().invoke(souk.app, ["apply", "--recreate", "--yes"], env=mine)
    assert result.exit_code == 0
    assert engine.count(index=shop.alias("live"))["count"] == 0
