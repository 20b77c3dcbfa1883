"""What is published is taken up by a process that serves; what does not fit is refused by name and changes nothing."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rank_models import publish_model, trees

from api.funnel.feature_set import FeatureSet, load_features
from api.serving import Serving, rank_shelf, serving_of
from stack.documents import KINDS
from stack.errors import ConfigError, NotFoundError
from stack.published import Shelf
from stack.settings import ROOT, Settings, load_settings

PRODUCTS = load_features(ROOT / "mappings", "product")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(state_dir=tmp_path / "state")


@pytest.fixture
def serving(settings: Settings) -> Serving:
    return serving_of(settings)


def test_with_nothing_published_it_serves_without_models(serving: Serving) -> None:
    serving.refresh()
    assert all(serving.model(kind) is None and serving.shadow(kind) is None for kind in KINDS)
    assert serving.understander is serving.bare
    assert serving.understander.understand("Wireless MOUSE").text
    assert serving.about() == {name: {"version": None} for name in ("lexicon", *map(rank_shelf, KINDS))}


def test_models_are_taken_up_by_kind_and_rolled_back(serving: Serving, settings: Settings) -> None:
    shelf = publish_model(settings.published, PRODUCTS, "a")
    publish_model(settings.published, PRODUCTS, "b", sign=-1)
    serving.refresh()
    assert serving.model("product") is not None
    assert getattr(serving.model("product"), "name", "") == "b"
    assert serving.model("video") is serving.model("live") is None
    shelf.make_current("a")
    serving.refresh()
    assert getattr(serving.model("product"), "name", "") == "a"
    assert serving.about()["rank-product"] == {"version": "a"}


def test_a_shadow_model_stands_on_a_shelf_of_its_own(serving: Serving, settings: Settings) -> None:
    publish_model(settings.published, PRODUCTS, "s1", shadow=True)
    serving.refresh()
    assert serving.model("product") is None
    assert getattr(serving.shadow("product"), "name", "") == "s1"
    assert serving.about()["rank-product-shadow"] == {"version": "s1"}


REFUSED: dict[str, Callable[[Path, FeatureSet], Any]] = {
    "another feature set": lambda root, features: publish_model(root, features, "bad", feature_set="0123456789ab"),
    "features in another order": lambda root, features: publish_model(
        root, features, "bad", feature_names=list(features.names)[::-1]
    ),
    "of another width": lambda root, features: publish_model(root, features, "bad", content=trees(3, 0, 1)),
    "truncated": lambda root, features: publish_model(
        root, features, "bad", content=trees(len(features.names), 0, 1)[:2000]
    ),
    "no model": lambda root, features: publish_model(root, features, "bad", content="<html>"),
    "empty": lambda root, features: publish_model(root, features, "bad", content=""),
    "unknown trainer": lambda root, features: publish_model(root, features, "bad", trainer="catboost"),
    "says nothing": lambda root, features: publish_model(root, features, "bad", feature_names=None),
    "not the file that was published": lambda root, features: publish_model(root, features, "bad", model_sha256="00"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_model_that_does_not_fit_leaves_the_one_in_use_and_is_told(
    serving: Serving, settings: Settings, what: str
) -> None:
    publish_model(settings.published, PRODUCTS, "good")
    serving.refresh()
    REFUSED[what](settings.published, PRODUCTS)
    serving.refresh()
    assert getattr(serving.model("product"), "name", "") == "good"
    about = serving.about()["rank-product"]
    assert about["version"] == "good"
    assert "bad" in about["problem"]


def test_a_model_of_another_set_names_what_differs(serving: Serving, settings: Settings) -> None:
    names = [*PRODUCTS.names[1:], "gone_feature"]
    publish_model(settings.published, PRODUCTS, "old", feature_names=names, feature_set="0123456789ab")
    serving.refresh()
    problem = serving.about()["rank-product"]["problem"]
    assert "gone: gone_feature" in problem
    assert f"new: {PRODUCTS.names[0]}" in problem
    assert "souk learn" in problem


def test_a_model_of_another_type_on_the_shelf_is_refused(serving: Serving, settings: Settings) -> None:
    publish_model(settings.published, load_features(ROOT / "mappings", "video"), "v1")
    shutil.move(settings.published / "rank-video", settings.published / "rank-product")
    serving.refresh()
    assert serving.model("product") is None
    assert "feature set" in serving.about()["rank-product"]["problem"]


def test_a_broken_lexicon_takes_no_model_down(serving: Serving, settings: Settings) -> None:
    with Shelf(settings.published, "lexicon").publishing("l1", {}) as folder:
        (folder / "words.json").write_text("{")
    publish_model(settings.published, PRODUCTS, "a")
    serving.refresh()
    assert serving.understander is serving.bare
    assert "problem" in serving.about()["lexicon"]
    assert getattr(serving.model("product"), "name", "") == "a"


async def test_a_tick_loads_beside_the_requests_and_once_at_a_time(serving: Serving, settings: Settings) -> None:
    publish_model(settings.published, PRODUCTS, "a")
    loads: list[str] = []
    inside = threading.Event()
    refresh = serving.refresh

    def slow() -> None:
        loads.append(threading.current_thread().name)
        inside.wait(5)
        refresh()

    serving.refresh = slow  # type: ignore[method-assign]
    for _ in range(5):
        serving.tick()
        await asyncio.sleep(0.01)
    assert len(loads) == 1, "five requests while it loads start no second load"
    assert loads[0] != threading.main_thread().name
    assert serving.model("product") is None, "nobody waited"
    inside.set()
    assert serving._task is not None
    await serving._task
    assert getattr(serving.model("product"), "name", "") == "a"
    serving.tick()
    assert len(loads) == 1, "it was looked at a moment ago"


def test_any_published_version_can_be_looked_at(serving: Serving, settings: Settings) -> None:
    publish_model(settings.published, PRODUCTS, "a")
    publish_model(settings.published, PRODUCTS, "b")
    publish_model(settings.published, PRODUCTS, "c", feature_set="0123456789ab")
    assert serving.versions("product") == ["c", "b", "a"]
    assert serving.published("product", "a").name == "a"
    with pytest.raises(NotFoundError, match="has no version 'z'"):
        serving.published("product", "z")
    with pytest.raises(ConfigError, match="feature set"):
        serving.published("product", "c")


def test_a_wrong_feature_is_told_at_start(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    file = tmp_path / "mappings" / "features" / "recall.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("pool: votes_rrf", "pool: votes_xyz"), encoding="utf-8")
    with pytest.raises(ConfigError, match="votes_rrf: there is no pool signal 'votes_xyz'"):
        serving_of(settings.model_copy(update={"mappings_dir": tmp_path / "mappings"}))
