"""The judgments of a generated market: what shoppers would type, rated by what is true, not by what is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from learn.judgments import read_judgments
from learn.market.cli import market_app
from learn.market.generate import Market, Sizes, generate
from learn.market.judging.facts import Fact, words_of
from learn.market.judging.reading import read_truth
from learn.market.judging.speech import Speech, slip
from learn.market.judging.wants import Want, Wish, rate
from learn.market.judging.words import load_words
from learn.market.judgments import Judged, judge_market, write_judgments
from learn.market.vocabulary import load_vocabulary
from learn.market.write import write
from stack.documents import KINDS, Kind
from stack.errors import ConfigError, InputError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
# Queries that a session asked for: 120 to 200 of products, 60 and more of videos, 30 and more of lives.
LEAST: dict[Kind, int] = {"product": 120, "video": 60, "live": 30}


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(7, Sizes(2_000, 200, 120), NOW)


@pytest.fixture(scope="module")
def folder(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("market")
    write(market, made)
    return made


@pytest.fixture(scope="module")
def judged(folder: Path) -> dict[Kind, list[Judged]]:
    return judge_market(folder, seed=7)


def records(market: Market) -> dict[Kind, dict[str, dict[str, Any]]]:
    lists: dict[Kind, list[dict[str, Any]]] = {
        "product": market.products, "video": market.videos, "live": market.lives
    }  # fmt: skip
    return {kind: {record["id"]: record for record in found} for kind, found in lists.items()}


def of_form(judged: dict[Kind, list[Judged]], kind: Kind, form: str) -> list[Judged]:
    found = [each for each in judged[kind] if each.form == form]
    assert found, f"no query of the form {form}"
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_enough_different_queries_each_with_something_good(judged: dict[Kind, list[Judged]], kind: Kind) -> None:
    queries = judged[kind]
    assert LEAST[kind] <= len(queries) <= 200
    assert len({each.want.text for each in queries}) == len(queries)
    assert all(max(each.ratings.values()) >= 2 for each in queries)
    assert all(each.want.text == each.want.text.strip().lower() for each in queries)


@pytest.mark.parametrize("kind", KINDS)
def test_ratings_are_of_documents_of_the_market(market: Market, judged: dict[Kind, list[Judged]], kind: Kind) -> None:
    known = records(market)[kind]
    for each in judged[kind]:
        assert each.ratings.keys() <= known.keys()
        assert set(each.ratings.values()) <= {0, 1, 2, 3}


@pytest.mark.parametrize("kind", KINDS)
def test_all_grades_are_given_and_zeros_too(judged: dict[Kind, list[Judged]], kind: Kind) -> None:
    counts = Counter(rating for each in judged[kind] for rating in each.ratings.values())
    assert set(counts) == {0, 1, 2, 3}
    assert all(0 in each.ratings.values() for each in judged[kind])


def test_traps_share_a_word_with_the_query_and_are_not_relevant(
    market: Market, judged: dict[Kind, list[Judged]]
) -> None:
    known = records(market)["product"]
    for each in judged["product"]:
        for identity in each.traps:
            record = known[identity]
            said = " ".join(str(record.get(name, "")) for name in ("title", "description", "brand", "category",
                                                                    "attributes"))  # fmt: skip
            assert words_of(said) & words_of(each.want.text)
            assert each.ratings[identity] == 0
    with_traps = sum(bool(each.traps) for each in judged["product"])
    assert with_traps > 0.6 * len(judged["product"])


def test_everything_of_the_wanted_type_is_judged(market: Market, judged: dict[Kind, list[Judged]]) -> None:
    types = {row["id"]: row["type"] for row in market.truth["products"]}
    for each in judged["product"]:
        if each.want.types is not None:
            assert {identity for identity, type in types.items() if type in each.want.types} <= each.ratings.keys()


def test_quality_that_no_document_tells_divides_the_best_from_the_next(
    market: Market, judged: dict[Kind, list[Judged]]
) -> None:
    quality = {row["id"]: row["quality"] for row in market.truth["products"]}
    for each in of_form(judged, "product", "thing"):
        worst = min((quality[doc] for doc, rating in each.ratings.items() if rating == 3), default=1.0)
        best = max((quality[doc] for doc, rating in each.ratings.items() if rating == 2), default=0.0)
        assert best < worst


def test_documents_hold_nothing_of_the_truth(market: Market) -> None:
    hidden = {"quality", "type", "task", "creator_quality", "host_quality", "on_air", "shows", "model_group"}
    assert not any(hidden & record.keys() for found in records(market).values() for record in found.values())


@pytest.mark.parametrize("trait", ["colour", "brand"])
def test_the_best_are_of_the_colour_or_brand_that_is_asked_for(
    market: Market, judged: dict[Kind, list[Judged]], trait: str
) -> None:
    known, shades, lower = records(market)["product"], load_words().colours, 0
    for each in of_form(judged, "product", f"{trait}_thing"):
        (asked,) = (wish.value for wish in each.want.wishes)
        for doc, rating in each.ratings.items():
            value = str((known[doc] | known[doc]["attributes"]).get(trait)).lower()
            assert rating < 3 or value in (asked, *shades.get(asked, ()))
            lower += 0 < rating < 3
    assert lower


def test_a_price_limit_is_kept(market: Market, judged: dict[Kind, list[Judged]]) -> None:
    known = records(market)["product"]
    for each in of_form(judged, "product", "priced"):
        assert each.want.most is not None
        good = [known[doc]["price"] for doc, rating in each.ratings.items() if rating > 1]
        assert good
        assert max(good) <= each.want.most


def test_a_model_number_finds_that_model_alone(market: Market, judged: dict[Kind, list[Judged]]) -> None:
    known = records(market)["product"]
    for each in of_form(judged, "product", "model"):
        right = {doc for doc, rating in each.ratings.items() if rating}
        assert {known[doc]["model"].lower().replace("-", "") for doc in right} == {each.want.text.replace("-", "")}
        assert {each.ratings[doc] for doc in right} == {3}


def test_a_case_for_another_phone_does_not_fit(market: Market, judged: dict[Kind, list[Judged]]) -> None:
    known, seen = records(market)["product"], 0
    for each in of_form(judged, "product", "fitting"):
        for doc, rating in each.ratings.items():
            asked = [wish.value for wish in each.want.wishes if wish.trait == "compatible with"]
            if rating > 1 and asked:
                seen += 1
                assert known[doc]["attributes"]["compatible with"].lower() == asked[0]
    assert seen


def test_how_to_queries_want_instructions(market: Market, judged: dict[Kind, list[Judged]]) -> None:
    truth = {row["id"]: row for row in market.truth["videos"]}
    for each in of_form(judged, "video", "task"):
        best = [truth[doc] for doc, rating in each.ratings.items() if rating == 3]
        assert {row["kind"] for row in best} <= {"how-to"}


def test_a_live_that_is_over_is_not_the_best(market: Market, judged: dict[Kind, list[Judged]]) -> None:
    over = {row["id"] for row in market.lives if row["status"] == "ended"}
    assert not any(rating == 3 and doc in over for each in judged["live"] for doc, rating in each.ratings.items())


def test_same_seed_same_judgments_another_seed_others(folder: Path, judged: dict[Kind, list[Judged]]) -> None:
    assert judge_market(folder, seed=7) == judged
    other = judge_market(folder, seed=8)
    ours, theirs = ({each.want.text for each in found["product"]} for found in (judged, other))
    assert len(ours & theirs) < 0.6 * len(ours)


def test_a_slip_changes_one_place_and_leaves_short_words_and_numbers() -> None:
    slips = {slip("bluetooth speaker", Random(seed)) for seed in range(50)}
    assert len(slips) > 5
    assert all(text.endswith(" speaker") and abs(len(text) - 17) <= 1 for text in slips)
    assert {slip(text, Random(1)) for text in ("tv", "kx-402", "x9000000")} == {"tv", "kx-402", "x9000000"}


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0.0, 0.0), (1.0, 0.6, 1.0)])
def test_queries_have_slips_as_often_as_declared(
    folder: Path, monkeypatch: pytest.MonkeyPatch, share: float, least: float, most: float
) -> None:
    words = load_words().model_copy(update={"typos": share})
    monkeypatch.setattr("learn.market.judgments.load_words", lambda: words)
    names = Speech(words, read_truth(folder, words, load_vocabulary())).meant
    asked = of_form(judge_market(folder, seed=7), "product", "thing")
    assert least <= sum(each.want.text not in names for each in asked) / len(asked) <= most


TRAITS = {"brand": frozenset(("vesta",)), "colour": frozenset(("red",))}
FACT = Fact("p", {"price": 40}, "dress", poor=False, traits=TRAITS)
DRESS = Want("dress", frozenset(("dress",)), near=frozenset(("jeans",)))


@pytest.mark.parametrize(
    ("want", "change", "rating"),
    [
        (DRESS, {}, 3),
        (DRESS, {"poor": True}, 2),
        (replace(DRESS, wishes=(Wish("colour", "blue", soft=True),)), {}, 2),
        (replace(DRESS, wishes=(Wish("colour", "blue", soft=True),)), {"poor": True}, 1),
        (replace(DRESS, wishes=(Wish("brand", "maëlune"),)), {}, 1),
        (replace(DRESS, wishes=(Wish("brand", "vesta"),)), {}, 3),
        (replace(DRESS, most=30), {}, 1),
        (DRESS, {"type": "jeans"}, 1),
        (replace(DRESS, wishes=(Wish("brand", "maëlune"),)), {"type": "jeans"}, 0),
        (DRESS, {"type": "tent", "beside": frozenset(("dress",))}, 1),
        (DRESS, {"type": "tent"}, 0),
        (Want("vesta", None, wishes=(Wish("brand", "vesta"),)), {"type": "tent"}, 3),
        (Want("maëlune", None, wishes=(Wish("brand", "maëlune"),)), {}, 0),
        (Want("x", None, wishes=(Wish("brand", "vesta"),), exact=True), {"poor": True}, 3),
    ],
)
def test_ratings(want: Want, change: dict[str, Any], rating: int) -> None:
    assert rate(want, replace(FACT, **change)) == rating


def test_the_files_are_read_as_judgments(judged: dict[Kind, list[Judged]], tmp_path: Path) -> None:
    files = write_judgments(judged, tmp_path / "out")
    assert {file.name for file in files.values()} == {"product.csv", "video.csv", "live.csv"}
    for kind, file in files.items():
        read = read_judgments([file])
        assert read.ratings == {each.want.text: dict(each.ratings) for each in judged[kind]}
        assert read.answerable == read.queries


def test_the_command(folder: Path, tmp_path: Path) -> None:
    asked = ["judgments", "--market", str(folder), "--out", str(tmp_path), "--queries", "20"]
    done = CliRunner().invoke(market_app, asked)
    assert done.exit_code == 0, done.output
    assert 15 <= len(read_judgments([tmp_path / "product.csv"]).queries) <= 20
    assert len(read_judgments([tmp_path / "live.csv"]).queries) <= 10


def test_a_market_without_videos_and_lives(tmp_path: Path) -> None:
    write(generate(3, Sizes(60, 0, 0), NOW), tmp_path)
    files = write_judgments(judge_market(tmp_path, 3), tmp_path / "out")
    assert set(files) == {"product"}


def lose(folder: Path) -> None:
    (folder / "truth" / "videos.jsonl").unlink()


def cut(folder: Path) -> None:
    file = folder / "truth" / "videos.jsonl"
    file.write_bytes(file.read_bytes()[:-20])


def other_version(folder: Path) -> None:
    file = folder / "truth" / "videos.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace('"kind"', '"sort"'), encoding="utf-8")


@pytest.mark.parametrize("spoil", [lose, cut, other_version])
def test_what_is_no_market_is_named_with_its_remedy(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    write(generate(3, Sizes(60, 5, 2), NOW), tmp_path)
    spoil(tmp_path)
    with pytest.raises(InputError, match=r"truth/videos\.jsonl.*souk market generate --out"):
        judge_market(tmp_path, 3)


def test_a_folder_that_cannot_be_written(judged: dict[Kind, list[Judged]], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write"):
        write_judgments(judged, tmp_path / "file")
