"""`souk train` and `souk model`: from a feature log to the model that serves, and back."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from learn.frame import FeatureFrame, write_frame
from learn.models import shelf_of
from learn.models_cli import models_app
from learn.train_cli import train_app
from stack.errors import ConfigError, InputError, NotFoundError, SoukError

WORDS = ["anchor", "bicycle", "candle", "dolphin", "engine", "feather", "guitar", "hammer", "island", "jacket"]
RUN = CliRunner()


def app() -> typer.Typer:
    whole = typer.Typer()
    whole.add_typer(train_app, name="train")
    whole.add_typer(models_app, name="model")
    return whole


def run(*arguments: str | Path) -> str:
    """The output; an error of ours is raised as `souk.py` would see it."""
    done = RUN.invoke(app(), [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if isinstance(done.exception, SoukError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def frame(set_hash: str = "set1") -> FeatureFrame:
    draw = np.random.default_rng(1)
    count, each = len(WORDS), 20
    title = draw.random(count * each)
    fused = np.clip(title + draw.normal(0, 0.4, count * each), 0, 1)
    ratings = np.where(draw.random(count * each) < 0.8, np.digitize(title, [0.6, 0.9]), np.nan)
    queries = np.repeat(np.array(WORDS, object), each)
    docs = np.array([str(place) for place in range(count * each)], object)
    values = np.column_stack([fused, title]).astype(np.float32)
    return FeatureFrame("product", ("fused", "title"), set_hash, queries, docs, ratings.astype(np.float32), values)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of its own, and an engine that is not there."""
    monkeypatch.setenv("SOUK_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SOUK_OPENSEARCH_URL", "http://127.0.0.1:9")
    write_frame(frame(), tmp_path / "features.parquet")
    return tmp_path


def train(place: Path, name: str, *more: str) -> Path:
    run(
        "train", "--features", place / "features.parquet", "--out", place / name, "--trials", "0", "--folds", "3", *more
    )
    return place / name


def test_train_prints_the_figures_and_writes_a_model(place: Path) -> None:
    said = run("train", "--features", place / "features.parquet", "--out", place / "m", "--trials", "1", "--folds", "3",
               "--monotone", "title=1", "--ablate")  # fmt: skip
    assert "10 of 10 judged queries have a relevant document" in said
    for words in ("before: first stage", "the models", "nDCG@10 judged-only", "p = ", "share of gain", "without"):
        assert words in said
    about = json.loads((place / "m" / "about.json").read_text(encoding="utf-8"))
    assert about["monotone"] == {"title": 1, "fused": 1}  # of the declared set, and of the command line
    assert about["metrics"]["nDCG@10"] > about["metrics"]["first stage nDCG@10"]


def test_judgments_bring_in_what_was_not_recalled(place: Path) -> None:
    rows = [
        f"{query},{doc},{rating:g}"
        for query, doc, rating in zip(frame().queries, frame().docs, frame().ratings, strict=True)
        if not np.isnan(rating)
    ]
    (place / "rated.csv").write_text("\n".join(["query,docid,rating", *rows, "anchor,gone,2"]), encoding="utf-8")
    said = run("train", "--features", place / "features.parquet", "--judgments", place / "rated.csv", "--out",
               place / "m", "--trials", "0", "--folds", "3")  # fmt: skip
    assert "1 relevant documents were not recalled and lower the figures: anchor (1)" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--folds", "11"), "11 folds need"),
        (("--monotone", "titel=1,title=2"), r"no feature 'titel'.*'title=2'"),
        (("--objective", "softmax"), "no objective 'softmax'; there is lambdarank"),
        (("--trainer", "xgboost", "--objective", "rank_xendcg"), "xgboost has no objective"),
    ],
)
def test_wrong_options_are_named(place: Path, arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises((InputError, ConfigError), match=says):
        run("train", "--features", place / "features.parquet", "--out", place / "m", "--trials", "0", *arguments)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"query,doc\n"])
def test_a_truncated_or_foreign_log_is_named(place: Path, content: bytes) -> None:
    whole = (place / "features.parquet").read_bytes()
    for bad in (content, whole[: len(whole) // 2]):
        (place / "bad.parquet").write_bytes(bad)
        with pytest.raises(InputError, match=r"bad\.parquet: is not a feature log.*souk features log"):
            run("train", "--features", place / "bad.parquet", "--out", place / "m")


def test_a_model_is_never_written_over(place: Path) -> None:
    train(place, "m")
    with pytest.raises(InputError, match="is not empty"):
        train(place, "m")


def test_publish_list_rollback_and_forward(place: Path) -> None:
    first, second = train(place, "a"), train(place, "b", "--seed", "9")
    assert "rank-product v1 is current: lightgbm, 2 features of set set1" in run(
        "model", "publish", first, "--name", "v1"
    )
    run("model", "publish", second, "--name", "v2")
    shelf = shelf_of(place / "state" / "published", "product")
    assert shelf.current() == "v2"
    assert "rank-product: v1 is current, v2 was" in run("model", "rollback")
    marked = [line for line in run("model", "list").splitlines() if "*" in line]
    assert len(marked) == 1
    assert " v1 " in marked[0]
    assert "v2 is current, v1 was" in run("model", "rollback", "v2")
    run("model", "rollback")
    with pytest.raises(NotFoundError, match="no version before v1"):
        run("model", "rollback")
    with pytest.raises(NotFoundError, match=r"no version 'v9'.*v1, v2"):
        run("model", "rollback", "v9")


def test_a_shadow_stands_on_a_shelf_of_its_own(place: Path) -> None:
    model = train(place, "a", "--trainer", "xgboost")
    run("model", "publish", model, "--shadow", "--name", "v1")
    root = place / "state" / "published"
    assert shelf_of(root, "product").current() is None
    assert shelf_of(root, "product", shadow=True).current() == "v1"
    assert "rank-product-shadow" in run("model", "list")


def test_a_broken_model_is_not_published(place: Path) -> None:
    model = train(place, "a")
    text = (model / "model.txt").read_text(encoding="utf-8")
    (model / "model.txt").write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(ConfigError, match="truncated"):
        run("model", "publish", model)
    (model / "about.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"about\.json"):
        run("model", "publish", model)
    with pytest.raises(NotFoundError, match="holds no model"):
        run("model", "publish", place)
    assert shelf_of(place / "state" / "published", "product").current() is None


def test_compare_pairs_two_models_by_query(place: Path) -> None:
    first, second = train(place, "a"), train(place, "b", "--monotone", "title=-1,fused=-1")
    run("model", "publish", first, "--name", "v1")
    said = run("model", "compare", "v1", second, "--features", place / "features.parquet", "--shown", "3")
    assert "paired permutation test" in said
    assert sum(line.split()[:1] == [word] for line in said.splitlines() for word in WORDS) == 3
    write_frame(frame("set2"), place / "other.parquet")
    with pytest.raises(ConfigError, match="of feature set set1, in use is set2"):
        run("model", "compare", "v1", second, "--features", place / "other.parquet")


def test_help_needs_no_library() -> None:
    import subprocess

    code = (
        "import learn.train_cli, learn.models_cli, sys; print([m for m in ('lightgbm', 'xgboost') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert "souk model publish model" in run("model", "publish", "--help")
