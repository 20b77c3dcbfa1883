"""The words of the market: templates that can always be filled, mistakes named with their place."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from learn.market.prices import shelf_price
from learn.market.products import titled
from learn.market.text import fill, sentence
from learn.market.vocabulary import load_vocabulary
from stack.errors import ConfigError

VOCABULARY = load_vocabulary()
SAID = {"brand", "brand2", "line", "noun", "price", "limit", "sub", "root", "Things", "model_or_line", "task", "host"}
CATEGORIES = {category.category: category for category in VOCABULARY.categories}


@pytest.mark.parametrize("name", CATEGORIES)
def test_every_type_has_titles_for_its_lives_and_its_videos(name: str) -> None:
    category = CATEGORIES[name]
    for item in category.types:
        values = {**dict.fromkeys(SAID, "x"), **item.say.words}
        lines = category.fitting([*category.videos, *category.lives], item)
        assert all(fill(line, values) for line in lines)


def test_shared_titles_can_be_filled_for_any_type() -> None:
    words = VOCABULARY.videos
    values = {**dict.fromkeys(SAID, "x"), **VOCABULARY.categories[0].types[0].say.words}
    shared = [*words.mentions, *words.links, *words.verdicts, *VOCABULARY.lives.titles, *VOCABULARY.lives.descriptions]
    for kind in words.kinds:
        shared += [*kind.titles, *kind.hooks]
    assert all("{" not in fill(template, values) for template in shared)


def test_brands_belong_to_one_category() -> None:
    brands = [brand for category in VOCABULARY.categories for brand in category.brands]
    assert len(set(brands)) == len(brands)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("a {noun}", "an air fryer"),
        ("a {size} inch TV", "a 55 inch TV"),
        ("a uniform, a USB port", "a uniform, a USB port"),
        ("{span} in {size}", "S–XL in 55"),
    ],
)
def test_fill(template: str, said: str) -> None:
    assert fill(template, {"noun": "air fryer", "size": 55.0, "span": ["S", "M", "L", "XL"]}) == said


def test_sentences_begin_with_capitals() -> None:
    assert sentence("{m} - soft. {m}", {"m": "merino wool"}) == "Merino wool – soft. Merino wool"


def test_a_template_with_an_unknown_name_says_which() -> None:
    with pytest.raises(ConfigError, match="colour"):
        fill("{brand} in {colour}", {"brand": "x"})


@pytest.mark.parametrize(
    ("value", "title"),
    [("washed linen", "Washed Linen"), ("50 x 70 cm", "50 x 70 cm"), ("fit for small cars", "Fit for Small Cars"),
     ("IPX5", "IPX5"), ("80/20 down", "80/20 Down")],
)  # fmt: skip
def test_titled(value: str, title: str) -> None:
    assert titled(value) == title


@pytest.mark.parametrize("raw", [0.4, 3.2, 9.99, 24.2, 99.97, 349, 1_234])
def test_shelf_prices_stay_near_and_end_as_shops_like(raw: float) -> None:
    prices = {shelf_price(raw, Random(seed)) for seed in range(50)}
    assert all(abs(price - raw) <= max(1.0, 0.04 * raw) for price in prices)
    assert all(f"{price:.2f}"[-1] in "059" for price in prices)


def test_a_broken_category_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "categories").mkdir()
    (tmp_path / "categories" / "odd.yml").write_text("category: Odd\n", encoding="utf-8")
    monkeypatch.setattr("learn.market.vocabulary.DATA", tmp_path)
    load_vocabulary.cache_clear()
    with pytest.raises(ConfigError, match=r"odd\.yml"):
        load_vocabulary()
    load_vocabulary.cache_clear()
