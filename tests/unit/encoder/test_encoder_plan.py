"""Which trainings are run: nothing that a fold holds out is seen; what cannot be done is refused before it starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from encoder_material import judgments, rules, shop

from learn.encoder.plan import Material, Planned, about, check_measured, plan_jobs, steps_for
from stack.errors import InputError
from stack.settings import Settings, load_settings

SHOP = shop()
ALL = Material(SHOP)
RATED = judgments(
    {
        "toner": {"p0": 3, "p1": 0},
        "toners": {"p0": 3, "p1": 0},
        "bag": {"p1": 2, "p0": 0},
        "cable": {"p2": 2, "p0": 0},
        "mouse": {"p3": 2, "p0": 0},
        "lamp": {"p4": 2, "gone": 0, "p0": 0},
    }
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


def anchors(planned: object, family: str = "judged") -> set[str]:
    return {pair.anchor for pair in planned.job.pairs if pair.family == family}  # type: ignore[attr-defined]


def test_without_folds_one_model_learns_from_everything(settings: Settings) -> None:
    (planned,) = plan_jobs(Material(SHOP, RATED), rules(), settings, Path("out"), None, 7)
    assert planned.out == Path("out")
    assert anchors(planned) == set(RATED.queries)
    assert planned.held_out == ()


def test_each_fold_is_trained_without_its_queries_and_every_query_is_held_out_once(settings: Settings) -> None:
    planned = plan_jobs(Material(SHOP, RATED), rules(), settings, Path("out"), 3, 7)
    assert [each.out for each in planned] == [Path("out/fold-1"), Path("out/fold-2"), Path("out/fold-3")]
    assert sorted(query for each in planned for query in each.held_out) == sorted(RATED.queries)
    for each in planned:
        assert each.held_out
        assert anchors(each) == set(RATED.queries) - set(each.held_out)


def test_near_duplicates_are_held_out_together(settings: Settings) -> None:
    planned = plan_jobs(Material(SHOP, RATED), rules(), settings, Path("out"), 3, 7)
    assert any({"toner", "toners"} <= set(each.held_out) for each in planned)


def test_a_job_is_the_same_by_its_key_only_when_all_that_decides_it_is(settings: Settings) -> None:
    def key(seed: int = 7, material: Material = ALL, **changes: object) -> str:
        return plan_jobs(material, rules(**changes), settings, Path("out"), None, seed)[0].job.key

    assert key() == key() == key(keep=0.1, checkpoint=9, threads=2)
    assert len({key(), key(seed=8), key(steps=9), key(learning_rate=1e-4), key(material=Material(SHOP[1:]))}) == 5


def test_judged_documents_that_the_catalogue_lacks_are_named() -> None:
    assert Material(SHOP, RATED).unknown == ["gone"]
    assert Material(SHOP).unknown == []


def test_too_little_to_learn_from_is_refused(settings: Settings) -> None:
    with pytest.raises(InputError, match="pairs to learn from in 2 documents, a batch takes 64"):
        plan_jobs(Material(SHOP[:2]), rules(batch=64), settings, Path("out"), None, 7)


def test_more_folds_than_queries_are_refused(settings: Settings) -> None:
    with pytest.raises(InputError, match="--folds"):
        plan_jobs(Material(SHOP, RATED), rules(), settings, Path("out"), 20, 7)


def test_a_model_is_not_measured_on_what_it_was_taught() -> None:
    with pytest.raises(InputError, match="measured on what it was taught"):
        check_measured(RATED, RATED, None)
    with pytest.raises(InputError, match="1 queries are in no fold: desk"):
        check_measured(judgments({"desk": {"p4": 1}, "bag": {"p1": 2}}), RATED, 3)
    with pytest.raises(InputError, match="1 queries have a relevant document, a paired comparison needs two"):
        check_measured(judgments({"bag": {"p1": 2}, "cable": {"p2": 0}}), None, None)
    check_measured(RATED, RATED, 3)
    check_measured(RATED, None, None)


def test_a_folder_is_done_only_when_it_is_of_this_very_training(settings: Settings, tmp_path: Path) -> None:
    def planned(**changes: object) -> Planned:
        return plan_jobs(ALL, rules(**changes), settings, tmp_path / "shop", None, 7)[0]

    assert not planned().is_done
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "about.json").write_text("{")
    assert not planned().is_done
    (tmp_path / "shop" / "about.json").write_text(json.dumps(about(planned(), settings, ALL)))
    assert planned(threads=2).is_done
    assert not planned(keep=0.1).is_done
    assert not planned(steps=9).is_done


@pytest.mark.parametrize(
    ("epochs", "documents", "batch", "steps"), [(1, 100, 10, 10), (0.5, 101, 10, 6), (0.001, 5, 64, 1)]
)
def test_epochs_are_passes_over_the_documents(epochs: float, documents: int, batch: int, steps: int) -> None:
    assert steps_for(epochs, documents, batch) == steps
