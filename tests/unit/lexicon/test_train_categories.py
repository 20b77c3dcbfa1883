"""The category classifier, trained on a small shop: right, calibrated, and honest about what is in no category."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lexicon_catalogue import RULES, product, shop, tally_of

from api.understand.categories import NONE, CategoryModel, features_of
from learn.lexicon.behaviour import Behaviour, read_behaviour
from learn.lexicon.calibration import Scored, calibration_error, fit_calibration
from learn.lexicon.tally import Example
from learn.lexicon.texts import Text
from learn.lexicon.train_categories import Trained, fit, fold_of, learnable, tfidf, train
from stack.errors import InputError

EXAMPLES = tally_of(shop(60)).examples
R = RULES.categories


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(EXAMPLES, (), R)


@pytest.fixture(scope="module")
def model(trained: Trained) -> CategoryModel:
    assert trained.model is not None
    return trained.model


@pytest.mark.parametrize(
    ("query", "category"),
    [
        ("headphones", "Audio > Headphones"),
        ("wireless headphone", "Audio > Headphones"),
        ("hedphones", "Audio > Headphones"),
        ("acme headphones gray", "Audio > Headphones"),
        ("usb cable", "Computers > Cables"),
        ("tripp lite", "Computers > Cables"),
    ],
)
def test_a_query_gets_its_category(model: CategoryModel, query: str, category: str) -> None:
    best, share = model(query)[0]
    assert best == category
    assert share > 0.6


@pytest.mark.parametrize("query", ["toner", "toner cartridge 2600 pages", "acme toner"])
def test_what_is_in_no_category_gets_none(model: CategoryModel, query: str) -> None:
    assert all(share < 0.3 for _, share in model(query))


def test_a_word_of_both_is_unsure(model: CategoryModel) -> None:
    """Acme makes headphones and, as often, toners that stand in no category."""
    assert 0.2 < dict(model("acme")).get("Audio > Headphones", 0) < 0.8


def test_the_report_measures_unseen_products(trained: Trained) -> None:
    report = trained.report
    assert report["categories"] == 2
    assert report["titles"]["texts"] == 180
    assert report["titles"]["accuracy"] > 0.95
    assert report["queries"]["texts"] >= 180 * R.short_forms * 0.95
    assert 0 <= report["queries"]["ece"] < 0.15


def test_a_product_is_in_one_fold_with_all_its_forms() -> None:
    folds = [fold_of(example, 3) for example in EXAMPLES]
    assert set(folds) == {0, 1, 2}
    assert min(map(folds.count, {0, 1, 2})) > len(folds) / 6
    assert folds == [fold_of(example, 3) for example in EXAMPLES]


def test_noise_and_rare_categories_are_not_learnt() -> None:
    listed = [product(f"a{place}", "Thing", category=["1"]) for place in range(50)]
    listed += [product(f"b{place}", "Lamp", category=["Home", "Lamps"]) for place in range(R.min_examples - 1)]
    listed += [product(f"c{place}", "Fan", category=["Home", "Fans"]) for place in range(R.min_examples)]
    assert learnable(tally_of(listed).examples, R) == {"Home > Fans"}


@pytest.mark.parametrize(
    "listed", [[], [product("a", "Thing")], [product(f"a{n}", "Fan", category=["Fans"]) for n in range(20)]]
)
def test_without_two_classes_there_is_no_classifier(listed: list[dict[str, object]]) -> None:
    assert train(tally_of(listed).examples, (), R).model is None


def test_a_catalogue_without_the_uncategorised_has_no_none() -> None:
    inside = [example for example in EXAMPLES if example.category]
    found = train(inside, (), R).model
    assert found is not None
    assert NONE not in found.labels
    assert found("headphones")[0][0] == "Audio > Headphones"


def test_behaviour_teaches_words_that_no_title_has() -> None:
    rows = [Behaviour("earbuds", "Audio > Headphones", 500.0), Behaviour("zeppelin", "Toys > Airships", 9.0)]
    found = train(EXAMPLES, rows, R)
    assert found.model is not None
    assert found.model("earbuds")[0][0] == "Audio > Headphones"
    assert found.report["unknown_categories_of_behaviour"] == ["Toys > Airships"]


def test_serving_gives_what_the_solver_gives() -> None:
    """One column or many, the weights cut or not: the same as scikit-learn's own probabilities."""
    from sklearn.linear_model import LogisticRegression

    for labels in (("", "A"), ("", "A", "B")):
        texts = [
            Text(f"{word} {n % 5} word{n % 3}", label)
            for label, word in zip(labels, ("x", "apple", "pear"), strict=False)
            for n in range(9)
        ]
        model = fit(texts, labels, R)
        bags = [features_of(text.text, R.character_grams) for text in texts]
        rows = tfidf(bags, dict(model.features), model.idf)
        solver = LogisticRegression(C=R.inverse_regularisation, max_iter=R.iterations, tol=1e-3)
        solver.fit(rows, [labels.index(text.label) for text in texts])
        mine = np.array([model.probabilities(text.text) for text in texts])
        np.testing.assert_allclose(mine, solver.predict_proba(rows), atol=0.01)


def test_calibration_brings_certainty_to_how_often_it_is_right() -> None:
    chance = np.random.default_rng(1)
    sure = chance.uniform(0.5, 1, 6000)
    right = chance.uniform(size=6000) < sure**3  # too sure of itself
    shares = np.column_stack([sure, 1 - sure])
    scored = Scored(shares, np.where(right, 0, 1), np.zeros(6000, np.int64), np.ones(6000, bool))
    calibrated = np.interp(sure, *fit_calibration(scored, 1, 0.02, 5))
    assert calibration_error(sure, right) > 0.15
    assert calibration_error(calibrated, right) < 0.05


def test_calibration_error_by_hand() -> None:
    shares, right = np.array([0.95, 0.95, 0.55, 0.55]), np.array([True, False, True, True])
    assert calibration_error(shares, right) == pytest.approx((0.45 * 2 + 0.45 * 2) / 4)
    assert calibration_error(np.array([]), np.array([], bool)) == 0


def test_examples_have_an_order_of_their_own() -> None:
    assert [example.id for example in EXAMPLES] != sorted(example.id for example in EXAMPLES)
    assert isinstance(EXAMPLES[0], Example)


ROWS = [{"query": " ear buds ", "category": "Audio", "weight": 3}, {"query": "a", "category": "B", "weight": 0.5}]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_behaviour_is_read(tmp_path: Path, form: str) -> None:
    file = tmp_path / f"clicks.{form}"
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), file)
    else:
        file.write_text("\n".join(map(json.dumps, ROWS)) + "\n\n")
    assert read_behaviour(file) == (Behaviour("a", "B", 0.5), Behaviour("ear buds", "Audio", 3.0))


def test_every_bad_row_of_behaviour_is_named(tmp_path: Path) -> None:
    bad = [
        '{"query": 1, "category": "A", "weight": 1}',
        "nonsense",
        '{"query": "q", "category": "A", "weight": 0}',
        '{"query": "q", "category": "A", "weight": true}',
        '{"query": "q", "category": " ", "weight": 1}',
        "[]",
    ]
    file = tmp_path / "clicks.jsonl"
    file.write_text("\n".join([json.dumps(ROWS[0]), *bad]))
    with pytest.raises(InputError) as caught:
        read_behaviour(file)
    assert [mistake.where.rsplit(":", 1)[1] for mistake in caught.value.mistakes] == ["2", "3", "4", "5", "6", "7"]


@pytest.mark.parametrize("name", ["none.jsonl", "none.parquet", "bad.parquet"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1nonsense")
    with pytest.raises(InputError, match=name):
        read_behaviour(tmp_path / name)
