"""`souk train encoder`, really training: a few steps on a few texts, then used as SOUK_MODEL would use it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import typer
import yaml
from opensearchpy import OpenSearch
from running import environment
from typer.testing import CliRunner, Result

from learn.encoder.catalogue import from_index
from learn.encoder.cli import encoder_command
from learn.encoder.job import Job
from learn.encoder.pairs import Pair
from learn.encoder.rules import load_encoder_rules
from learn.encoder.train import train
from learn.judgments import read_judgments
from stack.client import connect
from stack.embedding import load_encoder
from stack.embedding.encoder import read_card
from stack.embedding.source import find_source
from stack.embedding.text import document_text
from stack.embedding.vectors import VectorCache
from stack.errors import ConfigError, InputError
from stack.settings import ROOT, Settings

pytestmark = pytest.mark.engine

RULES = load_encoder_rules(ROOT / "mappings").model_copy(
    update={"batch": 4, "steps": 4, "checkpoint": 2, "threads": 1, "keep": 0.0}
)
# Words that no model has seen, so that what is learned is learned here.
THINGS = {"zorp": "steel kettle for tea", "glimb": "garden hose with reel", "quaf": "mountain bike tyre"}
PAIRS = [
    Pair("judged", word, f"{thing} number {number}", f"{other} number {number}")
    for number in range(8)
    for (word, thing), other in zip(THINGS.items(), [*THINGS.values()][1:] + [*THINGS.values()][:1], strict=True)
]


def job(**changes: object) -> Job:
    _, base, hash_ = find_source("bundled")
    return Job(base, hash_, PAIRS, RULES.model_copy(update=changes), max_tokens=16, seed=7)


def nothing(_step: int, _loss: float) -> None:
    pass


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_what_was_taught_is_known_afterwards(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    loss = train(job(steps=30, batch=3, learning_rate=3e-4), tmp_path / "shop", {"base": "bundled"}, nothing)
    cosines = {}
    for name, folder in (("base", find_source("bundled")[1]), ("tuned", tmp_path / "shop")):
        model = SentenceTransformer(str(folder))
        cosines[name] = model.encode(list(THINGS)) @ model.encode(list(THINGS.values())).T
    right, wrong = np.eye(3, dtype=bool), ~np.eye(3, dtype=bool)
    assert cosines["tuned"][right].min() > cosines["tuned"][wrong].max() + 0.1
    assert not cosines["base"][right].min() > cosines["base"][wrong].max()
    about = json.loads((tmp_path / "shop" / "about.json").read_text())
    assert about == {"base": "bundled", "loss": round(loss, 4), "steps": 30}


def test_a_killed_training_goes_on_and_ends_in_the_same_weights(tmp_path: Path) -> None:
    train(job(), tmp_path / "whole", {}, nothing)

    def die(step: int, _loss: float) -> None:
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(job(), tmp_path / "shop", {}, die)
    assert not (tmp_path / "shop").exists()
    seen: list[int] = []
    train(job(), tmp_path / "shop", {}, lambda step, _: seen.append(step))
    assert seen == [3, 4]  # the checkpoint is of step 2
    assert weights(tmp_path / "shop") == weights(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop", "whole"]
    with pytest.raises(ConfigError, match="is there already"):
        train(job(), tmp_path / "shop", {}, nothing)


@pytest.mark.parametrize("broken", [True, False])
def test_a_checkpoint_of_something_else_is_refused(broken: bool, tmp_path: Path) -> None:
    def die(_step: int, _loss: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(job(checkpoint=1), tmp_path / "shop", {}, lambda step, _: die(step, 0) if step == 2 else None)
    state = tmp_path / "shop.unfinished" / "state.pt"
    if broken:
        state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(ConfigError, match="cannot be read" if broken else "another training"):
        train(job() if broken else job(learning_rate=1e-5), tmp_path / "shop", {}, nothing)


def test_keeping_all_of_the_base_gives_the_base_and_half_lies_between(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    for keep in (0.0, 0.5, 1.0):
        train(job(keep=keep, steps=2), tmp_path / str(keep), {}, nothing)
    tuned, half, base = (load_file(tmp_path / str(keep) / "model.safetensors") for keep in (0.0, 0.5, 1.0))
    published = load_file(find_source("bundled")[1] / "model.safetensors")
    moved = [name for name in tuned if not np.array_equal(tuned[name], published[name])]
    assert moved
    assert not [name for name in moved if "embeddings." in name or "layer.2." in name]
    for name in tuned:
        value = published[name]
        np.testing.assert_array_equal(base[name], value)
        np.testing.assert_allclose(half[name], (tuned[name] + value) / 2, atol=1e-6)


def test_a_rate_that_blows_up_ends_with_a_remedy(tmp_path: Path) -> None:
    bad = replace(job(), rules=RULES.model_copy(update={"scale": float("nan")}))
    with pytest.raises(ConfigError, match="Lower learning_rate"):
        train(bad, tmp_path / "shop", {}, nothing)
    assert not (tmp_path / "shop").exists()


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    """The project's mappings with a training that is over at once."""
    folder = shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    file = folder / "ranking" / "encoder.yml"
    numbers = yaml.safe_load(file.read_text()) | {"batch": 4, "steps": 2, "threads": 1}
    file.write_text(yaml.safe_dump(numbers))
    return folder


@pytest.fixture
def souk(market_settings: Settings, mappings: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command on the market's index; what it raises is in the result."""
    app = typer.Typer()
    app.command()(encoder_command)
    for name, value in (environment(market_settings) | {"SOUK_MAPPINGS_DIR": str(mappings)}).items():
        if name.startswith("SOUK_"):
            monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="session")
def rated(market_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Judgments of products of the market: each query a title's words, its product relevant and another not."""
    with connect(market_settings) as client:
        documents = from_index(client, market_settings.alias("product"), "product")[::60][:10]
    file = tmp_path_factory.mktemp("rated") / "rated.csv"
    rows = [
        f'"{document.title.split(" ")[0]} {number * 1111}",{doc.id},{rating}\n'
        for number, (document, other) in enumerate(pairwise(documents))
        for doc, rating in ((document, 3), (other, 0))
    ]
    file.write_text("query,docid,rating\n" + "".join(rows))
    return file


def test_documents_come_from_the_index_as_they_were_ingested(market_settings: Settings, client: OpenSearch) -> None:
    documents = from_index(client, market_settings.alias("product"), "product")
    cache = VectorCache(market_settings.cache_dir / "vectors", read_card(market_settings))
    known = cache.get_many([document_text(document) for document in documents])
    cache.close()
    assert len(documents) == len(known) == 600


def test_a_dry_run_says_what_and_how_long_and_writes_nothing(souk: Callable[..., Result], tmp_path: Path) -> None:
    done = souk("--out", tmp_path / "shop", "--dry-run", "--epochs", "0.02")
    assert done.exit_code == 0, done.output
    assert "pairs of 600 documents" in done.output
    assert "3 steps of 4" in done.output
    assert "Nothing was trained. It would take some 1 min" in done.output
    assert not list(tmp_path.glob("shop*"))


def test_folds_are_trained_apart(souk: Callable[..., Result], rated: Path, tmp_path: Path) -> None:
    done = souk("--out", tmp_path / "nested", "--judgments", rated, "--folds", 2, "--steps", 1)
    assert done.exit_code == 0, (done.output, done.exception)
    held_out = [
        json.loads((tmp_path / "nested" / fold / "about.json").read_text())["held_out"] for fold in ("fold-1", "fold-2")
    ]
    assert sorted(held_out[0] + held_out[1]) == sorted(read_judgments([rated]).queries)
    assert all(held_out)
    shutil.rmtree(tmp_path / "nested" / "fold-2")  # as if it had been killed between the two
    again = souk("--out", tmp_path / "nested", "--judgments", rated, "--folds", 2, "--steps", 1)
    assert "fold-1 is there already, from this very training" in again.output
    assert (tmp_path / "nested" / "fold-2" / "about.json").is_file()
    other = souk("--out", tmp_path / "nested", "--judgments", rated, "--folds", 2, "--steps", 3)
    assert "fold-1 is there already. Name another folder" in str(other.exception)


def test_the_folder_is_one_for_souk_model_and_is_measured_against_its_base(
    souk: Callable[..., Result], market_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a cache of its own, as the exported model would stay in the run's; the base's export is taken over."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "models").mkdir()
    for exported in (market_settings.cache_dir / "models").glob("all-MiniLM*[!k]"):
        (cache / "models" / exported.name).symlink_to(exported)
    monkeypatch.setenv("SOUK_CACHE_DIR", str(cache))
    catalogue, rated = tmp_path / "products.jsonl", tmp_path / "rated.csv"
    products = [
        {"id": f"{number}", "title": f"{word} {thing}", "description": f"Model {number} of our best {thing}"}
        for number, (word, thing) in enumerate(zip("abcdef", [*THINGS.values()] * 2, strict=True))
    ]
    catalogue.write_text("".join(json.dumps(each) + "\n" for each in products))
    rated.write_text("query,docid,rating\ntea kettle,0,3\ntea kettle,1,0\nbike tyre,2,3\n")
    done = souk("--out", tmp_path / "shop", "--catalogue", catalogue, "--measure", rated)
    assert done.exit_code == 0, (done.output, done.exception)
    output = " ".join(done.output.split())
    assert "base 1.0000" in output  # of six products the right one is first
    assert "tuned against base, nDCG@10" in output
    tuned = market_settings.model_copy(update={"model": str(tmp_path / "shop"), "cache_dir": cache})
    vector, before = (
        load_encoder(tuned).encode_query("tea kettle"),
        load_encoder(market_settings).encode_query("tea kettle"),
    )
    assert 0.9 < float(vector @ before) < 0.99999
    assert read_card(tuned).hash != read_card(market_settings).hash


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--folds", "3"], "--folds: there are no queries to fold"),
        (["--steps", "3", "--epochs", "1"], "--epochs: is another way to say --steps"),
        (["--catalogue", "nothing.jsonl"], "nothing.jsonl: cannot be read"),
        (["--judgments", "nothing.csv"], "nothing.csv: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_refused(
    arguments: list[str], told: str, souk: Callable[..., Result], tmp_path: Path
) -> None:
    done = souk("--out", tmp_path / "shop", *arguments)
    assert isinstance(done.exception, InputError)
    assert told in str(done.exception)


def test_measuring_what_was_taught_is_refused(souk: Callable[..., Result], rated: Path, tmp_path: Path) -> None:
    done = souk("--out", tmp_path / "shop", "--judgments", rated, "--measure", rated)
    assert isinstance(done.exception, InputError)
    assert "Add --folds 5" in str(done.exception)
    assert not (tmp_path / "shop").exists()
