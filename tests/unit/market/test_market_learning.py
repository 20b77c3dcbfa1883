"""What `souk demo` learns: in order, once, again when something has changed, and never at the cost of the page."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from learn.market import lesson
from learn.market.generate import Sizes, generate
from learn.market.learning import Learning, Step
from learn.market.lesson import learn_market
from learn.market.write import write
from stack.background import Background
from stack.errors import SoukError
from stack.settings import Settings, load_settings

NAMES = ["lexicon", "judgments", "product", "video", "live"]
NOW = datetime(2026, 5, 1, tzinfo=UTC)
NO_PAGE = "http://127.0.0.1:9"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings(state_dir=tmp_path / "state", published_dir=None)
    shutil.copytree(made.mappings_dir, tmp_path / "mappings")
    write(generate(7, Sizes(30, 6, 4), NOW), made.state_dir / "market")
    return made.model_copy(update={"mappings_dir": tmp_path / "mappings"})


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(lesson, "TAKEN_UP_S", 0)
    return []


def learning(settings: Settings, seed: int = 7) -> Learning:
    return Learning(settings, settings.state_dir / "market", seed)


def todo(settings: Settings, seed: int = 7) -> list[str]:
    return [step.name for step in learning(settings, seed).todo()]


def do(step: Step, *_: object) -> None:
    """What its command would leave behind."""
    step.makes.mkdir(parents=True, exist_ok=True)
    if step.shelf:
        with step.shelf.publishing(f"v{len(step.shelf.names())}", {}):
            pass


def test_everything_is_learnt_once_in_order(
    settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def run(step: Step, _: Background) -> None:
        done.append(step.name)
        do(step)

    monkeypatch.setattr(lesson, "_run", run)
    assert todo(settings) == NAMES
    assert learn_market(settings, 7, NO_PAGE, said.append)
    assert done == NAMES
    assert learn_market(settings, 7, NO_PAGE, said.append)
    assert done == NAMES, "nothing has changed"
    assert "learnt already" in said[-1]


def learn(settings: Settings) -> None:
    known = learning(settings)
    for step in known.steps:
        do(step)
        known.note(step, step.published())


def test_lives_of_another_day_are_no_reason_to_learn_again(settings: Settings) -> None:
    learn(settings)
    write(generate(7, Sizes(30, 6, 4), NOW.replace(day=9)), settings.state_dir / "market")
    assert todo(settings) == []


@pytest.mark.parametrize("change", ["seed", "market", "rules", "prefix", "note"])
def test_what_has_changed_is_learnt_again(settings: Settings, change: str) -> None:
    learn(settings)
    seed = 7
    match change:
        case "seed":
            seed = 8
        case "market":
            write(generate(7, Sizes(31, 6, 4), NOW), settings.state_dir / "market")
        case "rules":
            (settings.mappings_dir / "synonyms" / "en.txt").write_text("sofa, couch\n", encoding="utf-8")
        case "prefix":
            settings = settings.model_copy(update={"index_prefix": "other"})
        case _:
            (settings.state_dir / "learnt.json").write_text("[", encoding="utf-8")
    assert todo(settings, seed) == NAMES


def test_what_is_gone_is_learnt_again_and_nothing_else(settings: Settings) -> None:
    learn(settings)
    shutil.rmtree(settings.published / "rank-video")
    shutil.rmtree(settings.state_dir / "judgments")
    assert todo(settings) == ["judgments", "video"]


def test_a_model_that_was_no_better_is_not_tried_again(settings: Settings) -> None:
    learn(settings)
    known = learning(settings)
    shutil.rmtree(settings.published / "rank-live")
    known.note(known.steps[-1], None)
    assert todo(settings) == []


def test_a_failure_says_what_failed_and_the_next_run_goes_on_there(
    settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(step: Step, _: Background) -> None:
        if step.name == "video":
            raise SoukError("souk learn ended with code 2", "Look above")
        do(step)

    monkeypatch.setattr(lesson, "_run", run)
    assert not learn_market(settings, 7, NO_PAGE, said.append)
    assert "souk learn ended with code 2" in said[-2]
    assert "souk demo goes on from here" in said[-1]
    assert todo(settings) == ["video", "live"]


def test_a_command_that_fails_is_named(
    settings: Settings, said: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real command, on an engine that is not there."""
    monkeypatch.setenv("SOUK_OPENSEARCH_URL", NO_PAGE)
    monkeypatch.setenv("SOUK_STATE_DIR", str(settings.state_dir))
    assert not learn_market(settings, 7, NO_PAGE, said.append)
    assert "souk understand build ended with code 2" in said[-2]
    assert "souk: " in capfd.readouterr().err, "its own message"
    assert Background(settings.state_dir, lesson.NAME).find() is None


def test_the_figures_of_a_model(settings: Settings) -> None:
    step = learning(settings).steps[2]
    assert step.figures() == ""
    (step.makes / "model").mkdir(parents=True)
    metrics = {"first stage nDCG@10": 0.8571, "nDCG@10": 0.8839}
    (step.makes / "model" / "about.json").write_text(json.dumps({"metrics": metrics}), encoding="utf-8")
    assert step.figures() == "cross-validated nDCG@10 0.857 → 0.884"
