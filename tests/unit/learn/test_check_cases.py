"""The cases of the behavioural checks: made from any catalogue, the same each time, and what they say they are."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from learn.checks import CHECKS, check_names
from learn.checks.catalogue import Catalogue
from learn.checks.model import Case
from learn.checks.run import cases_of, declared_synonyms
from learn.checks.words import is_plain, one_edit, plural, singular, stems, tokens
from learn.items import Item
from learn.market.generate import Sizes, generate
from stack.documents import model_key
from stack.errors import InputError
from stack.settings import Settings

BY_NAME = {check.name: check for check in CHECKS}
# The small market has no two words that its titles also write as one.
MAY_BE_EMPTY = {"compound"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """A generated market of 600 products: as unlike the Icecat catalogue as there is."""
    made = generate(7, Sizes(600, 0, 0), datetime(2026, 5, 1, tzinfo=UTC))
    items = [
        Item(
            row["id"],
            row["title"],
            row["brand"],
            tuple(row["category"]),
            row.get("model") or "",
            tuple(row.get("gtin", ())),
            row["price"],
            row["attributes"],
        )
        for row in made.products
    ]
    return Catalogue(tuple(items), declared_synonyms(Settings().mappings_dir, "en"))


def cases(name: str, catalogue: Catalogue, count: int = 20) -> list[Case]:
    return cases_of(BY_NAME[name], catalogue, count, seed=7)


@pytest.mark.parametrize("name", [check.name for check in CHECKS if check.name not in MAY_BE_EMPTY])
def test_each_check_has_cases_and_they_are_the_same_again(catalogue: Catalogue, name: str) -> None:
    made = cases(name, catalogue)
    assert made
    assert made == cases(name, catalogue)
    assert len({case.queries for case in made}) == len(made)
    assert all(query.strip() for case in made for query in case.queries)


def test_there_are_twenty_checks_and_more_each_with_a_name() -> None:
    assert len(CHECKS) >= 20
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    with pytest.raises(InputError, match="no such check: typos"):
        check_names(["typos"])


def test_another_seed_makes_other_cases(catalogue: Catalogue) -> None:
    assert cases_of(BY_NAME["typo"], catalogue, 20, 7) != cases_of(BY_NAME["typo"], catalogue, 20, 8)


def test_a_typo_changes_one_word_into_one_that_is_none(catalogue: Catalogue) -> None:
    for case in cases("typo", catalogue):
        plain, slipped = (query.split() for query in case.queries)
        changed = [after for before, after in zip(plain, slipped, strict=True) if before != after]
        assert len(changed) == 1
        assert changed[0] not in catalogue.vocabulary


def test_word_order_keeps_the_words(catalogue: Catalogue) -> None:
    for case in cases("word order", catalogue):
        assert sorted(case.queries[0].split()) == sorted(case.queries[1].split())


def test_a_respelt_model_number_is_the_same_number(catalogue: Catalogue) -> None:
    for case in cases("model number, respelt", catalogue):
        assert case.item is not None
        assert case.queries[0] != case.item.model
        assert model_key(case.queries[0]) == model_key(case.item.model)


def test_a_price_limit_leaves_some_and_excludes_some(catalogue: Catalogue) -> None:
    for case in cases("price limit", catalogue):
        thing = next(thing for thing in catalogue.things if case.queries[0].startswith(f"{thing} "))
        prices = [item.price for item in catalogue.things[thing] if item.price is not None]
        assert sum(price <= case.limit for price in prices) >= 3
        assert max(prices) > case.limit


def test_a_negated_word_is_not_part_of_the_thing(catalogue: Catalogue) -> None:
    for case in cases("negation", catalogue):
        thing, words = case.queries[0], case.queries[1].split()
        assert words[-2:] == ["without", case.value]
        assert case.value not in stems(thing)


def test_accessories_are_for_things_not_for_people(catalogue: Catalogue) -> None:
    made = cases("case for X", catalogue, 50)
    assert made
    assert not any({"men", "women", "cats", "dogs"} & set(tokens(case.queries[0])) for case in made)


def test_things_are_what_the_documents_are(catalogue: Catalogue) -> None:
    assert {"headphones", "power bank", "yoga mat", "frying pan"} <= set(catalogue.things)
    assert not {"black", "bluetooth", "organic", "ghz"} & set(catalogue.things)
    assert all(len(items) >= 3 for items in catalogue.things.values())


def test_an_empty_catalogue_makes_no_cases_and_no_error() -> None:
    for check in CHECKS:
        if check.name not in {"only empty words"}:
            bare = Catalogue((Item("1", "7"),))
            assert all(case.queries for case in cases_of(check, bare, 3, 7))


def test_one_edit_is_one_edit() -> None:
    random = Random(1)
    for _ in range(300):
        slip = one_edit("keyboard", random)
        assert slip[0] == "k"
        assert abs(len(slip) - len("keyboard")) <= 1


@pytest.mark.parametrize(
    ("one", "many"),
    [("cable", "cables"), ("battery", "batteries"), ("box", "boxes"), ("case", "cases"), ("switch", "switches")],
)
def test_numbers_of_a_word(one: str, many: str) -> None:
    assert plural(one) == many
    assert singular(many) == one
    assert singular(one) == one


def test_a_plain_word_is_letters() -> None:
    assert [word for word in ("cable", "usb", "dv7", "with", "é", "ab") if is_plain(word)] == ["cable", "usb"]
