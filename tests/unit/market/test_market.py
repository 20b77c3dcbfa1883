"""The generated market: readable by ingestion, the same for a seed, and like a shop."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from learn.market.generate import Market, Sizes, generate, make_only_lives
from learn.market.lives import HOURS
from learn.market.products import REFERENCE
from learn.market.text import Record
from learn.market.vocabulary import load_vocabulary
from stack.documents import DOCUMENT_TYPES, DocumentKind
from stack.errors import InputError

NOW = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
SIZES = Sizes(2_000, 200, 40)


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(7, SIZES, NOW)


def records(market: Market, kind: DocumentKind) -> list[Record]:
    return market.records(f"{kind}s")


def time_of(record: Record, name: str) -> datetime:
    return datetime.fromisoformat(record[name])


@pytest.mark.parametrize(
    ("kind", "count"), [("product", 2_000), ("video", 200), ("live", 40), ("seller", 120), ("creator", 60 + 25)]
)
def test_records_are_valid_documents_with_ids_of_their_own(market: Market, kind: DocumentKind, count: int) -> None:
    found = records(market, kind)
    for record in found:
        DOCUMENT_TYPES[kind].model_validate(record)
    assert len({record["id"] for record in found}) == len(found) == count


def test_same_seed_same_market(market: Market) -> None:
    assert generate(7, SIZES, NOW) == market


def test_another_seed_is_another_market_with_other_ids(market: Market) -> None:
    other = generate(8, SIZES, NOW)
    assert {record["title"] for record in other.products} != {record["title"] for record in market.products}
    shared = {record["id"] for record in other.products} & {record["id"] for record in market.products}
    assert len(shared) < 5  # ids share their number, and by chance their four digits


def test_a_larger_market_begins_with_the_smaller_one(market: Market) -> None:
    assert generate(7, Sizes(products=300, videos=0, lives=0), NOW).products == market.products[:300]


def test_only_lives_follow_the_clock(market: Market) -> None:
    later = generate(7, SIZES, NOW + timedelta(days=40))
    for name in ("products", "videos", "sellers", "creators"):
        assert later.records(name) == market.records(name)
    assert later.truth == market.truth
    assert [live["title"] for live in later.lives] == [live["title"] for live in market.lives]
    assert later.lives != market.lives


def test_a_one_product_market_has_videos_and_lives_of_it() -> None:
    small = generate(3, Sizes(products=1, videos=3, lives=3), NOW)
    assert all(live["products"] == [small.products[0]["id"]] for live in small.lives)


def test_the_lives_alone_are_those_of_the_whole(market: Market) -> None:
    alone = make_only_lives(7, SIZES, NOW)
    assert [made.record for made in alone] == market.lives


@pytest.mark.parametrize("sizes", [{"products": -1}, {"products": 0}, {"products": 1_000_001}])
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
        assert (5 if "media" in video else 8) <= video["duration_s"] <= 180
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


def test_nobody_hosts_two_rooms_at_the_same_time() -> None:
    on_air = [live["host_id"] for live in generate(7, Sizes(500, 0, 120), NOW).lives if live["status"] == "live"]
    assert len(on_air) == len(set(on_air)) == 42


def test_coming_lives_are_spread_over_the_days_at_usual_hours() -> None:
    coming = [time_of(live, "scheduled_at") for live in generate(7, Sizes(500, 0, 120), NOW).lives
              if live["status"] == "scheduled"]  # fmt: skip
    assert {time.hour for time in coming} <= set(HOURS)
    assert len({time.date() for time in coming}) >= 4
    assert max(coming) - NOW < timedelta(days=8)


def test_variants_of_a_model_are_one_group(market: Market) -> None:
    model = {row["id"]: row["model_group"] for row in market.truth["products"]}
    groups = {record["group_id"]: model[record["id"]] for record in market.products}
    assert len(set(groups.values())) == len(groups) < len(market.products)
    for record in market.products:
        assert groups[record["group_id"]] == model[record["id"]]


def test_sellers_are_rated_as_their_products_are(market: Market) -> None:
    for seller in market.sellers:
        listed = [record for record in market.products if record["seller_id"] == seller["id"]]
        assert seller["sales"] == sum(record["sales"] for record in listed)
        ratings = [record["rating"] for record in listed if "rating" in record]
        assert not ratings or min(ratings) <= seller["rating"] <= max(ratings)
        assert time_of(seller, "joined_at") < min(time_of(record, "created_at") for record in listed)


def test_everybody_who_is_named_has_a_page(market: Market) -> None:
    creators = {record["id"]: record["title"] for record in market.creators}
    sellers = {record["id"]: record["title"] for record in market.sellers}
    assert all(sellers[record["seller_id"]] == record["seller_name"] for record in market.products)
    assert all(creators[record["creator_id"]] == record["creator_name"] for record in market.videos)
    assert all(creators[record["host_id"]] == record["host_name"] for record in market.lives)


def test_a_howto_speaks_of_its_task(market: Market) -> None:
    steps = load_vocabulary().tasks
    howtos = [(video, row["task"]) for video, row in zip(market.videos, market.truth["videos"], strict=True)
              if row["kind"] == "how-to"]  # fmt: skip
    assert howtos
    for video, task in howtos:
        assert task in video["transcript"]
        assert steps[task][0] in video["transcript"]


def test_a_bag_is_of_one_category(market: Market) -> None:
    category = {record["id"]: record["category"][0] for record in market.products}
    for live in market.lives:
        assert {category[identity] for identity in live["products"]} == {live["category"][0]}
