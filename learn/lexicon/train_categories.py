"""Train the category classifier: texts → TF-IDF → multinomial logistic regression → calibration on unseen products.

Products without a category are the class `NONE`: where most of the catalogue has none, a query about those must not be
given a category with certainty. Products are held out whole, with all their short forms: none is on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from api.understand.categories import NONE, CategoryModel, features_of
from api.understand.rules import CategoryRules
from learn.lexicon.behaviour import Behaviour
from learn.lexicon.calibration import Scored, figures, fit_calibration
from learn.lexicon.tally import Example
from learn.lexicon.texts import Text, behaviour_texts, example_texts, label_of, label_texts
from stack.documents import CATEGORY_SEPARATOR

# A weight below it moves no probability by a hundredth, and would triple the file.
LEAST_WEIGHT = 0.01
UNTOUCHED = np.array([0.0, 1.0])


@dataclass(frozen=True)
class Trained:
    """The model (None: fewer than two classes) and what was measured on products that it had not seen."""

    model: CategoryModel | None
    report: dict[str, Any]


def train(
    examples: Sequence[Example],
    behaviour: Sequence[Behaviour],
    rules: CategoryRules,
    told: Callable[[str], None] = lambda _what: None,
) -> Trained:
    """Train on everything; measures and calibration come from `folds` models that saw a part of it each."""
    known = learnable(examples, rules)
    ignored = sorted({row.category for row in behaviour} - known)
    report: dict[str, Any] = {"categories": len(known), "products": len(examples), "behaviour": len(behaviour)}
    report |= {"unknown_categories_of_behaviour": ignored} if ignored else {}
    classes = Counter(label_of(example, known) for example in examples)
    if len(classes) < 2:
        return Trained(None, report)
    always = [*label_texts(known, rules), *behaviour_texts(behaviour, known, rules)]
    labels = tuple(sorted(classes))
    none = labels.index(NONE) if NONE in labels else None
    scored = _unseen(examples, known, always, labels, rules, told)
    for name, measured in (("titles", ~scored.short), ("queries", scored.short)):
        report[name] = figures(scored, measured, none, rules.least_probability, rules.prior)
    told("training on everything")
    model = fit([*example_texts(examples, known, rules), *always], labels, rules)
    raw, calibrated = fit_calibration(scored.where(scored.short), none, rules.least_probability, rules.prior)
    return Trained(replace(model, raw=raw, calibrated=calibrated), report)


def learnable(examples: Sequence[Example], rules: CategoryRules) -> frozenset[str]:
    """Paths with letters in their last label and enough examples."""
    counts = Counter(CATEGORY_SEPARATOR.join(example.category) for example in examples if example.category)
    return frozenset(
        path
        for path, count in counts.items()
        if count >= rules.min_examples and any(map(str.isalpha, path.rsplit(CATEGORY_SEPARATOR, 1)[-1]))
    )


def fold_of(example: Example, folds: int) -> int:
    """By chance, but always the same; not by `place` as it is, which orders the sample."""
    return example.place * 2654435761 % 2**32 * folds >> 32


def _unseen(
    examples: Sequence[Example],
    known: frozenset[str],
    always: Sequence[Text],
    labels: tuple[str, ...],
    rules: CategoryRules,
    told: Callable[[str], None],
) -> Scored:
    """Titles and short forms of every product, scored by the model of the other folds."""
    parts = []
    for fold in range(rules.folds):
        told(f"training, fold {fold + 1} of {rules.folds}")
        seen = [example for example in examples if fold_of(example, rules.folds) != fold]
        model = fit([*example_texts(seen, known, rules), *always], labels, rules)
        unseen = (example for example in examples if fold_of(example, rules.folds) == fold)
        parts += [(*row, fold) for row in _scores(model, example_texts(unseen, known, rules))]
    shares, targets, short, folds = zip(*parts, strict=True)
    return Scored(np.array(shares), np.array(targets), np.array(folds), np.array(short, bool))


def _scores(model: CategoryModel, texts: Iterator[Text]) -> Iterator[tuple[NDArray[np.float64], int, bool]]:
    """(shares (c,), place of the right label, is it short) of each text that the model can read."""
    for text in texts:
        if (shares := model.probabilities(text.text)) is not None:
            yield shares, model.labels.index(text.label), text.short


def fit(texts: Sequence[Text], labels: tuple[str, ...], rules: CategoryRules) -> CategoryModel:
    """A model that is not calibrated. Deterministic but for the last digits of floating-point sums."""
    from sklearn.linear_model import LogisticRegression

    bags = [features_of(text.text, rules.character_grams) for text in texts]
    features, idf = choose_features(bags, [text.seen for text in texts], rules)
    solver = LogisticRegression(C=rules.inverse_regularisation, max_iter=rules.iterations, tol=1e-3)
    targets = np.array([labels.index(text.label) for text in texts])
    weights = np.array([text.weight for text in texts], np.float32)
    solver.fit(tfidf(bags, features, idf), targets, sample_weight=weights)
    coefficients, bias = solver.coef_, solver.intercept_
    if len(solver.classes_) == 2:  # one column for two classes: half of it each way is the same
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.concatenate([-bias, bias]) / 2
    # A fold may lack a rare class: it is never chosen then.
    columns = np.zeros((len(features), len(labels)), np.float32)
    columns[:, solver.classes_] = coefficients.T
    all_bias = np.full(len(labels), -20, np.float32)
    all_bias[solver.classes_] = bias
    return _model(labels, features, idf, columns, all_bias, rules)


def choose_features(
    bags: Sequence[Sequence[str]], seen: Sequence[int], rules: CategoryRules
) -> tuple[dict[str, int], NDArray[np.float32]]:
    """The features seen often enough, the most frequent when there are too many, and their IDF (f,)."""
    counts: Counter[str] = Counter()
    for bag, times in zip(bags, seen, strict=True):
        if times:
            counts.update(dict.fromkeys(bag, times))
    frequent = [(name, count) for name, count in counts.items() if count >= rules.min_feature]
    frequent.sort(key=lambda item: (-item[1], item[0]))
    chosen = dict(sorted(frequent[: rules.most_features]))
    idf = np.log((1 + sum(seen)) / (1 + np.array(list(chosen.values()), np.float32))) + 1
    return {name: place for place, name in enumerate(chosen)}, idf.astype(np.float32)


def tfidf(bags: Sequence[Sequence[str]], features: dict[str, int], idf: NDArray[np.float32]) -> Any:
    """(n, f) CSR of rows of length 1, as `CategoryModel.probabilities` makes them; of zeros where nothing is known."""
    rows = [[features[name] for name in bag if name in features] for bag in bags]
    sizes = np.array([len(row) for row in rows])
    columns = np.fromiter((place for row in rows for place in row), np.int32, int(sizes.sum()))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    matrix = sparse.csr_matrix((idf[columns], columns, starts), shape=(len(bags), len(features)))
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.where(norms > 0, norms, 1), sizes)
    return matrix.astype(np.float32)


def _model(
    labels: tuple[str, ...],
    features: dict[str, int],
    idf: NDArray[np.float32],
    columns: NDArray[np.float32],
    bias: NDArray[np.float32],
    rules: CategoryRules,
) -> CategoryModel:
    kept = sparse.csr_matrix(np.where(np.abs(columns) >= LEAST_WEIGHT, columns, 0))
    return CategoryModel(
        labels=labels,
        features=features,
        grams=rules.character_grams,
        idf=idf,
        starts=kept.indptr.astype(np.int64),
        classes=kept.indices.astype(np.int32),
        weights=kept.data,
        bias=bias,
        raw=UNTOUCHED,
        calibrated=UNTOUCHED,
        least=rules.least_probability,
    )
