"""The generated market: readable by ingestion, the same for a seed, and like a shop."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from learn.market.generate import Market, Sizes, generate
from learn.market.products import REFERENCE
from learn.market.text import Record
from stack.documents import DOCUMENT_TYPES, Kind
from stack.errors import InputError

NOW = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(7, Sizes(), NOW)


def records(market: Market, kind: Kind) -> list[Record]:
    return {"product": market.products, "video": market.videos, "live": market.lives}[kind]


def time_of(record: Record, name: str) -> datetime:
    return datetime.fromisoformat(record[name])


@pytest.mark.parametrize(("kind", "count"), [("product", 2_000), ("video", 200), ("live", 40)])
def test_records_are_valid_documents_with_ids_of_their_own(market: Market, kind: Kind, count: int) -> None:
    found = records(market, kind)
    for record in found:
        DOCUMENT_TYPES[kind].model_validate(record)
    assert len({record["id"] for record in found}) == len(found) == count


def test_same_seed_same_market(market: Market) -> None:
    assert generate(7, Sizes(), NOW) == market


def test_another_seed_is_another_market_with_other_ids(market: Market) -> None:
    other = generate(8, Sizes(), NOW)
    assert {record["title"] for record in other.products} != {record["title"] for record in market.products}
    shared = {record["id"] for record in other.products} & {record["id"] for record in market.products}
    assert len(shared) < 5  # ids share their number, and by chance their four digits


def test_a_larger_market_begins_with_the_smaller_one(market: Market) -> None:
    assert generate(7, Sizes(products=300, videos=0, lives=0), NOW).products == market.products[:300]


def test_only_lives_follow_the_clock(market: Market) -> None:
    later = generate(7, Sizes(), NOW + timedelta(days=40))
    assert (later.products, later.videos, later.truth) == (market.products, market.videos, market.truth)
    assert [live["title"] for live in later.lives] == [live["title"] for live in market.lives]
    assert later.lives != market.lives


def test_a_one_product_market_has_videos_and_lives_of_it() -> None:
    small = generate(3, Sizes(products=1, videos=3, lives=3), NOW)
    assert all(live["products"] == [small.products[0]["id"]] for live in small.lives)


@pytest.mark.parametrize("sizes", [{"products": -1}, {"products": 0}])
def test_impossible_sizes_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(InputError, match="products"):
        Sizes(**sizes)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(InputError, match="time zone"):
        generate(7, Sizes(1, 0, 0), datetime(2026, 5, 1))


def test_products_span_categories_brands_and_sellers(market: Market) -> None:
    categories = Counter(record["category"][0] for record in market.products)
    assert len(categories) >= 12
    assert min(categories.values()) >= 40
    assert all(2 <= len(record["category"]) <= 4 for record in market.products)
    assert len({record["seller_id"] for record in market.products}) == 120
    assert len({record["brand"] for record in market.products}) > 100


def test_titles_are_mostly_unique_and_without_holes(market: Market) -> None:
    titles = [record["title"] for record in market.products]
    assert len(set(titles)) / len(titles) > 0.98
    texts = [record[name] for kind in ("product", "video", "live") for record in records(market, kind) for name in
             ("title", "description", "transcript") if name in record]  # fmt: skip
    wrong = [text for text in texts if any(sign in text for sign in ("{", "}", "  ", ", ,", "None", "()"))]
    assert not wrong


def test_prices_stock_and_ratings_look_like_a_shop(market: Market) -> None:
    for record in market.products:
        assert record["price"] == round(record["price"], 2) > 0
        assert record.get("list_price", 1e9) > record["price"]
        assert ("rating" in record) == (record["rating_count"] > 0)
        assert record["returns"] <= record["sales"]
        assert time_of(record, "created_at") <= time_of(record, "updated_at") <= REFERENCE
    assert 60 < sum(record["stock"] == 0 for record in market.products) < 300


def test_sales_and_views_are_heavy_tailed(market: Market) -> None:
    for counts in ([p["sales"] for p in market.products], [v["views"] for v in market.videos]):
        best = sorted(counts, reverse=True)
        assert sum(best[: len(best) // 10]) > 0.4 * sum(best)


def test_gtins_carry_their_check_digit(market: Market) -> None:
    for code in (record["gtin"][0] for record in market.products):
        assert sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(code)) % 10 == 0


def test_ratings_follow_hidden_quality(market: Market) -> None:
    quality = {row["id"]: row["quality"] for row in market.truth["products"]}
    rated = sorted((r for r in market.products if r["rating_count"] >= 5), key=lambda r: quality[r["id"]])
    third = len(rated) // 3
    worst, best = ([record["rating"] for record in part] for part in (rated[:third], rated[-third:]))
    assert sum(best) / len(best) > sum(worst) / len(worst) + 0.3


def test_records_hide_the_truth(market: Market) -> None:
    assert not any("quality" in record for kind in DOCUMENT_TYPES for record in records(market, kind))


def test_videos_link_products_of_the_market_mostly_rightly(market: Market) -> None:
    known = {record["id"] for record in market.products}
    shown = {row["id"]: {span["id"] for span in row["shows"]} for row in market.truth["videos"]}
    right = wrong = 0
    for video in market.videos:
        assert 8 <= video["duration_s"] <= 180
        for link in video["products"]:
            assert link["id"] in known
            assert link.get("from_s", 0) <= link.get("to_s", 0) <= video["duration_s"]
            right += link["id"] in shown[video["id"]]
            wrong += link["id"] not in shown[video["id"]]
    assert right > 10 * wrong > 0
    assert len({video["creator_id"] for video in market.videos}) > 45


def test_lives_are_in_all_states_and_a_few_have_lost_their_heartbeat(market: Market) -> None:
    assert Counter(live["status"] for live in market.lives) == {"live": 14, "scheduled": 10, "ended": 8, "replay": 8}
    on_air = [live for live in market.lives if live["status"] == "live"]
    fresh = [live for live in on_air if NOW - time_of(live, "heartbeat_at") <= timedelta(seconds=20)]
    assert len(on_air) - len(fresh) == 2
    assert {row["id"] for row in market.truth["lives"] if row["on_air"]} == {live["id"] for live in fresh}
    assert all(live["product_now"] in live["products"] for live in on_air)


def test_lives_know_no_future_but_their_schedule(market: Market) -> None:
    for live in market.lives:
        assert time_of(live, "updated_at") <= NOW
        assert (time_of(live, "scheduled_at") > NOW) == (live["status"] == "scheduled")


def test_a_bag_is_of_one_category(market: Market) -> None:
    category = {record["id"]: record["category"][0] for record in market.products}
    for live in market.lives:
        assert {category[identity] for identity in live["products"]} == {live["category"][0]}
